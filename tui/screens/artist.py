"""An artist: what is heard most, and every release."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from api_client.models.music import AlbumType
from tui.places import ArtistPlace
from tui.screens.concert_parts import concert_lines
from tui.screens.music_detail_parts import MusicDetail
from tui.screens.music_parts import Heading, Line, Note, Source, plain_lines, track_lines
from tui.state.music import ArtistPage, MusicChange, MusicPart
from widgets.textfmt import count_compact

_GROUPS = (
    ("Albums", (AlbumType.ALBUM, AlbumType.UNKNOWN)),
    ("Singles and EPs", (AlbumType.SINGLE, AlbumType.EP)),
    ("Compilations", (AlbumType.COMPILATION,)),
)


class ArtistScreen(MusicDetail):
    """F follows, wherever the cursor stands."""

    TITLES: ClassVar[dict[str, str]] = {**MusicDetail.TITLES, "item.follow": "follow"}

    place: ArtistPlace

    @property
    def page(self) -> ArtistPage | None:
        """What is shown, once it is there."""
        return self.store.artist(self.place.artist_id)

    async def load(self) -> None:
        await self.store.load_artist(self.place.artist_id)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.ARTIST and change.id == self.place.artist_id

    def _changed(self, change: MusicChange) -> None:
        super()._changed(change)
        if change.part is MusicPart.MARK and change.id == self.place.artist_id:
            self.show_facts()

    def stale_since(self) -> datetime | None:
        return self.store.stale_since(MusicPart.ARTIST, self.place.artist_id)

    def reading_place(self) -> str:
        return f"artist:{self.place.artist_id}"

    def lines(self) -> list[Line] | None:
        page = self.page
        if page is None:
            return None
        source = Source(tuple(page.top_tracks), "artist", page.artist.id)
        lines: list[Line] = []
        if page.top_tracks:
            lines.append(Line("top", Heading("Popular", first=True)))
            lines.append(Line("itself", page.artist, source, itself=True))
            lines += track_lines("top", page.top_tracks, source)
        for title, types in _GROUPS:
            albums = [album for album in page.albums if album.album_type in types]
            if albums:
                lines += [Line(title, Heading(title, str(len(albums)), first=not lines)), *plain_lines("a", albums)]
        if page.concerts:
            lines.append(Line("concerts", Heading("Concerts", str(len(page.concerts)), first=not lines)))
            lines += concert_lines(page.concerts, whose=False)
        return lines or [
            Line("empty", Note("Nothing of theirs is here yet. The Release Radar tells those who follow."))
        ]

    def facts(self) -> list[str]:
        if self.page is None:
            return []
        artist = self.page.artist
        return [
            f"{artist.name} ✓" if artist.verified else artist.name,
            "you follow" if self.store.is_followed(artist.id) else f"{self.key_of('item.follow')} follows",
            f"{count_compact(artist.monthly_listeners)} monthly listeners",
            ", ".join(artist.genres),
        ]

    def cover_url(self) -> str:
        return (self.page.artist.image_url or "") if self.page else ""

    async def action_follow(self) -> None:
        if self.page is not None:
            await self._toggle_followed(self.page.artist.id, self.page.artist.name)
