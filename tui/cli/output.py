"""What commands write: data on stdout and words on stderr, harmless on a terminal and untouched in a pipe."""

from __future__ import annotations

import io
import json
import math
import os
import re
import sys
from typing import Any, TextIO

_COLOURS = {"key": "\x1b[1;34m", "string": "\x1b[32m", "number": "\x1b[36m", "word": "\x1b[33m", "null": "\x1b[2m"}
_PLAIN = "\x1b[0m"
_TOKENS = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=:))|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false)|(?P<null>null)"
)
# What a terminal obeys or what hides text in it; tabs and the ends of lines stay.
_DANGEROUS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U0010eeee]"
)

_HALVES = re.compile("[\ud800-\udfff]")


def json_line(value: Any) -> str:
    """Return `value` as JSON on one line, without the end of the line. Raises ValueError for what JSON has not."""
    return _encodable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def read_json(text: str | bytes) -> Any:
    """Return the JSON in `text`, its strings as they came. Raises ValueError for NaN, infinity, and what is none."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def pretty_json(value: Any, *, colours: bool = False) -> str:
    """Return `value` as JSON for people, indented, without the end of the last line."""
    text = _encodable(json.dumps(value, ensure_ascii=False, indent=2))
    return painted(text) if colours else text


def painted(text: str) -> str:
    """Return JSON in colours, harmless to a terminal."""
    return _TOKENS.sub(lambda token: f"{_COLOURS[token.lastgroup or 'string']}{token[0]}{_PLAIN}", visible(text))


def visible(text: str) -> str:
    """Return `text` with everything that a terminal would obey written as JSON writes it: ESC becomes `\\u001b`.

    JSON stays the JSON it was.
    """
    return _DANGEROUS.sub(_written_out, text)


def on_terminal(stream: TextIO) -> bool:
    """Whether a person looks at `stream`, so that nothing harmful may go there."""
    return stream.isatty()


def has_colours(stream: TextIO) -> bool:
    """Whether `stream` is written in colours: on a terminal, unless NO_COLOR; with CLICOLOR_FORCE everywhere."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return on_terminal(stream) and os.environ.get("TERM") != "dumb" and os.environ.get("CLICOLOR") != "0"


def write_json(value: Any, *, stream: TextIO | None = None) -> None:
    """Write `value`: indented and in colours for a person, on one line for a program."""
    out = stream or sys.stdout
    if has_colours(out):
        out.write(pretty_json(value, colours=True) + "\n")
    elif on_terminal(out):
        out.write(visible(pretty_json(value)) + "\n")
    else:
        out.write(json_line(value) + "\n")


def write_text(text: str, *, stream: TextIO | None = None, raw: bool = False) -> None:
    """Write `text`, on a terminal with what it would obey made visible, unless it is asked for `raw`."""
    out = stream or sys.stdout
    out.write(visible(text) if on_terminal(out) and not raw else text)


def write_bytes(data: bytes, *, stream: TextIO | None = None, raw: bool = False) -> None:
    """Write what came back: byte by byte into a pipe; for a person JSON is set out and other text is made harmless.

    On stderr it ends its last line, for words follow.
    `raw` lets a terminal have the bytes too.
    """
    out = stream or sys.stdout
    if raw or not (on_terminal(out) or has_colours(out)):
        out.flush()
        ended = out is not sys.stderr or data.endswith(b"\n") or not data
        out.buffer.write(data if ended else data + b"\n")
        out.buffer.flush()
        return
    try:
        text = data.decode()
    except UnicodeDecodeError:
        say(f"{len(data):,} bytes that are no text do not go to a terminal; send them to a file with `> FILE`")
        return
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        text = pretty_json(read_json(text), colours=has_colours(out)) + "\n"
    except (ValueError, RecursionError):
        text = visible(text)
    out.write(text if has_colours(out) else visible(text))


def have_streams() -> None:
    """Open as nothing what the caller has closed (`>&-`): no file and no socket may come to stand in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # For as long as the program lasts; in this order, so that each takes the number of its own.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def write_whatever_comes() -> None:
    """Let letters that the user's encoding does not have be written as escapes, where they would end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(sentence: str) -> None:
    """Say on stderr, in one line, what a person should know; `sentence` may quote strangers."""
    from api_client.text import clean_line

    sys.stderr.write(f"parlour: {clean_line(sentence)}\n")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is not JSON")
    return number


def _encodable(text: str) -> str:
    """Return JSON with half characters, which UTF-8 has no form for, as JSON escapes them."""
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _written_out(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f"
