"""Breaking text into lines of cells without splitting what the reader sees as one character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rich.cells import cell_len, split_graphemes

_WORDS = re.compile(r"[^ ]+ *| +")
_REGIONAL = range(0x1F1E6, 0x1F200)
# Closing punctuation never starts a line; opening punctuation never ends one.
_NOT_FIRST = frozenset("、。，．：；！？）」』】〕〉》〗々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;!?)]}%’”")
_NOT_LAST = frozenset("（「『【〔〈《〖([{‘“")


@cache
def _wide_breaks() -> re.Pattern[str]:
    """Return what a line may break before and after, as scripts that write no spaces have it; slow to compile."""
    return re.compile("[\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]")


def cells(text: str) -> int:
    """Return the cells that `text` takes on one line; rich keeps the answers for short texts."""
    return len(text) if text.isascii() else cell_len(text)


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """Yield what the reader sees as characters, each with its cells; flags, skin tones and families are one."""
    if text.isascii():
        yield from ((character, 1) for character in text)
        return
    spans, _ = split_graphemes(text)
    pending: tuple[int, int] | None = None
    for start, end, _width in spans:
        if pending is not None:
            first = ord(text[pending[0]])
            flag = first in _REGIONAL and pending[1] - pending[0] == 1 and ord(text[start]) in _REGIONAL
            if flag:
                pending = (pending[0], end)
                continue
            part = text[pending[0] : pending[1]]
            yield part, cells(part)
        pending = (start, end)
    if pending is not None:
        part = text[pending[0] : pending[1]]
        yield part, cells(part)


def last_grapheme(text: str) -> str:
    """Return the last thing in `text` that the reader sees as one character; "" when `text` is empty."""
    part = ""
    for part, _ in graphemes(text[-64:]):  # noqa: B007  the last one is wanted
        pass
    return part


def cut(text: str, width: int) -> tuple[str, str]:
    """Return `text` split after as many whole characters as fit into `width` cells, at least one."""
    if text.isascii():
        return text[: max(1, width)], text[max(1, width) :]
    taken = used = 0
    for part, size in graphemes(text):
        if used + size > width and taken:
            break
        taken += len(part)
        used += size
    return text[:taken], text[taken:]


def ellipsis(text: str, width: int, mark: str = "…") -> str:
    """Return `text`, cut to `width` cells with `mark` at the end when it is longer."""
    if width <= 0:
        return ""
    if cells(text) <= width:
        return text
    room = width - cells(mark)
    if room <= 0:
        return mark if room == 0 else ""
    head, _ = cut(text[: width * 8], room)
    return (head.rstrip() if cells(head) <= room else "") + mark


def words(text: str) -> Iterator[str]:
    """Yield the pieces of one line between which it may break; blanks belong to the piece before them."""
    for match in _WORDS.finditer(text):
        word = match.group()
        if word.isascii() or not _wide_breaks().search(word):
            yield word
            continue
        piece = ""
        for character, _ in graphemes(word):
            joined = not piece or character[0] in _NOT_FIRST or piece.rstrip(" ")[-1:] in _NOT_LAST or character == " "
            wide = bool(_wide_breaks().match(character)) or bool(piece and _wide_breaks().match(piece[-1]))
            if wide and not joined:
                yield piece
                piece = character
            else:
                piece += character
        if piece:
            yield piece


def wrap_spans(text: str, width: int) -> list[tuple[int, int]]:
    """Return where the lines of `text` start and end, broken as `wrap` does; blanks at a break are in no line."""
    spans: list[tuple[int, int]] = []
    start = 0
    for paragraph in text.split("\n"):
        spans += _wrap_paragraph(paragraph, width, start)
        start += len(paragraph) + 1
    return spans


def _wrap_paragraph(paragraph: str, width: int, offset: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = end = at = offset  # the line so far is start..end, blanks after `end` not counted
    used = 0
    for word in words(paragraph):
        solid = word.rstrip(" ")
        size = cells(solid)
        if used + size > width and used:
            if end > start:
                spans.append((start, end))
            start = end = at
            used = 0
        if size > width:
            for character, cell_count in graphemes(solid):
                if used + cell_count > width and used:
                    spans.append((start, at))
                    start = at
                    used = 0
                at += len(character)
                used += cell_count
        else:
            at += len(solid)
            used += size
        if solid:
            end = at
        blanks = len(word) - len(solid)
        at += blanks
        used += blanks
    spans.append((start, end))
    return spans


def wrap(text: str, width: int) -> list[str]:
    """Return `text` as lines of at most `width` cells, broken between words, and within words longer than a line.

    A character wider than `width` stands alone on its line. Blanks at a break are dropped, so the lines do not join
    back to `text`.
    """
    return [text[start:end] for start, end in wrap_spans(text, width)]
