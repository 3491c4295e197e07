"""What can be done with what was recorded: sent again, changed, copied, compared, kept in a file, and cleared."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from api_client.inspect.curl import as_curl, as_python
from api_client.inspect.har import har_json
from api_client.inspect.records import CallRecord, FrameRecord, SocketRecord
from tui.actions import Action, Context
from tui.screens.marking import Marking
from tui.screens.outbox_details import EditWords
from tui.state.inspector import InspectorStore, things
from tui.state.inspector_bodies import read_body
from tui.state.inspector_compare import Comparison
from tui.state.inspector_requests import request_of, whole_body
from tui.state.inspector_rows import ORDER_TITLES, ActionGroup, Order, Row, View, path_of
from tui.state.raw_request import READS, RawRequest, Unreadable, from_text, to_text
from widgets.textfmt import plural

if TYPE_CHECKING:
    from widgets.virtual_list import VirtualList

LONGEST = 1_000_000
"""UTF-16 units of a request that is edited."""
_COPIES = (
    ("curl", "curl: a command that runs, with $PARLOUR_TOKEN"),
    ("python", "Python: a program of httpx"),
    ("url", "URL: the address"),
    ("body", "body of the reply"),
    ("request", "request body"),
)
_ON_CALLS = frozenset({"item.resend", "item.edit", "item.copy_link"})
_ON_RECORDS = frozenset({"item.copy_text"})


class InspectorVerbs(Marking):
    """Verbs act on what is marked, else on the line under the cursor."""

    CONTEXTS = (Context.INSPECT, Context.ITEM, Context.LIST, Context.GLOBAL)
    ON_MARKED = ("save", "resend", "copy_text")
    TITLES: ClassVar[dict[str, str]] = {
        "item.resend": "send again",
        "item.edit": "edit and send",
        "item.copy_text": "copy as",
        "item.copy_link": "copy URL",
        "item.save": "save as HAR",
        "item.create": "scenario",
        "item.delete": "clear",
        "list.sort": "order",
    }

    if TYPE_CHECKING:

        @property
        def rows(self) -> VirtualList[Row]: ...

        def _look_anew(
            self, *, filter_text: str | None = None, order: Order | None = None, view: View | None = None
        ) -> None: ...

        def _say_state(self) -> None: ...

        def show_lines(self, details: Comparison) -> None: ...

    @property
    def store(self) -> InspectorStore:
        """The lines."""
        return self.shell.inspection.store

    def _shown_path(self, url: str) -> str:
        """Return an address as it may be shown, in short: below the platform's own where it is that."""
        shown = url if self.store.reveals else self.store.recorder.redactor.url(url)
        address = self.shell.session.client.address
        for base in (address.base, f"ws{address.base.removeprefix('http')}"):
            if shown.startswith(f"{base}/"):
                return shown.removeprefix(base)
        return path_of(shown) if address.owns(url) else shown.partition("://")[2] or shown

    def _shown_text(self, text: str) -> str:
        return text if self.store.reveals else self.store.recorder.redactor.text(text)

    # -- what verbs are about

    @property
    def marking(self) -> VirtualList[Row] | None:
        return self.rows if self.has_frame else None

    @property
    def _chosen(self) -> list[Row]:
        """What is marked, else what is highlighted; for an action, what it caused."""
        found: list[Row] = []
        for key in self.chosen_keys:
            if (row := self.store.row(key)) is not None:
                found += self.store.under(key) if isinstance(row.thing, ActionGroup) else [row]
        return found

    @property
    def _chosen_calls(self) -> list[CallRecord]:
        return [row.thing for row in self._chosen if isinstance(row.thing, CallRecord)]

    def fits(self, action: Action) -> bool:
        row = self.rows.highlighted
        if action.id in _ON_CALLS:
            return row is not None and isinstance(row.thing, CallRecord)
        if action.id in _ON_RECORDS:
            return row is not None and isinstance(row.thing, CallRecord | FrameRecord | ActionGroup)
        if action.id == "inspect.compare":
            return self.mark_count == 2
        return super().fits(action)

    # -- sending

    async def action_resend(self) -> None:
        """Send what is marked or highlighted once more, as it was, with a key of its own."""
        calls = self._chosen_calls
        requests = []
        for call in calls:
            if (refusal := self._refusal(call)) is not None:
                self.shell.say(refusal, "warning")
                return
            requests.append(request_of(call))
        if not requests:
            self.shell.say("There is no request here to be sent again.")
            return
        writes = [request for request in requests if request.method not in READS]
        if writes and not await self._means(writes):
            return
        self.clear_marks()
        for request in requests:
            await self._send(request)

    async def _means(self, writes: list[RawRequest]) -> bool:
        first = f"{writes[0].method} {writes[0].path}" if len(writes) == 1 else plural(len(writes), "request")
        return await self.shell.confirm(f"Send {first} again? What it does is done once more.", "send")

    def _refusal(self, call: CallRecord) -> str | None:
        """Return why a call is not sent again; None where it can be."""
        if not self.shell.session.client.address.owns(call.url):
            return "This went to somebody else than the platform, and is not sent again from here."
        if call.name.startswith("auth.") and call.method not in READS:
            return "Signing in and out is not sent again: it would change who you are here."
        if not whole_body(call):
            return "Its body was not kept whole; what is missing cannot be sent again."
        return None

    async def _send(self, request: RawRequest | CallRecord) -> None:
        sent = request_of(request) if isinstance(request, CallRecord) else request
        reply = await self.shell.inspection.send(sent)
        self.shell.say(f"{sent.method} {sent.path.partition('?')[0]}: {reply.status}.")

    async def action_edit(self) -> None:
        """Change method, path, headers and body of the highlighted call, and send that."""
        row = self.rows.highlighted
        call = row.thing if row is not None and isinstance(row.thing, CallRecord) else None
        if call is None:
            self.shell.say("There is no request here that could be changed.")
            return
        if (refusal := self._refusal(call)) is not None:
            self.shell.say(refusal, "warning")
            return
        original = request_of(call)
        shown = self._hidden(original)
        text = to_text(shown)
        while True:
            typed = await self.app.push_screen_wait(
                EditWords("Edit and send: method and path, headers, a gap, the body", text, LONGEST, "Ctrl+S sends it")
            )
            if typed is None:
                return
            text = typed
            try:
                request = self._with_secrets(from_text(typed), shown, original)
            except Unreadable as wrong:
                self.shell.say(str(wrong), "warning")
                continue
            await self._send(request)
            return

    def _hidden(self, request: RawRequest) -> RawRequest:
        """Return a request as it may be shown."""
        if self.store.reveals:
            return request
        redactor = self.store.recorder.redactor
        kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
        body = redactor.body(request.body.encode(), kind.partition(";")[0].strip()).decode("utf-8", "replace")
        headers = dict(redactor.headers(request.headers.items()))
        return RawRequest(request.method, redactor.url(request.path), headers, body)

    def _with_secrets(self, typed: RawRequest, shown: RawRequest, original: RawRequest) -> RawRequest:
        """Return what was typed, with what was hidden put back where nothing was changed. Raises Unreadable."""
        headers = {
            name: original.headers.get(name, value) if shown.headers.get(name) == value else value
            for name, value in typed.headers.items()
        }
        path = original.path if typed.path == shown.path else typed.path
        body = original.body if typed.body == shown.body else typed.body
        if shown.body != original.body and body is typed.body:
            raise Unreadable(
                f"The body has a secret that is hidden here. {self.key_of('inspect.secrets')} shows secrets; then edit."
            )
        return RawRequest(typed.method, path, headers, body)

    # -- copying and keeping

    def action_copy_text(self) -> None:
        """Copy as a command, as a program, or a part of it."""
        self.work_on(self._copy(), "copy")

    async def _copy(self) -> None:
        chosen = self._chosen
        calls = [row.thing for row in chosen if isinstance(row.thing, CallRecord)]
        frames = [row.thing for row in chosen if isinstance(row.thing, FrameRecord)]
        if not calls and frames:
            self.shell.copy("\n".join(self._frame_text(frame) for frame in frames), "What the frame says")
            return
        if not calls:
            self.shell.say("There is nothing here to be copied.")
            return
        what = await self.shell.choose("Copy as", _COPIES)
        if what is not None:
            text = "\n".join(self._copy_of(call, what) for call in calls)
            self.shell.copy(text, "It") if text else self.shell.say("It has none.")

    def _copy_of(self, call: CallRecord, what: str) -> str:
        redactor = self.store.recorder.redactor
        match what:
            case "curl":
                return as_curl(call, redactor)
            case "python":
                return as_python(call, redactor)
            case "url":
                return redactor.url(call.url)
            case "request":
                kind = call.request_headers.get("content-type").partition(";")[0].strip()
                return redactor.body(call.request_body or b"", kind).decode("utf-8", "replace")
            case _:
                return redactor.body(call.body or b"", call.media_type).decode("utf-8", "replace")

    def _frame_text(self, frame: FrameRecord) -> str:
        data = frame.data.encode("utf-8", "replace") if isinstance(frame.data, str) else frame.data
        body = read_body(data, "", frame.size, self.store.recorder.redactor)
        kind = "application/json" if body.is_json else ""
        return self.store.recorder.redactor.body(data, kind).decode("utf-8", "replace")

    def action_copy_link(self) -> None:
        """Copy the address."""
        if calls := self._chosen_calls:
            self.shell.copy("\n".join(self._copy_of(call, "url") for call in calls), "The address")

    async def action_save(self) -> None:
        """Write what is marked, or all that is shown, to a HAR file."""
        rows = self._chosen if self.mark_count else self.store.rows
        calls, frames, _ = things(rows)
        if not calls and not frames:
            self.shell.say("There is nothing to be saved.")
            return
        recorder = self.store.recorder
        wanted = {frame.socket for frame in frames}
        sockets = [socket for socket in recorder.sockets if socket.id in wanted]
        what = plural(len(calls) + len(frames), "line")
        path = await self._write(what, "har", lambda: har_json(calls, frames, sockets, redactor=recorder.redactor))
        if path is not None:
            self.clear_marks()
            self.shell.say(f"{what} without secrets in {path}")

    async def action_create(self) -> None:
        """Write the action of the highlighted line, or else the last one, down as a scenario."""
        from api_client.inspect.drafting import NothingToDraft, draft

        row = self.rows.highlighted
        cause = None if row is None or isinstance(row.thing, SocketRecord) else row.thing.cause
        try:
            text = await asyncio.to_thread(draft, self.store.recorder, cause)
        except NothingToDraft as nothing:
            self.shell.say(str(nothing))
            return
        path = await self._write("the scenario", "yaml", lambda: text)
        if path is not None:
            self.shell.say(f"The scenario is in {path}; parlour smoke carries it out.")

    async def _write(self, what: str, ending: str, text: Callable[[], str]) -> Path | None:
        """Ask for a file and write `text`, put together beside the loop; return where it is, None where it is not."""
        name = f"parlour-{datetime.now().astimezone():%Y%m%d-%H%M%S}.{ending}"
        answer = await self.shell.ask(f"save {what} as: ", name)
        if not answer or not answer.strip():
            return None
        path, is_there = await asyncio.to_thread(_target, answer.strip())
        if is_there and not await self.shell.confirm(f"{path} is there already. Write over it?", "write"):
            return None
        try:
            # Thousands of bodies are redacted: keys are heard meanwhile.
            await asyncio.to_thread(lambda: _write_private(path, text()))
        except OSError as error:
            self.shell.say(f"{path} cannot be written: {error.strerror or error}.", "error")
            return None
        return path

    async def action_delete(self) -> None:
        """Forget everything that was recorded."""
        if self.store.seen and await self.shell.confirm("Forget everything that was recorded?", "forget"):
            self.store.clear()
            self._look_anew()

    # -- comparing

    def action_compare(self) -> None:
        """Show what differs between the two that are marked."""
        records = [row.thing for row in self._chosen if isinstance(row.thing, CallRecord | FrameRecord)]
        if len(records) != 2 or self.mark_count != 2:
            self.shell.say(f"Mark two lines with {self.key_of('list.mark')} to see what differs between them.")
            return
        self.show_lines(Comparison(records[0], records[1], self.store.recorder.redactor))

    # -- how it is shown

    async def action_sort(self, name: str = "") -> None:
        """Choose the order; the views under headings have their own."""
        chosen = name if name in set(Order) else await self.shell.choose("Order", list(ORDER_TITLES.items()))
        if chosen is not None:
            self._look_anew(order=Order(chosen), view=View.FLAT if chosen != Order.TIME else None)

    def action_follow(self) -> None:
        """Keep the newest line in sight, or stay where it is read."""
        self.store.follows = not self.store.follows
        if self.store.follows:
            self.rows.action_cursor_bottom()
        self._say_state()

    def action_hold(self) -> None:
        """Let the table stand still, or go on with everything that came meanwhile."""
        self.store.held = not self.store.held
        self._say_state()

    def action_by_action(self) -> None:
        """Put everything under the action of the user that caused it, or back."""
        self._change_view(View.ACTIONS)

    def action_sockets(self) -> None:
        """Put frames under the connection on which they travelled, or back."""
        self._change_view(View.SOCKETS)

    def _change_view(self, view: View) -> None:
        self._look_anew(view=View.FLAT if self.store.view is view else view, order=Order.TIME)

    def action_secrets(self) -> None:
        """Show secrets on this screen, or hide them again."""
        self.store.reveals = not self.store.reveals
        self._reveal()

    def _reveal(self) -> None:
        raise NotImplementedError

    def action_record(self) -> None:
        """Record no more, or again; what was recorded stays."""
        on = not self.shell.inspection.records
        self.shell.record(on)
        if self.shell.inspection.records is on:
            self.shell.say("Recording." if on else "Nothing more is recorded; what was stays until you leave.")
        self._look_anew()


def _target(answer: str) -> tuple[Path, bool]:
    """Return the path that somebody typed, and whether something is there."""
    path = Path(answer).expanduser().absolute()
    return path, path.exists()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only the user may read. Raises OSError."""
    from api_client.inspect.session_file import create

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = create(beside)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
