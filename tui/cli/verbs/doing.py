"""How a verb that writes is carried out: at once, into the outbox, or not at all; for one thing or for many."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.output import say
from tui.cli.verbs.arguments import Usage, add_verb, add_write_options, filter_of
from tui.cli.verbs.printing import Printer, form_of
from tui.cli.verbs.reader import opened

if TYPE_CHECKING:
    from tui.cli.account import Here
    from tui.cli.parsers import Commands
    from tui.cli.verbs.account_outbox import AccountOutbox
    from tui.cli.verbs.fetching import Fetcher
    from tui.cli.verbs.targets import Kinds, Target
    from tui.cli.verbs.writes import Write

_WAITS, _LONGEST_WAIT = 3, 120.0
"""How often, and for how many seconds at most, a verb with many things to do waits when the platform asks it to."""


@dataclass
class Doing:
    """One run of a verb that writes."""

    here: Here
    arguments: argparse.Namespace
    fetch: Fetcher
    printer: Printer
    stack: AsyncExitStack
    many: bool = False
    _outbox: AccountOutbox | None = field(default=None, init=False)

    @property
    def is_dry(self) -> bool:
        """Whether nothing is to be sent."""
        return bool(self.arguments.dry_run)

    @property
    def is_queued(self) -> bool:
        """Whether it goes into the outbox."""
        return bool(getattr(self.arguments, "queue", False))

    def key_for(self, part: str = "") -> str:
        """Return the idempotency key of one change: the one given, or made of it where there are several."""
        from api_client.ids import new_id
        from tui.cli.verbs.writes import derived

        given = self.arguments.idempotency_key
        if given is None:
            return new_id()
        return derived(given, part) if part else str(given)

    def id_for(self, key: str) -> str:
        """Return the id of what is made under `key`: the same again for the same key."""
        from tui.cli.verbs.writes import derived

        return key if self.arguments.idempotency_key is None else derived(key, "id")

    async def do(self, write: Write, sentence: str, known: Mapping[str, Any] | None = None) -> Any:
        """Make one change and write what it came to; `known` is added to what is written.

        Raises PlatformError, and CannotGoOn where it cannot be stored.
        """
        from api_client.errors import TimedOut, Unreachable

        if self.is_dry:
            self._show(write)
            return {}
        if self.is_queued or self._outbox is not None:
            # Once the platform could not be reached, the rest waits with what could not be sent.
            await self._put(write)
            return {}
        try:
            data = await self._send(write)
        except (Unreachable, TimedOut) as error:
            if not getattr(self.arguments, "later", False):
                raise
            say(error.sentence)
            await self._put(write)
            return {}
        self.printer.hide(await self.here.secrets())
        record = data if isinstance(data, dict) else {}
        self.printer.done({**({"id": write.of} if write.of else {}), **(known or {}), **record}, sentence)
        return record

    async def _send(self, write: Write) -> Any:
        from tui.cli.verbs.fetching import endpoint

        body = write.body
        if write.photos:
            from tui.cli.verbs.photos import uploaded

            body = {**(body or {}), "media": await uploaded(self.here.client, write.photos)}
        return await self.fetch.send(endpoint(write.endpoint), write.params, body, write.key)

    async def _put(self, write: Write) -> None:
        if self._outbox is None:
            from tui.cli.verbs.account_outbox import outbox_of

            self._outbox = await self.stack.enter_async_context(outbox_of(self.here))
        await self._outbox.put(write)
        record = {"queued": True, "key": write.key, "label": write.label, "id": write.of or write.key}
        self.printer.done(record, f"{write.label}: in the outbox; the next Parlour sends it")

    def _show(self, write: Write) -> None:
        from api_client import addresses
        from tui.cli.output import json_line
        from tui.cli.verbs.fetching import endpoint

        asked = endpoint(write.endpoint)
        path = addresses.fill(asked.path, dict(write.params))
        record = {"dryRun": True, "method": asked.method, "path": path, "label": write.label}
        if write.body is not None:
            record["body"] = dict(write.body)
        if write.photos:
            record["photos"] = [str(photo.path) for photo in write.photos]
        if asked.method == "POST":
            record["idempotencyKey"] = write.key
        body = f" with {json_line(dict(write.body))}" if write.body is not None else ""
        self.printer.done(record, f"{write.label}: would {asked.method} {path}{body}")


Make = Callable[[Doing], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Writing:
    """A verb that writes."""

    usage: Usage
    act: Make
    """Does all of it."""
    queues: bool = True
    """Whether the outbox can keep it for later."""


def each(kinds: Kinds, do_one: Callable[[Doing, Target], Awaitable[None]]) -> Make:
    """Return what does something to each thing that the arguments `of` name.

    What fails is said on stderr, and the rest is done; at the end CannotGoOn says how many failed.
    """

    async def act(doing: Doing) -> None:
        from tui.cli.verbs.targets import read_targets

        words = doing.arguments.of
        targets = read_targets([words] if isinstance(words, str) else words, kinds)
        await for_each(doing, targets, do_one)

    return act


async def for_each(doing: Doing, targets: Sequence[Target], do_one: Callable[[Doing, Target], Awaitable[None]]) -> None:
    """Do something to each of `targets`. Raises CannotGoOn when not all of it was done, and PlatformError."""
    from api_client.errors import PlatformError, SignInRequired, TimedOut, Unreachable

    doing.many = len(targets) > 1
    failed = 0
    for target in targets:
        try:
            await _patiently(doing, target, do_one)
        except (SignInRequired, Unreachable, TimedOut):
            # It would be the same for all that follow.
            raise
        except PlatformError as error:
            if not doing.many:
                raise
            failed += 1
            say(f"{target.typed}: {error.sentence}")
    if failed:
        raise CannotGoOn(f"{failed} of {len(targets)} failed", Exit.FAILED)


async def _patiently(doing: Doing, target: Target, do_one: Callable[[Doing, Target], Awaitable[None]]) -> None:
    """Do it, and again where the platform asks to wait, or has nothing of the first kind with that id."""
    from api_client.errors import NotFound, RateLimited

    settled = doing.is_dry or doing.is_queued
    candidates = [target] if settled else list(target.as_each())
    missing: NotFound | None = None
    waits = 0
    while True:
        try:
            await do_one(doing, candidates[0])
            return
        except NotFound as error:
            missing = missing or error
            if len(candidates) == 1:
                # What it most likely was meant to be says best that it is not there.
                raise missing from error
            candidates.pop(0)
        except RateLimited as error:
            waits += 1
            asked = error.retry_after
            if not doing.many or asked is None or asked > _LONGEST_WAIT or waits > _WAITS:
                raise
            say(f"the platform asks to wait for {asked:g} s")
            await doing.here.client.clock.sleep(asked)


def add_writings(commands: Commands, common: argparse.ArgumentParser, writings: Mapping[str, Writing]) -> None:
    """Add the parsers of verbs that write."""
    for writing in writings.values():
        add_write_options(add_verb(commands, common, writing.usage), queues=writing.queues)


def run_writing(arguments: argparse.Namespace, writing: Writing) -> int:
    """Carry out a verb that writes. Raises CannotGoOn and PlatformError."""
    import asyncio

    printer = Printer(form_of(arguments), filter_of(arguments))
    return asyncio.run(_do(arguments, writing, printer))


async def _do(arguments: argparse.Namespace, writing: Writing, printer: Printer) -> Exit:
    async with opened(arguments, printer) as here, AsyncExitStack() as stack:
        from tui.cli.verbs.fetching import Fetcher

        await writing.act(Doing(here, arguments, Fetcher(here.client), printer, stack))
    return Exit.OK
