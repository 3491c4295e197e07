"""Whole tracks on the disk: what was played is kept as long as there is room, what was asked for stays."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from api_client.sync.ports import StoreTrouble
from tui.player.source import Finished
from tui.player.threads import run_in_thread
from tui.player.vault_disk import drop, put
from tui.player.vault_files import VaultFolder, Written, trouble
from tui.player.vault_index import VaultIndex
from tui.player.vault_records import Contents, Part, Setback, Stored, Wish, WishKey, file_key, to_evict
from tui.player.vault_source import KeptTrack

log = logging.getLogger("parlour")

R = TypeVar("R")

CHECK_AFTER_S = 7 * 24 * 3600.0
"""Seconds after which a track that is played has its checksum compared again."""
LIMIT = "cache_mb"
"""The setting that says how much of what nobody asked for is kept."""


class TrackVault:
    """The tracks of one account, shared by every Parlour that runs for it. A `Vault` for the player.

    What it holds is known in memory, so that looking is free; the disk is asked on a thread. Call it on the loop.
    `changed` is called with the ids of tracks whose files came or went, with None if anything else is new.
    """

    def __init__(self, folder: VaultFolder, index: VaultIndex, contents: Contents, limit: int) -> None:
        """Use `opened`."""
        self._folder, self._index = folder, index
        self.contents = contents
        self._default_limit = limit
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.changed: Callable[[frozenset[str] | None], None] = lambda _: None
        self.playing: Callable[[], Collection[str]] = lambda: ()
        """Which tracks are in use, and are not evicted."""

    @classmethod
    async def opened(cls, path: Path, limit: int) -> Self:
        """Open the vault in `path`, making it if it is not there. What is not pinned takes at most `limit` bytes.

        Truncated files are forgotten, and what was left half written is deleted. Raises StoreTrouble.
        """

        def work() -> tuple[VaultFolder, VaultIndex, Contents]:
            folder = VaultFolder(path)
            index = None
            try:
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.chmod(0o700)
                index = VaultIndex(path)
                contents = index.read()
                sizes = folder.sizes()
                spoiled = [stored for stored in contents.stored() if sizes.get(stored.name) != stored.size]
                if spoiled:
                    drop(folder, index, spoiled)
                    for stored in spoiled:
                        contents.remove(stored)
                growing = {folder.partial(part.key).name for part in contents.parts.values()}
                folder.sweep({stored.name for stored in contents.stored()}, growing)
                index.changed_elsewhere()
            except OSError as error:
                if index is not None:
                    index.close()
                raise trouble(error) from error
            return folder, index, contents

        return cls(*await run_in_thread(work, "vault-open"), limit)

    async def close(self) -> None:
        """Wait for what is being written, and let go of the index."""
        self._closed = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        await run_in_thread(self._index.close, "vault-close")

    # -- what the player asks

    def open(self, track_id: str, quality: int | None) -> KeptTrack | None:
        """Return the best file of a track that is there at `quality` or better, at any if that is None."""
        for stored in self.contents.files.get(track_id, ()):
            if quality is not None and stored.quality < quality:
                break
            try:
                found = KeptTrack(track_id, stored.quality, self._folder.file(stored.name), stored.size)
            except FileNotFoundError:  # another process has let it go, or put another in its place
                self._later(self._missed(stored))
            except (OSError, ValueError):
                log.warning("a kept track cannot be read: it is fetched again")
                self._later(self.drop([stored]))
            else:
                return found
        return None

    def played(self, track_id: str, quality: int | None) -> None:
        """A track sounds: what was only looked at is not among what was played last."""
        for stored in self.contents.files.get(track_id, ()):
            if stored.quality == quality:
                self._later(self._noticed(stored))

    def keep(self, finished: Finished) -> None:
        """Take over a track that was fetched whole, as far as the limit allows."""
        known = self.contents.files.get(finished.track_id, ())
        if any((stored.quality, stored.etag) == (finished.quality, finished.etag) for stored in known):
            return
        if finished.size <= self.limit or finished.track_id in self.contents.pinned():
            self._later(self._keep(finished))

    def has(self, track_id: str) -> bool:
        """Whether a track can be played without the platform."""
        return track_id in self.contents.files

    def distrust(self, track_id: str) -> bool:
        """The decoder could not make sense of a track: put away what there is of it; return whether there was any."""
        files = self.contents.files.get(track_id, ())
        if files:
            self.contents.files.pop(track_id)
            self._later(self.drop(files))
        return bool(files)

    # -- room

    @property
    def limit(self) -> int:
        """How many bytes may be kept that nobody asked for."""
        told = self.contents.settings.get(LIMIT, "")
        return int(told) * 1_000_000 if told.isdecimal() else self._default_limit

    async def set_limit(self, megabytes: int) -> None:
        """Keep at most so much that nobody asked for, from now on. Raises StoreTrouble."""
        await self.set(LIMIT, str(megabytes))
        await self.evict()

    async def evict(self) -> None:
        """Let go of what is over the limit, what was played longest ago first. Raises StoreTrouble."""
        await self.drop(to_evict(self.contents, self.limit, self.playing()))

    async def clear(self) -> int:
        """Let go of everything that nobody asked for and nobody hears; return how many bytes that was."""
        going = to_evict(self.contents, 0, self.playing())
        await self.drop(going)
        return sum(stored.size for stored in going)

    async def drop(self, files: Iterable[Stored]) -> None:
        """Delete files. Raises StoreTrouble."""
        going = list(files)
        if going:
            await self._do(lambda: drop(self._folder, self._index, going))
            for stored in going:
                self.contents.remove(stored)
            self.changed(frozenset(stored.track_id for stored in going))

    # -- downloads

    async def grow(self, part: Part) -> tuple[Path, int]:
        """Return the file in which a download grows, and how much of it is there: 0 if it is of other bytes.

        Raises StoreTrouble; DiskFull if what is missing does not fit.
        """
        path = self._folder.partial(part.key)
        goes_on = self.contents.parts.get(part.track_id) == part

        def work() -> int:
            size = path.stat().st_size if goes_on and path.exists() else 0
            if size == 0 or size > part.size:
                path.unlink(missing_ok=True)
                size = 0
            self._folder.check_room(part.size - size)
            if not goes_on:
                self._index.put_part(part)
            return size

        size = await self._do(work)
        self.contents.parts[part.track_id] = part
        return path, size

    async def finish(self, part: Part, sha256: bytes) -> Stored:
        """Take over a download that is whole and flushed. Raises StoreTrouble."""
        path = self._folder.partial(part.key)
        stored = await self._do(
            lambda: put(
                self._folder, self._index, self._folder.take(path, part.key, part.size, sha256), part, time.time()
            )
        )
        self.contents.parts.pop(part.track_id, None)
        self._added(stored)
        return stored

    async def abandon(self, track_id: str) -> None:
        """Delete what there is of a download that is not wanted any more. Raises StoreTrouble."""
        part = self.contents.parts.pop(track_id, None)
        if part is not None:
            path = self._folder.partial(part.key)

            def work() -> None:
                self._index.drop_part(track_id)
                path.unlink(missing_ok=True)

            await self._do(work)

    def growing(self, part: Part) -> Path:
        """Return the file in which a download grows."""
        return self._folder.partial(part.key)

    def grown(self, track_id: str) -> int:
        """Return how many bytes of an unfinished download are on the disk."""
        part = self.contents.parts.get(track_id)
        try:
            return self._folder.partial(part.key).stat().st_size if part is not None else 0
        except OSError:
            return 0

    async def put_wish(self, wish: Wish) -> None:
        """Note what is to be here. Raises StoreTrouble."""
        await self._do(lambda: self._index.put_wish(wish))
        self.contents.put_wish(wish)
        self.changed(None)

    async def drop_wish(self, key: WishKey) -> None:
        """Something need not be here any more; its files stay, for now. Raises StoreTrouble."""
        await self._do(lambda: self._index.drop_wish(key))
        self.contents.drop_wish(key)
        self.changed(None)

    async def put_setback(self, setback: Setback) -> None:
        """Note why a track is not here. Raises StoreTrouble."""
        self.contents.setbacks[setback.track_id] = setback
        self.changed(frozenset([setback.track_id]))
        await self._do(lambda: self._index.put_setback(setback))

    async def drop_setbacks(self, track_ids: Iterable[str]) -> None:
        """These are tried again. Raises StoreTrouble."""
        going = [each for each in track_ids if self.contents.setbacks.pop(each, None)]
        if going:
            await self._do(lambda: self._index.drop_setbacks(going))
            self.changed(frozenset(going))

    async def set(self, name: str, value: str) -> None:
        """Keep a setting for the account. Raises StoreTrouble."""
        await self._do(lambda: self._index.set(name, value))
        self.contents.settings[name] = value
        self.changed(None)

    # -- what belongs to tracks

    async def put_records(self, records: Mapping[str, bytes]) -> None:
        """Keep words of tracks by name. Raises StoreTrouble."""
        await self._do(lambda: self._index.put_records(records))

    async def records(self, names: Collection[str]) -> dict[str, bytes]:
        """Return those of the records called `names` that there are. Raises StoreTrouble."""
        return await self._do(lambda: self._index.records(names))

    async def record_names(self, prefix: str) -> list[str]:
        """Return the names of the records that begin with `prefix`. Raises StoreTrouble."""
        return await self._do(lambda: self._index.record_names(prefix))

    # -- being one of several

    async def sync(self, *, forced: bool = False) -> None:
        """Take in what another process has changed. Raises StoreTrouble."""

        def work() -> Contents | None:
            return self._index.read() if self._index.changed_elsewhere() or forced else None

        async with self._turn:
            read = await self._on_thread(work)
            if read is not None:
                self.contents = read
        if read is not None:
            self.changed(None)

    # -- inside

    async def _keep(self, finished: Finished) -> None:
        key = file_key(finished.track_id, finished.quality)
        part = Part(finished.track_id, finished.quality, finished.size, finished.etag, finished.mime_type)

        def write() -> Written:
            self._folder.check_room(finished.size)
            return self._folder.write(key, finished.parts)

        # Not in turn: a file that takes long to write must not hold up what is only looked up.
        written = await self._on_thread(write)
        if written.size != finished.size:
            await self._on_thread(lambda: self._folder.remove(written.name))
            return
        self._added(await self._do(lambda: put(self._folder, self._index, written, part, time.time())))
        await self.evict()

    def _added(self, stored: Stored) -> None:
        self.contents.put(stored)
        self.contents.setbacks.pop(stored.track_id, None)
        self.changed(frozenset([stored.track_id]))

    async def _missed(self, stored: Stored) -> None:
        """A file is not there: either its place in the index is news from another process, or it has to be given up."""
        await self.sync(forced=True)
        if stored in self.contents.files.get(stored.track_id, ()):
            await self.drop([stored])

    async def _noticed(self, stored: Stored) -> None:
        """A track is played: note when, and look at its checksum if that was long ago."""
        now = time.time()

        def work() -> bool:
            self._index.used(stored.name, now)
            if now - stored.checked_at < CHECK_AFTER_S:
                return True
            if not self._folder.is_sound(stored.name, stored.size, stored.sha256):
                return False
            self._index.checked(stored.name, now)
            return True

        sound = await self._do(work)
        if not sound:
            await self.drop([stored])
            return
        if stored in self.contents.files.get(stored.track_id, ()):
            checked = now if now - stored.checked_at >= CHECK_AFTER_S else stored.checked_at
            self.contents.put(replace(stored, used_at=now, checked_at=checked))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` behind; what the disk refuses is no trouble of whoever plays."""
        if self._closed:
            work.close()
            return

        async def quietly() -> None:
            try:
                await work
            except StoreTrouble as error:
                log.warning("the vault: %s", error.sentence)

        task = asyncio.get_running_loop().create_task(quietly(), name="vault")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, work: Callable[[], R]) -> R:
        """Run `work` on a thread when what was asked before is done."""
        async with self._turn:
            return await self._on_thread(work)

    @staticmethod
    async def _on_thread(work: Callable[[], R]) -> R:
        try:
            return await run_in_thread(work, "vault")
        except OSError as error:
            raise trouble(error) from error
