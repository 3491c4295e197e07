"""Verbs that read music: the catalogue, the library, what is recommended, what plays, and what friends hear."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from tui.cli.verbs.arguments import Usage, argument
from tui.cli.verbs.reader import Asking, Reading, add_readings, belonging, each_one, listed, part_of, run_reading

if TYPE_CHECKING:
    from tui.cli.parsers import Commands
    from tui.cli.verbs.fetching import Record

PERIODS = ("week", "month", "quarter", "year", "all")


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the verbs that read music."""
    add_readings(commands, common, READINGS)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of them."""
    return run_reading(arguments, READINGS[arguments.command])


async def _playlists(asking: Asking) -> AsyncIterator[list[Record]]:
    own = asking.arguments.of is None
    name, path = ("playlists.mine", {}) if own else ("playlists.of_person", {"username": await asking.username()})
    async for records in asking.fetch.pages(name, path):
        yield records


async def _library(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.fetching import records_in

    wanted = asking.arguments.of
    data = await asking.fetch.data("library.list", {"type": wanted})
    yield asking.fetch.some(records_in(data, wanted if isinstance(data, dict) and wanted in data else ""))


async def _mix(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.tracks import tracks_of_mix

    yield asking.fetch.some(await tracks_of_mix(asking.fetch, asking.arguments.of.removeprefix("mix/")))


async def _tracks_in(asking: Asking, kind: str) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.targets import Kind
    from tui.cli.verbs.tracks import tracks_of

    for target in asking.targets(Kind(kind)):
        yield await tracks_of(asking.fetch, target)


async def _whole(asking: Asking, kind: str) -> AsyncIterator[list[Record]]:
    """Yield albums or playlists themselves, or with --tracks what is on them."""
    from tui.cli.verbs.targets import Kind

    name = {"album": "music.album", "playlist": "playlists.get", "artist": "music.artist"}[kind]
    if asking.arguments.tracks:
        async for records in _tracks_in(asking, kind):
            yield records
        return
    for target in asking.targets(Kind(kind)):
        yield [await asking.fetch.record(name, {"id": target.id})]


async def _listening(asking: Asking) -> AsyncIterator[list[Record]]:
    from datetime import timedelta

    from tui.state.listening import PERIODS as KNOWN
    from tui.state.listening import local_now

    now = local_now()
    offset = now.utcoffset()
    first = now.date() - timedelta(days=KNOWN[asking.arguments.period].days - 1)
    query: dict[str, str | int | bool | None] = {
        "from": first.isoformat(),
        "to": now.date().isoformat(),
        "utcOffset": int(offset.total_seconds() // 60) if offset else 0,
    }
    yield [await asking.fetch.record("playback.stats", query=query)]


async def _lyrics(asking: Asking) -> AsyncIterator[list[Record]]:
    from tui.cli.verbs.fetching import records_in
    from tui.cli.verbs.targets import Kind
    from tui.cli.verbs.tracks import playing_now

    track = await playing_now(asking.fetch) if asking.arguments.of is None else asking.target(Kind.TRACK).id
    yield asking.fetch.some(records_in(await asking.fetch.data("music.lyrics", {"id": track}), "lines"))


async def _playing(asking: Asking) -> AsyncIterator[list[Record]]:
    state = await asking.fetch.record("player.state")
    # The lists are what `parlour queue` is for.
    yield [{name: value for name, value in state.items() if name not in ("queue", "history", "aside", "order")}]


_TRACKS = argument("--tracks", action="store_true", help="its tracks, a line each")
_TRACK = argument("of", metavar="TRACK", help="an id or track/ID")


_READINGS = (
    Reading(
        Usage(
            "music",
            "What the platform's music opens with, shelf by shelf.",
            ("parlour music", "parlour music -q .title"),
        ),
        part_of("music.home", "shelves"),
        "shelf",
    ),
    Reading(
        Usage(
            "library",
            "What you keep in your library.",
            ("parlour library", "parlour library albums --all", "parlour library tracks --json | parlour play -"),
            (
                argument(
                    "of", nargs="?", choices=("tracks", "albums", "playlists"), default="tracks", help="which of it"
                ),
            ),
        ),
        _library,
    ),
    Reading(
        Usage(
            "playlists",
            "Your playlists, or the public ones of a person.",
            ("parlour playlists", "parlour playlists ann"),
            (argument("of", nargs="?", metavar="USER", help="whose; without it your own"),),
        ),
        _playlists,
        "playlist",
    ),
    *(
        Reading(
            Usage(
                kind,
                f"{article.capitalize()} {kind}, or the tracks {where}.",
                (f"parlour {kind} {kind}/ID", f"parlour {kind} ID --tracks --json | parlour queue add -"),
                (argument("of", nargs="+", metavar="ID", help=f"an id, {kind}/ID, or - for lines of JSON"), _TRACKS),
            ),
            lambda asking, kind=kind: _whole(asking, kind),  # type: ignore[misc]
            is_list=False,
        )
        for kind, article, where in (
            ("playlist", "a", "in it"),
            ("album", "an", "on it"),
            ("artist", "an", "that are heard most"),
        )
    ),
    Reading(
        Usage(
            "track",
            "All about a track.",
            ("parlour track track/ID", "parlour track ID -q .audioFeatures.tempo"),
            (argument("of", nargs="+", metavar="TRACK", help="an id, track/ID, or - for lines of JSON"),),
        ),
        each_one("music.track", "track"),
        "track",
        is_list=False,
    ),
    Reading(
        Usage(
            "lyrics",
            "The words of a track, or of what plays.",
            ("parlour lyrics --all", "parlour lyrics track/ID -q .text"),
            (argument("of", nargs="?", metavar="TRACK", help="an id or track/ID; without it what plays"),),
        ),
        _lyrics,
        "lyric",
    ),
    Reading(
        Usage("similar", "Tracks that go with a track.", ("parlour similar track/ID",), (_TRACK,)),
        part_of("recommendations.similar", "tracks", lambda asking: {"trackId": _track_id(asking)}),
        "track",
    ),
    Reading(
        Usage(
            "station",
            "A station from a track: it goes on and on.",
            ("parlour station track/ID --limit 50 --json | parlour play -",),
            (_TRACK,),
        ),
        belonging("recommendations.radio", "track", "trackId"),
        "track",
    ),
    Reading(
        Usage("mixes", "Which lists are made for you.", ("parlour mixes",)),
        part_of("recommendations.list", "mixes"),
        "mix",
    ),
    Reading(
        Usage(
            "mix",
            "The tracks of a list made for you, each with the reason why.",
            ("parlour mix discover-weekly", "parlour mix daily-mix/1 --json | parlour play -"),
            (argument("of", metavar="MIX", help="discover-weekly, release-radar, daily-mix/N or similar/TRACK"),),
        ),
        _mix,
        "track",
    ),
    Reading(
        Usage("concerts", "Where the artists play that you follow.", ("parlour concerts --all",)),
        listed("music.concerts"),
        "concert",
    ),
    Reading(
        Usage(
            "listening",
            "What you have heard, in figures.",
            ("parlour listening week", "parlour listening year -q '.topArtists[0].artist.name'"),
            (argument("period", nargs="?", choices=PERIODS, default="month", help="how far back (default: month)"),),
        ),
        _listening,
        "listening",
        is_list=False,
    ),
    Reading(
        Usage(
            "heard",
            "What you have heard, the last of it first.",
            ("parlour heard", "parlour heard --from 2026-11-01 --to 2026-11-30 --all --json"),
            (
                argument("--from", dest="first", metavar="DAY", type=lambda text: _day(text), help="from this day on"),
                argument("--to", dest="last", metavar="DAY", type=lambda text: _day(text), help="until this day"),
            ),
        ),
        listed("playback.history", lambda arguments: {"from": arguments.first, "to": arguments.last}),
        "play",
    ),
    Reading(
        Usage("friends", "What your friends hear.", ("parlour friends",)),
        part_of("together.friends", "friends"),
        "friend",
    ),
    Reading(
        Usage("playing", "What plays, and where.", ("parlour playing", "parlour playing -q .currentTrack.title")),
        _playing,
        "playing",
        is_list=False,
    ),
    Reading(
        Usage(
            "playlist-editors",
            "Who may edit a playlist, beside whom it belongs to.",
            ("parlour playlist-editors playlist/ID",),
            (argument("of", metavar="PLAYLIST", help="an id or playlist/ID"),),
        ),
        belonging("playlists.collaborators", "playlist"),
        "user",
    ),
    Reading(
        Usage("devices", "Where your music can play; `parlour transfer` moves it.", ("parlour devices",)),
        part_of("player.devices", "devices"),
        "device",
    ),
)


def _track_id(asking: Asking) -> str:
    from tui.cli.verbs.targets import Kind

    return asking.target(Kind.TRACK).id


def _day(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2026-11-21") from error


READINGS: dict[str, Reading] = {reading.usage.name: reading for reading in _READINGS}
"""Every verb here by its name."""
