"""Repair of tag texts that were stored in one encoding and labelled as another."""

from __future__ import annotations

import re
import unicodedata

from api_client.text import clean_line

TEXT_LIMIT = 255

_HIGH = re.compile("[\x80-\xff]")
_KANA = re.compile("[\u3040-\u30ff]")
_CYRILLIC_WORD = re.compile("[\u0400-\u04ff]{3,}")
_HIGH_WORD = re.compile("[\xc0-\xff]{3,}")


def repaired(text: str, *, labelled_latin1: bool = False) -> str:
    """Return `text` on one clean line of at most 255 characters, with wrong encodings undone.

    UTF-8 that was read as Latin-1 is recognised anywhere, since its byte patterns hardly occur in real words. Bytes of
    legacy code pages (Cyrillic, Japanese) are looked for only where the tag claims Latin-1, as old ID3 tags do.
    """
    text = text.replace("\x00", " ").strip()
    if _HIGH.search(text):
        text = _reread(text, labelled_latin1)
    return clean_line(unicodedata.normalize("NFC", text)).strip()[:TEXT_LIMIT]


def _reread(text: str, labelled_latin1: bool) -> str:
    raw = _single_bytes(text)
    if raw is None:
        return text
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if not labelled_latin1:
        return text
    for encoding, proof in (("shift_jis", _KANA), ("cp1251", _CYRILLIC_WORD)):
        try:
            candidate = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if proof.search(candidate) and (encoding != "cp1251" or _HIGH_WORD.search(text)):
            return candidate
    return text


def _single_bytes(text: str) -> bytes | None:
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding)
        except UnicodeEncodeError:
            continue
    return None


def folded(text: str) -> str:
    """Return `text` as a key for comparison: no case, no diacritics, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())
