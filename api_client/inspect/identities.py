"""Which id of a recording is which id now: learnt from replies, and used wherever an id stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_TOKEN = re.compile(r"[0-9A-Za-z_-]+")
_ID_KEY = re.compile(r"(?:id|.*Id|.*_id|ids|.*Ids|.*_ids)")
_LONG = 8
"""Letters from which a token inside a text is taken for an id that is known: `2` in a sentence is none."""
_LENGTH_LIMIT = 256


def is_id_key(key: str) -> bool:
    """Whether a field of this name holds an id, or several."""
    return _ID_KEY.fullmatch(key) is not None


def looks_like_id(key: str, value: Any) -> bool:
    """Whether `value`, in the field `key`, is an id: by the name of the field, or because it is a UUID."""
    if isinstance(value, str):
        if UUID.fullmatch(value):
            return True
        return is_id_key(key) and 0 < len(value) <= _LENGTH_LIMIT and not any(map(str.isspace, value))
    return isinstance(value, int) and not isinstance(value, bool) and is_id_key(key)


def ids_in(value: Any, key: str = "") -> Iterator[str]:
    """Yield every id in decoded JSON, in the order in which they stand there."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if UUID.fullmatch(name):
                yield name
            yield from ids_in(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_in(inner, key)
    elif looks_like_id(key, value):
        yield str(value)


def tokens_in(text: str) -> Iterator[str]:
    """Yield what in `text`, an address for example, could be an id."""
    for match in _TOKEN.finditer(text):
        yield match[0]


class Identities:
    """One id now for each id then, and the other way round."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._then: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._now)

    def knows(self, then: str) -> bool:
        """Whether it is known what `then` is now."""
        return then in self._now

    def learn(self, then: str, now: str) -> bool:
        """Note that `then` is `now`; False if that contradicts what is known, and nothing is noted."""
        if self._now.get(then, now) != now or self._then.get(now, then) != then:
            return False
        self._now[then] = now
        self._then[now] = then
        return True

    def now(self, then: str) -> str:
        """Return what the id `then` is now; itself where nobody has said."""
        return self._now.get(then, then)

    def then(self, now: str) -> str:
        """Return what the id `now` was then; itself where nobody has said."""
        return self._then.get(now, now)

    def text_now(self, text: str) -> str:
        """Return `text` with every known id in it as it is now."""
        return _translated(text, self._now)

    def text_then(self, text: str) -> str:
        """Return `text` with every known id in it as it was then."""
        return _translated(text, self._then)

    def json_now(self, value: Any) -> Any:
        """Return decoded JSON with every known id in it, in keys and inside of texts too, as it is now."""
        if isinstance(value, dict):
            return {self.text_now(key): self.json_now(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.json_now(inner) for inner in value]
        return self.text_now(value) if isinstance(value, str) else value


def _translated(text: str, names: dict[str, str]) -> str:
    if not names:
        return text
    if text in names:
        return names[text]

    def known(match: re.Match[str]) -> str:
        token = match[0]
        return names.get(token, token) if len(token) >= _LONG else token

    return _TOKEN.sub(known, text)
