"""How a verb that reads is carried out: ask, write each page as it comes, and say how it ended."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.cli.exits import Exit
from tui.cli.verbs.arguments import Usage, add_list_options, add_verb, filter_of, limit_of
from tui.cli.verbs.printing import Printer, form_of

if TYPE_CHECKING:
    from tui.cli.account import Here
    from tui.cli.parsers import Commands
    from tui.cli.verbs.fetching import Fetcher, Record
    from tui.cli.verbs.targets import Kind, Target


@dataclass
class Asking:
    """One run of a verb that reads."""

    here: Here
    arguments: argparse.Namespace
    fetch: Fetcher

    def target(self, kind: Kind, text: str | None = None) -> Target:
        """Return what the argument `of` names, or `text`. Raises CannotGoOn."""
        from tui.cli.verbs.targets import from_text

        return from_text(text if text is not None else self.arguments.of, (kind,))

    def targets(self, *kinds: Kind) -> list[Target]:
        """Return what the arguments `of` name, lines of stdin among them. Raises CannotGoOn."""
        from tui.cli.verbs.targets import read_targets

        return read_targets(self.arguments.of, kinds)

    async def username(self) -> str:
        """Return whom the argument `of` names, whoever is signed in where it names nobody."""
        from tui.cli.verbs.targets import Kind

        if self.arguments.of is None:
            return (await self.here.who()).username
        return self.target(Kind.USER).id


Ask = Callable[[Asking], AsyncIterator["list[Record]"]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A verb that reads."""

    usage: Usage
    ask: Ask
    """Yields the records, page by page."""
    shape: str = ""
    """How they are put into words; empty: as they show themselves to be."""
    is_list: bool = True
    """Whether it gives many; else each record is written with all that is known of it."""


def listed(name: str, query: Callable[[argparse.Namespace], Mapping[str, Any]] = lambda _: {}) -> Ask:
    """Return what asks for all pages of a list that belongs to nothing."""

    def ask(asking: Asking) -> AsyncIterator[list[Record]]:
        return asking.fetch.pages(name, query=query(asking.arguments))

    return ask


def belonging(name: str, kind: str, parameter: str = "id") -> Ask:
    """Return what asks for the pages of a list that belongs to the argument `of`."""

    def ask(asking: Asking) -> AsyncIterator[list[Record]]:
        from tui.cli.verbs.targets import Kind

        return asking.fetch.pages(name, {parameter: asking.target(Kind(kind)).id})

    return ask


def each_one(name: str, kind: str, parameter: str = "id") -> Ask:
    """Return what asks for each record that the arguments `of` name."""

    async def ask(asking: Asking) -> AsyncIterator[list[Record]]:
        from tui.cli.verbs.targets import Kind

        for target in asking.targets(Kind(kind)):
            yield [await asking.fetch.record(name, {parameter: target.id})]

    return ask


def part_of(name: str, part: str, path: Callable[[Asking], Mapping[str, str]] = lambda _: {}) -> Ask:
    """Return what asks for a reply that holds the list called `part`."""

    async def ask(asking: Asking) -> AsyncIterator[list[Record]]:
        from tui.cli.verbs.fetching import records_in

        yield asking.fetch.some(records_in(await asking.fetch.data(name, path(asking)), part))

    return ask


def add_readings(commands: Commands, common: argparse.ArgumentParser, readings: Mapping[str, Reading]) -> None:
    """Add the parsers of verbs that read."""
    for reading in readings.values():
        parser = add_verb(commands, common, reading.usage)
        if reading.is_list:
            add_list_options(parser)


def run_reading(arguments: argparse.Namespace, reading: Reading) -> int:
    """Carry out a verb that reads. Raises CannotGoOn."""
    import asyncio

    printer = Printer(form_of(arguments), filter_of(arguments))
    return asyncio.run(_read(arguments, reading, printer))


async def _read(arguments: argparse.Namespace, reading: Reading, printer: Printer) -> Exit:
    async with opened(arguments, printer) as here:
        from tui.cli.verbs.fetching import Fetcher

        fetch = Fetcher(here.client, limit_of(arguments) if reading.is_list else None)
        async for records in reading.ask(Asking(here, arguments, fetch)):
            # Tokens may have been renewed meanwhile.
            printer.hide(await here.secrets())
            if reading.is_list or len(records) > 1:
                printer.page(records, reading.shape)
            else:
                for record in records:
                    printer.one(record, reading.shape)
    return Exit.OK


@asynccontextmanager
async def opened(arguments: argparse.Namespace, printer: Printer) -> AsyncIterator[Here]:
    """Sign in as `arguments` say; what `printer` writes has no secret of that."""
    from tui.cli.account import signed_in

    async with signed_in(arguments) as here:
        printer.hide(await here.secrets())
        yield here
