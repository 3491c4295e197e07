"""The lines of the downloads: what is under way, what failed and why, what is here, in figures."""

from __future__ import annotations

from collections.abc import Iterator

from api_client.models.music import Track
from tui.keys import KeyOf
from tui.player.vault_records import Wish
from tui.screens.music_parts import Gathered, Heading, Line, Note, Source, track_lines
from tui.state.download_shelf import Here
from tui.state.downloads import Downloads
from widgets.textfmt import byte_size, plural

SHOWN = 50
"""Tracks that wait and are listed; more of them are counted."""


def empty_words(key_of: KeyOf) -> str:
    """Return what is said where nothing is kept."""
    return (
        f"Nothing is on this machine yet. {key_of('item.download')} on a track, an album or a playlist keeps it here,"
        " to be heard without the platform; what you play stays for a while by itself."
    )


def totals_words(downloads: Downloads, key_of: KeyOf) -> str:
    """Return the figures of everything in one or two sentences."""
    if downloads.trouble:
        return downloads.trouble
    totals = downloads.totals()
    parts = [
        f"{plural(totals.tracks, 'track')} downloaded, {byte_size(totals.downloaded)}",
        f"cache {byte_size(totals.cached)} of {byte_size(totals.limit)}",
    ]
    if totals.waiting:
        parts.append(f"{plural(totals.waiting, 'track')} to come")
    return f"{' · '.join(parts)}{_why_not(downloads, totals.waiting, key_of)}"


def _why_not(downloads: Downloads, waiting: int, key_of: KeyOf) -> str:
    """Return why nothing comes although something is to."""
    queue = downloads.queue
    if queue is None or not waiting:
        return ""
    if downloads.is_paused:
        return f"\nHeld: {key_of('global.hold_downloads')} lets them go on."
    if downloads.away:
        return "\nThey wait until the platform can be reached."
    if queue.elsewhere:
        return "\nAnother Parlour fetches them."
    return f"\n{queue.trouble} {key_of('item.resend')} tries again." if queue.trouble else ""


def coming_lines(downloads: Downloads) -> Iterator[Line]:
    """Yield what is under way and what waits."""
    queue = downloads.queue
    waiting = queue.waiting() if queue is not None else []
    if not waiting:
        return
    here = sum(downloads.progress(track_id)[0] for track_id in waiting)
    yield Line("h:coming", Heading("Coming", f"{plural(len(waiting), 'track')}{_speed(here)}"))
    ordered = sorted(waiting, key=lambda track_id: downloads.track(track_id) is not Here.COMING)
    for track_id in ordered[:SHOWN]:
        got, size = downloads.progress(track_id)
        percent = f"{got * 100 // size}%" if size else ""
        begins = "begins" if downloads.track(track_id) is Here.COMING else "waiting"
        note = f"{byte_size(got)} of {byte_size(size)}" if size else begins
        yield Line(f"coming:{track_id}", _known(downloads, track_id), number=percent, note=note)
    if len(waiting) > SHOWN:
        yield Line("coming:more", Note(f"and {len(waiting) - SHOWN:,} more"))


def _speed(here: int) -> str:
    return f", {byte_size(here)} so far" if here else ""


def failed_lines(downloads: Downloads, key_of: KeyOf) -> Iterator[Line]:
    """Yield what could not be had, with the reason."""
    setbacks = downloads.vault.contents.setbacks if downloads.vault is not None else {}
    if not setbacks:
        return
    aside = f"{plural(len(setbacks), 'track')}; {key_of('item.resend')} tries again"
    yield Line("h:failed", Heading("Could not be downloaded", aside))
    # By reason, which has a line of its own: it must be read whole on a narrow terminal, too.
    for number, sentence in enumerate(dict.fromkeys(setback.sentence for setback in setbacks.values())):
        yield Line(f"reason:{number}", Note(sentence))
        for setback in setbacks.values():
            if setback.sentence == sentence:
                told = _known(downloads, setback.track_id).changed(is_playable=False)
                yield Line(f"failed:{setback.track_id}", told, Source((told,)), trouble="not here")


def wish_line(downloads: Downloads, wish: Wish) -> Line:
    """Return the line of an album or a list, with how much of it is here."""
    here = sum(downloads.track(track_id) is Here.ALL for track_id in wish.track_ids)
    size = byte_size(downloads.size(wish.track_ids))
    number = plural(len(wish.track_ids), "track")
    aside = f"{number} · {size}" if here == len(wish.track_ids) else f"{here} of {number} · {size}"
    return Line(f"w:{wish.kind.value}:{wish.id}", Gathered(wish.kind, wish.id, wish.title, wish.by, aside), note=aside)


def cache_lines(downloads: Downloads) -> Iterator[Line]:
    """Yield what is here because it was played."""
    cached = downloads.cached()
    if not cached:
        return
    totals = downloads.totals()
    figures = f"{plural(len(cached), 'track')}, {byte_size(totals.cached)} of {byte_size(totals.limit)}"
    yield Line("h:cache", Heading("Played lately", f"{figures}; :cache clear lets go of them"))
    found = [track for track_id in cached if (track := downloads.known(track_id)) is not None]
    yield from track_lines("cache", found, Source(tuple(found)))
    if len(found) < len(cached):
        yield Line("cache:more", Note(f"and {len(cached) - len(found):,} whose names are not known here"))


def _known(downloads: Downloads, track_id: str) -> Track:
    return downloads.known(track_id) or Track(id=track_id, title="a track", duration_ms=0)
