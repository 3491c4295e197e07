"""A recommended list: Discover Weekly, a daily mix, the Release Radar, or what goes with a track."""

from __future__ import annotations

from datetime import datetime

from api_client.models.recommendations import Recommendations, RecommendedTrack
from tui.actions import Action
from tui.places import MixPlace
from tui.screens.mix_parts import days_of, note_of, renewal_of, why
from tui.screens.music_detail_parts import MusicDetail
from tui.screens.music_parts import Line, Note, Source, total
from tui.state.music import MusicChange, MusicPart


class MixScreen(MusicDetail):
    """Enter plays on from the highlighted track; w says why it is there."""

    place: MixPlace

    @property
    def mix(self) -> Recommendations | None:
        """What is shown, once it is there."""
        return self.store.mixes.get(self.place.name)

    async def load(self) -> None:
        await self.store.mixes.load(self.place.name)

    def concerns(self, change: MusicChange) -> bool:
        return change.part is MusicPart.MIX and change.id == self.place.name

    def stale_since(self) -> datetime | None:
        return self.store.mixes.stale_since(self.place.name)

    def reading_place(self) -> str:
        return f"mix:{self.place.name}"

    def lines(self) -> list[Line] | None:
        mix = self.mix
        if mix is None:
            return None
        kind, _, item = self.place.name.partition("/")
        source = Source(tuple(mix.tracks), kind.replace("-", "_"), item or "weekly")
        lines = [
            Line(f"{place}:{track.id}", track, source, str(place), note=note_of(track))
            for place, track in enumerate(mix.tracks, 1)
        ]
        return lines or [Line("empty", Note("Nothing yet. It fills as you listen and as there is music."))]

    def facts(self) -> list[str]:
        mix = self.mix
        if mix is None:
            return []
        return [
            mix.title,
            "for another time: it could not be fetched" if self.store.mixes.is_over(self.place.name) else days_of(mix),
            total(mix.tracks),
            renewal_of(mix),
            mix.description or "",
        ]

    def cover_url(self) -> str:
        first = self.mix.tracks[0] if self.mix is not None and self.mix.tracks else None
        return (first.album.cover_url or "") if first is not None and first.album is not None else ""

    # -- why

    def fits(self, action: Action) -> bool:
        if action.id == "item.why":
            return isinstance(self.thing, RecommendedTrack)
        return super().fits(action)

    def action_why(self) -> None:
        """Say why the highlighted track is recommended."""
        if isinstance(self.thing, RecommendedTrack):
            self.shell.say(why(self.thing))
