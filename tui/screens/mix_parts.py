"""From a recommended list to what is said of it: its days, and why a track is on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from api_client.models.recommendations import Reason, Recommendations, RecommendedTrack
from widgets.textfmt import plural


def days_of(mix: Recommendations) -> str:
    """Return the days for which a list is made, in this machine's time; empty where it is for no time."""
    if mix.valid_from is None or mix.valid_until is None:
        return ""
    first, last = _local_day(mix.valid_from), _local_day(mix.valid_until - timedelta(seconds=1))
    if last <= first:
        return _day(first)
    if (first.month, first.year) == (last.month, last.year):
        return f"{first.day}–{_day(last)}"
    return f"{_day(first, year=first.year != last.year)} – {_day(last)}"


def renewal_of(mix: Recommendations) -> str:
    """Return when the list was made, and when there will be another one."""
    made = f"made {_weekday(mix.generated_at)}"
    return made if mix.valid_until is None else f"{made}, new {_weekday(mix.valid_until)}"


def note_of(track: RecommendedTrack) -> str:
    """Return in a word or two why a track is on a list."""
    match track.reason:
        case Reason.LISTENERS:
            return plural(track.listeners, "listener")
        case Reason.SOUND | Reason.BOTH:
            return f"like {track.resembles}" if track.resembles else "sounds alike"
        case Reason.POPULAR:
            return "popular"
        case Reason.KNOWN:
            return "you play it"
        case Reason.FOLLOWED:
            return "new, followed"
        case Reason.HEARD:
            return "new"
        case _:
            return ""


def why(track: RecommendedTrack) -> str:
    """Return a sentence that says why a track is on a list."""
    one = track.listeners == 1
    people = f"{'somebody' if one else f'{track.listeners:,} people'} who listen{'s' * one} to what you listen to"
    verb = "has" if one else "have"
    alike = f"it sounds like {track.resembles}" if track.resembles else "it sounds like what you listen to"
    match track.reason:
        case Reason.LISTENERS:
            reason = f"{people} {verb} played it this week"
        case Reason.SOUND:
            reason = alike
        case Reason.BOTH:
            reason = f"{people} {verb} played it this week, and {alike}"
        case Reason.POPULAR:
            reason = "many people play it, and it is new to you"
        case Reason.KNOWN:
            reason = "you have played it in the last four weeks"
        case Reason.FOLLOWED:
            reason = f"it is new, and you follow {track.artist_names}"
        case Reason.HEARD:
            reason = f"it is new, and you listen to {track.artist_names}"
        case _:
            return f"The platform does not say why {track.title} is here."
    return f"{track.title} is here because {reason}."


def _local_day(moment: datetime) -> date:
    return moment.astimezone().date()


def _day(day: date, *, year: bool = True) -> str:
    return f"{day.day} {day:%B} {day.year}" if year else f"{day.day} {day:%B}"


def _weekday(moment: datetime) -> str:
    day = _local_day(moment)
    return f"{day:%A}, {day.day} {day:%B}"
