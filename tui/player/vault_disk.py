"""The order in which files and index are changed, on which it rests that a kill leaves a valid vault."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from api_client.sync.ports import StoreTrouble
from tui.player.vault_files import VaultFolder, Written
from tui.player.vault_index import VaultIndex
from tui.player.vault_records import Part, Stored


def put(folder: VaultFolder, index: VaultIndex, written: Written, part: Part, now: float) -> Stored:
    """Let the index know a file that stands; the one in whose place it came goes after that. Raises StoreTrouble."""
    kind = (part.etag, part.mime_type)
    stored = Stored(part.track_id, part.quality, written.name, written.size, written.sha256, *kind, now, now, now)
    try:
        replaced = index.put_file(stored)
    except StoreTrouble:
        folder.remove(written.name)
        raise
    if replaced is not None:
        folder.remove(replaced)
    return stored


def drop(folder: VaultFolder, index: VaultIndex, files: Iterable[Stored]) -> None:
    """Forget files, then delete them: what is known is always there. Raises StoreTrouble."""
    going = list(files)
    index.drop_files(stored.name for stored in going)
    for stored in going:
        with suppress(OSError):  # what cannot be deleted now is swept away some time
            folder.remove(stored.name)
