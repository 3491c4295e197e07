"""Looks at what makes sound: libmpv, what it can decode, and where the sound may go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api_client.text import clean_line
from tui.doctor.examination import ProbeFailed, probe
from tui.doctor.findings import Facts, Finding, Patient, ok, problem, warning

ANSWER_WITHIN = 3.5
"""Seconds for loading libmpv and asking it; a sound server that hangs takes longer."""
NEEDED = ("mp3", "vorbis", "opus", "flac", "aac")
"""What tracks are encoded in."""


async def look_at_sound(patient: Patient) -> Sequence[Finding]:
    """Return whether there is a libmpv, and a device for the sound."""
    output = patient.loaded.config.player.output
    try:
        told = await probe("tui.doctor.sound_probe", output, seconds=ANSWER_WITHIN * patient.patience)
    except ProbeFailed as error:
        advice = "Parlour starts without sound in such a case. A sound server that hangs is the usual reason."
        return [problem("sound.libmpv", f"libmpv could not be tried: {error}.", advice)]
    if "trouble" in told:
        sentence = clean_line(str(told["trouble"]))
        advice = "Until then the player keeps time without sound, or plays on another of your devices (, c)."
        return [warning("sound.libmpv", f"{sentence[:1].upper()}{sentence[1:]}.", advice)]
    return [_library(told), _decoders(told), _devices(told, output)]


def _library(told: dict[str, Any]) -> Finding:
    version, path = clean_line(str(told.get("version", ""))), clean_line(str(told.get("path", "")))
    where = f" ({path})" if path else ""
    return ok(
        "sound.libmpv",
        f"libmpv is there: {version}{where}. It opens without a device.",
        version=version,
        path=path,
        ffmpeg=clean_line(str(told.get("ffmpeg", ""))),
        milliseconds=told.get("milliseconds"),
    )


def _decoders(told: dict[str, Any]) -> Finding:
    missing = [name for name in NEEDED if name not in told.get("decoders", ())]
    if missing:
        advice = "Tracks in these forms do not play. Take the libmpv of your system in its full form."
        return warning("sound.decoders", f"libmpv cannot decode {', '.join(missing)}.", advice, missing=missing)
    return ok("sound.decoders", "Everything is decoded by libmpv itself; no ffmpeg program is needed.", missing=[])


def _devices(told: dict[str, Any], output: str) -> Finding:
    names = [clean_line(str(name)) for name in told.get("devices", ())]
    opened = clean_line(str(told.get("opened", "")))
    facts: Facts = {"devices": names, "output": output, "opens": opened}
    if output == "null":
        return ok("sound.devices", 'No sound is wanted here: output = "null" in [player].', **facts)
    if not names:
        advice = "The player keeps time without sound. , c plays on another of your devices; over ssh that is usual."
        return warning("sound.devices", "There is no sound device.", advice, **facts)
    if opened == "null":
        advice = "The player keeps time without sound. , c plays on another of your devices; on a server that is usual."
        if output:
            advice = "Take the line `output` out of [player] in config.toml: then the system chooses."
        which = output or f"None of {len(names)} sound devices"
        return warning("sound.devices", f"{which} {'does not open' if output else 'opens'}.", advice, **facts)
    if not opened:
        advice = "The player begins without sound, and goes on as soon as the device is there."
        return warning("sound.devices", "The sound device does not open at once.", advice, **facts)
    return ok("sound.devices", f"Sound goes out by {opened}; {len(names)} devices are known.", **facts)
