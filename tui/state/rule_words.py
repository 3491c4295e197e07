"""The rules of a smart playlist in words: what fields and questions are called, and what all of it says."""

from __future__ import annotations

from collections.abc import Mapping

from api_client.models.playlist_rules import KINDS, Kind, Rule, RuleGroup, Rules

FIELD_WORDS: Mapping[str, str] = {
    "genre": "Genre",
    "artist": "Artist",
    "album": "Album",
    "title": "Title",
    "year": "Year",
    "plays": "Your plays",
    "lastPlayed": "Last played",
    "isLoved": "In your library",
    "loved": "Loved",
    "added": "In the catalogue",
    "duration": "Length",
    "explicit": "Explicit",
    "tempo": "Tempo",
    "energy": "Energy",
    "danceability": "Danceability",
    "acousticness": "Acousticness",
    "valence": "Mood",
}
"""In the order in which a form offers them."""

_OPERATOR_WORDS: Mapping[str, str] = {
    "is": "is",
    "isNot": "is not",
    "contains": "has",
    "containsNot": "has not",
    "beginsWith": "begins with",
    "atLeast": "is at least",
    "atMost": "is at most",
    "between": "is between",
    "within": "within the last days",
    "notWithin": "not within the last days",
}

SORT_WORDS: Mapping[str, str] = {
    "newest": "newest first",
    "oldest": "oldest first",
    "title": "by title",
    "artist": "by artist",
    "album": "by album",
    "mostPlayed": "most played first",
    "leastPlayed": "least played first",
    "lastPlayed": "last played first",
    "longestAgo": "longest unplayed first",
    "recentlyAdded": "latest in the catalogue first",
    "shortest": "shortest first",
    "longest": "longest first",
    "slowest": "slowest first",
    "fastest": "fastest first",
}

HINTS: Mapping[Kind, str] = {
    Kind.TEXT: "words",
    Kind.NUMBER: "a number",
    Kind.DAYS: "days",
    Kind.FLAG: "yes or no",
}

_UNITS: Mapping[str, str] = {"duration": " s", "tempo": " BPM"}
_DAY_WORDS: Mapping[tuple[str, str], str] = {
    ("lastPlayed", "within"): "played within {days}",
    ("lastPlayed", "notWithin"): "not played for {days}",
    ("added", "within"): "in the catalogue for {days} at most",
    ("added", "notWithin"): "in the catalogue for more than {days}",
    ("loved", "within"): "loved within {days}",
    ("loved", "notWithin"): "not loved within {days}",
}


def operator_words(operator: str) -> str:
    """Return what a question is called in a form."""
    return _OPERATOR_WORDS.get(operator, operator)


def sentence(rules: Rules) -> str:
    """Return what the rules say: "Genre is jazz, and not played for 30 days; 50 tracks, newest first"."""
    what = _group(rules.where) or "everything"
    how = SORT_WORDS[rules.sort]
    if rules.limit is not None:
        unit = "track" if rules.limit.by == "tracks" else "minute"
        how = f"{rules.limit.most} {unit}{'s' if rules.limit.most != 1 else ''}, {how}"
    return f"{what[:1].upper()}{what[1:]}; {how}"


def _group(group: RuleGroup) -> str:
    parts: list[str] = []
    for one in group.rules:
        if isinstance(one, Rule):
            parts.append(rule_words(one))
        elif words := _group(one):
            # Without brackets, nobody knows what belongs to what.
            parts.append(f"({words})" if len(one.rules) > 1 and len(group.rules) > 1 else words)
    return (", and " if group.match == "all" else ", or ").join(parts)


def rule_words(rule: Rule) -> str:
    """Return what one rule says."""
    match KINDS[rule.field]:
        case Kind.DAYS:
            days = f"{rule.value} {'day' if rule.value == 1 else 'days'}"
            return _DAY_WORDS[rule.field, rule.op].format(days=days)
        case Kind.FLAG:
            name = "in your library" if rule.field == "isLoved" else "explicit"
            return name if rule.value else f"not {name}"
        case Kind.TEXT:
            return f"{FIELD_WORDS[rule.field].lower()} {operator_words(rule.op)} {rule.value}"
        case _:
            unit, name = _UNITS.get(rule.field, ""), FIELD_WORDS[rule.field].lower()
            if rule.op == "between":
                low, high = rule.numbers
                return f"{name} is between {_number(low)} and {_number(high)}{unit}"
            value = rule.value if isinstance(rule.value, int | float) else 0
            return f"{name} {operator_words(rule.op)} {_number(value)}{unit}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"
