"""Writing on the screen of a post: comments, answers, and what was refused taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from api_client.ids import new_id
from api_client.models.posts import PhotoPost, ThreadPost
from tui.places import Place
from tui.screens.drafting import Drafting
from tui.screens.outbox_details import edit_words
from tui.screens.post_parts import ReplyDock, Target
from tui.screens.post_verbs import PostVerbs
from tui.screens.thread_rows import UnsentItem
from tui.state.comments import draft_key
from widgets.comment_item import CommentItem
from widgets.composer import Composer
from widgets.post_page import PostHead

if TYPE_CHECKING:
    from tui.shell import Shell


class PostWriting(PostVerbs):
    """What is written there; a subclass composes the `ReplyDock` beside the list and joins it with its draft."""

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._written_last: str | None = None
        """A comment that was just written, until it is shown."""

    def action_reply(self) -> None:
        """Answer what is highlighted."""
        item = self.comment if not isinstance(self.selected, PostHead) else None
        if item is not None:
            if item.comment.is_deleted:
                self.shell.say("Nobody can answer a deleted comment.")
                return
            words = " ".join(item.comment.body.split())
            title = f"to {item.comment.author_username}: {words}"
            self._write(Target(draft_key(self.post_id, item.comment.id), item.comment.id, title))
        elif isinstance(self.selected, PostHead):
            self.action_create()

    def action_create(self) -> None:
        """Comment on the post."""
        post = self.post
        if post is not None:
            title = f"to the photo of {post.user.username}" if isinstance(post, PhotoPost) else f"to: {post.title}"
            self._write(Target(draft_key(self.post_id, None), None, title))

    action_compose = action_create

    async def action_edit(self) -> None:
        """Take the words of a refused comment up again, or those of the post that was not sent."""
        item, unsent = self.selected, self.unsent_post
        if isinstance(item, PostHead) and unsent is not None:
            await edit_words(self, unsent)
        receipt = self.comments.unsent(item.comment.id) if isinstance(item, CommentItem) else None
        if isinstance(item, UnsentItem) and item.refused and receipt is not None:
            comment = item.comment
            title = f"not sent: {item.reason}"
            self._write(Target(f"edit:{comment.id}", comment.parent_id, title, comment.id, comment.body))

    def _write(self, target: Target) -> None:
        if isinstance(self.post, ThreadPost) and self.post.is_locked and target.amends is None:
            self.shell.say("This post is locked: nobody can comment any more.", "warning")
            return
        dock = self.query_one(ReplyDock)
        if self.drafting is not None:
            self.drafting.open(target.draft)
        if target.words and not dock.composer.text:
            dock.composer.text = target.words
        dock.open(target)
        self.update_footer()

    def _leave_dock(self) -> None:
        self.query_one(ReplyDock).close()
        if self.drafting is not None:
            self.drafting.close()
        self.page.focus()

    def action_leave_text(self) -> None:
        self._leave_dock()

    @on(Composer.Changed)
    def _typed(self) -> None:
        if self.drafting is not None:
            self.drafting.keep()

    @on(Composer.Cancelled)
    def _cancelled(self) -> None:
        self._leave_dock()

    @on(Composer.Submitted)
    def _written(self, event: Composer.Submitted) -> None:
        target = self.query_one(ReplyDock).target
        if target is not None and self.drafting is not None:
            self.work_on(self._send(self.drafting, target, event.text), "send", exclusive=False)

    async def _send(self, drafting: Drafting, target: Target, text: str) -> None:
        async def write(key: str | None) -> None:
            self._leave_dock()
            if target.amends is None:
                self._written_last = new_id()
                await self.comments.reply(
                    self.post_id, text, target.parent_id, draft=key, comment_id=self._written_last
                )
            elif await self.comments.amend(target.amends, text):
                self.shell.session.outbox.drafts.drop(target.draft)
            else:
                self.shell.say("This comment has been sent in the meantime, as it was.", "warning")

        await drafting.send(write)
