"""What may reach a terminal: every string that a stranger wrote passes through here."""

from __future__ import annotations

import re
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_TAB_WIDTH = 4

# Escape sequences are removed whole where their end is known, so that a reader sees the text and not its litter.
# What remains of C0, C1 and DEL is then shown as the replacement character: something was here, and it was not text.
_SEQUENCES = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"  # OSC ... BEL or ST
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]{0,4096}(?:\x1b\\|\x9c)"  # DCS, SOS, PM, APC ... ST
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\U0010eeee]")
# Invisible characters that re-order or hide text: bidi controls, interlinear annotation, tags, BOM, line separators.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_SEPARATORS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
# More than four marks on one base letter draw over the rows above and below.
_MARK_PILES = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_SUSPECT = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u0300-\u036f\u0483-\u0489\u061c\u1ab0-\u1aff\u1dc0-\u1dff\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u2069\u20d0-\u20ff\ud800-\udfff\ufe20-\ufe2f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U0010eeee]"
)


def clean(text: str) -> str:
    """Return `text` without anything that a terminal would obey; line breaks stay, tabs become spaces."""
    if not _SUSPECT.search(text):
        return text
    text = _SEPARATORS.sub("\n", text)
    text = _SEQUENCES.sub(REPLACEMENT, text)
    text = _CONTROLS.sub(REPLACEMENT, _INVISIBLE.sub("", text.expandtabs(_TAB_WIDTH)))
    return _MARK_PILES.sub(r"\1", text)


def clean_line(text: str) -> str:
    """Return `text` cleaned and folded onto one line: for names, titles and everything that stands in a row."""
    return " ".join(clean(text).split("\n")).strip() if "\n" in text or _SUSPECT.search(text) else text


def clean_tree(value: Any) -> Any:
    """Return decoded JSON with every string in it cleaned, keys as well."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_tree(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean_tree(item) for key, item in value.items()}
    return value


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, the unit of the platform's limits (an emoji counts two)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
