"""Takes out of pictures what cameras and programs write beside them: places, times, devices, comments."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

from PIL import Image, ImageOps

ORIENTATION = 0x0112
"""The EXIF tag that says how a picture has to be turned."""

_JPEG_START, _JPEG_END, _JPEG_SCAN = 0xD8, 0xD9, 0xDA
_JPEG_COMMENT = 0xFE
_JPEG_PRIVATE = range(0xE1, 0xF0)
"""Application segments; the one before them, JFIF, is part of the picture."""
_JPEG_COLOURS = (b"ICC_PROFILE\x00", b"Adobe\x00", b"Adobe")
"""What application segments begin with that say how the colours are meant."""
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""The first marker after the coded samples, in which stuffed and restart bytes do not count."""
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PRIVATE = frozenset((b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"))
_WEBP_PRIVATE = {b"EXIF": 0x08, b"XMP ": 0x04}
"""Chunks with the bit that announces each in the header."""


class BrokenPicture(Exception):
    """The parts of the file do not follow each other as its format says."""


def without_metadata(data: bytes, suffix: str, orientation: int) -> bytes:
    """Return the picture without metadata; its samples stay as they are unless it has to be turned.

    `orientation` is the EXIF value (1 to 8). GIF has no place for any of it. Raises BrokenPicture.
    """
    if orientation != 1:
        return _upright(data)
    strip = {"jpg": _jpeg_parts, "png": _png_parts, "webp": _webp_parts}.get(suffix)
    if strip is None:
        return data
    try:
        return b"".join(strip(data))
    except (IndexError, struct.error):
        raise BrokenPicture("a part is cut off") from None


def _upright(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        kind, profile = str(picture.format), picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
    # What has been read along with the picture would be written with it.
    upright.info = {}
    buffer = io.BytesIO()
    upright.save(buffer, kind, quality=95, exif=b"", icc_profile=profile)
    return buffer.getvalue()


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """The segments of ITU T.81, annex B, up to the end of the image: cameras append others behind it."""
    at = 0
    while True:
        if data[at] != 0xFF:
            raise BrokenPicture("a marker is missing")
        while data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if marker == _JPEG_END:
            yield data[at : at + 2]
            return
        if marker == _JPEG_START:
            yield data[at : at + 2]
            at += 2
            continue
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        private = marker == _JPEG_COMMENT or (
            marker in _JPEG_PRIVATE and not data[at + 4 : end].startswith(_JPEG_COLOURS)
        )
        if marker == _JPEG_SCAN:
            following = _AFTER_SCAN.search(data, end)
            if following is None:
                # Cut off, which decoders forgive within limits.
                yield data[at:]
                return
            end = following.start()
        if not private:
            yield data[at:end]
        at = end


def _png_parts(data: bytes) -> Iterator[bytes]:
    """The chunks of the PNG specification, section 5, up to IEND."""
    yield _PNG_SIGNATURE
    at = len(_PNG_SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if kind not in _PNG_PRIVATE:
            yield data[at:end]
        if kind == b"IEND" or end >= len(data):
            return
        at = end


def _webp_parts(data: bytes) -> Iterator[bytes]:
    """The chunks of a RIFF container (WebP specification), with the header's flags corrected."""
    kept: list[bytes] = []
    flags = 0
    at, limit = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= limit:
        kind, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if kind in _WEBP_PRIVATE:
            flags |= _WEBP_PRIVATE[kind]
        else:
            kept.append(data[at:end])
        at = end
    if flags and kept[0][:4] == b"VP8X":
        kept[0] = kept[0][:8] + bytes((kept[0][8] & ~flags,)) + kept[0][9:]
    body = b"".join(kept)
    yield b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
