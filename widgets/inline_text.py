"""What stands out within a line of user text: links, people, tags and places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from widgets.text_layout import Piece

_LINK = r"https?://[^\s<>\"'`\ufdd0\ufdd1]{1,2048}"
_STANDS_OUT = re.compile(
    rf"(?P<link>(?<![\w]){_LINK})"
    r"|(?P<person>(?<![\w@/.])@\w[\w.]{0,63})"
    r"|(?P<tag>(?<![\w#&/])#\w{1,100})"
    r"|(?P<place>(?<![\w/.])/?r/\w{2,21}(?!\w))",
    re.IGNORECASE,
)
_SPECS = {"link": "link underline", "person": "accent", "tag": "secondary", "place": "primary"}
_MOST = 500
"""How many things may stand out in one text: more of them is a text that nobody reads."""
_TRAILING = ".,:;!?…*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_HTTP = re.compile(r"https?://[^\x00-\x20\x7f-\xa0]{1,2048}", re.IGNORECASE)


def is_web_link(url: str) -> bool:
    """Return whether `url` is one that may be opened at all: http or https, without blanks or controls."""
    return _HTTP.fullmatch(url) is not None


def host_of(url: str) -> str:
    """Return the host of `url`, in the ASCII form that the network will ask for; "" when there is none."""
    rest = url.split("//", 1)[-1]
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    host = authority.partition(":")[0] if not authority.startswith("[") else authority
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ascii(host)[1:-1]


def _trimmed(link: str) -> str:
    """Return `link` without the punctuation of the sentence around it; brackets that it opened itself stay."""
    end = len(link)
    while end:
        last = link[end - 1]
        if last in _TRAILING or (last in _PAIRS and link.count(last, 0, end) > link.count(_PAIRS[last], 0, end)):
            end -= 1
        else:
            break
    return link[:end]


def stand_out(text: str, links: list[str], spec: str = "text", *, veiled: bool = False) -> Iterator[Piece]:
    """Yield `text` as pieces, what stands out in its own style, the rest in `spec`; web links are added to `links`."""
    at = 0
    extra = " ".join(word for word in spec.split() if word in ("bold", "italic", "strike"))
    for match in islice(_STANDS_OUT.finditer(text), _MOST):
        kind = match.lastgroup or ""
        found = match.group()
        if kind == "link":
            found = _trimmed(found)
            if len(found) <= len("https://"):
                continue
            if found not in links:
                links.append(found)
        elif kind == "person":
            found = found.rstrip(".")
        if match.start() > at:
            yield Piece(text[at : match.start()], spec, veiled)
        yield Piece(found, f"{_SPECS[kind]} {extra}".strip(), veiled)
        at = match.start() + len(found)
    if at < len(text):
        yield Piece(text[at:], spec, veiled)
