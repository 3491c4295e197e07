"""The list of posts that feed, profile and saved posts show: its clicks, its pictures, and what a post holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message
from textual.widget import Widget

from api_client.models.posts import Media, PhotoPost, Post, PostType, ThreadPost
from api_client.models.users import Profile
from tui.state.media import best_url
from widgets.inline_text import stand_out
from widgets.photo_card import PictureOf
from widgets.picture import DecodedPicture
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell

Listed = PhotoPost | ThreadPost | Profile
"""What stands in a list of posts: on a profile's page also whose posts they are."""


class PostListView(VirtualList[Listed]):
    """A list of posts, in which a double click likes and `g g` at the top asks for what is new."""

    class DoubleClicked(Message):
        """A post was clicked twice."""

        def __init__(self, post: Post) -> None:
            super().__init__()
            self.post = post

    class TopWanted(Message):
        """The user went to the top."""

    def on_click(self, event: events.Click) -> None:
        """Keep the second click from choosing; the first has put the cursor on the post."""
        post = self.highlighted
        if event.chain == 2 and isinstance(post, PhotoPost | ThreadPost):
            event.prevent_default()
            event.stop()
            self.post_message(self.DoubleClicked(post))

    def action_cursor_top(self) -> None:
        super().action_cursor_top()
        self.post_message(self.TopWanted())


def picture_source(shell: Shell, owner: Widget, pick: type[VirtualList[Any]] = PostListView) -> PictureOf:
    """Return what gives photo cards in the list on `owner` their pictures.

    A picture that is not here yet is fetched, and its card is drawn anew when it comes.
    """

    def picture_of(post_id: str, medium: Media, columns: int, rows: int) -> DecodedPicture | str | None:
        url = best_url(medium, columns)
        if not url:
            return "it is still on this machine"
        found = shell.pictures.peek(url, columns, rows)
        if found is None:
            shell.pictures.want(url, columns, rows, lambda: arrived(post_id))
        return found

    def arrived(post_id: str) -> None:
        if owner.is_attached:
            for found in owner.query(pick):
                found.invalidate(post_id)

    return picture_of


async def toggle_follow(shell: Shell, username: str) -> None:
    """Follow or ask to; of one who is followed, ask first whether to stop. Raises PlatformError."""
    people = shell.session.people
    profile = people.known(username) or await people.profile(username)
    wanted = not (profile.is_following or profile.follow_requested)
    if not wanted:
        question = f"Take back the request to follow @{profile.username}?"
        if profile.is_following:
            question = f"Follow @{profile.username} no more?"
        if not await shell.confirm(question, "unfollow" if profile.is_following else "take back"):
            return
    state = await people.follow(profile.username, wanted)
    if state.pending:
        shell.say(f"@{profile.username} is asked whether you may follow.")
    else:
        shell.say(f"You follow @{profile.username}." if state.following else f"You do not follow @{profile.username}.")


async def may_show(shell: Shell, post: Post | None) -> bool:
    """Whether a post may be shown; of one marked NSFW that somebody else wrote, ask once for the whole session."""
    session = shell.session
    if not isinstance(post, ThreadPost) or not post.is_nsfw or post.author_id == session.me.id:
        return True
    if not session.shows_nsfw:
        question = "This post is marked NSFW.\nShow such posts until you leave?"
        session.shows_nsfw = await shell.confirm(question, "show them")
    return session.shows_nsfw


def has_picture(post: ThreadPost) -> bool:
    """Whether a post of a subreddit carries a picture."""
    return post.post_type is PostType.IMAGE and bool(post.url)


def author_of(post: Post | None) -> str | None:
    if post is None:
        return None
    return post.user.username if isinstance(post, PhotoPost) else post.author_username


def text_of(post: Post | None) -> str:
    if post is None:
        return ""
    if isinstance(post, PhotoPost):
        return post.caption or ""
    return "\n\n".join(part for part in (post.title, post.body, post.url) if part)


def links_of(post: Post | None) -> list[str]:
    """Return the web links in a post, each once."""
    links: list[str] = []
    for _ in stand_out(text_of(post), links):
        pass
    return links
