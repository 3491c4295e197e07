"""What a platform can be told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from server.clock import Clock, SystemClock

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How much one user, or one address, may ask for."""

    posts_per_hour: int = 100
    logins_per_minute: int = 10
    """Per address."""
    requests_per_minute: int = 600
    """Per user; per address where nobody is signed in."""


@dataclass(frozen=True, slots=True)
class HashCost:
    """Parameters of Argon2id; the defaults follow RFC 9106, section 4, second recommendation."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about one platform that is not in its database."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 3000
    """0 takes any free port."""
    demo: bool = False
    """Whether an empty platform is filled with demo people, posts, chats and music."""
    music_dir: Path | None = None
    """A folder of music files to serve instead of the demo music."""
    music_every_seconds: float = 60.0
    """After how long that folder is looked through again; files that have not changed are not opened."""
    seed: int = 7
    demo_scale: float = 1.0
    tracks_ahead: int = 12
    """Demo tracks that are rendered before anybody asks for them, by processes that step back for others."""
    clock: Clock = field(default_factory=SystemClock)
    limits: RateLimits = RateLimits()
    hash_cost: HashCost = HashCost()
    body_limit: int = MEBIBYTE
    """Bytes of an ordinary request body."""
    media_body_limit: int = 64 * MEBIBYTE
    """Bytes of a request body that may carry pictures."""
