"""How libmpv is set up: nothing of the user's own mpv, nothing that hostile bytes could reach, then comfort."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tui.player.engine import EngineUnavailable

REQUIRED = {
    "vo": "null",
    "video": "no",
    "idle": "yes",
    "config": "no",
    "terminal": "no",
    "input_default_bindings": "no",
    "input_vo_keyboard": "no",
    "input_ipc_server": "",
    "resume_playback": "no",
    "save_position_on_quit": "no",
    "autoload_files": "no",
    "ordered_chapters": "no",
    # No playlist, EDL, cue or archive demuxer: bytes can name no other file and no address.
    "demuxer": "+lavf",
    "access_references": "no",
    "load_unsafe_playlists": "no",
    # The application brings the bytes, so libmpv's own network is allowed no protocol at all.
    "demuxer_lavf_o": "protocol_whitelist=[none],format_whitelist=[ogg,mp3,mov,mp4,m4a,flac,wav],fflags=+fastseek",
    "stream_lavf_o": "protocol_whitelist=[none]",
    "tls_verify": "yes",
    "cookies": "no",
}
"""Without each of these the engine is refused: it would not be safe to give it bytes from a network."""

SCRIPTING = {
    "load_scripts": "no",
    "ytdl": "no",
    "osc": "no",
    "load_stats_overlay": "no",
    "load_auto_profiles": "no",
    "load_osd_console": "no",
    "load_console": "no",
    "load_select": "no",
}
"""A libmpv without one of these has no such script in it, which is as good as "no"; any other failure is fatal."""

COMFORT = {
    "audio-display": "no",
    "force-window": "no",
    "osd-level": 0,
    "audio-client-name": "Parlour",
    "gapless-audio": "yes",
    "prefetch-playlist": "yes",
    "cache": "yes",
    "cache-pause-initial": "no",
    "audio-buffer": 0.2,
    "replaygain": "track",
    "demuxer-readahead-secs": 20,
    "demuxer-max-bytes": "32MiB",
    "demuxer-max-back-bytes": "16MiB",
    "volume-max": 100,
    "hr-seek": "yes",
}

_OUTPUTS = {"darwin": "coreaudio", "win32": "wasapi"}
_LINUX_OUTPUTS = "pipewire,pulse,alsa"
"""Named, so that JACK and SDL are not tried: both write to the terminal."""


def create_player(module: ModuleType, audio_output: str | None) -> Any:
    """Return a hardened, idle `mpv.MPV`. Raises EngineUnavailable if a setting that must hold cannot be made."""
    options: dict[str, Any] = dict(REQUIRED)
    options["ao"] = audio_output or _OUTPUTS.get(sys.platform, _LINUX_OUTPUTS)
    options["audio_fallback_to_null"] = "yes"
    scripting = dict(SCRIPTING)
    while True:
        try:
            player = module.MPV(**options, **scripting)
            break
        except (AttributeError, TypeError, ValueError) as error:
            name = _unknown_option(error)
            if name not in scripting:
                raise EngineUnavailable(f"this libmpv cannot be made safe ({name or error}): update it") from error
            del scripting[name]
    for name, value in COMFORT.items():
        try:
            player[name] = value
        except (AttributeError, TypeError, ValueError):  # another version of libmpv: it plays without
            continue
    return player


def _unknown_option(error: Exception) -> str | None:
    """Return which option libmpv does not know, out of ('mpv option does not exist', -5, (handle, name, value))."""
    match error.args:
        case (str(), -5, (_, bytes(name), *_)):
            return name.decode("utf-8", "replace").replace("-", "_")
        case _:
            return None
