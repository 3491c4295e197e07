"""The checks of a step as they are made: each name once, the first failure of a name stands."""

from __future__ import annotations

from api_client.inspect.redaction import Redactor
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.results import Check, Failure
from api_client.inspect.smoke.values import cut
from api_client.inspect.smoke.wire import Exchange

EXCERPT = 1_500
"""Characters of a reply that a failure shows."""


class Checks:
    """What was looked at in one step."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._made: dict[str, Check] = {}
        self.notes: list[str] = []

    @property
    def made(self) -> list[Check]:
        """All of them, in the order in which they were made first."""
        return list(self._made.values())

    @property
    def failed(self) -> bool:
        """Whether one of them said no."""
        return any(check.failure for check in self._made.values())

    def passed(self, name: str) -> None:
        """Note that all is well with `name`, as far as this goes."""
        self._made.setdefault(name, Check(name))

    def fail(self, name: str, failure: Failure, exchange: Exchange | None = None) -> None:
        """Note what is wrong with `name`; `exchange` is what it was seen in."""
        check = self._made.setdefault(name, Check(name))
        if check.failure is not None:
            return
        if exchange is not None:
            failure.curl = failure.curl or exchange.curl(self._redactor)
            failure.request_id = failure.request_id or exchange.request_id
            failure.received = failure.received or self.excerpt(exchange)
        check.failure = failure

    def wrong(
        self, name: str, code: Code, message: str, *, expected: str = "", exchange: Exchange | None = None
    ) -> None:
        """Note what is wrong with `name` in one line."""
        self.fail(name, Failure(code, message, expected), exchange)

    def excerpt(self, exchange: Exchange) -> str:
        """Return status and beginning of a reply, without secrets."""
        if exchange.trouble is not None:
            return ""
        if exchange.body and (exchange.media_type.startswith(("audio/", "image/", "video/")) or b"\0" in exchange.body):
            return f"{exchange.status} {len(exchange.body)} bytes of {exchange.media_type}"
        return f"{exchange.status} {cut(exchange.body.decode('utf-8', 'replace'), EXCERPT)}".rstrip()

    def take(self, other: Checks) -> None:
        """Take over what another one noted."""
        for check in other.made:
            if check.failure is None:
                self.passed(check.name)
            else:
                self.fail(check.name, check.failure)
        self.notes += other.notes
