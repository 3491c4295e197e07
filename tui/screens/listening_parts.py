"""From figures of listening to the lines that show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from api_client.models.listening import ListeningStats
from api_client.models.music import Artist, Play
from tui.places import ListeningDayPlace
from tui.screens.music_parts import Bar, Fact, Heading, Line, Source
from tui.state.listening import Figures
from widgets.textfmt import hours, plural

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def summary(figures: Figures) -> tuple[str, str]:
    """Return how much it was, and the rest in a line."""
    stats = figures.stats
    days = sum(1 for day in stats.days if day.listened_ms)
    rest = [
        plural(stats.plays, "play"),
        plural(stats.tracks, "track"),
        plural(stats.artists, "artist"),
        f"on {plural(days, 'day')} of {len(stats.days):,}",
    ]
    if change := _change(stats.listened_ms, figures.before_ms):
        rest.append(change)
    return hours(stats.listened_ms / 1000), " · ".join(rest)


def _change(now_ms: int, before_ms: int | None) -> str:
    if not before_ms:
        return ""
    percent = round((now_ms - before_ms) * 100 / before_ms)
    if percent == 0:
        return "as much as before"
    return f"{abs(percent):,} % {'more' if percent > 0 else 'less'} than before"


def top_lines(stats: ListeningStats) -> list[Line]:
    """Return the artists and the tracks that were heard most, with their share of the most heard one."""
    lines: list[Line] = []
    if stats.top_artists:
        most = max(entry.listened_ms for entry in stats.top_artists) or 1
        lines.append(Line("h:artists", Heading("Artists", f"{stats.artists:,}", first=True)))
        for place, entry in enumerate(stats.top_artists, 1):
            artist = Artist(id=entry.artist.id, name=entry.artist.name)
            bar = Bar(entry.listened_ms / most, _figure(entry.listened_ms, entry.plays))
            lines.append(Line(f"a:{artist.id}", artist, number=str(place), bar=bar))
    if stats.top_tracks:
        most = max(entry.listened_ms for entry in stats.top_tracks) or 1
        source = Source(tuple(entry.track for entry in stats.top_tracks))
        lines.append(Line("h:tracks", Heading("Tracks", f"{stats.tracks:,}", first=not lines)))
        for place, heard in enumerate(stats.top_tracks, 1):
            bar = Bar(heard.listened_ms / most, _figure(heard.listened_ms, heard.plays))
            lines.append(Line(f"t:{heard.track.id}", heard.track, source, str(place), bar=bar))
    return lines


def weekday_lines(stats: ListeningStats) -> list[Line]:
    """Return how much is heard on each day of the week, on average; nothing for less than two weeks."""
    if len(stats.days) < 14:
        return []
    sums, counts = [0] * 7, [0] * 7
    for day in stats.days:
        sums[day.day.weekday()] += day.listened_ms
        counts[day.day.weekday()] += 1
    means = [total / count if count else 0.0 for total, count in zip(sums, counts, strict=True)]
    most = max(means) or 1.0
    lines = [Line("h:weekdays", Heading("Days of the week", "on average"))]
    for name, mean in zip(_WEEKDAYS, means, strict=True):
        lines.append(Line(f"w:{name}", Fact(name), bar=Bar(mean / most, hours(mean / 1000) if mean else "–")))
    return lines


def day_lines(stats: ListeningStats) -> list[Line]:
    """Return the days on which something was heard, the last one first."""
    heard = [day for day in reversed(stats.days) if day.listened_ms]
    if not heard:
        return []
    most = max(day.listened_ms for day in heard)
    lines = [Line("h:days", Heading("Days", "Enter shows one"))]
    for day in heard:
        bar = Bar(day.listened_ms / most, _figure(day.listened_ms, day.plays))
        title = f"{day.day:%a} {day.day.day} {day.day:%B %Y}"
        lines.append(Line(f"d:{day.day}", Fact(title, opens=ListeningDayPlace(day.day.isoformat())), bar=bar))
    return lines


def play_lines(plays: Sequence[Play]) -> list[Line]:
    """Return the plays of a day in their order, each with its time and how it ended."""
    source = Source(tuple({play.track.id: play.track for play in plays}.values()))
    return [Line(play.id, play.track, source, str(place), note=_of_play(play)) for place, play in enumerate(plays, 1)]


def title_of_day(day: str) -> str:
    """Return "Saturday, 21 November 2026"."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found:%A}, {found.day} {found:%B %Y}"


def _figure(listened_ms: int, plays: int) -> str:
    return f"{hours(listened_ms / 1000)} · {plays:,}×"


def _of_play(play: Play) -> str:
    ended = "skipped" if play.skipped else ("" if play.completed else hours(play.listened_ms / 1000))
    return " ".join(text for text in (f"{play.played_at.astimezone():%H:%M}", ended) if text)
