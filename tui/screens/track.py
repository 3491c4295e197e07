"""All about a track: what it sounds like, where it was released, its other versions."""

from __future__ import annotations

from datetime import datetime

from api_client.models.music import Artist, AudioFeatures, Track
from tui.places import TrackPlace
from tui.screens.music_detail_parts import MusicDetail
from tui.screens.music_parts import Bar, Fact, Heading, Line, Source, day, release_kind, track_lines, trouble_of_track
from tui.state.catalogue import TrackPage
from tui.state.music import MusicChange, MusicPart
from widgets.textfmt import clock

_FASTEST = 200.0
"""Beats a minute of a whole bar."""


class TrackScreen(MusicDetail):
    """The first row is the track itself."""

    place: TrackPlace

    @property
    def page(self) -> TrackPage | None:
        """What is shown, once it is there."""
        return self.store.catalogue.track(self.place.track_id)

    async def load(self) -> None:
        await self.store.catalogue.load_track(self.place.track_id)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.CATALOGUE and change.id == self.place.track_id

    def stale_since(self) -> datetime | None:
        return self.store.catalogue.stale_since(self.place.track_id)

    def reading_place(self) -> str:
        return f"track:{self.place.track_id}"

    def lines(self) -> list[Line] | None:
        page = self.page
        if page is None:
            return None
        source = Source((page.track, *page.versions))
        lines = list(track_lines("itself", [page.track], source))
        lines += [Line(f"by:{ref.id}", Artist(id=ref.id, name=ref.name)) for ref in page.track.artists]
        if page.album is not None:
            lines.append(Line(f"on:{page.album.id}", page.album))
        if page.track.audio_features is not None:
            lines += _sound(page.track.audio_features)
        if page.versions:
            lines.append(Line("h:versions", Heading("Other versions", str(len(page.versions)))))
            lines += track_lines("v", page.versions, source)
        return lines

    def facts(self) -> list[str]:
        page = self.page
        if page is None:
            return []
        track, album = page.track, page.album
        trouble = trouble_of_track(track)
        released = f"{release_kind(album)}, {day(album.release_date)}" if album is not None else ""
        return [
            f"{track.title} (explicit)" if track.explicit else track.title,
            track.artist_names,
            clock(track.duration_ms / 1000) + (f", {trouble}" if trouble else ""),
            f"{track.stream_count:,} streams",
            f"{album.title}: {released}" if album is not None else "",
            _place(track),
            f"ISRC {track.isrc}" if track.isrc else "",
            *([album.label or "", *album.copyrights[:2]] if album is not None else []),
        ]

    def cover_url(self) -> str:
        page = self.page
        return (page.track.album.cover_url or "") if page is not None and page.track.album is not None else ""


def _place(track: Track) -> str:
    return f"track {track.track_number}" + (f" of disc {track.disc_number}" if track.disc_number > 1 else "")


def _sound(features: AudioFeatures) -> list[Line]:
    """Return a bar for each thing that is known of the sound."""
    lines = []
    if features.tempo is not None:
        bar = Bar(features.tempo / _FASTEST, f"{features.tempo:.0f} beats a minute")
        lines.append(Line("f:tempo", Fact("Tempo"), bar=bar))
    for name in ("energy", "danceability", "acousticness", "valence"):
        value: float | None = getattr(features, name)
        if value is not None:
            title = "Mood" if name == "valence" else name.capitalize()
            lines.append(Line(f"f:{name}", Fact(title), bar=Bar(value, f"{value * 100:.0f} %")))
    return [Line("h:sound", Heading("Sound")), *lines] if lines else []
