"""Verbs for what an account keeps on this machine: what waits to be sent, drafts, the history, downloads."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.arguments import Usage, add_list_options, add_verb, argument, filter_of, limit_of
from tui.cli.verbs.printing import Printer, form_of
from tui.cli.verbs.targets import Kind, read_targets

if TYPE_CHECKING:
    from api_client.sync.outbox import Outbox
    from api_client.sync.receipts import Receipt
    from tui.cli.account import Here
    from tui.cli.parsers import Commands


@dataclass
class Keeping:
    """One run of a verb here."""

    here: Here
    arguments: argparse.Namespace
    printer: Printer
    stack: AsyncExitStack

    async def outbox(self) -> Outbox:
        """Return the outbox of the account, paused. Raises CannotGoOn."""
        from tui.cli.verbs.account_outbox import outbox_of

        return (await self.stack.enter_async_context(outbox_of(self.here))).outbox

    def write(self, records: list[dict[str, Any]], shape: str) -> None:
        """Write as many of `records` as are wanted."""
        self.printer.page(records[: limit_of(self.arguments)], shape)


Act = Callable[[Keeping], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb for what is kept."""

    usage: Usage
    act: Act
    is_list: bool = False


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the verbs for what is kept."""
    for verb in VERBS.values():
        parser = add_verb(commands, common, verb.usage)
        if verb.is_list:
            add_list_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of them."""
    import asyncio

    return asyncio.run(_run(arguments, Printer(form_of(arguments), filter_of(arguments))))


async def _run(arguments: argparse.Namespace, printer: Printer) -> Exit:
    from tui.cli.verbs.reader import opened

    async with opened(arguments, printer) as here, AsyncExitStack() as stack:
        await VERBS[arguments.command].act(Keeping(here, arguments, printer, stack))
    return Exit.OK


async def _outbox(keeping: Keeping) -> None:
    outbox = await keeping.outbox()
    keeping.write([_open_write(receipt) for receipt in outbox.open], "unsent write")


def _open_write(receipt: Receipt) -> dict[str, Any]:
    import json

    intent = receipt.intent
    record: dict[str, Any] = {
        "key": receipt.id,
        "label": intent.label,
        "status": receipt.status.value,
        "endpoint": intent.endpoint.name,
        "params": dict(intent.params),
        "createdAt": int(intent.created_at * 1000),
    }
    record |= {"reason": receipt.reason} if receipt.reason else {}
    record |= {"body": json.loads(intent.payload)} if intent.payload else {}
    return record


async def _send_again(keeping: Keeping) -> None:
    outbox = await keeping.outbox()
    for receipt in _meant(keeping, outbox):
        outbox.retry(receipt.id)
        keeping.printer.done(_open_write(receipt), f"{receipt.intent.label}: the next Parlour sends it again")


async def _drop(keeping: Keeping) -> None:
    if not keeping.arguments.yes:
        raise CannotGoOn("what is dropped cannot be had back; say --yes")
    outbox = await keeping.outbox()
    kept = 0
    for receipt in _meant(keeping, outbox):
        record = _open_write(receipt)
        if await outbox.discard(receipt.id):
            keeping.printer.done(record, f"{receipt.intent.label}: dropped")
        else:
            kept += 1
    if kept:
        raise CannotGoOn(f"{kept} could not be dropped: they are on their way", Exit.FAILED)


def _meant(keeping: Keeping, outbox: Outbox) -> list[Receipt]:
    known = {receipt.id: receipt for receipt in outbox.open}
    keys = [target.id for target in read_targets(keeping.arguments.of, (Kind.INTENT,))]
    missing = [key for key in keys if key not in known]
    if missing:
        raise CannotGoOn(f"{missing[0]} is not in the outbox; `parlour outbox` lists what is", Exit.FAILED)
    return [known[key] for key in keys]


async def _drafts(keeping: Keeping) -> None:
    outbox = await keeping.outbox()
    await outbox.drafts.load()
    records = [
        {
            "key": draft.key,
            "text": " ".join(text for text in draft.fields.values() if text),
            "fields": dict(draft.fields),
            "updatedAt": int(draft.updated_at * 1000),
        }
        for draft in outbox.drafts.all()
    ]
    keeping.write(records, "draft")


async def _history(keeping: Keeping) -> None:
    outbox = await keeping.outbox()
    steps = [
        {"id": step.id, "label": step.label, "state": step.state.value, "at": int(step.at * 1000)}
        for step in reversed(outbox.history.all)
    ]
    keeping.write(steps, "step")


def _stepping(back: bool) -> Act:
    async def act(keeping: Keeping) -> None:
        outbox = await keeping.outbox()
        label = await (outbox.undo() if back else outbox.redo())
        if label is None:
            raise CannotGoOn(f"there is nothing to {'take back' if back else 'do again'}", Exit.FAILED)
        word = "taken back" if back else "done again"
        keeping.printer.done(
            {"label": label, "state": word}, f"{label}: {word}; what is to be sent waits in the outbox"
        )

    return act


async def _downloads(keeping: Keeping) -> None:
    import asyncio

    from tui.player.vault_index import VaultIndex

    account = await keeping.here.who()
    folder = keeping.here.paths.account_music(account.folder)
    if not folder.is_dir():
        return

    def read() -> list[dict[str, Any]]:
        index = VaultIndex(folder)
        try:
            contents = index.read()
        finally:
            index.close()
        return [
            {
                "kind": wish.kind.value,
                "id": wish.id,
                "title": wish.title,
                "by": wish.by,
                "tracks": len(wish.track_ids),
                "here": sum(bool(contents.files.get(track)) for track in wish.track_ids),
            }
            for wish in contents.wishes.values()
        ]

    keeping.write(await asyncio.to_thread(read), "download")


_KEYS = argument("of", nargs="+", metavar="KEY", help="as `parlour outbox` lists it, or - for lines of JSON")

_VERBS: tuple[Verb, ...] = (
    Verb(
        Usage(
            "outbox", "What is still to be sent, and what was refused.", ("parlour outbox", "parlour outbox -q .label")
        ),
        _outbox,
        is_list=True,
    ),
    Verb(
        Usage(
            "outbox-send",
            "Let what waits or was refused be sent again by the next Parlour.",
            ("parlour outbox -q 'select(.status == \"attention\") | .key' | parlour outbox-send -",),
            (_KEYS,),
        ),
        _send_again,
    ),
    Verb(
        Usage(
            "outbox-drop",
            "Take things out of the outbox.",
            ("parlour outbox-drop KEY --yes",),
            (_KEYS, argument("--yes", action="store_true", help="yes, for good")),
        ),
        _drop,
    ),
    Verb(Usage("drafts", "What was typed and not sent.", ("parlour drafts --all",)), _drafts, is_list=True),
    Verb(
        Usage(
            "history",
            "What was done in Parlour or with --queue, the last of it first.",
            ("parlour history",),
            notes="What a verb sends at once is not in here: its own opposite takes it back.",
        ),
        _history,
        is_list=True,
    ),
    Verb(Usage("undo", "Take back the last of the history.", ("parlour undo",)), _stepping(True)),
    Verb(Usage("redo", "Do again what was taken back last.", ("parlour redo",)), _stepping(False)),
    Verb(
        Usage("downloads", "What is to be on this machine, and how much of it is.", ("parlour downloads",)),
        _downloads,
        is_list=True,
    ),
)

VERBS: dict[str, Verb] = {verb.usage.name: verb for verb in _VERBS}
"""Every verb here by its name."""
