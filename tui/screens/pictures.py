"""Fetches pictures and decodes them off the event loop, as many as the eye needs and no more."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from api_client.errors import PlatformError
from widgets.picture import COARSE_SPREAD, DecodedPicture, PictureError, decode, merge_runs

AT_ONCE = 4
MOST_COARSE = 64
"""Pictures that are kept coarser as well."""
MEMORY = 24 * 1024 * 1024
"""Bytes of decoded pictures that are kept; a picture of 40 x 16 cells has 4 KB."""

Wanted = tuple[str, int, int]
"""URL, columns, rows."""


class PictureLoader:
    """One for the program. Renderers `peek`, screens `want` what is visible; the arrival redraws the item."""

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]]) -> None:
        self._fetch = fetch
        self._pictures: OrderedDict[Wanted, DecodedPicture | str] = OrderedDict()
        self._size = 0
        self.coarse = False
        """Whether pictures are given coarser than they are, for a slow line."""
        self._coarse: dict[Wanted, tuple[DecodedPicture, DecodedPicture]] = {}
        self._under_way: dict[Wanted, asyncio.Task[None]] = {}
        self._told: dict[Wanted, list[Callable[[], None]]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        # Its own threads: a slow picture must not stand before the lookups that use asyncio's.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")

    def peek(self, url: str, columns: int, rows: int) -> DecodedPicture | str | None:
        """Return the picture, or the sentence that says why there is none, or None while it is not here."""
        found = self._pictures.get((url, columns, rows))
        if found is not None:
            self._pictures.move_to_end((url, columns, rows))
        if self.coarse and isinstance(found, DecodedPicture):
            return self._coarser((url, columns, rows), found)
        return found

    def _coarser(self, wanted: Wanted, fine: DecodedPicture) -> DecodedPicture:
        known = self._coarse.get(wanted)
        if known is None or known[0] is not fine:
            if len(self._coarse) >= MOST_COARSE:
                self._coarse.clear()
            coarse = DecodedPicture(fine.cols, fine.rows, merge_runs(fine.rgb, fine.cols, COARSE_SPREAD))
            known = self._coarse[wanted] = fine, coarse
        return known[1]

    def want(self, url: str, columns: int, rows: int, arrived: Callable[[], None]) -> None:
        """See to it that the picture comes; `arrived` is called on the loop when it, or its failure, is there."""
        wanted = (url, columns, rows)
        if wanted in self._pictures:
            return
        self._told.setdefault(wanted, []).append(arrived)
        if wanted not in self._under_way:
            self._under_way[wanted] = asyncio.create_task(self._load(wanted), name="picture")

    async def get(self, url: str, columns: int, rows: int) -> DecodedPicture:
        """Return the picture, waiting for it. Raises PictureError with a sentence."""
        here = asyncio.Event()
        self.want(url, columns, rows, here.set)
        if self.peek(url, columns, rows) is None:
            await here.wait()
        found = self.peek(url, columns, rows)
        if isinstance(found, DecodedPicture):
            return found
        raise PictureError(found or "The picture did not come.")

    @property
    def busy(self) -> bool:
        """Whether pictures are under way."""
        return bool(self._under_way)

    def forget_failures(self) -> None:
        """Try again, when next wanted, what failed before: the connection is back."""
        for wanted in [key for key, found in self._pictures.items() if isinstance(found, str)]:
            del self._pictures[wanted]

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _load(self, wanted: Wanted) -> None:
        url, columns, rows = wanted
        try:
            async with self._places:
                data = await self._fetch(url)
                loop = asyncio.get_running_loop()
                picture: DecodedPicture | str = await loop.run_in_executor(self._threads, decode, data, columns, rows)
        except (PictureError, PlatformError) as error:
            picture = getattr(error, "sentence", None) or str(error)
        finally:
            self._under_way.pop(wanted, None)
            listeners = self._told.pop(wanted, [])
        self._keep(wanted, picture)
        for arrived in listeners:
            arrived()

    def _keep(self, wanted: Wanted, picture: DecodedPicture | str) -> None:
        self._pictures[wanted] = picture
        self._size += len(picture.rgb) if isinstance(picture, DecodedPicture) else 0
        while self._size > MEMORY and len(self._pictures) > 1:
            _, old = self._pictures.popitem(last=False)
            self._size -= len(old.rgb) if isinstance(old, DecodedPicture) else 0
