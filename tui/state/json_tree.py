"""A JSON body as lines that are unfolded piece by piece: nothing is made for what nobody has opened."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from api_client.text import clean, clean_line

PAGE = 200
"""Children of a node that are listed at first, and how many more are listed each time."""
OPEN_AT_FIRST = 40
"""A node with so many children at most is open from the beginning, if it is near the root."""
_NEAR = 3
"""Levels that are open from the beginning."""
LONG = 160
"""Characters from which a string stands on lines of its own, below its name."""
_TEXT_LINE = 400
"""Characters of a text without line breaks that make a line of their own."""
_PIECES = 3
"""Levels of a body that are read element by element."""

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

Hide = Callable[[str, object], object]
"""Returns what of a leaf may be shown, by its name and its value; of a container whether it may be opened: itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the details of something: `name` and `value`, and whether there is more under it."""

    key: str
    depth: int
    name: str = ""
    value: str = ""
    spec: str = "text"
    """Words for the style of the value."""
    heads: bool = False
    """Whether it is the heading of a section."""
    opens: bool = False
    """Whether something stands under it, listed or not."""
    bars: tuple[tuple[float, float, str], ...] = ()
    """Bars beside the name: where each begins and ends, as shares of the width, and words for its style."""


def read_json(text: str, *, cut: bool = False) -> object:
    """Return the JSON in `text`; raises ValueError or RecursionError where there is none.

    With `cut` the end may be missing, and what is whole counts. The first levels are read element by element, so that
    a thread that reads megabytes lets others have their turn: the library would hold the interpreter to the end.
    """
    reader = _Reader(text, cut=cut)
    value, end = reader.read(_skip(text, 0), _PIECES)
    if _skip(text, end) != len(text):
        raise ValueError("there is something behind the end")
    return value


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


class _Reader:
    """Reads one text; where that may be cut off, the end of the text ends whatever is open."""

    def __init__(self, text: str, *, cut: bool) -> None:
        self._text = text
        self._cut = cut

    def read(self, at: int, levels: int) -> tuple[object, int]:
        """Return the value that begins at `at`, and where it ends."""
        opening = self._text[at : at + 1]
        if not levels or opening not in ("{", "["):
            return _DECODER.raw_decode(self._text, at)
        return self._members(at, levels) if opening == "{" else self._items(at, levels)

    def _members(self, at: int, levels: int) -> tuple[object, int]:
        found: dict[str, object] = {}
        at = _skip(self._text, at + 1)
        if self._text[at : at + 1] == "}":
            return found, at + 1
        while True:
            try:
                name, at = _DECODER.raw_decode(self._text, at)
                at = _skip(self._text, at)
                if not isinstance(name, str) or self._text[at : at + 1] != ":":
                    raise ValueError("a name is missing")
                value, at = self.read(_skip(self._text, at + 1), levels - 1)
            except ValueError:
                if not self._cut:
                    raise
                return found, len(self._text)
            found[name] = value
            closed, at = self._next(at, "}")
            if closed:
                return found, at

    def _items(self, at: int, levels: int) -> tuple[object, int]:
        found: list[object] = []
        at = _skip(self._text, at + 1)
        if self._text[at : at + 1] == "]":
            return found, at + 1
        while True:
            try:
                value, at = self.read(at, levels - 1)
            except ValueError:
                if not self._cut:
                    raise
                return found, len(self._text)
            found.append(value)
            closed, at = self._next(at, "]")
            if closed:
                return found, at

    def _next(self, at: int, closing: str) -> tuple[bool, int]:
        """Return whether a container ends after the value that ends at `at`, and where to go on."""
        at = _skip(self._text, at)
        mark = self._text[at : at + 1]
        if mark == closing:
            return True, at + 1
        if mark == ",":
            return False, _skip(self._text, at + 1)
        if not mark and self._cut:
            return True, at
        raise ValueError("a comma is missing")


def text_lines(prefix: str, text: str, depth: int, spec: str = "text") -> Iterator[Line]:
    """Yield the lines of a text, cleaned; one without line breaks is broken where it grows long."""
    number = 0
    for line in clean(text).split("\n"):
        for at in range(0, max(len(line), 1), _TEXT_LINE):
            yield Line(f"{prefix}:{number}", depth, value=line[at : at + _TEXT_LINE], spec=spec)
            number += 1


def hex_lines(prefix: str, body: bytes, depth: int) -> Iterator[Line]:
    """Yield the lines of a body that is no text: where it stands, its bytes, and what of them can be read."""
    for at in range(0, len(body), 16):
        part = body[at : at + 16]
        readable = "".join(chr(each) if 32 <= each < 127 else "·" for each in part)
        yield Line(f"{prefix}:{at}", depth, name=f"{at:08x}", value=f"{part.hex(' '):<48} {readable}", spec="muted")


class Paged:
    """Lines that are made when they are asked for, a page at a time, with a line at the end that asks for more."""

    def __init__(self, key: str, depth: int, lines: Iterator[Line], left: int | None) -> None:
        """`left` is how many there are, where that is known."""
        self.key = f"{key}:more"
        self._depth = depth
        self._lines = lines
        self._left = left

    def next_page(self) -> list[Line]:
        """Return the next lines; the last of them asks for more where there is more."""
        page = list(islice(self._lines, PAGE))
        if self._left is not None:
            self._left -= len(page)
        if len(page) == PAGE and self._left != 0:
            number = f"{self._left:,} more" if self._left is not None else "more"
            page.append(Line(self.key, self._depth, value=f"… {number}; Enter lists them", spec="accent", opens=True))
        return page


class JsonTree:
    """A value whose nodes become lines when they are opened."""

    def __init__(self, prefix: str, value: object, depth: int, hide: Hide) -> None:
        """`prefix` begins the keys of all lines, `depth` is the level of the first ones."""
        self._prefix = prefix
        self._hide = hide
        self._depth = depth
        self._nodes: dict[str, tuple[object, int]] = {}
        """What can still be opened, by the key of its line: the value, and the level of what stands under it."""
        self._pages: dict[str, Paged] = {}
        self._value = value

    def top(self) -> list[Line]:
        """Return the first lines, with what is open from the beginning."""
        lines = [self._line(self._prefix, "", self._value, self._depth)]
        if isinstance(self._value, dict | list):
            # The root is there for its children; it stands for nothing by itself.
            lines = self.open(self._prefix)
        opened: list[Line] = []
        for line in lines:
            opened.append(line)
            opened += self._opened_at_first(line, _NEAR)
        return opened

    def can_open(self, key: str) -> bool:
        """Return whether something under `key` is not listed yet."""
        return key in self._nodes or key in self._pages

    def open(self, key: str) -> list[Line]:
        """Return what stands under `key`, or the next page where `key` is the line that asks for more."""
        if (page := self._pages.pop(key, None)) is None:
            value, depth = self._nodes.pop(key)
            if isinstance(value, str):
                page = Paged(key, depth, text_lines(key, value, depth, "success"), None)
            elif isinstance(value, dict):
                named = ((f"{key}.{name}", name, each) for name, each in value.items())
                page = Paged(key, depth, (self._line(*each, depth) for each in named), len(value))
            else:
                items = value if isinstance(value, list) else []
                numbered = ((f"{key}.{number}", str(number), each) for number, each in enumerate(items))
                page = Paged(key, depth, (self._line(*each, depth) for each in numbered), len(items))
        lines = page.next_page()
        if lines and lines[-1].key == page.key:
            self._pages[page.key] = page
        return lines

    def _opened_at_first(self, line: Line, levels: int) -> Iterator[Line]:
        value = self._nodes.get(line.key, (None, 0))[0]
        if levels <= 0 or not isinstance(value, dict | list) or len(value) > OPEN_AT_FIRST:
            return
        for child in self.open(line.key):
            yield child
            yield from self._opened_at_first(child, levels - 1)

    def _line(self, key: str, name: str, value: object, depth: int) -> Line:
        shown = self._hide(name, value)
        name = clean_line(str(self._hide("", name)))
        if isinstance(shown, dict | list):
            if shown or key == self._prefix:
                self._nodes[key] = shown, depth + (key != self._prefix)
            kind = ("{", "}") if isinstance(shown, dict) else ("[", "]")
            return Line(key, depth, name, f"{kind[0]}{len(shown):,}{kind[1]}", "muted", opens=bool(shown))
        if isinstance(shown, str):
            if len(shown) > LONG or "\n" in shown:
                self._nodes[key] = shown, depth + 1
            return Line(key, depth, name, _quoted(shown), "success", opens=key in self._nodes)
        spec = "muted" if shown is None else "primary" if isinstance(shown, bool) else "warning"
        return Line(key, depth, name, json.dumps(shown), spec)


def _quoted(text: str) -> str:
    """Return a string as JSON has it, cleaned, and cut where it stands in full below."""
    short = text if len(text) <= LONG else text[:LONG] + "…"
    return clean_line(json.dumps(short, ensure_ascii=False))
