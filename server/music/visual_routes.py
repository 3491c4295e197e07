"""Waveforms and spectra over HTTP."""

from __future__ import annotations

import base64

from api_client import music_endpoints
from api_client.errors import ErrorCode
from api_client.models.visuals import TrackPeaks, TrackSpectrum
from server.context import Ctx, RequestContext
from server.music.problems import track_not_found
from server.music.reader import is_out
from server.music.sound_picture import BANDS, HIGHEST_HZ, LOWEST_HZ, NoPicture, SoundPicture
from server.playback.render import RenderFailed
from server.problems import Problem
from server.routing import IdPath, Router
from server.tables.music import AlbumRow, TrackRow

router = Router()


@router.handles(music_endpoints.PEAKS)
async def peaks(ctx: Ctx, track_id: IdPath) -> TrackPeaks:
    """The waveform of a track, made from its audio when it is first asked for."""
    found = await _picture(ctx, track_id)
    if found is None:
        return TrackPeaks(track_id=track_id, ready=False)
    return TrackPeaks(track_id=track_id, duration_ms=found.duration_ms, peaks=list(found.peaks))


@router.handles(music_endpoints.SPECTRUM)
async def spectrum(ctx: Ctx, track_id: IdPath) -> TrackSpectrum:
    """The levels of a track's bands, made from its audio when they are first asked for."""
    found = await _picture(ctx, track_id)
    if found is None:
        return TrackSpectrum(track_id=track_id, ready=False)
    return TrackSpectrum(
        track_id=track_id,
        fps=found.fps,
        bands=BANDS,
        frames=found.frames,
        lowest_hz=LOWEST_HZ,
        highest_hz=HIGHEST_HZ,
        data=base64.b64encode(found.spectrum).decode("ascii"),
    )


async def _picture(ctx: RequestContext, track_id: str) -> SoundPicture | None:
    track = await ctx.db.get(TrackRow, track_id)
    if track is None:
        raise track_not_found()
    album = await ctx.db.get_one(AlbumRow, track.album_id)
    if not is_out(album.release_date, ctx.now):
        raise Problem(ErrorCode.FORBIDDEN, f"This track is not out before {album.release_date}.")
    source = await ctx.state.playback.audio.source(ctx.db, track)
    if source is None:
        raise _none()
    # Whoever waits for a picture that is being made does not keep others from reading.
    await ctx.close()
    try:
        return await ctx.state.playback.visuals.picture(track.audio_key or "", source)
    except (NoPicture, RenderFailed):
        raise _none() from None


def _none() -> Problem:
    return Problem(ErrorCode.NOT_FOUND, "There is no waveform of this track.")
