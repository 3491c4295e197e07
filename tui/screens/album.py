"""An album: its tracks by disc, its cover, when it came out and where."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby

from api_client.models.music import Album
from tui.places import AlbumPlace
from tui.screens.music_detail_parts import MusicDetail
from tui.screens.music_parts import Heading, Line, Note, Source, day, release_kind, total, track_lines, trouble_of
from tui.state.music import MusicChange, MusicPart


class AlbumScreen(MusicDetail):
    """The first row stands for the album itself."""

    place: AlbumPlace

    @property
    def album(self) -> Album | None:
        """What is shown, once it is there."""
        return self.store.album(self.place.album_id)

    async def load(self) -> None:
        await self.store.load_album(self.place.album_id)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.ALBUM and change.id == self.place.album_id

    def stale_since(self) -> datetime | None:
        return self.store.stale_since(MusicPart.ALBUM, self.place.album_id)

    def reading_place(self) -> str:
        return f"album:{self.place.album_id}"

    def lines(self) -> list[Line] | None:
        album = self.album
        if album is None:
            return None
        if not album.tracks:
            return [Line("empty", Note("There is no track on this album yet."))]
        source = Source(tuple(album.tracks), "album", album.id)
        trouble = trouble_of(album, datetime.now(UTC).date())
        lines = [Line("itself", album, source, itself=True)]
        discs = [(disc, list(tracks)) for disc, tracks in groupby(album.tracks, lambda track: track.disc_number)]
        for disc, tracks in discs:
            if len(discs) > 1:
                lines.append(Line(f"disc {disc}", Heading(f"Disc {disc}", total(tracks))))
            lines += track_lines(str(disc), tracks, source, by_disc=True, trouble=trouble)
        return lines

    def facts(self) -> list[str]:
        album = self.album
        if album is None:
            return []
        return [
            album.title,
            album.artist.name,
            f"{release_kind(album)}, {day(album.release_date)}" if album.release_date else release_kind(album),
            total(album.tracks),
            album.label or "",
            *album.copyrights[:2],
        ]

    def cover_url(self) -> str:
        return (self.album.cover_url or "") if self.album else ""
