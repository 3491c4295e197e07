"""The user's settings: one typed model, read from config.toml, every field with its default."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tui.line_speed import Quality

DEFAULT_URL = "http://127.0.0.1:3000"


class Pictures(StrEnum):
    """How pictures are drawn."""

    AUTO = "auto"
    """Half blocks where the terminal has 256 colours or more."""
    BLOCKS = "blocks"
    NONE = "none"

    def drawn_with(self, colours: int) -> bool:
        """Return whether pictures are drawn on a terminal of so many colours."""
        return self is Pictures.BLOCKS or (self is Pictures.AUTO and colours >= 256)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlatformSection(_Section):
    """Which platform."""

    url: str = DEFAULT_URL
    """Base URL; `/api/v1` is added if there is no path."""
    allow_plain_http: bool = False
    """Whether http (not https) may be used to a machine that is not this one."""


class ViewSection(_Section):
    """How things look."""

    theme: str = "parlour-dark"
    light_theme: str = "parlour-light"
    """What `T T` changes to, and back."""
    pictures: Pictures = Pictures.AUTO
    picture_rows: int = Field(16, ge=4, le=40)
    """Height of a picture in a list, in rows."""
    mouse: bool = True
    key_hints: bool = True
    """Whether a window lists what may follow a prefix key."""
    line: Quality = Quality.AUTO
    """Whether a slow line to the terminal gets coarser pictures and fewer frames; `full`: never, `low`: always."""
    frame_differ: bool = True
    """Whether only what has changed is written to the terminal; `false` writes frames as Textual does."""
    motion: bool = True
    """Whether things move by themselves, such as the spectrum of what plays."""
    title: bool = True
    """Whether the title of the terminal's window says what plays."""


class ChatSection(_Section):
    """How chats behave."""

    send_receipts: bool = True
    send_typing: bool = True


class PlayerSection(_Section):
    """How music plays."""

    output: str = ""
    """mpv's audio output, such as `pulse` or `null`; empty for the system's own."""
    volume: int = Field(70, ge=0, le=100)
    crossfade: float = Field(0.0, ge=0, le=12)
    """Seconds that tracks overlap, not within an album; 0: they follow without a gap. `:crossfade` changes it."""
    replaygain: Literal["track", "album", "off"] = "album"
    """Which ReplayGain tags count: each track's; while an album plays in its own order the album's; or none."""
    connection: Literal["", "wifi", "4g", "3g", "2g", "slow-2g"] = ""
    """What the platform is told about the line: wifi, 4g, 3g, 2g, slow-2g; empty for unknown."""
    quality: Literal["auto", 320, 160, 96] = "auto"
    """In kbit/s what is asked for; "auto" is what the line carries. Never more than the plan allows."""
    cache_mb: int = Field(1000, ge=0, le=1_000_000)
    """Megabytes of what was played that are kept for offline; downloads come on top. `:cache` changes it."""
    download_quality: Literal["best", 320, 160, 96] = "best"
    """In kbit/s what downloads are fetched at; "best" is what the plan allows."""
    device_name: str = Field("", max_length=64)
    """What this terminal is called among your devices; empty for the name of the machine. `:device` changes it."""
    mpris: bool = True
    """Whether a Linux desktop may show and control the player: media keys, playerctl, the desktop's own controls."""
    notify: bool = False
    """Whether the desktop tells of each new track while the terminal is not in front."""


class DeveloperSection(_Section):
    """What developers of the platform need."""

    record: Literal["off", "open", "always"] = "open"
    """When what goes over the wire is recorded, in memory alone: never by itself, from the first opening of the
    inspector on, or from the start."""


class Config(_Section):
    """Everything that can be set."""

    platform: PlatformSection = PlatformSection()
    view: ViewSection = ViewSection()
    chat: ChatSection = ChatSection()
    player: PlayerSection = PlayerSection()
    developer: DeveloperSection = DeveloperSection()


@dataclass
class LoadedConfig:
    """The settings in force, and what was wrong with the file, one sentence each."""

    config: Config = field(default_factory=Config)
    complaints: list[str] = field(default_factory=list)


def load_config(path: Path) -> LoadedConfig:
    """Read `path`; an entry that cannot be used is named and its default taken. A missing file means all defaults."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return LoadedConfig()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return LoadedConfig(complaints=[f"{path.name} cannot be read: {error}"])
    complaints: list[str] = []
    while True:
        try:
            return LoadedConfig(Config.model_validate(data), complaints)
        except ValidationError as error:
            for problem in error.errors():
                where = [str(part) for part in problem["loc"]]
                complaints.append(f"{path.name}: {'.'.join(where)}: {problem['msg']}")
                _drop(data, where)


def _drop(data: dict[str, Any], where: list[str]) -> None:
    """Remove the entry at `where`, or the nearest thing above it that is there."""
    for name in where[:-1]:
        inner = data.get(name)
        if not isinstance(inner, dict):
            data.pop(name, None)
            return
        data = inner
    data.pop(where[-1], None)
