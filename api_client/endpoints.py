"""The endpoint table: what the platform's REST interface consists of.

The client calls by it, the server registers its routes by it, the documentation and the tests read it. Paths are
relative to the base URL, which ends in `/api/v1`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_client import music_endpoints
from api_client.endpoint import Endpoint as Endpoint
from api_client.endpoint import Retry as Retry
from api_client.endpoint_table import EndpointTable
from api_client.errors import ErrorCode as E
from api_client.postponed import Names

if TYPE_CHECKING:
    from api_client.models import (
        chat,
        listening,
        music,
        platform,
        posts,
        recommendations,
        records,
        studio,
        threads,
        users,
    )
    from api_client.models.base import Done
else:
    # The table names hundreds of shapes, of which a run needs a few: each is loaded when its endpoint is first used.
    chat, listening, music, platform, posts, recommendations, records, studio, threads, users = (
        Names(f"api_client.models.{domain}")
        for domain in (
            "chat",
            "listening",
            "music",
            "platform",
            "posts",
            "recommendations",
            "records",
            "studio",
            "threads",
            "users",
        )
    )
    Done = Names("api_client.models.base").Done

_table = EndpointTable()
_get, _post, _put, _delete = _table.get, _table.post, _table.put, _table.delete

_GONE = (E.NOT_FOUND,)
_THEIRS = (E.NOT_FOUND, E.FORBIDDEN)

# The platform itself
META = _get("platform.meta", "/meta", platform.PlatformInfo, public=True)
SEARCH = _get("platform.search", "/search", platform.SearchResults)

# Accounts
REGISTER = _post(
    "auth.register",
    "/auth/register",
    users.SignedIn,
    users.RegisterRequest,
    retry=Retry.NEVER,
    public=True,
    status=201,
    errors=(E.DUPLICATE,),
)
LOGIN = _post("auth.login", "/auth/login", users.SignedIn, users.LoginRequest, retry=Retry.NEVER, public=True)
REFRESH = _post("auth.refresh", "/auth/refresh", users.TokenPair, users.RefreshRequest, retry=Retry.NEVER, public=True)
LOGOUT = _post("auth.logout", "/auth/logout", Done, users.LogoutRequest, retry=Retry.NEVER)
LOGOUT_ALL = _post("auth.logout_all", "/auth/logout-all", Done, retry=Retry.NEVER)
ME = _get("auth.me", "/auth/me", users.Me)
SESSIONS = _get("auth.sessions", "/auth/sessions", users.DeviceSession, paged=True)
END_SESSION = _delete("auth.end_session", "/auth/sessions/{id}", errors=_GONE)

# People
CHANGE_PROFILE = _put("users.change", "/users/me", users.User, users.ProfileChange, errors=(E.VERSION_CONFLICT,))
PROFILE = _get("users.profile", "/users/{username}", users.Profile, errors=_GONE)
USER_POSTS = _get("users.posts", "/users/{username}/posts", posts.Post, paged=True, errors=_THEIRS)
FOLLOWERS = _get("users.followers", "/users/{username}/followers", users.UserRef, paged=True, errors=_THEIRS)
FOLLOWING = _get("users.following", "/users/{username}/following", users.UserRef, paged=True, errors=_THEIRS)
FOLLOW = _post("users.follow", "/users/{username}/follow", users.FollowState, errors=(E.NOT_FOUND, E.CONFLICT))
UNFOLLOW = _delete("users.unfollow", "/users/{username}/follow", users.FollowState, errors=_GONE)
FOLLOW_REQUESTS = _get("users.follow_requests", "/follow-requests", users.FollowRequest, paged=True)
ACCEPT_FOLLOW = _post("users.accept_follow", "/follow-requests/{id}/accept", Done, errors=_GONE)
REJECT_FOLLOW = _post("users.reject_follow", "/follow-requests/{id}/reject", Done, errors=_GONE)

# Feed
FEED = _get("feed.list", "/posts/feed", posts.PhotoPost, paged=True)
EXPLORE = _get("feed.explore", "/explore", posts.PhotoPost, paged=True)
SAVED_POSTS = _get("feed.saved", "/users/me/saved", posts.Post, paged=True)
CREATE_POST = _post(
    "posts.create",
    "/posts",
    posts.Post,
    posts.NewPost,
    status=201,
    errors=(E.NOT_FOUND, E.FORBIDDEN, E.PAYLOAD_TOO_LARGE, E.DUPLICATE),
)
POST = _get("posts.get", "/posts/{id}", posts.Post, errors=_THEIRS)
DELETE_POST = _delete("posts.delete", "/posts/{id}", errors=_THEIRS)
TOGGLE_LIKE = _post(
    "posts.toggle_like",
    "/posts/{id}/like",
    posts.LikeState,
    lifted=("liked", "likeCount"),
    errors=(*_THEIRS, E.WRONG_KIND),
)
LIKE = _put(
    "posts.like", "/posts/{id}/like", posts.LikeState, lifted=("liked", "likeCount"), errors=(*_THEIRS, E.WRONG_KIND)
)
UNLIKE = _delete(
    "posts.unlike", "/posts/{id}/like", posts.LikeState, lifted=("liked", "likeCount"), errors=(*_THEIRS, E.WRONG_KIND)
)
SAVE_POST = _put("posts.save", "/posts/{id}/save", posts.SaveState, errors=_THEIRS)
UNSAVE_POST = _delete("posts.unsave", "/posts/{id}/save", posts.SaveState, errors=_THEIRS)
COMMENTS = _get("comments.list", "/posts/{id}/comments", posts.Comment, paged=True, errors=_THEIRS)
CREATE_COMMENT = _post(
    "comments.create",
    "/posts/{id}/comments",
    posts.Comment,
    posts.NewComment,
    status=201,
    errors=(*_THEIRS, E.CONFLICT, E.DUPLICATE),
)
DELETE_COMMENT = _delete("comments.delete", "/comments/{id}", errors=_THEIRS)
TOGGLE_COMMENT_LIKE = _post(
    "comments.toggle_like", "/comments/{id}/like", posts.LikeState, lifted=("liked", "likeCount"), errors=_THEIRS
)
LIKE_COMMENT = _put(
    "comments.like", "/comments/{id}/like", posts.LikeState, lifted=("liked", "likeCount"), errors=_THEIRS
)
UNLIKE_COMMENT = _delete(
    "comments.unlike", "/comments/{id}/like", posts.LikeState, lifted=("liked", "likeCount"), errors=_THEIRS
)
UPLOAD = _post(
    "uploads.create", "/uploads", posts.UploadTicket, posts.UploadRequest, status=201, errors=(E.PAYLOAD_TOO_LARGE,)
)
COMPLETE_UPLOAD = _post("uploads.complete", "/uploads/{id}/complete", Done, errors=(E.NOT_FOUND, E.CONFLICT))

# Stories
STORY_TRAY = _get("stories.tray", "/stories/tray", posts.TrayEntry, paged=True)
CREATE_STORY = _post(
    "stories.create",
    "/stories",
    posts.Story,
    posts.NewStory,
    status=201,
    errors=(E.NOT_FOUND, E.PAYLOAD_TOO_LARGE, E.DUPLICATE),
)
VIEW_STORY = _post("stories.view", "/stories/{id}/view", posts.Story, errors=_THEIRS)
STORY_VIEWERS = _get("stories.viewers", "/stories/{id}/viewers", posts.Viewer, paged=True, errors=_THEIRS)
DELETE_STORY = _delete("stories.delete", "/stories/{id}", errors=_THEIRS)

# Threads
SUBREDDITS = _get("threads.subreddits", "/r", threads.Subreddit, paged=True)
MY_SUBREDDITS = _get("threads.mine", "/users/me/subreddits", threads.Subreddit, paged=True)
SUBREDDIT = _get("threads.subreddit", "/r/{name}", threads.Subreddit, errors=_GONE)
CREATE_SUBREDDIT = _post(
    "threads.found", "/r", threads.Subreddit, threads.NewSubreddit, status=201, errors=(E.DUPLICATE,)
)
JOIN = _post("threads.join", "/r/{name}/join", threads.JoinState, errors=_GONE)
LEAVE = _post("threads.leave", "/r/{name}/leave", threads.JoinState, errors=(E.NOT_FOUND, E.CONFLICT))
THREADS = _get("threads.list", "/posts", posts.ThreadPost, paged=True, errors=_GONE)
VOTE_POST = _post("posts.vote", "/posts/{id}/vote", posts.VoteState, posts.VoteRequest, errors=(*_THEIRS, E.WRONG_KIND))
VOTE_COMMENT = _post("comments.vote", "/comments/{id}/vote", posts.VoteState, posts.VoteRequest, errors=_THEIRS)

# Chat
CONVERSATIONS = _get("chat.conversations", "/conversations", chat.Conversation, paged=True)
CREATE_CONVERSATION = _post(
    "chat.create",
    "/conversations",
    chat.Conversation,
    chat.NewConversation,
    status=201,
    errors=(E.NOT_FOUND, E.FORBIDDEN, E.DUPLICATE),
)
CONVERSATION = _get("chat.conversation", "/conversations/{id}", chat.Conversation, errors=_THEIRS)
CHANGE_CONVERSATION = _put(
    "chat.change", "/conversations/{id}", chat.Conversation, chat.ConversationChange, errors=_THEIRS
)
ADD_MEMBER = _post(
    "chat.add_member", "/conversations/{id}/members", chat.Conversation, chat.NewMember, errors=(*_THEIRS, E.CONFLICT)
)
REMOVE_MEMBER = _delete("chat.remove_member", "/conversations/{id}/members/{userId}", errors=(*_THEIRS, E.CONFLICT))
MESSAGES = _get("chat.messages", "/conversations/{id}/messages", chat.Message, paged=True, errors=_THEIRS)
SEND_MESSAGE = _post(
    "chat.send",
    "/conversations/{id}/messages",
    chat.Message,
    chat.NewMessage,
    status=201,
    errors=(*_THEIRS, E.DUPLICATE),
)
READ_MESSAGE = _post("chat.read", "/messages/{id}/read", chat.ReadState, errors=_THEIRS)
DELETE_MESSAGE = _delete("chat.unsend", "/messages/{id}", errors=_THEIRS)
PRESENCE = _get("chat.presence", "/presence", chat.Presences)

# Studio
PROJECTS = _get("studio.projects", "/projects", studio.Project, paged=True)
CREATE_PROJECT = _post(
    "studio.create", "/projects", studio.Project, studio.NewProject, status=201, errors=(E.NOT_FOUND, E.DUPLICATE)
)
PROJECT = _get("studio.project", "/projects/{id}", records.ProjectRecords, errors=_GONE)
DELETE_PROJECT = _delete("studio.delete", "/projects/{id}", errors=_THEIRS)
CREATE_STUDIO_TRACK = _post(
    "studio.add_track",
    "/projects/{id}/tracks",
    studio.StudioTrack,
    studio.NewStudioTrack,
    status=201,
    errors=(*_THEIRS, E.DUPLICATE, E.CONFLICT),
)
CREATE_CLIP = _post(
    "studio.add_clip",
    "/projects/{id}/clips",
    studio.Clip,
    studio.NewClip,
    status=201,
    errors=(*_THEIRS, E.DUPLICATE, E.CONFLICT),
)
PROJECT_COLLABORATORS = _get(
    "studio.collaborators", "/projects/{id}/collaborators", studio.Collaborator, paged=True, errors=_GONE
)
INVITE = _post(
    "studio.invite",
    "/projects/{id}/collaborators",
    studio.Collaborator,
    studio.Invitation,
    errors=(*_THEIRS, E.CONFLICT),
)
UNINVITE = _delete("studio.uninvite", "/projects/{id}/collaborators/{userId}", errors=_THEIRS)

# Records
WRITE_RECORDS = _post(
    "records.write",
    "/realtime/write",
    records.RecordSet,
    records.Transaction,
    lifted=("recordMap",),
    errors=(E.FORBIDDEN, E.VERSION_CONFLICT, E.DUPLICATE),
)
GET_RECORDS = _post(
    "records.get",
    "/realtime/getRecords",
    records.RecordSet,
    records.RecordRequest,
    retry=Retry.SAFE,
    lifted=("recordMap",),
)

ENDPOINTS: tuple[Endpoint, ...] = (*_table.endpoints, *music_endpoints.ENDPOINTS)
"""Every endpoint, in the order of the tables."""
