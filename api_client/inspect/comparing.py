"""Two replies beside each other: what differs in meaning, as paths with both values; times and ids by their kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from api_client.inspect.identities import UUID, Identities, looks_like_id

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_CURSORS = frozenset({"nextCursor", "next_cursor", "cursor", "before"})
_COUNTS = re.compile(r".*[cC]ount|score|karma|upvotes|downvotes|monthlyListeners|total")
_SIGNED = frozenset({"sig", "signature", "exp", "expires", "token", "uid", "policy", "key-pair-id", "ticket"})
_TAG = re.compile(r"\[[a-z_-]+(:[0-9a-f]+)?\]")
"""What stands in place of a secret."""
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EPOCH_MS = 10**12
"""From here on a whole number is a moment in milliseconds."""
_SHOWN = 120
"""Letters of a value that are shown."""

Path = tuple[str | int, ...]


class Counts(Enum):
    """What is asked of numbers that count what others do as well."""

    EXACT = "exact"
    ANY = "any"
    """That they are numbers."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two replies do not mean the same."""

    path: str
    """As jq writes it: `.data[0].caption`."""
    why: str
    """`value`, `type`, `missing`, `new`, `length`, `order` or `id`."""
    was: Any = None
    now: Any = None

    @property
    def place(self) -> str:
        """The path without the numbers of the items: `.data[].caption`."""
        return re.sub(r"\[\d+\]", "[]", self.path)

    def __str__(self) -> str:
        match self.why:
            case "missing":
                return f"{self.path}: is missing, was {shown(self.was)}"
            case "new":
                return f"{self.path}: is new: {shown(self.now)}"
            case "length":
                return f"{self.path}: has {self.now} items, had {self.was}"
            case "order":
                return f"{self.path}: stands at {self.now}, stood at {self.was}"
            case "id":
                return f"{self.path}: is another one: {shown(self.now)}, should be {shown(self.was)}"
            case _:
                return f"{self.path}: is {shown(self.now)}, was {shown(self.was)}"


def shown(value: Any) -> str:
    """Return `value` as JSON, shortened in its middle where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 20]} … {text[-15:]}"


@dataclass
class Comparer:
    """Compares what was recorded with what came now, and learns on the way which id is which."""

    identities: Identities
    counts: Counts = Counts.EXACT
    then_origin: str = ""
    """Where the recorded platform was; addresses there are the same as addresses at `now_origin`."""
    now_origin: str = ""
    addresses: dict[str, str] = field(default_factory=dict)
    """What stands now where an address stood, by its path then."""
    _risen: dict[str, int] = field(default_factory=dict)
    """By how much the version of a record, by its id then, is higher now: it may begin anywhere, and counts alike."""

    def risen(self, owners: Iterable[str]) -> int:
        """Return by how much the version of the first of `owners` that is known is higher than it was."""
        return next((self._risen[owner] for owner in owners if owner in self._risen), 0)

    def differences(self, was: Any, now: Any, *, about: str = "") -> list[Difference]:
        """Return what differs between decoded JSON then and now; `about` names what has no id of its own."""
        return list(self._compare((), "", was, now, about))

    def _compare(self, path: Path, key: str, was: Any, now: Any, owner: str) -> Iterator[Difference]:
        if isinstance(was, dict) and isinstance(now, dict):
            yield from self._objects(path, was, now, owner)
        elif isinstance(was, list) and isinstance(now, list):
            yield from self._lists(path, key, was, now, owner)
        else:
            yield from self._values(path, key, was, now, owner)

    def _objects(self, path: Path, was: Mapping[str, Any], now: Mapping[str, Any], owner: str) -> Iterator[Difference]:
        own = was.get("id")
        owner = str(own) if isinstance(own, (str, int)) and not isinstance(own, bool) else owner
        names = self._names(was, now)
        for name, inner in was.items():
            there = names[name]
            if there in now:
                yield from self._compare((*path, name), name, inner, now[there], owner)
            else:
                yield Difference(jq_path((*path, name)), "missing", was=inner)
        known = set(names.values())
        for name, inner in now.items():
            if name not in known:
                yield Difference(jq_path((*path, name)), "new", now=inner)

    def _names(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
        """Return what each key of then is called now: where keys are ids, they are other ones."""
        names = {name: self.identities.text_now(name) for name in was}
        lost = [name for name, there in names.items() if there not in now and UUID.fullmatch(name)]
        taken = set(names.values())
        found = [name for name in now if name not in taken and UUID.fullmatch(name)]
        if len(lost) == len(found):
            pairs = zip(lost, found, strict=True)
            names.update({then: there for then, there in pairs if self.identities.learn(then, there)})
        return names

    def _lists(self, path: Path, key: str, was: list[Any], now: list[Any], owner: str) -> Iterator[Difference]:
        pairs = self._pairs(was, now)
        if len(was) != len(now):
            yield Difference(jq_path(path), "length", was=len(was), now=len(now))
        gone = set(range(len(was)))
        come = set(range(len(now)))
        last = -1
        for before, after in pairs:
            gone.discard(before)
            come.discard(after)
            if after < last:
                yield Difference(jq_path((*path, before)), "order", was=before, now=after)
            last = max(last, after)
            yield from self._compare((*path, before), key, was[before], now[after], owner)
        for place in sorted(gone):
            yield Difference(jq_path((*path, place)), "missing", was=was[place])
        for place in sorted(come):
            yield Difference(jq_path((*path, place)), "new", now=now[place])

    def _pairs(self, was: list[Any], now: list[Any]) -> list[tuple[int, int]]:
        """Return which item is which: by their ids where those are known, else by their places."""
        places = {_id_of(item): place for place, item in enumerate(now)}
        known = {
            before: places[there]
            for before, item in enumerate(was)
            if (own := _id_of(item)) is not None and (there := self.identities.now(own)) in places
        }
        if not known:
            return [(place, place) for place in range(min(len(was), len(now)))]
        # What nobody knows yet is matched by its place among the others that nobody knows.
        strange = [place for place, item in enumerate(was) if place not in known and self._is_strange(item)]
        left = [place for place in range(len(now)) if place not in set(known.values())]
        known.update(zip(strange, left, strict=False) if len(strange) == len(left) else ())
        return sorted(known.items())

    def _is_strange(self, item: Any) -> bool:
        own = _id_of(item)
        return own is None or not self.identities.knows(own)

    def _values(self, path: Path, key: str, was: Any, now: Any, owner: str) -> Iterator[Difference]:
        if type(was) is not type(now) and not (_is_number(was) and _is_number(now)):
            yield Difference(jq_path(path), "type", was, now)
        elif isinstance(was, str):
            yield from self._texts(path, key, was, now)
        elif _is_number(was):
            if not self._same_number(key, was, now, owner):
                yield Difference(jq_path(path), "value", was, now)
        elif was != now:
            yield Difference(jq_path(path), "value", was, now)

    def _same_number(self, key: str, was: float, now: float, owner: str) -> bool:
        if key == "version":
            return self._risen.setdefault(owner, round(now - was)) == now - was
        if looks_like_id(key, was) and looks_like_id(key, now):
            return self.identities.learn(str(was), str(now))
        if was >= _EPOCH_MS and now >= _EPOCH_MS:
            return True
        return was == now or (self.counts is Counts.ANY and _COUNTS.fullmatch(key) is not None)

    def _texts(self, path: Path, key: str, was: str, now: str) -> Iterator[Difference]:
        if key in _CURSORS or (_ISO.fullmatch(was) and _ISO.fullmatch(now)):
            return
        if looks_like_id(key, was) and looks_like_id(key, now):
            if not self.identities.learn(was, now):
                yield Difference(jq_path(path), "id", self.identities.now(was), now)
        elif not self._same_text(was, now):
            yield Difference(jq_path(path), "value", self.identities.text_now(was), now)

    def _same_text(self, was: str, now: str) -> bool:
        if was == now:
            return True
        if _is_address(was) and _is_address(now):
            same = self._same_address(was, now)
            if same:
                self.addresses[urlsplit(was).path] = now
            return same
        if self.identities.text_now(was) == now:
            return True
        return _TAG.search(was) is not None and _TAG.sub("[]", was) == _TAG.sub("[]", now)

    def _same_address(self, was: str, now: str) -> bool:
        """Whether two addresses lead to the same: by their paths; what a signature needs is another each time."""
        then, here = urlsplit(was), urlsplit(now)
        places = (f"{then.scheme}://{then.netloc}", f"{here.scheme}://{here.netloc}")
        if places[0] != places[1] and places != (self.then_origin, self.now_origin):
            return False
        queries = [sorted(parse_qsl(each.query, keep_blank_values=True)) for each in (then, here)]
        if [name for name, _ in queries[0]] != [name for name, _ in queries[1]]:
            return False
        return self._same_steps(then.path, here.path) and all(
            name.lower() in _SIGNED or self._same_steps(value, other)
            for (name, value), (_, other) in zip(*queries, strict=True)
        )

    def _same_steps(self, was: str, now: str) -> bool:
        steps, others = re.split(r"([/.])", was), re.split(r"([/.])", now)
        return len(steps) == len(others) and all(map(self._same_step, steps, others))

    def _same_step(self, was: str, now: str) -> bool:
        if self.identities.text_now(was) == now:
            return True
        return bool(UUID.fullmatch(was) and UUID.fullmatch(now)) and self.identities.learn(was, now)


def jq_path(path: Iterable[str | int]) -> str:
    """Return the path in jq's notation; the whole document is `.`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]" if text else f".[{step}]"
        elif _PLAIN_KEY.fullmatch(step):
            text += f".{step}"
        else:
            text += f"{'' if text else '.'}[{json.dumps(step, ensure_ascii=False)}]"
    return text or "."


def _id_of(item: Any) -> str | None:
    if isinstance(item, dict):
        own = item.get("id", item.get("userId"))
        return own if isinstance(own, str) else None
    return item if isinstance(item, str) and UUID.fullmatch(item) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "/")) and not any(map(str.isspace, text))
