"""What drift consists of: one finding for each place where the two sides part, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Level(Enum):
    """How bad it is."""

    BREAKING = "breaking"
    """What worked does not work any more."""
    OTHER = "other"
    """Nothing breaks, and somebody should know."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of difference."""

    code: str
    level: Level
    sentence: str
    """With `{model}`, `{place}`, `{ours}` and `{theirs}`."""
    advice: str


_B, _O = Level.BREAKING, Level.OTHER

KINDS = {
    kind.code: kind
    for kind in (
        Kind("operation-gone", _B, "the platform does not have it", "take it out of the table, or bring it back there"),
        Kind("operation-new", _O, "only the platform has it", "add it to the endpoint table where it is wanted"),
        Kind("sign-in-needed", _B, "was public, and asks for a sign-in", "take `public=True` out of the table"),
        Kind("parameter-needed", _B, "refuses without {theirs}", "send it with every call"),
        Kind("status-other", _B, "succeeds with {theirs}, not with {ours}", "change `status=` in the table"),
        Kind("paging-other", _B, "is {theirs} and was {ours}", "change `paged=` in the table"),
        Kind("reply-field-gone", _B, "is not given any more, and is needed", "give it a default in {model}"),
        Kind("reply-field-optional", _B, "may be missing, and is needed", "give it a default in {model}"),
        Kind("reply-field-unused", _O, "is not given any more", "take it out of {model} once no platform has it"),
        Kind("reply-field-new", _O, "is given, and not known here", "add it to {model} where it is of use"),
        Kind("reply-null", _B, "may be null", "allow null in {model}"),
        Kind("reply-type", _B, "is {theirs}, and {ours} is expected", "change its type in {model}"),
        Kind("reply-value-new", _O, "may be {theirs}, which reads as unknown", "add the value where {model} has it"),
        Kind("reply-value-refused", _B, "may be {theirs}, which cannot be read", "add the value where {model} has it"),
        Kind("reply-value-gone", _O, "is never {ours} any more", "take the value out once no platform gives it"),
        Kind("request-field-needed", _B, "must be sent, and is not known here", "add it to {model} and fill it"),
        Kind("request-field-always", _B, "must be sent, and may be left out here", "make it required in {model}"),
        Kind("request-field-refused", _B, "is sent, and refused", "take it out of {model}"),
        Kind(
            "request-field-ignored", _O, "is sent, and not known there", "take it out of {model}, or ask for it there"
        ),
        Kind("request-field-new", _O, "could be sent, and is not known here", "add it to {model} where it is of use"),
        Kind("request-null", _B, "must not be null", "leave it out of {model} instead"),
        Kind("request-type", _B, "must be {theirs}, and {ours} is sent", "change its type in {model}"),
        Kind("request-value-refused", _B, "may not be {ours} any more", "take the value out of {model}"),
        Kind("request-value-new", _O, "may be {theirs} as well", "offer it where {model} is filled"),
        Kind("request-limit-stricter", _B, "is limited to {theirs}, here to {ours}", "set the limit in {model}"),
        Kind("request-limit-looser", _O, "is limited to {theirs}, here to {ours}", "raise the limit in {model}"),
        Kind("body-needed", _B, "wants a body, and none is sent", "name its model in the endpoint table"),
        Kind("body-unwanted", _O, "takes no body, and one is sent", "take its model out of the endpoint table"),
        Kind("seen-field-new", _O, "was seen, and is not known here", "add it to {model} where it is of use"),
        Kind("seen-field-missing", _B, "was missing in what was seen", "give it a default in {model}"),
        Kind("seen-null", _B, "was null in what was seen", "allow null in {model}"),
        Kind("seen-type", _B, "was {theirs} in what was seen, and {ours} is expected", "change its type in {model}"),
        Kind("seen-value-new", _O, "was {theirs}, which reads as unknown", "add the value where {model} has it"),
        Kind("seen-value-refused", _B, "was {theirs}, which cannot be read", "add the value where {model} has it"),
        Kind("seen-status", _O, "answered {theirs}, which the description does not name", "have it described"),
        Kind("seen-operation", _O, "was called, and is not in the table", "add it to the endpoint table"),
        Kind("seen-undescribed", _O, "was called, and the description does not have it", "have it described"),
        Kind("seen-event", _O, "was heard, and is not known here", "add it to `api_client.models.realtime`"),
    )
}


@dataclass(slots=True)
class Finding:
    """One difference, and every operation where it shows."""

    kind: Kind
    place: str
    """`PhotoPost.caption`, or an operation."""
    ours: str = ""
    theirs: str = ""
    model: str = ""
    operations: dict[str, None] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What it is."""
        return self._filled(self.kind.sentence)

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self._filled(self.kind.advice)

    def _filled(self, text: str) -> str:
        return (
            text.replace("{model}", self.model or "the model")
            .replace("{ours}", self.ours)
            .replace("{theirs}", self.theirs)
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "code": self.kind.code,
            "level": self.kind.level.value,
            "place": self.place,
            "says": self.sentence,
            "advice": self.advice,
            "ours": self.ours,
            "theirs": self.theirs,
            "operations": list(self.operations),
        }


class Ledger:
    """Collects findings: what shows in many operations, because they share a model, is one of them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str, str], Finding] = {}
        self.notes = 0
        """How often something was noted, the same thing again included."""

    def note(self, code: str, operation: str, place: str, *, ours: str = "", theirs: str = "", model: str = "") -> None:
        """Note that `operation` shows a difference."""
        self.notes += 1
        key = (code, place, ours, theirs)
        finding = self._found.get(key)
        if finding is None:
            finding = self._found[key] = Finding(KINDS[code], place, ours, theirs, model)
        finding.operations[operation] = None

    def __len__(self) -> int:
        return len(self._found)

    @property
    def findings(self) -> list[Finding]:
        """Everything found, what breaks first, else in order of place."""
        return sorted(
            self._found.values(), key=lambda found: (found.kind.level is not _B, found.place, found.kind.code)
        )


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings there are of each level."""
    counts = {level.value: 0 for level in Level}
    for finding in findings:
        counts[finding.kind.level.value] += 1
    return counts
