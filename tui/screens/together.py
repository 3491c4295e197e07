"""The session in which several listen together: its code, who is in it, and the queue with who added what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from api_client.models.together import GroupCommand, GroupEntry, GroupMember, GroupSession, written_code
from tui.actions import Action
from tui.places import Place, ProfilePlace
from tui.player.group_follower import DRIFT_MS
from tui.player.track import PlayableTrack, PlayerSnapshot
from tui.screens.joining import join_by_code
from tui.screens.music_page_parts import MusicPage
from tui.screens.music_parts import Heading, Line, Note, Queued
from tui.shell import Shell
from tui.state.group_face import host_decides
from widgets.shelf_row import MusicRow, ShelfKind, ShelfRow
from widgets.textfmt import clock, plural
from widgets.track_row import TrackRow

WIDE = 96
"""Columns from which there is room to say how well the sound keeps step."""
_BEGIN, _JOIN = "begin", "join"
_ON_THE_QUEUE = frozenset({"list.open_item", "item.delete", "item.move_down", "item.move_up"})
"""What only who decides about the queue may do in it; whoever has added a track may take it out again."""
_ON_PEOPLE = frozenset({"item.user", "item.delete", "item.item_menu"})


class GroupScreen(MusicPage):
    """y copies the code, F joins or leaves, c begins a session, E has what its host decides."""

    TITLES: ClassVar[dict[str, str]] = {
        **MusicPage.TITLES,
        "list.open_item": "play this",
        "item.copy_text": "copy the code",
        "item.create": "begin a session",
        "item.edit": "settings",
        "item.delete": "take out",
        "item.user": "profile, artist",
    }
    PROMOTED: ClassVar[dict[str, int]] = {"item.copy_text": 9, "item.follow": 8, "item.edit": 7, "item.create": 7}
    ON_MARKED: ClassVar[tuple[str, ...]] = ("add_to_playlist", "save", "download")
    DEFAULT_CSS = """
    GroupScreen #code { height: auto; padding: 0 1; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self._members: dict[str, GroupMember] = {}
        self._entries: dict[str, GroupEntry] = {}
        self._shown: tuple[object, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        yield Static(id="code", markup=False)
        yield self.music_list()

    def start(self) -> None:
        self.keep(self.shell.group.subscribe(lambda _: self.show()))
        super().start()

    def on_resize(self) -> None:
        self.show()

    # -- what is shown

    @property
    def state(self) -> GroupSession | None:
        """The session."""
        return self.shell.group.state

    def lines(self) -> list[Line] | None:
        self._show_code()
        state, due = self.state, self.shell.group.due
        self._members, self._entries = {}, {}
        if state is None or due is None:
            begin, join, friends = map(self.key_of, ("item.create", "item.follow", "global.go_friends"))
            return [
                Line(_BEGIN, Note(f"Begin a session with what plays here and comes next: Enter or {begin}.")),
                Line(_JOIN, Note(f"Join one by its code: Enter, {join} or :join CODE.")),
                Line("friends", Note(f"{friends} shows which of your friends are in one.")),
            ]
        self._members = {f"m:{member.user.id}": member for member in state.members}
        heading = Heading("Listening", plural(len(state.members), "listener"), first=True)
        lines = [Line("h:members", heading)]
        lines += [Line(key, Note(member.user.username)) for key, member in self._members.items()]
        entries = state.entries or []
        place = next((n for n, entry in enumerate(entries) if entry.id == due.entry_id), len(entries))
        parts = (("Now", entries[place : place + 1]), ("Next", entries[place + 1 :]), ("Heard", entries[:place][::-1]))
        for title, part in parts:
            if part:
                length = clock(sum(entry.track.duration_ms for entry in part) / 1000)
                aside = "" if title == "Now" else f"{plural(len(part), 'track')}, {length}"
                lines.append(Line(f"h:{title}", Heading(title, aside)))
            for number, entry in enumerate(part, 1):
                key = f"e:{entry.id}"
                self._entries[key] = entry
                thing = Queued(entry.id, _playable(entry), title == "Now")
                note = f"by {entry.added_by_name}"
                lines.append(Line(key, thing, number=str(number) if title == "Next" else "", note=note))
        if not entries:
            key = self.key_of("item.enqueue")
            lines.append(Line("empty", Note(f"Nothing is to be heard yet: {key} on a track of any list adds it.")))
        return lines

    def row_of(self, line: Line, player: PlayerSnapshot) -> MusicRow:
        member, entry = self._members.get(line.key), self._entries.get(line.key)
        if member is not None:
            host = self.state is not None and member.user.id == self.state.host_id
            words = [word for word in ("host" if host else "", "" if member.online else "away") if word]
            you = " (you)" if member.user.id == self.store.me.id else ""
            name = f"@{member.user.username}{you}"
            return ShelfRow(line.key, ShelfKind.ARTIST, name, member.user.full_name or "", " · ".join(words))
        row = super().row_of(line, player)
        if entry is None or not isinstance(row, TrackRow):
            return row
        due = self.shell.group.due
        sounds = due is not None and due.entry_id == entry.id
        return TrackRow(
            key=row.key, title=row.title, artist=row.artist, album=row.album, duration_ms=row.duration_ms,
            number=row.number, saved=row.saved, note=line.note,
            playing=("playing" if due is not None and due.playing else "paused") if sounds else "",
        )  # fmt: skip

    def _show_code(self) -> None:
        if not self.has_frame:
            return
        line, state = self.query_one("#code", Static), self.state
        line.display = state is not None
        if state is None:
            return
        rules = [
            "everybody decides what plays" if state.guests_control else "guests add, the host decides what plays",
            "friends can join" if state.open_to_friends else "only with the code",
        ]
        drift = self.shell.group.drift_ms
        if drift is not None and self.size.width >= WIDE:
            rules.append("in step" if abs(drift) <= DRIFT_MS else "falling into step")
        line.update(Content.assemble((written_code(state.code), "bold $primary"), (f"  {' · '.join(rules)}", "$muted")))

    def follow_player(self, snapshot: PlayerSnapshot) -> None:
        due = self.shell.group.due
        shown = (due.entry_id, due.playing) if due is not None else ()
        if shown != self._shown:
            self._shown = shown
            self.show()
        else:
            self._show_code()

    # -- in and out

    def open_other(self, line: Line) -> None:
        if line.key == _BEGIN:
            self.work_on(self.action_create(), "session")
        elif line.key == _JOIN:
            self.work_on(join_by_code(self.shell), "session")
        elif (member := self._members.get(line.key)) is not None:
            self.shell.open_place(ProfilePlace(member.user.username))

    def fits(self, action: Action) -> bool:
        state = self.state
        if action.id == "item.create":
            return state is None
        if action.id == "list.open_item" and self.line is not None and isinstance(self.thing, Note):
            return self._member is not None or self.line.key in (_BEGIN, _JOIN)
        if action.id in ("item.copy_text", "item.edit"):
            return state is not None and (action.id != "item.edit" or self.shell.group.is_host)
        if action.id == "item.follow":
            return True
        if self._member is not None and action.id in _ON_PEOPLE:
            return action.id != "item.delete" or self.shell.group.is_host
        if self._entry is not None and not self._may(action.id, self._entry):
            return False
        return super().fits(action)

    def _may(self, action_id: str, entry: GroupEntry) -> bool:
        """Whether the user may do something with a track in the queue of the session."""
        group = self.shell.group
        if group.may_control or action_id not in _ON_THE_QUEUE:
            return True
        return action_id == "item.delete" and entry.added_by == group.me.id

    def title_of(self, action: Action) -> str:
        if action.id == "list.open_item" and self.line is not None:
            here = "profile" if self._member is not None else super().title_of(action)
            return {_BEGIN: "begin", _JOIN: "join"}.get(self.line.key, here)
        if action.id == "item.follow":
            return "join" if self.state is None else "leave"
        return super().title_of(action)

    async def action_create(self) -> None:
        """Begin a session with what plays here."""
        state = self.state or await self.shell.group.start()
        key = self.key_of("item.copy_text")
        self.shell.say(f"Others join with the code {written_code(state.code)}; {key} copies it.")

    async def action_follow(self) -> None:
        """Join a session by its code, or leave the one there is."""
        if self.state is None:
            await join_by_code(self.shell)
        elif await self.shell.confirm("Leave the session? Your own queue comes back.", "leave"):
            await self.shell.group.leave()
            self.shell.say("You listen alone again: your own queue is back.")

    def action_copy_text(self) -> None:
        """Copy the code."""
        if self.state is not None:
            self.shell.copy(written_code(self.state.code), "The code of the session")

    def action_edit(self) -> None:
        """Offer what the host decides."""
        if self.state is not None and self.shell.group.is_host:
            self.work_on(self._settings(self.state), "settings")
        else:
            self.shell.say("Only the host decides about the session.")

    async def _settings(self, state: GroupSession) -> None:
        control, opened = state.guests_control, state.open_to_friends
        options = [
            ("control", "Only you decide what plays" if control else "Everybody decides what plays"),
            ("open", "Only who has the code can join" if opened else "Friends of whoever is in it can join"),
            ("close", "End the session for everybody"),
        ]
        match await self.shell.choose("The session", options):
            case "control":
                await self._do(GroupCommand(kind="settings", guests_control=not control))
            case "open":
                await self._do(GroupCommand(kind="settings", open_to_friends=not opened))
            case "close" if await self.shell.confirm("End the session for everybody?", "end"):
                await self._do(GroupCommand(kind="close"))
            case _:
                pass

    # -- the people

    @property
    def _member(self) -> GroupMember | None:
        return self._members.get(self.line.key) if self.line is not None else None

    async def action_user(self) -> None:
        if (member := self._member) is not None:
            self.shell.open_place(ProfilePlace(member.user.username))
        else:
            await super().action_user()

    async def action_item_menu(self) -> None:
        member = self._member
        if member is None:
            await super().action_item_menu()
            return
        options = [("profile", "Profile")]
        if self.shell.group.is_host and member.user.id != self.store.me.id:
            options += [("host", "Make host"), ("out", "Take out of the session")]
        match await self.shell.choose(f"@{member.user.username}", options):
            case "profile":
                self.shell.open_place(ProfilePlace(member.user.username))
            case "host":
                await self._do(GroupCommand(kind="hand_over", user_id=member.user.id))
            case "out":
                await self._take_out(member)
            case _:
                pass

    async def _take_out(self, member: GroupMember) -> None:
        if member.user.id == self.store.me.id:
            self.shell.say(f"{self.key_of('item.follow')} leaves the session.")
        elif await self.shell.confirm(f"Take @{member.user.username} out? They cannot come back.", "take out"):
            await self._do(GroupCommand(kind="remove_member", user_id=member.user.id))

    # -- the queue

    @property
    def _entry(self) -> GroupEntry | None:
        return self._entries.get(self.line.key) if self.line is not None else None

    @property
    def _host_decides(self) -> str:
        return host_decides(self.key_of("item.enqueue"))

    def jump_to(self, entry_id: int) -> None:
        if self.shell.group.may_control:
            self.shell.group.order(GroupCommand(kind="jump", entry_id=entry_id))
        else:
            self.shell.say(self._host_decides)

    async def action_delete(self) -> None:
        """Take a track out of the queue, or, as the host, somebody out of the session."""
        if (member := self._member) is not None:
            if self.shell.group.is_host:
                await self._take_out(member)
        elif (entry := self._entry) is not None:
            if self._may("item.delete", entry):
                await self._do(GroupCommand(kind="remove", entry_id=entry.id))
            else:
                self.shell.say("In this session the host decides; you can take out what you have added.")

    async def action_move_down(self) -> None:
        await self._move(1)

    async def action_move_up(self) -> None:
        await self._move(-1)

    async def _move(self, by: int) -> None:
        entry, due, state = self._entry, self.shell.group.due, self.state
        if entry is None or due is None or state is None:
            return
        if not self._may("item.move_down", entry):
            self.shell.say(self._host_decides)
            return
        found = [one.id for one in state.entries or []]
        begin = found.index(due.entry_id) + 1 if due.entry_id in found else len(found)
        to = found.index(entry.id) - begin + by if entry.id in found else -1
        if entry.id not in found[begin:]:
            self.shell.say("Only what is to come can be moved.")
        elif 0 <= to < len(found) - begin:
            await self._do(GroupCommand(kind="move", entry_id=entry.id, to=to))

    async def _do(self, command: GroupCommand) -> None:
        await self.shell.group.command(command)

    def action_leave_item(self) -> None:
        self.shell.leave()


def _playable(entry: GroupEntry) -> PlayableTrack:
    track = entry.track
    return PlayableTrack(
        id=track.id, title=track.title, artist=track.artist, album=track.album,
        duration_ms=max(track.duration_ms, 0), cover_url=track.cover_url or "",
    )  # fmt: skip
