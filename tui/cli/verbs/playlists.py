"""Verbs that make and change playlists."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.cli.exits import CannotGoOn, Exit
from tui.cli.verbs.arguments import Usage, argument, positive
from tui.cli.verbs.doing import Doing, Writing, add_writings, each, for_each, run_writing
from tui.cli.verbs.opinions import YES, sure
from tui.cli.verbs.targets import STDIN, Kind, Target, from_text, read_targets
from tui.cli.verbs.writes import Undo, Write

if TYPE_CHECKING:
    from tui.cli.parsers import Commands
    from tui.cli.verbs.fetching import Record

_REGRET = 30.0
"""Seconds for which a new playlist can be taken back, where the history is asked to."""
_HOLDERS = (Kind.TRACK, Kind.ALBUM, Kind.PLAYLIST, Kind.ARTIST, Kind.MIX)


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the verbs for playlists."""
    add_writings(commands, common, WRITINGS)


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of them."""
    return run_writing(arguments, WRITINGS[arguments.command])


def _playlist(doing: Doing) -> str:
    """Return the id of the playlist that is meant."""
    word = doing.arguments.playlist
    if word == STDIN:
        raise CannotGoOn("the playlist is named by an id or playlist/ID; - stands for tracks")
    return from_text(word, (Kind.PLAYLIST,)).id


async def _new(doing: Doing) -> None:
    given = doing.arguments
    key = doing.key_for()
    made, name = doing.id_for(key), " ".join(given.name)
    body = {"id": made, "name": name, "isPublic": not given.private, "isCollaborative": given.collaborative}
    body |= {"description": given.about} if given.about else {}
    undo = Undo("playlists.delete", {"id": made}, label=f"delete the new playlist {name}", within=_REGRET, again=False)
    label = f"make the playlist {name}"
    write = Write("playlists.create", label, f"playlist:{made}", body=body, key=key, undo=undo, holds_words=True)
    await doing.do(write, f"made playlist/{made}")


async def _add(doing: Doing) -> None:
    from tui.cli.verbs.tracks import playing_now, tracks_of

    playlist = _playlist(doing)
    wanted = read_targets(doing.arguments.of or [await playing_now(doing.fetch)], _HOLDERS)
    tracks = [
        Target(Kind.TRACK, str(track["id"]), target.typed if target.kind is Kind.TRACK else str(track["id"]))
        for target in wanted
        for track in await tracks_of(doing.fetch, target)
    ]

    async def add(doing: Doing, track: Target) -> None:
        params = {"id": playlist}
        back = Undo("playlists.remove", {**params, "trackId": track.id}, label="take a track out again")
        write = Write(
            "playlists.add",
            "add a track to a playlist",
            f"playlist:{playlist}",
            params,
            {"trackId": track.id},
            key=doing.key_for(track.id),
            undo=back,
        )
        await doing.do(write, f"{track.typed}: added")

    await for_each(doing, tracks, add)


async def _remove(doing: Doing) -> None:
    playlist = _playlist(doing)

    async def remove(doing: Doing, track: Target) -> None:
        params = {"id": playlist, "trackId": track.id}
        back = Undo("playlists.add", {"id": playlist}, {"trackId": track.id}, "put a track back")
        write = Write(
            "playlists.remove",
            "take a track out of a playlist",
            f"playlist:{playlist}",
            params,
            key=doing.key_for(track.id),
            undo=back,
        )
        await doing.do(write, f"{track.typed}: taken out", {"id": track.id})

    await for_each(doing, read_targets(doing.arguments.of, (Kind.TRACK,)), remove)


async def _move(doing: Doing) -> None:
    from tui.cli.verbs.fetching import records_in

    playlist, track = _playlist(doing), from_text(doing.arguments.of, (Kind.TRACK,)).id
    tracks: list[Record] = records_in(await doing.fetch.data("playlists.get", {"id": playlist}), "tracks")
    here = next((number for number, each_track in enumerate(tracks, 1) if each_track.get("id") == track), None)
    if here is None:
        raise CannotGoOn(f"{doing.arguments.of} is not in this playlist", Exit.FAILED)
    to = min(doing.arguments.to, len(tracks))
    body = {"trackId": track, "fromPosition": here, "toPosition": to}
    back = Undo(
        "playlists.move",
        {"id": playlist},
        {"trackId": track, "fromPosition": to, "toPosition": here},
        "move a track back",
    )
    write = Write(
        "playlists.move",
        "move a track in a playlist",
        f"playlist:{playlist}",
        {"id": playlist},
        body,
        key=doing.key_for(),
        undo=back,
    )
    await doing.do(write, f"{doing.arguments.of}: at {to} now", {"id": track})


async def _rename(doing: Doing) -> None:
    playlist, name = _playlist(doing), " ".join(doing.arguments.name)
    write = Write(
        "playlists.change",
        f"rename a playlist to {name}",
        f"playlist:{playlist}",
        {"id": playlist},
        {"name": name},
        key=doing.key_for(),
        holds_words=True,
        of=playlist,
    )
    await doing.do(write, f"it is called {name} now")


async def _delete(doing: Doing) -> None:
    sure(doing, "a playlist that is deleted")

    async def delete(doing: Doing, target: Target) -> None:
        write = Write(
            "playlists.delete",
            "delete a playlist",
            f"playlist:{target.id}",
            {"id": target.id},
            key=doing.key_for(target.id),
            undo=Undo(label="delete a playlist"),
            of=target.id,
        )
        await doing.do(write, f"{target.typed}: deleted")

    await each((Kind.PLAYLIST,), delete)(doing)


async def _copy(doing: Doing) -> None:
    playlist = _playlist(doing)
    key = doing.key_for()
    made, name = doing.id_for(key), " ".join(doing.arguments.name)
    undo = Undo("playlists.delete", {"id": made}, label="delete the copy", again=False)
    write = Write(
        "playlists.copy",
        "copy a playlist",
        f"playlist:{made}",
        {"id": playlist},
        {"id": made, **({"name": name} if name else {})},
        key=key,
        undo=undo,
        holds_words=True,
    )
    await doing.do(write, f"made playlist/{made}")


async def _file(doing: Doing) -> None:
    playlist, wanted = _playlist(doing), doing.arguments.folder
    folder = None
    if wanted != "none":
        folders = (await doing.fetch.record("folders.list")).get("folders") or []
        found = [each_one for each_one in folders if wanted in (each_one.get("id"), each_one.get("name"))]
        if len(found) != 1:
            raise CannotGoOn(f"there {'is no folder' if not found else 'are several folders'} {wanted}", Exit.FAILED)
        folder = str(found[0]["id"])
    write = Write(
        "playlists.file",
        "move a playlist to another folder",
        "playlist-folders",
        {"id": playlist},
        {"folderId": folder},
        key=doing.key_for(),
        of=playlist,
    )
    await doing.do(write, f"it is in {wanted if folder else 'no folder'} now")


async def _invite(doing: Doing) -> None:
    playlist = _playlist(doing)

    async def invite(doing: Doing, target: Target) -> None:
        write = Write(
            "playlists.add_collaborator",
            f"let {target.id} change a playlist",
            f"playlist:{playlist}",
            {"id": playlist},
            {"username": target.id},
            key=doing.key_for(target.id),
        )
        await doing.do(write, f"{target.id} may edit it now")

    await for_each(doing, read_targets(doing.arguments.of, (Kind.USER,)), invite)


async def _uninvite(doing: Doing) -> None:
    from tui.cli.verbs.chats import user_id

    playlist = _playlist(doing)

    async def uninvite(doing: Doing, target: Target) -> None:
        write = Write(
            "playlists.remove_collaborator",
            f"let {target.id} change a playlist no more",
            f"playlist:{playlist}",
            {"id": playlist, "userId": await user_id(doing.fetch, target.id)},
            key=doing.key_for(target.id),
            undo=Undo("playlists.add_collaborator", {"id": playlist}, {"username": target.id}, "let them change it"),
        )
        await doing.do(write, f"{target.id} may edit it no more", {"username": target.id})

    await for_each(doing, read_targets(doing.arguments.of, (Kind.USER,)), uninvite)


async def _blend(doing: Doing) -> None:
    name = from_text(doing.arguments.of, (Kind.USER,)).id
    write = Write(
        "playlists.blend",
        f"blend your music with {name}",
        f"blend:{name.casefold()}",
        body={"username": name},
        key=doing.key_for(),
    )
    await doing.do(write, f"your blend with {name} is made")


_PLAYLIST = argument("playlist", metavar="PLAYLIST", help="an id or playlist/ID")
_NAME = argument("name", nargs="+", metavar="NAME", help="what it is called")
_USERS = argument("of", nargs="+", metavar="USER", help="a name or @name, or - for lines of JSON")

_WRITINGS: tuple[Writing, ...] = (
    Writing(
        Usage(
            "playlist-new",
            "Make a playlist.",
            ("parlour playlist-new Monday morning", "parlour playlist-new Ours --collaborative -q .id"),
            (
                _NAME,
                argument("--about", metavar="TEXT", help="what it is for"),
                argument("--private", action="store_true", help="for you alone"),
                argument("--collaborative", action="store_true", help="others may change it"),
            ),
        ),
        _new,
    ),
    Writing(
        Usage(
            "playlist-add",
            "Put tracks into a playlist: by themselves, of an album, of another list.",
            (
                "parlour playlist-add playlist/ID",
                "parlour playlist-add playlist/ID track/ID album/ID",
                "parlour mix discover-weekly --json | parlour playlist-add playlist/ID -",
            ),
            (
                _PLAYLIST,
                argument("of", nargs="*", metavar="WHAT", help="track/ID, album/ID, mix/NAME, -; else what plays"),
            ),
        ),
        _add,
    ),
    Writing(
        Usage(
            "playlist-remove",
            "Take tracks out of a playlist.",
            ("parlour playlist-remove playlist/ID track/ID",),
            (_PLAYLIST, argument("of", nargs="+", metavar="TRACK", help="an id, track/ID, or - for lines of JSON")),
        ),
        _remove,
    ),
    Writing(
        Usage(
            "playlist-move",
            "Move a track of a playlist.",
            ("parlour playlist-move playlist/ID track/ID 1",),
            (
                _PLAYLIST,
                argument("of", metavar="TRACK", help="an id or track/ID"),
                argument("to", metavar="POSITION", type=positive, help="counted from 1"),
            ),
        ),
        _move,
    ),
    Writing(
        Usage(
            "playlist-rename",
            "Give a playlist another name.",
            ("parlour playlist-rename playlist/ID Tuesday morning",),
            (_PLAYLIST, _NAME),
        ),
        _rename,
    ),
    Writing(
        Usage(
            "playlist-rm",
            "Delete playlists.",
            ("parlour playlist-rm playlist/ID --yes",),
            (argument("of", nargs="+", metavar="PLAYLIST", help="an id, playlist/ID, or - for lines of JSON"), YES),
        ),
        _delete,
    ),
    Writing(
        Usage(
            "playlist-copy",
            "Make a playlist of your own with what another holds now.",
            ("parlour playlist-copy playlist/ID", "parlour playlist-copy playlist/ID Discovered in week 47"),
            (_PLAYLIST, argument("name", nargs="*", metavar="NAME", help="what the copy is called")),
        ),
        _copy,
    ),
    Writing(
        Usage(
            "playlist-file",
            "Put a playlist into one of your folders.",
            ("parlour playlist-file playlist/ID Parties", "parlour playlist-file playlist/ID none"),
            (_PLAYLIST, argument("folder", metavar="FOLDER", help="its name or id; none takes it out")),
        ),
        _file,
    ),
    Writing(
        Usage(
            "playlist-invite",
            "Let people edit a playlist.",
            ("parlour playlist-invite playlist/ID @ann",),
            (_PLAYLIST, _USERS),
        ),
        _invite,
    ),
    Writing(
        Usage(
            "playlist-uninvite",
            "Let people edit a playlist no more.",
            ("parlour playlist-uninvite playlist/ID @ann",),
            (_PLAYLIST, _USERS),
        ),
        _uninvite,
    ),
    Writing(
        Usage(
            "blend",
            "Blend your music with a friend's.",
            ("parlour blend @ann", "parlour playlist $(parlour blend @ann -q .id) --tracks"),
            (argument("of", metavar="USER", help="a name or @name"),),
        ),
        _blend,
    ),
)

WRITINGS: dict[str, Writing] = {writing.usage.name: writing for writing in _WRITINGS}
"""Every verb here by its name."""
