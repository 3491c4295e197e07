"""Words that are sought in a list: whether a text has them all, and how they stand out where they are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


@dataclass(frozen=True, slots=True)
class Sought:
    """The words of a search, each at least one character."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Sought:
        """Return the words of what somebody typed, each once."""
        return cls(tuple(dict.fromkeys(text.casefold().split())))

    def __bool__(self) -> bool:
        return bool(self.words)

    def are_in(self, text: str) -> bool:
        """Return whether `text` has all the words, in any order and case."""
        folded = text.casefold()
        return all(word in folded for word in self.words)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where any of the words stands in `text`: characters, the end not included, in order."""
        if self.words:
            longest_first = sorted(self.words, key=len, reverse=True)
            for match in re.finditer("|".join(map(re.escape, longest_first)), text, re.IGNORECASE):
                yield match.span()


def with_hits(strip: Strip, sought: Sought, style: Style) -> Strip:
    """Return `strip` with `style` laid over every place that was sought."""
    text = strip.text
    spans = list(sought.spans(text))
    if not spans:
        return strip
    parts: list[Strip] = []
    at = 0
    for start, end in spans:
        left, right = cell_len(text[:start]), cell_len(text[:end])
        hit = [Segment(part, (old or Style.null()) + style, control) for part, old, control in strip.crop(left, right)]
        parts += [strip.crop(at, left), Strip(hit)]
        at = right
    return Strip.join([*parts, strip.crop(at)])
