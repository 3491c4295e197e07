"""Arguments for every endpoint of the table, so that the platform of the fault matrix does what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from api_client.endpoints import Endpoint
from api_client.models.base import WireModel
from api_client.models.catalogue import Region
from api_client.models.chat import ConversationChange, NewConversation
from api_client.models.music import PlaylistChange, PlaylistMove
from api_client.models.player import CommandAction, PlayerCommand, PlayerUpdate, QueueItem
from api_client.models.playlist_rules import Rule, RuleGroup, Rules, RulesChange
from api_client.models.playlists import Filing, FolderChange, NewBlend, RulesToTry
from api_client.models.posts import MediaInput, NewStory, NewThreadPost, UploadRequest
from api_client.models.records import RecordPointer, RecordRequest, Transaction
from api_client.models.studio import NewClip
from api_client.models.together import GroupCommand
from api_client.models.users import LoginRequest, ProfileChange, RegisterRequest
from api_client.operations import Set
from tests.faults.furniture import DEVICE, PASSWORD, PIXEL, Ids

_RULES = Rules(where=RuleGroup(rules=[Rule(field="title", op="contains", value="song")]))


def path_of(endpoint: Endpoint, ids: Ids) -> dict[str, str]:
    """Return values for the names in the endpoint's path, of things that are there; KeyError for an unknown one."""
    by_owner = {
        "posts": ids.photo,
        "comments": ids.own_comment,
        "stories": ids.own_story,
        "conversations": ids.group,
        "messages": ids.own_message,
        "artists": "ar1",
        "albums": "al1",
        "tracks": "t1",
        "playlists": ids.playlist,
        "playlist-folders": ids.folder,
        "uploads": ids.upload,
        "auth": ids.session,
        "follow-requests": ids.request,
        "projects": ids.project,
        "player": DEVICE,
    }
    known = {
        "username": "bob",
        "name": "bread",
        "trackId": "t1",
        "itemId": "t2",
        "userId": ids.bob,
        "type": "tracks",
        "mixId": "1",
        "code": ids.listening,
    }
    known |= _of_others(ids).get(endpoint.name, {})
    owner = endpoint.path.strip("/").partition("/")[0]
    names = [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]
    return {name: by_owner[owner] if name == "id" and name not in known else known[name] for name in names}


def _of_others(ids: Ids) -> Mapping[str, Mapping[str, str]]:
    """Return the values for endpoints that would have nothing to do to the usual ones."""
    of_thread, own_post = {"id": ids.thread}, {"id": ids.own_post}
    return {
        "posts.vote": of_thread,
        "posts.get": of_thread,
        "comments.create": of_thread,
        "comments.list": of_thread,
        "posts.delete": own_post,
        "posts.unlike": own_post,
        "posts.unsave": own_post,
        "comments.unlike": {"id": ids.bobs_comment},
        "stories.view": {"id": ids.bobs_story},
        "threads.leave": {"name": "rye"},
        "chat.read": {"id": ids.bobs_message},
        "users.follow": {"username": "carol"},
        "music.unfollow_artist": {"id": "ar2"},
        "together.join": {"code": ids.bobs_listening},
        "library.remove": {"itemId": "t4"},
    }


def body_of(endpoint: Endpoint, ids: Ids, refresh: str) -> Any:
    """Return a body that the platform takes, the same at each call; None where the endpoint has none.

    `refresh` is Ann's token for new tokens.
    """
    if endpoint.request is None:
        return None
    special: dict[str, Callable[[], WireModel]] = {
        "auth.register": lambda: RegisterRequest(username="dora", email="dora@example.org", password=PASSWORD),
        "auth.login": lambda: LoginRequest(email="ann", password=PASSWORD),
        "music.set_region": lambda: Region(country="SE"),
        "playlists.set_rules": lambda: RulesChange(rules=_RULES),
        "playlists.try_rules": lambda: RulesToTry(rules=_RULES),
        "playlists.file": lambda: Filing(folder_id=ids.folder),
        "playlists.blend": lambda: NewBlend(username="bob"),
        "folders.change": lambda: FolderChange(name="Changed."),
        "playlists.move": lambda: PlaylistMove(track_id="t1", from_position=1, to_position=2),
        "playlists.change": lambda: PlaylistChange(description="Changed."),
        "posts.create": lambda: NewThreadPost(subreddit="bread", title="Once?"),
        "stories.create": lambda: NewStory(media=MediaInput(type="image", base64=PIXEL)),
        "chat.create": lambda: NewConversation(type="group", member_ids=[ids.bob], name="New"),
        "chat.change": lambda: ConversationChange(name="Changed."),
        "together.command": lambda: GroupCommand(kind="add", track_ids=["t3"]),
        "users.change": lambda: ProfileChange(bio="Changed."),
        "uploads.create": lambda: UploadRequest(filename="b.png", mime_type="image/png", size_bytes=70),
        "studio.add_clip": lambda: NewClip(track_id=ids.lane, name="Bass", start_beat=4, duration_beats=4),
        "player.update": lambda: PlayerUpdate(
            device_id=DEVICE, version=2, current=QueueItem(track_id="t2", entry_id=2), is_playing=True, queue_length=9
        ),
        "player.command": lambda: PlayerCommand(id=DEVICE, action=CommandAction.PAUSE),
        "records.write": lambda: _transaction(ids),
        "records.get": lambda: RecordRequest(
            pointers=[RecordPointer(table="projects", id=ids.project), RecordPointer(table="clips", id=ids.clip)]
        ),
    }
    named = {
        "user_id": ids.carol, "member_ids": [ids.bob], "username": "carol", "track_id": "t3",
        "refresh_token": refresh, "name": "fresh_name", "timestamp": 1,
    }  # fmt: skip
    make = special.get(endpoint.name)
    return make() if make is not None else _example(endpoint.request, named)


def query_of(endpoint: Endpoint, ids: Ids) -> dict[str, str] | None:
    """Return what an endpoint cannot be asked without."""
    return {"platform.search": {"q": "song"}, "chat.presence": {"ids": ids.bob}}.get(endpoint.name)


def _transaction(ids: Ids) -> Transaction:
    """Return a change of two records."""
    return Transaction(
        tx_id="once",
        author_id=ids.ann,
        operations=[
            Set(table="clips", id=ids.clip, key="name", value="Renamed once"),
            Set(table="tracks", id=ids.lane, key="muted", value=True),
        ],
        client_timestamp=1,
    )


def _example(kind: Any, named: Mapping[str, Any]) -> Any:
    """Return a value of a request model: the required fields, those in `named` as it says, the others made up."""
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        return _example(get_args(kind)[0], named)
    if get_origin(kind) in (list, tuple):
        return [_example(get_args(kind)[0], named)]
    if hasattr(kind, "__metadata__"):
        return _example(kind.__origin__, named)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {
            name: named[name] if name in named else _example(field.annotation, named)
            for name, field in kind.model_fields.items()
            if field.is_required()
        }
        return kind.model_validate(fields)
    return {str: "fresh", int: 1, bool: True, float: 0.5}.get(kind, "fresh")
