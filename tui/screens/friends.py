"""What friends hear: who hears something now first, then who heard something last."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from api_client.models.together import FriendActivity
from tui.actions import Action
from tui.places import GroupPlace, Place, ProfilePlace
from tui.player.track import PlayerSnapshot
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Heading, Line, Note, Source
from tui.shell import Shell
from widgets.shelf_row import MusicRow
from widgets.textfmt import ago_compact, plural
from widgets.track_row import TrackRow

NOBODY = "None of your friends has let anybody see what they hear yet. Friends follow each other: F on a profile."
AGAIN_AFTER = 15.0
"""Seconds after which times are written anew, and what is over is seen to be."""


class FriendsScreen(MusicPage):
    """Enter plays what a friend hears, u opens their profile, F listens along where they are in a session."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicPage.TITLES,
        "list.open_item": "play the same",
        "item.user": "profile",
        "item.follow": "listen along",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"item.user": 8, "item.follow": 8, "global.private": 6}
    DEFAULT_CSS = """
    FriendsScreen #own { height: auto; padding: 0 1; color: $muted; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._friends: dict[str, FriendActivity] = {}
        """By the keys of their lines."""

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="own", markup=False)
        yield self.music_list()

    def start(self) -> None:
        session = self.shell.session
        self.keep(session.friends.subscribe(lambda _: self.show()))
        self.keep(session.privacy.subscribe(lambda _: self._show_own()))
        self.set_interval(AGAIN_AFTER, self.show)
        super().start()
        self._show_own()

    async def load(self) -> None:
        await self.shell.session.friends.load()

    def stale_since(self) -> datetime | None:
        return self.shell.session.friends.stale_since

    # -- what is shown

    def lines(self) -> list[Line] | None:
        friends = self.shell.session.friends.listed
        if friends is None:
            return None
        self._friends = {f"f:{one.user.id}": one for one in friends}
        now = [key for key, one in self._friends.items() if one.playing]
        before = [key for key in self._friends if key not in now]
        lines: list[Line] = []
        for title, keys in (("Now", now), ("Before", before)):
            if keys:
                lines.append(Line(f"h:{title}", Heading(title, plural(len(keys), "friend"), first=not lines)))
                lines += [self._line(key) for key in keys]
        return lines or [Line("empty", Note(NOBODY))]

    def on_resize(self) -> None:
        self.show()

    def show(self) -> None:
        before = bool(self._friends)
        super().show()
        if self._friends and not before:
            # The sentence that there is nobody has gone: the cursor is not to stay on a heading.
            self.music.highlight(next(iter(self._friends)))

    def _line(self, key: str) -> Line:
        one = self._friends[key]
        if one.track is None:
            return Line(key, Note(f"@{one.user.username} listens in a session"))
        context = one.context
        source = Source((one.track,), context.type if context else "", context.id if context else "")
        return Line(key, one.track, source, note=self._when(one))

    def _when(self, one: FriendActivity) -> str:
        if one.group is not None:
            return f"{plural(one.group.members, 'listener')} · F"
        return "now" if one.playing or one.at is None else ago_compact(one.at, time.time())

    def row_of(self, line: Line, player: PlayerSnapshot) -> MusicRow:
        row, one = super().row_of(line, player), self._friends.get(line.key)
        if one is None or one.track is None or not isinstance(row, TrackRow):
            return row
        name = f"@{one.user.username}"
        where = f" · from {one.context.name}" if one.context is not None and one.context.name else ""
        return TrackRow(
            key=row.key,
            title=f"{'♪ ' if one.playing else ''}{name}",
            artist=one.track.title,
            album=f"{one.track.artist_names}{where}",
            duration_ms=row.duration_ms,
            explicit=row.explicit,
            saved=row.saved,
            playing=row.playing,
            trouble=row.trouble,
            note=line.note,
        )

    def _show_own(self) -> None:
        privacy = self.shell.session.privacy
        until = privacy.private_until
        hide, key = ":private hide", self.key_of("global.private")
        if until is not None:
            text = f"⊘ Private session until {until.astimezone():%H:%M}: nobody sees what you hear. {key} ends it."
        elif privacy.hides:
            text = "Nobody sees what you hear. :private show lets your friends see it."
        else:
            text = f"Your friends see what you hear. {key} hides it for six hours, {hide} for good."
        if self.has_frame:
            self.query_one("#own", Static).update(Content(text))

    # -- verbs

    @property
    def friend(self) -> FriendActivity | None:
        """Whose line is highlighted."""
        return self._friends.get(self.line.key) if self.line is not None else None

    def fits(self, action: Action) -> bool:
        if action.id == "list.open_item" and self.friend is not None:
            return True
        if action.id in ("item.user", "item.follow"):
            one = self.friend
            return one is not None and (action.id == "item.user" or one.group is not None)
        return super().fits(action)

    def open_other(self, line: Line) -> None:
        """Of a friend of whom only the session is known, Enter listens along."""
        if line.key in self._friends:
            self.work_on(self.action_follow(), "session")

    async def action_user(self) -> None:
        if (one := self.friend) is not None:
            self.shell.open_place(ProfilePlace(one.user.username))

    async def action_follow(self) -> None:
        """Listen along with a friend who is in a session."""
        one = self.friend
        if one is None:
            return
        if one.group is None:
            self.shell.say(f"@{one.user.username} is in no session that you can join.")
            return
        await self.shell.group.join(one.group.code)
        self.shell.say(f"You listen with @{one.user.username}. Your own queue comes back when you leave.")
        self.shell.open_place(GroupPlace())

    def action_leave_item(self) -> None:
        self.shell.leave()
