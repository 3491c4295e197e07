"""Adding tracks to one of the user's playlists, chosen as one types: the same from every list and for what plays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from api_client.models.music import Track
from tui.places import PlaylistPlace
from widgets.textfmt import plural

if TYPE_CHECKING:
    from tui.shell import Shell


async def add_to_playlist(shell: Shell, tracks: Sequence[Track], asked: Callable[[], object] = lambda: None) -> None:
    """Ask for a playlist, or make one, and add `tracks` to it in their order.

    `asked` is called when all are on their way, also without a connection. What stands in the playlist already is
    named; one single track that does offers to go there. Raises PlatformError.
    """
    what = _named(tracks)
    if (chosen := await _chosen(shell, what)) is None:
        return
    playlist_id, name = chosen
    playlists = shell.session.music.playlists
    fresh = [track for track in tracks if not playlists.holds(playlist_id, track.id)]
    if not fresh:
        asked()
        await _all_there(shell, playlist_id, name, tracks)
        return
    rest = f" {plural(len(tracks) - len(fresh), 'other')} already there." if len(tracks) > len(fresh) else ""
    following = await playlists.begin_adding(playlist_id, fresh)
    asked()
    shell.say(f"{_named(fresh)} {'is' if len(fresh) == 1 else 'are'} in {name}.{rest}")
    # What this machine knows of the playlist may be old: the platform has the last word on what stood there.
    told = [await asyncio.shield(one) for one in following]
    known = [track for track, added in zip(fresh, told, strict=False) if not added.added]
    if known:
        await _all_there(shell, playlist_id, name, known)


async def _all_there(shell: Shell, playlist_id: str, name: str, tracks: Sequence[Track]) -> None:
    sentence = f"{_named(tracks)} {'was' if len(tracks) == 1 else 'were'} already in {name}."
    if await shell.confirm(f"Already in playlist. {sentence}", "go there"):
        shell.open_place(PlaylistPlace(playlist_id))


async def _chosen(shell: Shell, what: str) -> tuple[str, str] | None:
    """Return the id and the name of the playlist to add to, made if it is a new one; None if that was left."""
    playlists = shell.session.music.playlists
    if not playlists.listed:
        await playlists.load_mine()
    options = [(one.id, one.name) for one in playlists.views.last_used_first(playlists.editable)]
    picked = await shell.pick(f"Add {what} to", options, new="playlist")
    if picked is None:
        return None
    if picked.id is not None:
        return picked.id, next((text for found, text in options if found == picked.id), "the playlist")
    name = picked.name or (await shell.ask("name of the playlist: ") or "").strip()
    if not name:
        return None
    made = await playlists.create(name[:100])
    return made.id, made.name


def _named(tracks: Sequence[Track]) -> str:
    return tracks[0].title if len(tracks) == 1 else plural(len(tracks), "track")
