"""What a person typed, as a query of the full-text index, and the order in which matches are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from server.music.repair import folded

CANDIDATES = 200
"""Best matches of one kind that are put in their final order."""

_MARKS = re.compile(r"^(?:/?[ru]/|[@#])(?=.)")
_TITLE_WEIGHT = 8.0

_MATCHES = text(
    "SELECT d.item_id, d.title, bm25(search_index, 0.0, :weight, 1.0) AS distance"
    " FROM search_index JOIN search_documents AS d ON d.id = search_index.rowid"
    " WHERE search_index MATCH :pattern ORDER BY distance LIMIT :count"
)


@dataclass(frozen=True, slots=True)
class Match:
    """A record that was found; the lower `distance`, the better."""

    item_id: str
    title: str
    distance: tuple[int, float]


def words_of(typed: str) -> list[str]:
    """Return the words to look for; marks such as `r/`, `@` and `#` are left out, and so is what has no letters."""
    found = []
    for chunk in typed.split():
        word = "".join(letter for letter in _MARKS.sub("", chunk) if letter.isprintable())
        if any(letter.isalnum() for letter in word):
            found.append(word)
    return found[:12]


def pattern_for(kind: str, words: list[str]) -> str:
    """Return the FTS5 expression for records of `kind` with every word at the beginning of some word of theirs."""
    quoted = " AND ".join('"' + word.replace('"', '""') + '" *' for word in words)
    return f'kind : "{kind}" AND {{title detail}} : ({quoted})'


async def find(db: AsyncSession, kind: str, typed: str, count: int = CANDIDATES) -> list[Match]:
    """Return records of one kind that match `typed`: equal titles first, then those that begin so, then by relevance.

    Case and diacritics make no difference.
    """
    words = words_of(typed)
    if not words:
        return []
    wanted = folded(" ".join(words))
    found = await db.execute(_MATCHES, {"weight": _TITLE_WEIGHT, "pattern": pattern_for(kind, words), "count": count})
    matches = [Match(row[0], row[1], (_nearness(folded(row[1]), wanted), row[2])) for row in found]
    return sorted(matches, key=lambda match: match.distance)


def _nearness(title: str, wanted: str) -> int:
    if title == wanted:
        return 0
    if title.startswith(wanted + " "):
        return 1
    return 2 if title.startswith(wanted) else 3
