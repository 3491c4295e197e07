"""What people type to have faults injected, such as `latency=300ms±100,loss=5%,429=10%,only=POST /posts/*`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

LONGEST_DELAY = 60.0
"""Seconds of latency at most."""
SHORTEST_CUT = 0.1
"""Seconds a socket lasts at least before it is cut."""
SOCKET = "socket"
"""Stands in `only` for what comes over the socket."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SPREAD = re.compile(r"(?P<mean>[^±+]+)(?:±|\+-|\+/-)(?P<spread>.+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_STATUS = re.compile(r"[45]\d\d")
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_NAMES = ("latency", "loss", "cut", "duplicate", "seed", "only")


class BadSpec(ValueError):
    """A specification cannot be read; `column` counts from 1."""

    def __init__(self, sentence: str, column: int, text: str) -> None:
        super().__init__(f"column {column}: {sentence}")
        self.sentence = sentence
        self.column = column
        self.text = text

    @property
    def pointed(self) -> str:
        """The text with a mark under the place, in two lines."""
        return f"{self.text}\n{' ' * (self.column - 1)}^"


@dataclass(frozen=True, slots=True)
class Only:
    """Which requests are meant; an empty method is any, and a path is matched below the platform's base address."""

    method: str
    path: str
    """`*` stands for anything."""

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is meant."""
        return self.method in ("", method.upper()) and fnmatchcase(path, self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}".strip()


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """What is to be injected. Shares are numbers in [0, 1], times are in seconds."""

    latency: float = 0.0
    """By which replies and frames are late."""
    spread: float = 0.0
    """By which each latency may be more or less, evenly spread."""
    loss: float = 0.0
    """Share of requests whose connection breaks, before they arrive or on the way back, and of frames that vanish."""
    statuses: tuple[tuple[int, float], ...] = ()
    """Which refusals take the platform's place, and their shares of the requests."""
    cut: float = 0.0
    """For how long a socket stands until it breaks; 0: it is not broken."""
    duplicate: float = 0.0
    """Share of frames that come twice."""
    seed: int = 0
    only: tuple[Only, ...] = ()
    """The requests that latency, loss and refusals are for; none: all."""
    socket: bool = True
    """Whether latency and loss are for frames as well. Cuts and duplicates are always about the socket."""

    @property
    def is_nothing(self) -> bool:
        """Whether it injects nothing at all."""
        return not (self.latency or self.spread or self.loss or self.statuses or self.cut or self.duplicate)

    def wants(self, method: str, path: str) -> bool:
        """Whether a request is one of those that are meant."""
        return not self.limited or any(only.fits(method, path) for only in self.only)

    @property
    def limited(self) -> bool:
        """Whether only some requests, or only the socket, are meant."""
        return bool(self.only) or self._socket_alone

    @property
    def _socket_alone(self) -> bool:
        return self.only == (_NO_REQUEST,)

    def __str__(self) -> str:
        return ",".join(self._parts())

    def _parts(self) -> Iterator[str]:
        """Yield the entries in which it is written; they are read back as the same."""
        if self.latency or self.spread:
            yield f"latency={_seconds(self.latency)}" + (f"±{_seconds(self.spread)}" if self.spread else "")
        for name, share in (("loss", self.loss), *((str(code), share) for code, share in self.statuses)):
            if share:
                yield f"{name}={_share(share)}"
        if self.cut:
            yield f"cut={_seconds(self.cut)}"
        if self.duplicate:
            yield f"duplicate={_share(self.duplicate)}"
        if self.seed:
            yield f"seed={self.seed}"
        for only in self.only:
            if only != _NO_REQUEST:
                yield f"only={only}"
        if self.socket and self.only:
            yield f"only={SOCKET}"


_NO_REQUEST = Only("NONE", "")
"""Fits no request: what is meant is the socket."""

PRESETS: dict[str, tuple[str, str]] = {
    "slow": ("slow line", "latency=800ms±400ms"),
    "flaky": ("flaky", "latency=120ms±100ms,loss=10%,500=3%"),
    "limited": ("rate limited", "429=40%"),
    "broken": ("broken server", "500=50%,503=20%"),
    "cut": ("cut sockets", "cut=15s"),
    "doubled": ("duplicate frames", "duplicate=50%,loss=5%,only=socket"),
}
"""What is at hand without typing: its title and its specification, by name. A name stands for its specification."""


def parse_spec(text: str) -> FaultSpec:
    """Return what `text` asks for: entries `name=value` separated by commas, or the name of one of `PRESETS`.

    Raises `BadSpec` with the column of what cannot be read.
    """
    if not text.strip():
        raise BadSpec(f"there is nothing here; such as {PRESETS['flaky'][1]}, or one of {', '.join(PRESETS)}", 1, text)
    spec, seen = FaultSpec(), set[str]()
    for column, entry in _entries(text):
        if entry in PRESETS:
            spec = _with_preset(spec, entry, seen, column, text)
            continue
        name, equals, value = entry.partition("=")
        reader = _reader(name)
        if reader is None:
            raise BadSpec(_unknown(name), column, text)
        if name in seen and name != "only":
            raise BadSpec(f"{name} is said twice", column, text)
        seen.add(name)
        try:
            spec = reader(spec, value.strip())
        except _Unreadable as error:
            raise BadSpec(str(error), column + len(name) + len(equals), text) from None
    if sum(share for _, share in spec.statuses) > 1 + 1e-9:
        raise BadSpec("the refusals are more than 100% together", 1, text)
    if spec.is_nothing:
        raise BadSpec("this injects nothing: say latency, loss, a status, cut or duplicate", 1, text)
    return spec


class _Unreadable(Exception):
    """A value is not what its entry takes; the message says what it takes."""


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Yield each entry with the column where it begins."""
    at = 0
    for raw in text.split(","):
        stripped = raw.strip()
        column = at + len(raw) - len(raw.lstrip()) + 1
        if not stripped:
            raise BadSpec("an entry is missing here", min(column, len(text) or 1), text)
        yield column, stripped
        at += len(raw) + 1


def _with_preset(spec: FaultSpec, name: str, seen: set[str], column: int, text: str) -> FaultSpec:
    if seen or not spec.is_nothing:
        raise BadSpec(f"{name} stands alone or first", column, text)
    return parse_spec(PRESETS[name][1])


def _reader(name: str) -> Callable[[FaultSpec, str], FaultSpec] | None:
    if _STATUS.fullmatch(name):
        return lambda spec, value: replace(
            spec, statuses=(*(pair for pair in spec.statuses if pair[0] != int(name)), (int(name), _percent(value)))
        )
    return _READERS.get(name)


def _unknown(name: str) -> str:
    if re.fullmatch(r"\d+", name):
        return f"{name} is no refusal: statuses are 400 to 599"
    near = difflib.get_close_matches(name, [*_NAMES, *PRESETS], n=1)
    hint = f", perhaps {near[0]}" if near else f"; there are {', '.join(_NAMES)}, a status such as 429, and presets"
    return f"there is no fault called {name or 'nothing'}{hint}"


def _latency(spec: FaultSpec, value: str) -> FaultSpec:
    parts = _SPREAD.fullmatch(value)
    if parts is None:
        return replace(spec, latency=_duration(value), spread=0.0)
    mean, said = parts["mean"].strip(), parts["spread"].strip()
    latency = _duration(mean)
    unit = _DURATION.fullmatch(mean)
    # The unit need not be said twice: 300ms±100.
    spread = _duration(said + unit[2] if unit is not None and _NUMBER.fullmatch(said) else said)
    return replace(spec, latency=latency, spread=spread)


def _cut(spec: FaultSpec, value: str) -> FaultSpec:
    seconds = _duration(value, longest=86_400.0)
    if seconds < SHORTEST_CUT:
        raise _Unreadable(f"a socket lasts at least {_seconds(SHORTEST_CUT)}")
    return replace(spec, cut=seconds)


def _seed(spec: FaultSpec, value: str) -> FaultSpec:
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise _Unreadable(f"seed takes a whole number, not {value or 'nothing'}")
    return replace(spec, seed=int(value))


def _only(spec: FaultSpec, value: str) -> FaultSpec:
    said = tuple(only for only in spec.only if only != _NO_REQUEST)
    names_socket = value == SOCKET or (bool(spec.only) and spec.socket)
    if value == SOCKET:
        return replace(spec, only=said or (_NO_REQUEST,), socket=True)
    method, _, path = value.rpartition(" ") if " " in value else ("", "", value)
    if path.upper() in _METHODS and not method:
        method, path = path, "*"
    method, path = method.strip().upper(), path.strip()
    if method and method not in _METHODS:
        raise _Unreadable(f"{method} is no method: {', '.join(sorted(_METHODS))}")
    if not path.startswith(("/", "*")):
        raise _Unreadable("only takes a method, a path such as POST /posts/*, or socket")
    return replace(spec, only=(*said, Only(method, path)), socket=names_socket)


def _percent(value: str) -> float:
    found = _PERCENT.fullmatch(value)
    if found is None or float(found[1]) > 100:
        raise _Unreadable(f"a share is a percentage such as 5%, not {value or 'nothing'}")
    return float(found[1]) / 100


def _duration(value: str, longest: float = LONGEST_DELAY) -> float:
    found = _DURATION.fullmatch(value)
    if found is None:
        raise _Unreadable(f"a time has a unit, such as 300ms, 1.5s or 2m, not {value or 'nothing'}")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > longest:
        raise _Unreadable(f"{value} is more than {_seconds(longest)}")
    return seconds


def _seconds(seconds: float) -> str:
    """Return a time as it is written, to the microsecond."""
    return f"{_plain(seconds * 1_000)}ms" if seconds < 1 else f"{_plain(seconds)}s"


def _share(share: float) -> str:
    return f"{_plain(share * 100)}%"


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


_READERS: dict[str, Callable[[FaultSpec, str], FaultSpec]] = {
    "latency": _latency,
    "loss": lambda spec, value: replace(spec, loss=_percent(value)),
    "cut": _cut,
    "duplicate": lambda spec, value: replace(spec, duplicate=_percent(value)),
    "seed": _seed,
    "only": _only,
}
