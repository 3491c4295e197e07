"""Stream tickets: signed addresses of audio, the same one again while a request is retried."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from api_client.models.music import StreamTicket
from server.clock import to_ms
from server.signing import Signer

VALID_FOR = timedelta(hours=1)
RETRY_WINDOW = timedelta(seconds=300)
"""For how long a repeated request gets the ticket of the first one."""
AUDIO_PATH = "/api/v1/media/audio/"

_KEPT = 10_000
_FILE = re.compile(r"(?P<track>[^/\s]{1,64})_(?P<quality>96|160|320)kbps\.(?P<suffix>ogg|mp3|flac|m4a)")


@dataclass(frozen=True, slots=True)
class AudioFile:
    """What an address of audio names."""

    track_id: str
    quality: int
    suffix: str

    @property
    def name(self) -> str:
        """The last part of the address."""
        return f"{self.track_id}_{self.quality}kbps.{self.suffix}"


def audio_file(name: str) -> AudioFile | None:
    """Return what the last part of an address names, None where it is none of ours."""
    found = _FILE.fullmatch(name)
    return AudioFile(found["track"], int(found["quality"]), found["suffix"]) if found else None


class Tickets:
    """Makes tickets and remembers them for the retry window, by user and file, and so by quality too."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._recent: OrderedDict[tuple[str, str], tuple[datetime, StreamTicket]] = OrderedDict()

    def ticket(
        self, user_id: str, file: AudioFile, now: datetime, *, mime_type: str, size_bytes: int | None
    ) -> StreamTicket:
        """Return a ticket for `file` that is good for an hour from when it was first asked for."""
        name = (user_id, file.name)
        known = self._recent.get(name)
        if known is not None and now - known[0] <= RETRY_WINDOW:
            # Rendered meanwhile, its size is known.
            return known[1] if known[1].size_bytes else known[1].model_copy(update={"size_bytes": size_bytes})
        expires_at = to_ms(now + VALID_FOR)
        path = AUDIO_PATH + file.name
        query = self._signer.sign(path, expires_at, uid=user_id)
        made = StreamTicket(
            url=f"{path}?{query}",
            quality=file.quality,
            expires_at=expires_at,
            mime_type=mime_type,
            size_bytes=size_bytes,
        )
        self._recent[name] = (now, made)
        self._recent.move_to_end(name)
        while len(self._recent) > _KEPT:
            self._recent.popitem(last=False)
        return made
