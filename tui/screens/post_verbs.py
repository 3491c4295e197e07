"""What can be done to a post and to its comments, wherever both are shown together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from api_client.models.posts import PhotoPost, Post, ThreadPost
from api_client.sync.receipts import Receipt
from tui.actions import BY_ID, Action
from tui.places import Place, PostPlace, ProfilePlace
from tui.screens import item_menu
from tui.screens.base import ParlourScreen
from tui.screens.post_list import has_picture, toggle_follow
from tui.screens.post_parts import links_in
from tui.screens.thread_rows import UnsentItem
from tui.screens.threads_parts import DROPS_COMMENT, DROPS_POST, link_to, may_delete, moderates, show_picture
from tui.state.wishes import Vote, toggled
from widgets.comment_item import CommentItem, MoreItem
from widgets.post_page import PageItem, PostHead
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.shell import Shell


SPOILER = ">!"
"""What a covered passage begins with."""


class PostVerbs(ParlourScreen):
    """The verbs; a subclass composes the list `#page` and fills it."""

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        session = shell.session
        self.comments, self.threads, self.feed = session.comments, session.threads, session.feed
        self.post_id = place.post_id if isinstance(place, PostPlace) else ""

    # -- what they act on

    @property
    def page(self) -> VirtualList[PageItem]:
        """The list of everything."""
        return self.query_one("#page", VirtualList)

    @property
    def post(self) -> Post | None:
        """The post as it is known, with what is still on its way."""
        return self.threads.post(self.post_id) or self.photo

    @property
    def photo(self) -> PhotoPost | None:
        """The same, if it is a photo post."""
        found = self.feed.post(self.post_id)
        return found if isinstance(found, PhotoPost) else None

    def title_of(self, action: Action) -> str:
        isphoto = self.photo is not None
        if action.id == "item.positive":
            return "like" if isphoto else "upvote"
        if action.id == "item.follow" and isphoto:
            return "follow"
        return super().title_of(action)

    @property
    def selected(self) -> PageItem | None:
        """What the verbs act on."""
        return self.page.highlighted

    @property
    def comment(self) -> CommentItem | None:
        """The comment that the verbs act on; None for the post, and for one that was refused."""
        item = self.selected
        if self._is_refused(item):
            edit, send, drop = map(self.key_of, ("item.edit", "item.resend", "item.delete"))
            self.shell.say(f"This comment was refused: {edit} changes it, {send} sends it again, {drop} drops it.")
            return None
        return item if isinstance(item, CommentItem) else None

    @staticmethod
    def _is_refused(item: PageItem | None) -> bool:
        return isinstance(item, UnsentItem) and item.refused

    @property
    def unsent_post(self) -> Receipt | None:
        """Where the post stands in the outbox, None for one that the platform has."""
        return self.threads.unsent_receipt(self.post_id)

    def handler_for(self, action: Action) -> Callable[..., Any] | None:
        """Photos and their comments can be liked or not: there is no vote down to be offered."""
        if action.id == "item.negative" and self.photo is not None:
            return None
        return super().handler_for(action)

    def fits(self, action: Action) -> bool:
        post, item = self.post, self.selected
        if action.id == "item.media":
            return bool(post.media) if isinstance(post, PhotoPost) else post is not None and has_picture(post)
        if action.id == "list.open_item" and not isinstance(item, MoreItem):
            return self._opens(item)
        if action.id == "list.toggle":
            return isinstance(item, CommentItem)
        if action.id in ("item.edit", "item.resend") and isinstance(item, PostHead):
            return self.unsent_post is not None
        if action.id in ("item.edit", "item.resend"):
            return self._is_refused(item) or (action.id == "item.resend" and isinstance(item, UnsentItem))
        if action.id in ("item.reply", "item.create", "item.compose") and isinstance(post, ThreadPost):
            return not post.is_locked and super().fits(action)
        return super().fits(action)

    def _opens(self, item: CommentItem | PostHead | None) -> bool:
        """Whether there is more of `item` than is shown: a fold, a picture, a spoiler."""
        if isinstance(item, CommentItem):
            return item.closed or self.page.is_folded(item.key) or SPOILER in item.comment.body
        post = self.post
        return bool(post.media) if isinstance(post, PhotoPost) else post is not None and SPOILER in (post.body or "")

    # -- judging

    async def _vote(self, pressed: Vote) -> None:
        post = self.post
        if isinstance(self.selected, PostHead):
            if isinstance(post, ThreadPost):
                await self.threads.vote(post, toggled(post.my_vote, pressed))
            elif post is not None and pressed == 1:
                await self.feed.like(post.id, not post.is_liked_by_me)
        elif (item := self.comment) is not None:
            if item.comment.is_deleted:
                self.shell.say("A deleted comment cannot be judged.")
            elif not item.liked:
                await self.comments.vote(item.comment, toggled(item.comment.my_vote, pressed))
            elif pressed == 1:
                await self.comments.like(item.comment, not item.comment.is_liked_by_me)

    async def action_positive(self) -> None:
        await self._vote(1)

    async def action_negative(self) -> None:
        await self._vote(-1)

    async def action_save(self) -> None:
        post = self.post
        if isinstance(post, ThreadPost):
            await self.threads.save(post, not post.is_saved_by_me)
        elif post is not None:
            await self.feed.save(post.id, not post.is_saved_by_me)

    async def action_follow(self) -> None:
        """Join the subreddit, or follow who posted the photo."""
        post = self.post
        if isinstance(post, ThreadPost):
            found = self.threads.subreddit(post.subreddit_name) or await self.threads.load_subreddit(
                post.subreddit_name
            )
            await self.threads.join(found, not found.is_joined)
            self.shell.say(f"You {'left' if found.is_joined else 'joined'} r/{found.name}.")
        elif post is not None and post.user.id != self.shell.session.me.id:
            await toggle_follow(self.shell, post.user.username)

    # -- everything else

    def _may_delete(self, item: PageItem) -> bool:
        """Whether the user wrote it, moderates the subreddit, or posted the photo that it stands under."""
        post = self.post
        if isinstance(item, CommentItem) and (item.mine or item.comment.is_deleted):
            return not item.comment.is_deleted
        if isinstance(post, PhotoPost):
            return post.user.id == self.shell.session.me.id
        if post is None or isinstance(item, MoreItem):
            return False
        return moderates(self.shell, post) or (isinstance(item, PostHead) and may_delete(self.shell, post))

    async def action_delete(self) -> None:
        """Delete a comment or the post, one's own or as a moderator; U takes it back. What was not sent is no more."""
        post, item = self.post, self.selected
        if post is None or item is None:
            return
        if not self._may_delete(item):
            self.shell.say("Only what you wrote can be deleted.", "warning")
        elif isinstance(item, CommentItem):
            unsent = self.comments.unsent(item.comment.id) is not None
            if not unsent or await self.shell.confirm(DROPS_COMMENT, "discard"):
                await self.comments.delete(item.comment)
        elif self.unsent_post is None or await self.shell.confirm(DROPS_POST, "discard"):
            # First away: the deletion is over when it can be taken back no more, and without the platform not before.
            self.shell.leave()
            await (self.feed.delete(post.id) if isinstance(post, PhotoPost) else self.threads.delete(post))

    def action_resend(self) -> None:
        """Send again, now, what waits or was refused."""
        item = self.selected
        receipt = self.comments.unsent(item.comment.id) if isinstance(item, CommentItem) else self.unsent_post
        if receipt is not None:
            self.shell.session.outbox.retry(receipt.id)

    def action_user(self) -> None:
        """Open the profile of who wrote it."""
        item, post = self.selected, self.post
        if isinstance(item, CommentItem):
            if not item.comment.is_deleted:
                self.shell.open_place(ProfilePlace(item.comment.author_username))
        elif post is not None:
            name = post.user.username if isinstance(post, PhotoPost) else post.author_username
            self.shell.open_place(ProfilePlace(name))

    async def action_open_link(self) -> None:
        links = links_in(self.selected)
        if not links:
            self.shell.say("There is no link here.")
            return
        chosen = links[0] if len(links) == 1 else await self.shell.choose("Which link?", [(url, url) for url in links])
        if chosen is not None:
            await self.shell.open_link(chosen)

    def action_media(self) -> None:
        post = self.post
        if isinstance(post, PhotoPost):
            self.shell.view_pictures(post.media, post.caption or f"Photo by {post.user.username}")
        elif post is not None:
            show_picture(self.shell, post)

    def action_copy_text(self) -> None:
        item, post = self.selected, self.post
        if isinstance(item, CommentItem):
            self.shell.copy(item.comment.body, "The comment")
        elif isinstance(post, PhotoPost):
            self.shell.copy(post.caption or "", "The caption")
        elif post is not None:
            self.shell.copy(f"{post.title}\n\n{post.body}" if post.body else post.title, "The post")

    def action_copy_link(self) -> None:
        self.shell.copy(link_to(self.shell, self.post_id), "The link")

    async def action_item_menu(self) -> None:
        item, post = self.selected, self.post
        if post is None or item is None or isinstance(item, MoreItem):
            return
        without = {"item.compose"}
        if not links_in(item):
            without.add("item.open_link")
        if isinstance(post, ThreadPost) and not has_picture(post):
            without.add("item.media")
        without.update(name for name in ("item.edit", "item.resend") if not self.fits(BY_ID[name]))
        if not self._may_delete(item):
            without.add("item.delete")
        title = f"Comment by {item.comment.author_username}" if isinstance(item, CommentItem) else "This post"
        await item_menu.offer(self, title, without=without)
