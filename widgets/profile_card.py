"""A person as they stand above their posts: name, marks, words about themselves, counts, and how one stands to them."""

from __future__ import annotations

from collections.abc import Hashable

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.users import Profile
from widgets.inline_text import stand_out
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.mixed_post import MixedPostRenderer
from widgets.photo_card import WIDEST_TEXT
from widgets.text_layout import Piece, lay_out
from widgets.textfmt import count, plural


class ProfilePageRenderer(BaseRenderer[object]):
    """Draws a profile and the posts below it."""

    def __init__(self, posts: MixedPostRenderer, me: str, requests: str) -> None:
        """`me` is the id of the user; `requests` says how their own requests are answered."""
        self._posts = posts
        self._me = me
        self._requests = requests
        self.asking = 0
        """How many ask to follow the user."""

    def key(self, item: object) -> str:
        return f"profile {item.id}" if isinstance(item, Profile) else self._posts.key(item)  # type: ignore[arg-type]

    def version(self, item: object) -> Hashable:
        if not isinstance(item, Profile):
            return self._posts.version(item)  # type: ignore[arg-type]
        standing = (item.is_following, item.follow_requested, item.follows_me, item.is_private, item.is_verified)
        counts = (item.follower_count, item.following_count, item.post_count, item.karma, self.asking)
        return (item.version, item.full_name, item.bio, standing, counts)

    def may_mark(self, item: object) -> bool:
        return not isinstance(item, Profile)

    def estimate(self, item: object, width: int) -> int:
        return 7 if isinstance(item, Profile) else self._posts.estimate(item, width)  # type: ignore[arg-type]

    def render(self, item: object, context: RenderContext) -> list[Strip]:
        if not isinstance(item, Profile):
            return self._posts.render(item, context)  # type: ignore[arg-type]
        style, width = context.style, min(context.width, WIDEST_TEXT + 20)
        name = [Piece(item.display_name, "bold text")]
        if item.is_verified:
            name.append(Piece(" ✓", "bold primary"))
        name.append(Piece(f"  @{item.username}", "muted"))
        if item.is_private:
            name.append(Piece("  ⊘ private", "warning"))
        lines = lay_out(name, width, style)
        if item.bio:
            lines += lay_out(stand_out(item.bio, []), width, style)
        figures = (
            (count(item.post_count), "post" if item.post_count == 1 else "posts"),
            (count(item.follower_count), "follower" if item.follower_count == 1 else "followers"),
            (count(item.following_count), "following"),
            (count(item.karma), "karma"),
        )
        pieces = []
        for number, what in figures:
            pieces += [Piece(f"{number} ", "bold text"), Piece(f"{what}   ", "muted")]
        lines += [Strip([]), *lay_out(pieces, width, style)]
        lines += self._standing(item, width, context)
        rule = Strip([Segment("─" * context.width, style("faint"))])
        return [Strip([]), *lines, rule, Strip([])]

    def _standing(self, item: Profile, width: int, context: RenderContext) -> list[Strip]:
        """How the user and this person stand to each other."""
        pieces: list[Piece] = []
        if item.id == self._me:
            if self.asking:
                verb = "asks" if self.asking == 1 else "ask"
                words = f"{plural(self.asking, 'person').replace('persons', 'people')} {verb} to follow you"
                pieces.append(Piece(f"● {words} · {self._requests}", "bold unread"))
        elif item.is_following:
            pieces.append(Piece("✓ you follow them", "success"))
        elif item.follow_requested:
            pieces.append(Piece("◌ you asked to follow them", "warning"))
        if item.follows_me and item.id != self._me:
            pieces.append(Piece(("   " if pieces else "") + "follows you", "muted"))
        return lay_out(pieces, width, context.style) if pieces else []
