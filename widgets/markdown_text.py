"""Markdown of strangers as lines of cells: parsed with tables and HTML off, and pictures turned into links."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.strip import Strip

from widgets.code_text import colour_code
from widgets.inline_text import host_of, is_web_link, stand_out
from widgets.text_layout import Piece, StyleOf, lay_out
from widgets.wrapping import cells, cut

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Noncharacters stand for the marks of a spoiler while Markdown is parsed, where ">!" would begin a quotation.
VEIL_ON, VEIL_OFF = "\ufdd0", "\ufdd1"

_TOO_DEEP = 20
"""Levels of blocks, as the parser counts them, beyond which it would start to drop text."""
_DEEPEST = 6
"""Levels of quotations and lists that are indented; deeper ones stand where the last one stands."""


class TooComplex(Exception):
    """The text has more or deeper blocks than are laid out."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # imported late: not needed before the first comment

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 2 * _TOO_DEEP})
    return parser.enable("strikethrough").disable(["html_block", "html_inline", "reference"])


def mark_spoilers(text: str) -> str:
    """Return `text` with the marks of its spoilers (>!like this!<) replaced by noncharacters; unpaired marks stay."""
    lines = []
    for line in text.replace(VEIL_ON, "").replace(VEIL_OFF, "").split("\n"):
        at, out = 0, ""
        while (start := line.find(">!", at)) >= 0 and (end := line.find("!<", start + 2)) >= 0:
            out += line[at:start] + VEIL_ON + line[start + 2 : end] + VEIL_OFF
            at = end + 2
        lines.append(out + line[at:])
    return "\n".join(lines)


def _unmarked(text: str) -> str:
    """Return code as it was written."""
    return text.replace(VEIL_ON, ">!").replace(VEIL_OFF, "!<")


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands before the lines of a block: bars of quotations and indents of lists."""

    margin: tuple[Piece, ...] = ()
    bullet: tuple[Piece, ...] = ()
    """Stands in the margin of the first block of a list item."""
    level: int = 0

    def quoted(self) -> _Place:
        if self.level >= _DEEPEST:
            return self
        return _Place((*self.margin, Piece("│ ", "muted")), level=self.level + 1)

    def listed(self, bullet: str) -> _Place:
        mark = Piece(bullet, "accent")
        if self.level >= _DEEPEST:
            return replace(self, bullet=(mark,))
        return _Place((*self.margin, Piece(" " * cells(bullet))), (mark,), self.level + 1)

    def first(self) -> tuple[Piece, ...]:
        if not self.bullet:
            return self.margin
        return (*self.margin[:-1], *self.bullet) if self.margin else self.bullet


@dataclass(slots=True)
class MarkdownLayout:
    """Lays parsed Markdown out, block by block."""

    width: int
    style: StyleOf
    most_blocks: int
    reveal: bool = False
    links: list[str] = field(default_factory=list)
    strips: list[Strip] = field(default_factory=list)
    _blocks: int = 0
    _places: list[_Place] = field(default_factory=lambda: [_Place()])
    _numbers: list[int | None] = field(default_factory=list)
    """The next number of each open list, None for those with bullets."""
    _above: tuple[Piece, ...] = ()
    """The margin of the block above."""
    _list_begins: bool = False

    def run(self, text: str) -> None:
        """Lay `text` out; TooComplex when it has more than `most_blocks` blocks, or too deep ones."""
        tokens = _parser().parse(mark_spoilers(text))
        leaves = ("paragraph_open", "heading_open", "fence", "code_block", "hr")
        blocks = sum(token.type in leaves for token in tokens)
        if blocks > self.most_blocks or any(token.level >= _TOO_DEEP for token in tokens):
            raise TooComplex
        for number, token in enumerate(tokens):
            following = tokens[number + 1] if number + 1 < len(tokens) else None
            self._take(token, following)

    def _take(self, token: Token, following: Token | None) -> None:
        kind = token.type
        if kind == "blockquote_open":
            self._places.append(self._place.quoted())
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._list_begins = not self._numbers
            self._numbers.append(int(token.attrs.get("start", 1)) if kind.startswith("ordered") else None)
        elif kind == "list_item_open":
            self._open_item()
        elif kind in ("blockquote_close", "list_item_close"):
            self._places.pop()
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
        elif kind in ("paragraph_open", "heading_open") and following is not None:
            tight = kind == "paragraph_open" and token.hidden and not self._list_begins
            self._block(self._inline(following, "bold primary" if kind == "heading_open" else "text"), gap=not tight)
        elif kind in ("fence", "code_block"):
            self._code(_unmarked(token.content.rstrip("\n")), token.info.split()[0] if token.info.split() else "")
        elif kind == "hr":
            self._block([Piece("─" * max(1, min(self.width - self._margin, 40)), "muted")])

    @property
    def _place(self) -> _Place:
        return self._places[-1]

    @property
    def _margin(self) -> int:
        return sum(cells(piece.text) for piece in self._place.margin)

    def _open_item(self) -> None:
        number = self._numbers[-1]
        self._numbers[-1] = None if number is None else number + 1
        self._places.append(self._place.listed("• " if number is None else f"{str(number)[:9]}. "))

    def _block(self, pieces: list[Piece], *, gap: bool = True) -> None:
        place = self._begin(gap=gap)
        self.strips += lay_out(pieces, self.width, self.style, place.first(), place.margin)

    def _code(self, code: str, language: str) -> None:
        place = self._begin()
        bar = Piece("▏", "muted")
        first, later = (*place.first(), bar), (*place.margin, bar)
        if language:
            label = Piece(cut(language, 20)[0], "muted italic")
            self.strips += lay_out([label], self.width, self.style, first, later)
            first = later
        self.strips += lay_out(colour_code(code, language), self.width, self.style, first, later)

    def _begin(self, *, gap: bool = True) -> _Place:
        """Leave a line free where a block stands apart from the one above; return where it goes."""
        place = self._place
        if self.strips and gap and (not place.bullet or self._list_begins):
            shared = tuple(ours for ours, above in zip(place.margin, self._above, strict=False) if ours == above)
            self.strips += lay_out([], self.width, self.style, shared, shared)
        self._above, self._list_begins = place.margin, False
        self._places[-1] = replace(place, bullet=())
        return place

    # -- within a line -------------------------------------------------------------------------------------------

    def _inline(self, token: Token, spec: str) -> list[Piece]:
        pieces: list[Piece] = []
        marks: list[str] = []
        veiled = False
        href = ""
        for child in token.children or []:
            current = " ".join([spec, *marks])
            if child.type in ("em_open", "strong_open", "s_open"):
                marks.append({"em_open": "italic", "strong_open": "bold", "s_open": "strike"}[child.type])
            elif child.type in ("em_close", "strong_close", "s_close"):
                marks.pop()
            elif child.type == "link_open":
                href = str(child.attrs.get("href", ""))
                marks.append("underline")
            elif child.type == "link_close":
                marks.pop()
                pieces += self._link_end(href, pieces)
                href = ""
            elif child.type == "image":
                pieces += self._image(child)
            elif child.type == "code_inline":
                pieces.append(Piece(_unmarked(child.content), "warning", veiled))
            elif child.type in ("softbreak", "hardbreak"):  # people mean their line breaks
                pieces.append(Piece("\n", current))
            elif child.type == "text":
                veiled = self._text(child.content, current, href, veiled, pieces)
        return pieces

    def _text(self, text: str, spec: str, href: str, veiled: bool, pieces: list[Piece]) -> bool:
        """Add `text` to `pieces`, covering spoilers; return whether a spoiler goes on after it."""
        for part in text.replace(VEIL_OFF, VEIL_ON).split(VEIL_ON) if VEIL_ON in text or VEIL_OFF in text else [text]:
            covered = veiled and not self.reveal
            shown = f"{spec} muted".replace("text ", "") if veiled else spec
            if href:
                pieces.append(Piece(part, shown.replace("text", "link") if is_web_link(href) else shown, covered))
            elif part:
                pieces += stand_out(part, self.links, shown, veiled=covered)
            veiled = not veiled
        return not veiled

    def _link_end(self, href: str, pieces: list[Piece]) -> list[Piece]:
        """Note a link; say where it leads unless its text says so."""
        if not is_web_link(href):
            return []
        if href not in self.links:
            self.links.append(href)
        host = host_of(href)
        shown = pieces[-1].text if pieces else ""
        return [] if host in shown else [Piece(f" ({host})", "muted")]

    def _image(self, token: Token) -> list[Piece]:
        source = str(token.attrs.get("src", ""))
        label = Piece(f"[picture: {token.content or 'no description'}]", "link underline")
        if not is_web_link(source):
            return [label._replace(spec="muted")]
        return [label, *self._link_end(source, [label])]
