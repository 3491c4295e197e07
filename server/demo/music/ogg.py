"""Vorbis in Ogg from samples, byte for byte the same every time."""

import io
from functools import cache

import soundfile

from server.demo.music.mixing import Stereo
from server.demo.music.sound import RATE

QUALITIES = (96, 160, 320)
"""Nominal kilobits a second."""
_LEVELS = {96: 0.67, 160: 0.42, 320: 0.07}
"""libsndfile's compression level (0 is the largest file) that comes closest to each quality."""
_BLOCK = 1 << 14
_POLYNOMIAL = 0x04C11DB7
_SERIAL = slice(14, 18)
_CHECKSUM = slice(22, 26)
_FIXED_SERIAL = b"PRLR"


def encode(samples: Stereo, quality: int) -> bytes:
    """Ogg Vorbis of `samples` (2, n) at `quality` kilobits a second. Raises ValueError for another quality."""
    if quality not in QUALITIES:
        raise ValueError(f"quality must be one of {QUALITIES}")
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", RATE, 2, format="OGG", subtype="VORBIS", compression_level=_LEVELS[quality]
    ) as file:
        # Large single writes overflow the stack of libsndfile's encoder.
        for start in range(0, samples.shape[1], _BLOCK):
            file.write(samples[:, start : start + _BLOCK].T)
    return with_fixed_serial(out.getvalue())


def with_fixed_serial(data: bytes) -> bytes:
    """The Ogg stream `data` with a constant serial number, since the encoder draws it by the clock.

    The page checksum is linear, so it is corrected by the checksum of the change alone. Raises ValueError if
    `data` is no sequence of Ogg pages.
    """
    stream = bytearray(data)
    at = 0
    while at < len(stream):
        if stream[at : at + 4] != b"OggS":
            raise ValueError("not an Ogg page")
        segments = stream[at + 26]
        length = 27 + segments + sum(stream[at + 27 : at + 27 + segments])
        serial = stream[at + _SERIAL.start : at + _SERIAL.stop]
        change = bytes(a ^ b for a, b in zip(serial, _FIXED_SERIAL, strict=True))
        fix = _after_zeros(_checksum(change), length - _SERIAL.stop)
        old = int.from_bytes(stream[at + _CHECKSUM.start : at + _CHECKSUM.stop], "little")
        stream[at + _SERIAL.start : at + _SERIAL.stop] = _FIXED_SERIAL
        stream[at + _CHECKSUM.start : at + _CHECKSUM.stop] = (old ^ fix).to_bytes(4, "little")
        at += length
    return bytes(stream)


def _checksum(data: bytes) -> int:
    register = 0
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = ((register << 1) ^ (_POLYNOMIAL if register & 0x80000000 else 0)) & 0xFFFFFFFF
    return register


@cache
def _zero_matrix(power: int) -> tuple[int, ...]:
    """What 2**`power` zero bytes do to each bit of the register."""
    if power == 0:
        columns = []
        for bit in range(32):
            register = 1 << bit
            for _ in range(8):
                register = ((register << 1) ^ (_POLYNOMIAL if register & 0x80000000 else 0)) & 0xFFFFFFFF
            columns.append(register)
        return tuple(columns)
    half = _zero_matrix(power - 1)
    return tuple(_apply(half, column) for column in half)


def _apply(matrix: tuple[int, ...], register: int) -> int:
    result = 0
    for bit, column in enumerate(matrix):
        if register >> bit & 1:
            result ^= column
    return result


def _after_zeros(register: int, count: int) -> int:
    for power in range(count.bit_length()):
        if count >> power & 1:
            register = _apply(_zero_matrix(power), register)
    return register
