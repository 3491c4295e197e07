"""What may be uploaded, and how the first bytes tell what it really is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from server.media import PICTURE_BYTES

Purpose = Literal["post", "story", "avatar", "message", "audio"]

FILE_BYTES = 64 * 1024 * 1024
HEAD_BYTES = 16
"""How many of the first bytes `kind_of` wants to see."""

SUFFIXES: Mapping[str, str] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
}

_TAKEN: Mapping[Purpose, tuple[str, ...]] = {
    "post": ("image", "video"),
    "story": ("image", "video"),
    "avatar": ("image",),
    "message": ("image", "video", "audio"),
    "audio": ("audio",),
}


def is_taken(mime_type: str, purpose: Purpose) -> bool:
    """Whether a file of this type serves the purpose."""
    return mime_type in SUFFIXES and mime_type.partition("/")[0] in _TAKEN[purpose]


def size_limit(mime_type: str) -> int:
    """Return how many bytes a file of this type may have."""
    return PICTURE_BYTES if mime_type.startswith("image/") else FILE_BYTES


def looks_like(mime_type: str, head: bytes) -> bool:
    """Whether a file that starts with `head` can be what it was announced as."""
    return mime_type in _candidates(head)


def _candidates(head: bytes) -> tuple[str, ...]:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ("image/png",)
    if head.startswith(b"\xff\xd8\xff"):
        return ("image/jpeg",)
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ("image/gif",)
    if head.startswith(b"RIFF"):
        return {b"WEBP": ("image/webp",), b"WAVE": ("audio/wav",)}.get(head[8:12], ())
    if head[4:8] == b"ftyp":
        return ("video/mp4", "audio/mp4")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return ("video/webm",)
    if head.startswith(b"OggS"):
        return ("audio/ogg",)
    if head.startswith(b"fLaC"):
        return ("audio/flac",)
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return ("audio/mpeg",)
    return ()
