"""What is to be on this machine: asked for, followed, and taken off again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from api_client.client import PlatformClient
from api_client.errors import NotFound, PlatformError
from api_client.models.music import Track
from api_client.sync.ports import StoreTrouble
from tui.player.vault import TrackVault
from tui.player.vault_records import Kind, Wish, WishKey
from tui.state.download_facts import described
from tui.state.download_queue import DownloadQueue
from tui.state.download_shelf import PAUSED, DownloadChange, DownloadShelf
from tui.state.music import MusicChange, MusicPart, MusicStore
from tui.state.tasks import Tasks

UNDO_S = 30.0
"""Seconds for which what was taken off can be had back without being fetched again."""
OFFLINE = "offline"


_FOLLOWED = {MusicPart.ALBUM: Kind.ALBUM, MusicPart.PLAYLIST: Kind.PLAYLIST, MusicPart.MIX: Kind.MIX}


class Downloads(DownloadShelf):
    """One for the session; the player's `Vault`. Until `begin`, and where nothing can be kept, nothing is here."""

    def __init__(self, client: PlatformClient, music: MusicStore) -> None:
        super().__init__(client, music)
        self._client, self._music = client, music
        self.follows: Callable[[frozenset[str]], None] = lambda _: None
        """Told the keys of the records that are to be followed on the socket."""
        self._tasks = Tasks()
        self.can_undo = False
        """Whether taking off is what was done last."""
        self._purge: asyncio.TimerHandle | None = None
        music.downloads = self
        self._unsubscribe = music.subscribe(self._music_changed)

    # -- life

    def begin(self, vault: TrackVault, queue: DownloadQueue) -> None:
        """From now on things can be kept; what was under way goes on."""
        self.vault, self.queue, self.trouble = vault, queue, ""
        self._tasks.later(self._look_after(vault))
        vault.changed = self._vault_changed
        in_use = vault.playing
        vault.playing = lambda: {*in_use(), *self._going()}
        if vault.contents.settings.get(PAUSED) == "1":
            queue.hold(PAUSED)
        if self.away:
            queue.hold(OFFLINE)
        queue.wake()
        self._follow()
        self._vault_changed(None)

    async def close(self) -> None:
        """Stop fetching; what was taken off is let go of."""
        self._unsubscribe()
        if self._purge is not None:
            self._purge.cancel()
        await self._tasks.close()
        if self.queue is not None:
            await self.queue.close()
        if self.vault is not None:
            self.vault.changed = lambda _: None
            try:
                await self._let_go_taken()
            except StoreTrouble:
                # They are no more than part of the cache then.
                self._taken.clear()
            await self.vault.close()

    def follow_line(self, away: bool) -> None:
        """The platform can be reached, or cannot."""
        if away == self.away:
            return
        self.away = away
        if self.queue is not None:
            if away:
                self.queue.hold(OFFLINE)
            else:
                self.queue.let_go(OFFLINE)
                self._tasks.later(self.refresh())
        self.tell(DownloadChange())

    async def refresh(self) -> None:
        """Fetch anew the lists that are followed, and what is missing of words and covers. Raises PlatformError."""
        for kind, item_id in list(self._wishes):
            if kind in (Kind.PLAYLIST, Kind.MIX):
                try:
                    await self._load(kind, item_id)
                except NotFound:
                    continue
        if self.vault is not None:
            pinned = self.vault.contents.pinned()
            await self.facts.load(pinned)
            await self.facts.add_extras([track for each in pinned if (track := self.known(each)) is not None])

    async def load(self) -> None:
        """Read what is known of the tracks that are here or are to be. Raises StoreTrouble."""
        vault, _ = self._ready()
        await vault.sync()
        await self.facts.load(vault.contents.pinned() | set(vault.contents.files))
        self.tell(DownloadChange())

    # -- asking for

    async def want(self, kind: Kind, item_id: str, track: Track | None = None) -> Wish:
        """Ask for something; a list is followed from now on. Raises PlatformError, StoreTrouble among them."""
        vault, queue = self._ready()
        if kind is not Kind.TRACK:
            await self.fetch_list(kind, item_id)
        elif track is None:
            track = await self._music.track(item_id)
        found = described(self._music, kind, item_id, track)
        if found is None:
            raise NotFound("There is nothing to download.", code="NOT_FOUND", status=404)
        wish, tracks = found
        await self.facts.describe(tracks)
        await vault.put_wish(wish)
        await vault.drop_setbacks(wish.track_ids)
        queue.wake()
        self._follow()
        self._tasks.later(self.facts.add_extras(tracks))
        return wish

    async def take_off(self, keys: Iterable[WishKey]) -> list[Wish]:
        """These need not be here any more; `undo` has them back for a while. Raises StoreTrouble."""
        vault, queue = self._ready()
        await self._let_go_taken()
        taken = [wish for key in keys if (wish := self._wishes.get(key)) is not None]
        self._taken, self.can_undo = taken, bool(taken)
        for wish in taken:
            await vault.drop_wish(wish.key)
        queue.wake()
        self._follow()
        self._purge = asyncio.get_running_loop().call_later(UNDO_S, self._purge_taken)
        return taken

    async def undo(self) -> list[Wish]:
        """Have back what was taken off last. Raises StoreTrouble."""
        vault, queue = self._ready()
        taken, self._taken, self.can_undo = self._taken, [], False
        for wish in taken:
            await vault.put_wish(wish)
        queue.wake()
        self._follow()
        return taken

    def wishes_with(self, track_id: str) -> list[Wish]:
        """Return what was asked for and holds a track."""
        return [wish for wish in self.wishes if track_id in wish.track_ids]

    async def pause(self, on: bool) -> None:
        """Let downloads wait, or go on. Raises StoreTrouble."""
        vault, queue = self._ready()
        await vault.set(PAUSED, "1" if on else "0")
        (queue.hold if on else queue.let_go)(PAUSED)

    async def retry(self, track_ids: Collection[str] | None = None) -> int:
        """Try again what could not be had, all of it by default; return how many tracks. Raises StoreTrouble."""
        vault, queue = self._ready()
        going = [each for each in vault.contents.setbacks if track_ids is None or each in track_ids]
        await vault.drop_setbacks(going)
        queue.wake()
        return len(going)

    # -- inside

    def _ready(self) -> tuple[TrackVault, DownloadQueue]:
        if self.vault is None or self.queue is None:
            raise StoreTrouble(self.trouble)
        return self.vault, self.queue

    async def _look_after(self, vault: TrackVault) -> None:
        """Find out what there is; lists that are followed may have changed while nobody looked."""
        await self.facts.begin(vault)
        if not self.away:
            await self.refresh()

    async def _load(self, kind: Kind, item_id: str) -> None:
        match kind:
            case Kind.ALBUM:
                await self._music.load_album(item_id)
            case Kind.PLAYLIST:
                await self._music.playlists.load(item_id)
            case Kind.MIX:
                await self._music.mixes.load(item_id)
            case Kind.TRACK:
                await self._music.track(item_id)

    async def fetch_list(self, kind: Kind, item_id: str) -> None:
        """Fetch what belongs to something; without the platform, what this machine knows of it has to do."""
        try:
            await self._load(kind, item_id)
        except PlatformError as error:
            if not error.worth_retrying or described(self._music, kind, item_id, None) is None:
                raise

    def _follow(self) -> None:
        playlists = (item_id for kind, item_id in self._wishes if kind is Kind.PLAYLIST)
        self.follows(frozenset(f"playlists:{item_id}" for item_id in playlists))

    def _music_changed(self, change: MusicChange) -> None:
        """A list that is followed may have other tracks now."""
        kind = _FOLLOWED.get(change.part)
        wish = self._wishes.get((kind, change.id or "")) if kind is not None else None
        found = described(self._music, wish.kind, wish.id, None) if wish is not None else None
        if wish is None or found is None:
            return
        fresh, tracks = found
        fresh = replace(fresh, added_at=wish.added_at)
        if fresh != wish:
            self._tasks.later(self._take_over(fresh, tracks))

    async def _take_over(self, wish: Wish, tracks: list[Track]) -> None:
        vault, queue = self._ready()
        if wish.key in self._wishes:
            await self.facts.describe(tracks)
            await vault.put_wish(wish)
            queue.wake()
            await vault.evict()
            self._tasks.later(self.facts.add_extras(tracks))

    def _purge_taken(self) -> None:
        self._tasks.later(self._let_go_taken())

    async def _let_go_taken(self) -> None:
        """Delete what was taken off, but for what was asked for otherwise. Raises StoreTrouble."""
        if self._purge is not None:
            self._purge.cancel()
        taken, self._taken, self.can_undo = self._taken, [], False
        if self.vault is not None and taken:
            files, pinned = self.vault.contents.files, self.vault.contents.pinned()
            going = {each for wish in taken for each in wish.track_ids} - pinned
            await self.vault.drop([stored for track_id in going for stored in files.get(track_id, ())])
            for track_id in going:
                await self.vault.abandon(track_id)

    def _vault_changed(self, track_ids: frozenset[str] | None) -> None:
        if track_ids is not None and self.vault is not None and self.queue is not None:
            fresh = [each for each in track_ids if each in self.vault.contents.files and self.known(each) is None]
            if fresh and not self.away:
                self._tasks.later(self._learn(fresh))
            if any(each in self.vault.contents.pinned() for each in track_ids - self.vault.contents.files.keys()):
                # It was damaged, or deleted by another program.
                self.queue.wake()
        self._tell(track_ids)

    async def _learn(self, track_ids: list[str]) -> None:
        await self.facts.learn(track_ids)
        self.tell(DownloadChange(frozenset(track_ids)))

    def _tell(self, track_ids: frozenset[str] | None) -> None:
        for track_id in track_ids or ():
            self._music.tell(MusicChange(MusicPart.MARK, track_id))
        self.tell(DownloadChange(track_ids))

    def news(self, track_id: str) -> None:
        """The queue has news of a track, or of itself where that is empty."""
        self._tell(frozenset([track_id]) if track_id else None)
