"""Verbs that drive the player on the user's active device, as another device of theirs does."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.arguments import Usage, add_list_options, add_verb, add_write_options, argument, limit_of
from tui.cli.verbs.doing import Doing, Writing, run_writing
from tui.cli.verbs.targets import Kind, Kinds, Target, read_targets
from tui.cli.verbs.writes import Write

if TYPE_CHECKING:
    from tui.cli.parsers import Commands
    from tui.cli.verbs.fetching import Record

_TRACKS: Kinds = (Kind.TRACK, Kind.ALBUM, Kind.PLAYLIST, Kind.ARTIST, Kind.MIX)
_MOST = 1_000
"""Tracks that one command takes to a device."""
_TIME = re.compile(r"(?P<sign>[+-])?(?:(?P<minutes>\d{1,3}):)?(?P<seconds>\d{1,5}(?:\.\d+)?)")
_LOUDNESS = re.compile(r"(?P<sign>[+-])?(?P<percent>\d{1,3})%?")


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the verbs for the player."""
    for writing in WRITINGS.values():
        parser = add_verb(commands, common, writing.usage)
        add_write_options(parser, queues=False)
        if writing.usage.name == "queue":
            add_list_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of them."""
    return run_writing(arguments, WRITINGS[arguments.command])


@dataclass
class Remote:
    """The active device of whoever is signed in."""

    doing: Doing

    async def ask(self, action: str, sentence: str, *, part: str = "", **fields: Any) -> None:
        """Ask for something; `part` tells it from the rest of one run. Raises PlatformError, also if nothing plays."""
        key = self.doing.key_for(part)
        body = {"id": self.doing.id_for(key), "action": action, **fields}
        write = Write("player.command", f"player: {action}", "player", body=body, key=key)
        await self.doing.do(write, sentence)

    async def state(self) -> Record:
        """Return what plays."""
        return await self.doing.fetch.record("player.state")

    async def items(self, words: Sequence[str]) -> list[dict[str, Any]]:
        """Return the tracks that `words` name, as a command carries them. Raises CannotGoOn where there is none."""
        from tui.cli.verbs.tracks import tracks_of

        found: list[dict[str, Any]] = []
        for target in read_targets(words, _TRACKS):
            found += [_item(track, target) for track in await tracks_of(self.doing.fetch, target)]
        if not found:
            raise CannotGoOn("there is no track in it", Exit.FAILED)
        return found[:_MOST]


def _item(track: Record, source: Target) -> dict[str, Any]:
    if source.kind is Kind.TRACK:
        return {"trackId": track["id"]}
    return {"trackId": track["id"], "contextType": source.kind.value, "contextId": source.id[:64]}


async def _play(doing: Doing) -> None:
    remote = Remote(doing)
    if not doing.arguments.of:
        await remote.ask("play", "playing on")
        return
    items = await remote.items(doing.arguments.of)
    if doing.arguments.shuffle:
        await remote.ask("shuffle", "shuffled", on=True, part="shuffle")
    await remote.ask("play-tracks", _counted(len(items), "playing"), items=items, start=0)


def _plain(action: str, sentence: str) -> Any:
    async def act(doing: Doing) -> None:
        await Remote(doing).ask(action, sentence)

    return act


async def _seek(doing: Doing) -> None:
    remote, text = Remote(doing), doing.arguments.to
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise CannotGoOn(f"{text} is not a time; write 1:30, +15 or -15")
    seconds = int(match["minutes"] or 0) * 60 + float(match["seconds"])
    if match["sign"]:
        here = float((await remote.state()).get("progress") or 0.0)
        seconds = max(0.0, here + (seconds if match["sign"] == "+" else -seconds))
    await remote.ask("seek", f"at {int(seconds) // 60}:{int(seconds) % 60:02d}", position=seconds)


async def _volume(doing: Doing) -> None:
    remote, text = Remote(doing), doing.arguments.to
    if text is None:
        state = await remote.state()
        doing.printer.one({"volume": state.get("volume"), "isMuted": state.get("isMuted")}, "playing")
        return
    match = _LOUDNESS.fullmatch(text.strip())
    if match is None:
        raise CannotGoOn(f"{text} is not a volume; write 0 to 100, +5 or -5")
    percent = int(match["percent"])
    if match["sign"]:
        here = round(float((await remote.state()).get("volume") or 0.0) * 100)
        percent = here + (percent if match["sign"] == "+" else -percent)
    percent = max(0, min(100, percent))
    await remote.ask("volume", f"volume {percent} %", volume=percent / 100)


def _switch(action: str, field: str) -> Any:
    async def act(doing: Doing) -> None:
        remote, wanted = Remote(doing), doing.arguments.to
        on = wanted == "on" if wanted else not (await remote.state()).get(field)
        await remote.ask(action, f"{action} {'on' if on else 'off'}", on=on)

    return act


async def _repeat(doing: Doing) -> None:
    remote, wanted = Remote(doing), doing.arguments.to
    if wanted is None:
        following = {"off": "all", "all": "one"}
        wanted = following.get(str((await remote.state()).get("repeat")), "off")
    await remote.ask("repeat", f"repeat {wanted}", repeat=wanted)


async def _transfer(doing: Doing) -> None:
    wanted = doing.arguments.device
    devices = (await doing.fetch.record("player.devices")).get("devices") or []
    found = [each for each in devices if wanted in (each.get("id"), each.get("name"))]
    if len(found) != 1:
        raise CannotGoOn(
            f"there {'is no device' if not found else 'are several devices'} {wanted}; `parlour devices` lists them",
            Exit.FAILED,
        )
    body = {} if doing.arguments.state is None else {"isPlaying": doing.arguments.state == "play"}
    write = Write("player.transfer", "move the music", "player", {"id": str(found[0]["id"])}, body, key=doing.key_for())
    await doing.do(write, f"the music is on {found[0].get('name')} now")


async def _queue(doing: Doing) -> None:
    remote, what, words = Remote(doing), doing.arguments.what, doing.arguments.of
    if what is None:
        from tui.cli.verbs.fetching import records_in

        doing.printer.page(records_in(await remote.state(), "queue")[: limit_of(doing.arguments)], "entry")
        return
    if what in ("add", "next"):
        if not words:
            raise CannotGoOn(f"say what: parlour queue {what} track/ID")
        items = await remote.items(words)
        action = "add" if what == "add" else "play-next"
        await remote.ask(action, _counted(len(items), "added" if what == "add" else "next"), items=items)
        return
    needed = {"clear": 0, "undo": 0, "remove": 1, "jump": 1, "move": 2}[what]
    if len(words) != needed or not all(word.isdecimal() and len(word) < 16 for word in words):
        wanted = ("nothing more", "the number of an entry", "the number of an entry and where it is to stand")[needed]
        raise CannotGoOn(f"queue {what} takes {wanted}; `parlour queue` shows the numbers")
    fields: dict[str, Any] = dict(zip(("entryId", "to"), map(int, words), strict=False))
    await remote.ask(what, f"queue: {what}", **fields)


def _counted(number: int, word: str) -> str:
    return f"{word}: {number} track{'' if number == 1 else 's'}"


_WHAT = argument("of", nargs="*", metavar="WHAT", help="track/ID, album/ID, playlist/ID, artist/ID, mix/NAME, an id, -")
_SOURCES = "An id alone is that of a track. Without a device that plays, these end with 1 and say so."

_WRITINGS: tuple[Writing, ...] = (
    Writing(
        Usage(
            "play",
            "Play on, or play something, on the device where your music is.",
            ("parlour play", "parlour play album/ID --shuffle", "parlour station track/ID --json | parlour play -"),
            (_WHAT, argument("--shuffle", action="store_true", help="in random order")),
            notes=_SOURCES,
        ),
        _play,
        queues=False,
    ),
    Writing(Usage("pause", "Hold the music.", ("parlour pause",)), _plain("pause", "paused"), queues=False),
    Writing(Usage("next", "Play the next track.", ("parlour next",)), _plain("next", "next track"), queues=False),
    Writing(
        Usage("previous", "Back to the start, or to the track before.", ("parlour previous",)),
        _plain("previous", "track before"),
        queues=False,
    ),
    Writing(
        Usage(
            "seek",
            "Go to a place of the track.",
            ("parlour seek 1:30", "parlour seek +10", "parlour seek -10"),
            (argument("to", metavar="TIME", help="1:30 or 90; +10 and -10 from here"),),
        ),
        _seek,
        queues=False,
    ),
    Writing(
        Usage(
            "volume",
            "Set the volume, or see it.",
            ("parlour volume", "parlour volume 40", "parlour volume -5"),
            (argument("to", nargs="?", metavar="PERCENT", help="0 to 100; +5 and -5 from here"),),
        ),
        _volume,
        queues=False,
    ),
    *(
        Writing(
            Usage(
                name,
                help_text,
                (f"parlour {name}", f"parlour {name} off"),
                (argument("to", nargs="?", choices=("on", "off"), help="without it the other of the two"),),
            ),
            _switch(name, field),
            queues=False,
        )
        for name, field, help_text in (
            ("mute", "isMuted", "Silence, and back."),
            ("shuffle", "shuffle", "Play the queue in random order, and back in its own."),
        )
    ),
    Writing(
        Usage(
            "repeat",
            "Repeat the queue, one track, or nothing.",
            ("parlour repeat all", "parlour repeat off"),
            (argument("to", nargs="?", choices=("off", "all", "one"), help="without it the next of these"),),
        ),
        _repeat,
        queues=False,
    ),
    Writing(
        Usage(
            "queue",
            "What plays next, and changing it.",
            (
                "parlour queue",
                "parlour queue add album/ID",
                "parlour mix daily-mix/1 --json | parlour queue next -",
                "parlour queue remove 17",
                "parlour queue clear",
            ),
            (
                argument(
                    "what",
                    nargs="?",
                    choices=("add", "next", "remove", "move", "jump", "clear", "undo"),
                    help="without it the queue is listed",
                ),
                argument(
                    "of", nargs="*", metavar="WHAT", help="tracks for add and next, entries for remove, move, jump"
                ),
            ),
            notes="Entries go by their numbers: move 17 0 puts entry 17 first. undo puts back what was taken out.",
        ),
        _queue,
        queues=False,
    ),
    Writing(
        Usage(
            "transfer",
            "Move the music to another of your devices.",
            ("parlour transfer Kitchen", "parlour transfer Kitchen --state pause"),
            (
                argument("device", metavar="DEVICE", help="its name or id; `parlour devices` lists them"),
                argument("--state", choices=("play", "pause"), help="whether it plays there; else as it did before"),
            ),
        ),
        _transfer,
        queues=False,
    ),
)

WRITINGS: dict[str, Writing] = {writing.usage.name: writing for writing in _WRITINGS}
"""Every verb here by its name."""
