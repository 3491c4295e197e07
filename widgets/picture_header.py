"""What a picture's first bytes say of its format and size, before anything is decoded."""

from __future__ import annotations

from struct import error as StructError  # noqa: N812  it is an exception, whatever its name
from struct import unpack_from


class PictureError(ValueError):
    """A picture that cannot be shown; the message is a sentence for the reader."""


_BROKEN = "This picture is damaged."
_START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD9)}


def measure(data: bytes) -> tuple[str, int, int]:
    """Return (format, width, height in pixels) of a PNG, JPEG, GIF or WebP; PictureError when it is none."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            found = ("PNG", *unpack_from(">II", data, 16))
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            found = ("GIF", *unpack_from("<HH", data, 6))
        elif data.startswith(b"\xff\xd8\xff"):
            found = ("JPEG", *_measure_jpeg(data))
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            found = ("WEBP", *_measure_webp(data))
        else:
            raise PictureError("This is not a picture that can be shown here.")
    except (StructError, IndexError):
        raise PictureError(_BROKEN) from None
    if found[1] < 1 or found[2] < 1:
        raise PictureError(_BROKEN)
    return found


def _measure_jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        while data[at] != 0xFF or data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker in _STANDALONE:
            at += 2
            continue
        (length,) = unpack_from(">H", data, at + 2)
        if marker in _START_OF_FRAME:
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + max(2, length)


def _measure_webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise PictureError(_BROKEN)
