"""The platform's secret: made once, kept in a file that only its owner can read, never logged."""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from pathlib import Path

_LENGTH = 32


class MasterSecret:
    """One secret from which every purpose gets its own."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "MasterSecret(...)"

    def derive(self, purpose: str) -> bytes:
        """Return the 32 bytes that belong to `purpose` (HMAC-SHA256, as in RFC 5869 expand with one block)."""
        return hmac.new(self._value, purpose.encode() + b"\x01", sha256).digest()


def load_secret(path: Path) -> MasterSecret:
    """Return the secret kept at `path`, after making it if there is none; the file has mode 0600.

    Raises ValueError if the file is too short to be one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
    else:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_LENGTH))
    value = path.read_bytes()
    if len(value) < _LENGTH:
        raise ValueError(f"{path} does not hold a secret; remove it and all sign-ins are renewed")
    return MasterSecret(value)
