"""Repair of tag texts that were stored in one encoding and labelled as another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from api_client.text import clean_line
from server.music.legacy_text import decoded, legacy_encoding

TEXT_LIMIT = 255

_HIGH = re.compile("[\x80-\xff]")
_CONTROLS = re.compile("[\x80-\x9f]")


def repaired(text: str, *, labelled_latin1: bool = False) -> str:
    """Return `text` on one clean line of at most 255 characters, with wrong encodings undone.

    UTF-8 that was read as Latin-1 is recognised anywhere, since its byte patterns hardly occur in real words. Bytes of
    legacy code pages are looked for only where the tag claims Latin-1, as old ID3 tags do.
    """
    if labelled_latin1:
        return repaired_latin1([text])[0]
    text = _bare(text)
    return _line(_reread(text) if _HIGH.search(text) else text)


def repaired_latin1(texts: Sequence[str]) -> list[str]:
    """Return the texts of one file that are labelled as Latin-1, repaired; they are judged together."""
    bare = [_bare(text) for text in texts]
    encoding = legacy_encoding(bare)
    return [_line(_as(text, encoding) if _HIGH.search(text) else text) for text in bare]


def folded(text: str) -> str:
    """Return `text` as a key for comparison: no case, no diacritics, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def _bare(text: str) -> str:
    return text.replace("\x00", " ").strip()


def _line(text: str) -> str:
    return clean_line(unicodedata.normalize("NFC", text)).strip()[:TEXT_LIMIT]


def _as(text: str, encoding: str | None) -> str:
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return _reread(text)
    found = decoded(raw, encoding) if encoding else None
    if found is None and _CONTROLS.search(text):
        # Windows writes its quotes and dashes where Latin-1 has control characters.
        found = decoded(raw, "cp1252")
    return text if found is None else found


def _reread(text: str) -> str:
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text
