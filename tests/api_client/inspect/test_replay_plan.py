"""What a replay leaves out, and says so: the sound, of which no recording has the bytes."""

from __future__ import annotations

from api_client.inspect.fake_script import Script
from api_client.inspect.replay_plan import plan
from api_client.inspect.session_file import CallLine, Header, Session

BASE = "http://127.0.0.1:3000/api/v1"


def session() -> Session:
    sound = CallLine(at=1.0, number=1, name="audio", method="GET", url=f"{BASE}/media/audio/a.ogg?sig=x", status=206)
    info = CallLine(at=2.0, number=2, name="platform.meta", method="GET", url=f"{BASE}/meta", status=200)
    return Session(Header(platform=BASE), calls=[sound, info])


def test_the_sound_is_not_fetched_again() -> None:
    assert [(step.name, step.skipped) for step in plan(session())] == [
        ("audio", "the sound is not in the recording"),
        ("platform.meta", ""),
    ]


def test_a_recording_does_not_serve_silence_for_sound() -> None:
    assert len(Script(session())) == 1
