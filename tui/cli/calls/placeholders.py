"""What `{me}`, `{last.post}` and `{now_playing}` stand for: things of the account, for which no id is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tui.cli.calls.fields import Template
from tui.cli.exits import CannotGoOn, Exit

if TYPE_CHECKING:
    from tui.cli.account import Here

NAMES: Mapping[str, str] = {
    "me": "your username",
    "me.id": "your id",
    "last.post": "the id of your latest post",
    "now_playing": "the id of the track that plays",
}
_PLACE = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")


def names_in(path: str, value: Any = None) -> set[str]:
    """Return the placeholders in a path and in the typed fields of a body. Raises CannotGoOn for unknown ones."""
    found = {name for text in (path, *_templates(value)) for name in _PLACE.findall(text) if name in NAMES}
    unknown = [name for name in _PLACE.findall(path) if name not in NAMES]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in NAMES)
        raise CannotGoOn(f"{{{unknown[0]}}} in the path stands for nothing; there are {known}")
    return found


async def look_up(here: Here, names: Iterable[str], *, ask: bool = True) -> dict[str, str]:
    """Return what each of `names` stands for; without `ask` only what is known without the platform.

    Raises CannotGoOn where there is no such thing, and PlatformError.
    """
    known: dict[str, str] = {}
    for name in sorted(names):
        if name in ("me", "me.id") and (ask or here.account is not None):
            account = await here.who()
            known[name] = account.username if name == "me" else account.user_id
        elif name == "last.post" and ask:
            known[name] = await _last_post(here)
        elif name == "now_playing" and ask:
            known[name] = await _now_playing(here)
    return known


def filled_path(path: str, known: Mapping[str, str]) -> str:
    """Return `path` with what is known in it, quoted."""
    return _PLACE.sub(lambda place: quote(known[place[1]], safe="") if place[1] in known else place[0], path)


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """Return a body with what is known in its typed fields."""
    if isinstance(value, Template):
        return _PLACE.sub(lambda place: known.get(place[1], place[0]), value)
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, known) for key, item in value.items()}
    return value


def _templates(value: Any) -> Iterator[str]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _templates(item)


async def _last_post(here: Here) -> str:
    account = await here.who()
    page = await here.client.users.posts(account.username, limit=1)
    if not page.items:
        raise CannotGoOn(f"{{last.post}} stands for nothing: {account.username} has posted nothing", Exit.FAILED)
    return str(page.items[0].id)


async def _now_playing(here: Here) -> str:
    state = await here.client.player.state()
    track = state.current_track
    if track is None:
        raise CannotGoOn("{now_playing} stands for nothing: no track plays", Exit.FAILED)
    return str(track.id)
