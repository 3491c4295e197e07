"""Orders to other devices: all their tracks fit into one frame of the socket, whatever they are called."""

from __future__ import annotations

import pytest

from api_client.models.player import QUEUE_LIMIT, CommandAction, PlayerOrder, PlayerTrack
from api_client.models.realtime import PlayerCommandEvent
from api_client.realtime.session import MAX_FRAME
from server.player.fitting import TRACKS_BYTES, fitting
from server.realtime.connection import QUEUE_CHARACTERS
from server.realtime.hub import encode
from tui.player.shared import playable

ID = "aaaaaaaa-0000-4000-8000-000000000001"


def tracks(word: str, times: int = 1, number: int = QUEUE_LIMIT) -> list[PlayerTrack]:
    name = word * times
    return [
        PlayerTrack(
            id=f"{ID[:-4]}{n:04}", entry_id=2**53 - n, title=f"{n} {name}", artist=name, artists=[name] * 3, album=name,
            album_id=ID, duration_ms=604_800_000, cover_url=f"/covers/{ID}.jpg?{word * (times // 9)}",
            context_type=word * min(times, 32), context_id=word * min(times, 64),
        )
        for n in range(number)
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["x", "音", "\x07", '"', "🎼"])
def test_a_thousand_tracks_with_long_names_fit_into_a_frame(word: str) -> None:
    asked = tracks(word, 2_000)
    sent = fitting(asked)
    order = PlayerOrder(id=ID, action=CommandAction.PLAY_TRACKS, device_id=ID, from_name=word * 64, tracks=sent)
    text = encode(PlayerCommandEvent(command=order))
    assert len(text) < QUEUE_CHARACTERS
    assert len(text.encode()) < TRACKS_BYTES + 2_000 < MAX_FRAME
    read = PlayerCommandEvent.model_validate_json(text).command.tracks
    assert [(track.id, track.entry_id) for track in read] == [(track.id, track.entry_id) for track in asked]
    assert all(track.title.startswith(f"{n} ") for n, track in enumerate(read))
    assert all(playable(track).title for track in read)


def test_names_stay_as_they_are_where_there_is_room() -> None:
    usual, few = tracks("音楽の長い名前", 1), tracks("x", 2_000, number=20)
    assert fitting(usual) == usual
    assert fitting(few) == few
