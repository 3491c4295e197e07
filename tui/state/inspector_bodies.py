"""Bodies as they are shown: as a tree, as text, or as bytes; read beside the loop where they are large."""

from __future__ import annotations

from dataclasses import dataclass

from api_client.inspect.redaction import Redactor
from tui.state.json_tree import Hide, JsonTree, Line, Paged, hex_lines, read_json, text_lines

AT_ONCE = 48 * 1024
"""Bytes up to which a body is read on the loop."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was read: one of the three is there."""

    value: object = None
    is_json: bool = False
    text: str | None = None
    raw: bytes = b""
    note: str = ""
    """What is not as it should be, a sentence; empty where nothing is."""


def read_body(data: bytes, media_type: str, size: int, redactor: Redactor | None) -> Body:
    """Read `data`, of which `size` bytes were sent; takes long for megabytes.

    Without `redactor` secrets stay in the text. What is JSON is redacted by whoever shows a part of it.
    """
    cut = len(data) < size
    note = f"Only the first {len(data):,} of {size:,} bytes were kept." if cut else ""
    looks_like_json = "json" in media_type or data[:1] in (b"{", b"[")
    if looks_like_json:
        try:
            text = data.decode("utf-8", "ignore" if cut else "strict")
            return Body(value=read_json(text, cut=cut), is_json=True, note=note)
        except (ValueError, RecursionError):
            if "json" in media_type:
                note = f"{note} This is not JSON, although it says so.".strip()
    shown = redactor.body(data, media_type) if redactor is not None else data
    try:
        text = shown.decode("utf-8", "ignore" if cut else "strict")
    except UnicodeDecodeError:
        return Body(raw=shown, note=note)
    return Body(raw=shown, note=note) if _is_binary(text) else Body(text=text, note=note)


def _is_binary(text: str) -> bool:
    start = text[:1024]
    return "\x00" in start or sum(character < " " and character not in "\t\r\n" for character in start) > 32


def hiding(redactor: Redactor | None) -> Hide:
    """Return what says of a part of a body what may be shown of it."""
    if redactor is None:
        return lambda _name, value: value
    names: dict[str, bool] = {}

    def hide(name: str, value: object) -> object:
        if isinstance(value, dict | list):
            if name not in names:
                names[name] = _under(redactor, name, "x") != "x"
            return _under(redactor, name, "x") if names[name] else value
        return _under(redactor, name, value)

    return hide


def _under(redactor: Redactor, name: str, value: object) -> object:
    """Return `value` as it may be shown where it goes by `name`; items of lists have none."""
    return next(iter(redactor.json({name: value}).values()))


class BodyLines:
    """The lines of one body; what is opened is made when it is opened."""

    def __init__(self, prefix: str, depth: int, body: Body, hide: Hide) -> None:
        self._prefix = prefix
        self._depth = depth
        self._body = body
        self._tree = JsonTree(prefix, body.value, depth, hide) if body.is_json else None
        self._pages: dict[str, Paged] = {}

    def top(self) -> list[Line]:
        """Return the lines that are there from the beginning."""
        note = [Line(f"{self._prefix}:note", self._depth, value=self._body.note, spec="warning")]
        lines = note if self._body.note else []
        if self._tree is not None:
            return [*lines, *self._tree.top()]
        if self._body.text is not None:
            made = text_lines(self._prefix, self._body.text, self._depth)
        else:
            made = hex_lines(self._prefix, self._body.raw, self._depth)
        return [*lines, *self._page(Paged(self._prefix, self._depth, made, None))]

    def _page(self, page: Paged) -> list[Line]:
        lines = page.next_page()
        if lines and lines[-1].key == page.key:
            self._pages[page.key] = page
        return lines

    def can_open(self, key: str) -> bool:
        """Return whether something under `key` is not listed yet."""
        return key in self._pages or (self._tree is not None and self._tree.can_open(key))

    def open(self, key: str) -> list[Line]:
        """Return what stands under `key`."""
        if key in self._pages:
            return self._page(self._pages.pop(key))
        return self._tree.open(key) if self._tree is not None else []
