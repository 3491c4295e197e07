"""Two contracts beside each other: what differs, and whether it breaks what works, as oasdiff tells it apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from api_client.inspect.drift.contracts import BY_ADDRESS, SECOND_WAYS, Contract, Operation
from api_client.inspect.drift.findings import Ledger
from api_client.inspect.drift.schemas import ANYTHING, Node, in_words, texts

OPEN = "unknown"
"""The value of an enumeration that stands for every other one: an unknown value reads as it."""

Walk = Callable[[Node, Node, str, str], None]

_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_SHOWN = 6
"""Values of an enumeration that are named."""


def compare(ours: Contract, theirs: Contract) -> Ledger:
    """Return what differs between the client's contract and a platform's."""
    ledger = Ledger()
    alike: set[tuple[int, int]] = set()
    for key, operation in ours.operations.items():
        other = theirs.operations.get(key)
        if other is None:
            ledger.note("operation-gone", operation.name, f"{operation.method} {operation.path}")
        else:
            _Pair(operation, other, ledger, alike).compare()
    for key, operation in theirs.operations.items():
        if key not in ours.operations and key not in BY_ADDRESS and key not in SECOND_WAYS:
            ledger.note("operation-new", operation.name, f"{operation.method} {operation.path}")
    return ledger


class _Pair:
    """One operation as both sides have it."""

    def __init__(self, ours: Operation, theirs: Operation, ledger: Ledger, alike: set[tuple[int, int]]) -> None:
        """`alike` are pairs of schemas in which nothing differs: most models are of many operations."""
        self._ours = ours
        self._theirs = theirs
        self._ledger = ledger
        self._alike = alike
        self._seen: set[tuple[int, int]] = set()

    def compare(self) -> None:
        """Note everything that differs."""
        ours, theirs = self._ours, self._theirs
        if ours.public and not theirs.public:
            self._note("sign-in-needed", ours.name)
        for name in sorted(theirs.needs - ours.needs):
            self._note("parameter-needed", f"{ours.name}?{name}", theirs=name)
        if theirs.status is not None and theirs.status != ours.status:
            self._note("status-other", ours.name, ours=str(ours.status), theirs=str(theirs.status))
        if ours.reply is not None and theirs.reply is not None:
            if ours.paged != theirs.paged:
                words = {True: "a list", False: "no list"}
                self._note("paging-other", ours.name, ours=words[ours.paged], theirs=words[theirs.paged])
            else:
                self._reply(ours.reply, theirs.reply, f"{ours.name} reply", "")
        self._bodies(ours.request, theirs.request)

    def _bodies(self, ours: Node | None, theirs: Node | None) -> None:
        name = self._ours.name
        if ours is None and theirs is not None:
            self._note("body-needed", name)
        elif ours is not None and theirs is None:
            self._note("body-unwanted", name)
        elif ours is not None and theirs is not None:
            self._request(ours, theirs, f"{name} request", "")

    def _note(self, code: str, place: str, *, ours: str = "", theirs: str = "", model: str = "") -> None:
        self._ledger.note(code, self._ours.name, place, ours=ours, theirs=theirs, model=model)

    def _walk(self, ours: Node, theirs: Node, direction: Walk, place: str, model: str) -> None:
        """Compare two schemas by `direction`, unless that was done: they may hold themselves."""
        pair = (id(ours.schema), id(theirs.schema))
        if pair in self._seen or pair in self._alike or ours.is_anything or theirs.is_anything:
            return
        self._seen.add(pair)
        before = self._ledger.notes
        direction(ours, theirs, place, model)
        if self._ledger.notes == before:
            self._alike.add(pair)

    def _reply(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        self._walk(ours, theirs, self._compare_reply, place, model)

    def _request(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        self._walk(ours, theirs, self._compare_request, place, model)

    # -- what the platform gives

    def _compare_reply(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        if theirs.nullable and not ours.nullable:
            self._note("reply-null", place, model=model)
        for given in theirs.alternatives:
            taken = partner(given, ours.alternatives)
            if taken is None:
                self._note("reply-type", place, ours=in_words(ours), theirs=in_words(given), model=model)
                continue
            where, owner = (given.name, given.name) if given.name else (place, model)
            self._reply_values(taken, given, where, owner)
            if given.kind == "object":
                self._reply_fields(taken, given, where, owner)
            elif given.kind == "array" and taken.items is not None and given.items is not None:
                self._reply(taken.items, given.items, f"{where}[]", owner)

    def _reply_values(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        known, given = ours.values, theirs.values
        if known is None:
            return
        if given is None:
            if OPEN not in known:
                self._note("reply-value-refused", place, theirs=f"any {theirs.kind}", model=model)
            return
        if new := given - known:
            code = "reply-value-new" if OPEN in known else "reply-value-refused"
            self._note(code, place, theirs=_listed(new), model=model)
        if gone := known - given - {OPEN}:
            self._note("reply-value-gone", place, ours=_listed(gone), model=model)

    def _reply_fields(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        for name, inner in ours.properties.items():
            if inner.is_read_only:
                continue
            given = theirs.properties.get(name)
            here = f"{place}.{name}"
            if given is None:
                if theirs.others is None:
                    code = "reply-field-gone" if name in ours.required else "reply-field-unused"
                    self._note(code, here, model=model)
                continue
            if name in ours.required and name not in theirs.required:
                self._note("reply-field-optional", here, model=model)
            self._reply(inner, given, here, model)
        if ours.others is not None and theirs.others is not None:
            self._reply(ours.others, theirs.others, f"{place}.*", model)
        elif ours.others is None:
            for name in theirs.properties:
                if name not in ours.properties:
                    self._note("reply-field-new", f"{place}.{name}", model=model)

    # -- what the platform takes

    def _compare_request(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        if ours.nullable and not theirs.nullable:
            self._note("request-null", place, model=model)
        for sent in ours.alternatives:
            taken = partner(sent, theirs.alternatives)
            if taken is None:
                self._note("request-type", place, ours=in_words(sent), theirs=in_words(theirs), model=model)
                continue
            where, owner = (sent.name, sent.name) if sent.name else (place, model)
            self._request_values(sent, taken, where, owner)
            self._limits(sent, taken, where, owner)
            if sent.kind == "object":
                self._request_fields(sent, taken, where, owner)
            elif sent.kind == "array" and sent.items is not None and taken.items is not None:
                self._request(sent.items, taken.items, f"{where}[]", owner)

    def _request_values(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        sent, taken = ours.values, theirs.values
        if sent is None or taken is None:
            if taken is not None:
                self._note("request-value-refused", place, ours=f"any {ours.kind}", model=model)
            return
        if refused := sent - taken - {OPEN}:
            self._note("request-value-refused", place, ours=_listed(refused), model=model)
        if new := taken - sent - {OPEN}:
            self._note("request-value-new", place, theirs=_listed(new), model=model)

    def _request_fields(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        for name, inner in theirs.properties.items():
            here = f"{place}.{name}"
            sent = ours.properties.get(name)
            if sent is None:
                code = "request-field-needed" if name in theirs.required else "request-field-new"
                self._note(code, here, model=model)
                continue
            # What has a value from the start is sent with every call, and null is left out.
            if name in theirs.required and name not in ours.required and sent.schema.get("default") is None:
                self._note("request-field-always", here, model=model)
            self._request(sent, inner, here, model)
        for name in ours.properties:
            if name not in theirs.properties and theirs.others is None:
                code = "request-field-refused" if theirs.is_closed else "request-field-ignored"
                self._note(code, f"{place}.{name}", model=model)

    def _limits(self, ours: Node, theirs: Node, place: str, model: str) -> None:
        for names, sign in ((_UPPER, 1), (_LOWER, -1)):
            for name in names:
                here, there = ours.limit(name), theirs.limit(name)
                if there is None or isinstance(here, str) or isinstance(there, str):
                    continue
                words = {"ours": f"{name} {_number(here)}" if here is not None else "none", "model": model}
                if here is None or sign * here > sign * there:
                    self._note("request-limit-stricter", place, theirs=f"{name} {_number(there)}", **words)
                elif sign * here < sign * there:
                    self._note("request-limit-looser", place, theirs=f"{name} {_number(there)}", **words)
        pattern = theirs.limit("pattern")
        if pattern is not None and pattern != ours.limit("pattern"):
            known = str(ours.limit("pattern") or "none")
            self._note("request-limit-stricter", place, ours=known, theirs=f"pattern {pattern}", model=model)


def partner(given: Node, choices: Iterable[Node]) -> Node | None:
    """Return which of `choices` takes what `given` is: of the same kind, and of objects the one that is meant."""
    fitting = [choice for choice in choices if ANYTHING in (choice.kind, given.kind) or _fits(given.kind, choice.kind)]
    if given.kind != "object" or len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda choice: _likeness(given, choice))


def _fits(given: str, taken: str) -> bool:
    return given == taken or (given == "integer" and taken == "number")


def _likeness(given: Node, choice: Node) -> tuple[bool, int, int]:
    """Return how alike two objects are: their fixed values before all, then their names, then their fields."""
    clash = False
    for name, inner in given.properties.items():
        other = choice.properties.get(name)
        fixed = [each.alternatives[0].values for each in (inner, other) if each and each.alternatives]
        if len(fixed) == 2 and fixed[0] is not None and fixed[1] is not None and not fixed[0] & fixed[1]:
            clash = True
    same = len(given.properties.keys() & choice.properties.keys())
    return not clash, int(given.name == choice.name and bool(given.name)), same


def _listed(values: frozenset[str | int | bool]) -> str:
    words = list(texts(values))
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _number(value: float | int | str | None) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
