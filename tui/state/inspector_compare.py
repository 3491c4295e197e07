"""Two calls or frames beside each other: what differs in meaning, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from api_client.inspect.comparing import Comparer, Difference, shown
from api_client.inspect.identities import Identities
from api_client.inspect.records import CallRecord, FrameRecord
from api_client.inspect.redaction import Redactor
from api_client.text import clean_line
from tui.state.inspector_bodies import read_body
from tui.state.inspector_rows import Record, Row, path_of
from tui.state.json_tree import Line
from tui.state.waterfall import duration_text

MOST = 500
"""Differences that are listed."""
_PASSING = frozenset({"date", "x-request-id", "x-response-time", "etag", "last-modified", "age"})
"""Headers that differ each time."""


class Comparison:
    """The lines of two records; the older one is what there was, the newer one what there is."""

    is_large = True
    """Whether it is put together beside the loop: bodies are read and compared."""

    def __init__(self, one: Record, other: Record, redactor: Redactor) -> None:
        """Secrets are left out in any case."""
        self.was, self.now = sorted((one, other), key=lambda record: record.id)
        self._redactor = redactor
        self._found: list[Line] = []
        self.row = Row(f"compare:{self.was.id}:{self.now.id}", self.now)

    def top(self) -> list[Line]:
        """Return the lines that cost nothing."""
        lines = [Line("compare", 0, "Compared", heads=True, opens=True)]
        for name, record in (("was", self.was), ("is", self.now)):
            lines.append(Line(f"compare:{name}", 1, name, self._title(record), "muted"))
        if isinstance(self.was, CallRecord) and isinstance(self.now, CallRecord):
            lines += self._calls(self.was, self.now)
        lines.append(Line("differences", 0, self._heading, heads=True, opens=True))
        return lines

    @property
    def _heading(self) -> str:
        return "What differs in the bodies"

    def _title(self, record: Record) -> str:
        if isinstance(record, CallRecord):
            return clean_line(f"{record.method} {path_of(self._redactor.url(record.url))}")
        return clean_line(f"{record.direction} {record.type}")

    def _calls(self, was: CallRecord, now: CallRecord) -> Iterator[Line]:
        pairs = [
            ("method", was.method, now.method),
            ("address", self._redactor.url(was.url), self._redactor.url(now.url)),
            ("status", was.status, now.status),
        ]
        for name, before, after in pairs:
            if before != after:
                yield _changed(f"compare:{name}", name, str(before), str(after))
        yield Line("compare:took", 1, "took", f"{duration_text(was.duration)} → {duration_text(now.duration)}", "muted")
        before_headers = dict(self._redactor.headers(was.response_headers))
        after_headers = dict(self._redactor.headers(now.response_headers))
        for name in sorted({*before_headers, *after_headers}, key=str.casefold):
            before, after = before_headers.get(name, "—"), after_headers.get(name, "—")
            if before != after and name.lower() not in _PASSING:
                yield _changed(f"compare:header:{name}", name, before, after)

    def read(self) -> None:
        """Compare the bodies; takes long, and may be called on a thread."""
        was, now = (self._body(record) for record in (self.was, self.now))
        if was is None and now is None:
            self._found = [Line("differences:none", 1, value="Neither has a body.", spec="muted")]
            return
        differences = Comparer(Identities()).differences(was, now)
        self._found = [_difference(number, each) for number, each in enumerate(differences[:MOST])]
        if len(differences) > MOST:
            rest = f"… and {len(differences) - MOST:,} more"
            self._found.append(Line("differences:rest", 1, value=rest, spec="muted"))
        if not differences:
            same = "They mean the same; times, and ids that stand for each other, do not count."
            self._found = [Line("differences:none", 1, value=same, spec="success")]

    def _body(self, record: Record) -> object:
        if isinstance(record, FrameRecord):
            data = record.data.encode("utf-8", "surrogatepass") if isinstance(record.data, str) else record.data
            kind, size = "", record.size
        else:
            data, kind, size = record.body or b"", record.media_type, record.body_size
        if not data:
            return None
        body = read_body(data, kind, max(size, len(data)), self._redactor)
        if body.is_json:
            return self._redactor.json(body.value)
        return body.text if body.text is not None else body.raw.hex(" ")

    def body_lines(self) -> dict[str, list[Line]]:
        """Return the differences by the key of their heading."""
        return {"differences": self._found}

    def can_open(self, key: str) -> bool:
        """Return False: everything is listed."""
        return False

    def open(self, key: str) -> list[Line]:
        """Return nothing: everything is listed."""
        return []


def _changed(key: str, name: str, before: str, after: str) -> Line:
    return Line(key, 1, clean_line(name), f"{clean_line(before)} → {clean_line(after)}", "warning")


def _difference(number: int, each: Difference) -> Line:
    name = clean_line(each.path or ".")
    match each.why:
        case "missing":
            value, spec = f"− {shown(each.was)}", "error"
        case "new":
            value, spec = f"+ {shown(each.now)}", "success"
        case "length":
            value, spec = f"{each.was} → {each.now} items", "warning"
        case "order":
            value, spec = f"place {each.was} → {each.now}", "warning"
        case _:
            value, spec = f"{shown(each.was)} → {shown(each.now)}", "warning"
    return Line(f"differences:{number}", 1, name, clean_line(value), spec)
