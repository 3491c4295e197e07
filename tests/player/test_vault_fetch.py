"""Downloads over a real and faulty network: resumed in the middle, of the same bytes, giving way to what plays."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api_client.errors import SignInRequired
from tui.player import vault_fetch
from tui.player.engine import Fault
from tui.player.source import AddressRule, SourceError, StreamInfo
from tui.player.vault import TrackVault
from tui.player.vault_fetch import Dropped, VaultFetch
from tui.player.vault_files import DiskFull
from tui.player.vault_records import Kind, Part, Wish
from tui.state.download_queue import DownloadQueue

NOISE = random.Random(5).randbytes(1_000_000)
LIMIT_S = 30.0


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[TrackVault]:
    made = await TrackVault.opened(tmp_path / "music", 10_000_000)
    yield made
    await made.close()


@pytest.fixture
def address(server: Any) -> Callable[[str], Awaitable[StreamInfo]]:
    return lambda track_id: server.resolve(track_id, None)


@pytest.fixture
def fetch(vault: TrackVault, server: Any, client: httpx.AsyncClient, address: Any) -> VaultFetch:
    return VaultFetch(vault, lambda: client, address, AddressRule(f"http://127.0.0.1:{server.port}"))


async def run(fetch: VaultFetch, track_id: str = "a") -> bytes:
    """Fetch a track and return what the vault has of it then."""
    async with asyncio.timeout(LIMIT_S):
        stored = await fetch.run(track_id)
    data = await asyncio.to_thread(fetch._vault._folder.file(stored.name).read_bytes)
    assert stored.sha256 == hashlib.sha256(data).digest()
    assert (stored.quality, stored.size) == (160, len(data))
    return data


def asked(server: Any) -> list[str]:
    return [spans for _, spans in server.log]


# -- one track


async def test_a_track_is_stored_whole_with_its_validator(server: Any, fetch: VaultFetch, vault: TrackVault) -> None:
    server.put("a", NOISE, etag='"one"')
    told: list[tuple[int, int]] = []
    fetch.progress = lambda _, here, size: told.append((here, size))
    assert await run(fetch) == NOISE
    assert vault.contents.files["a"][0].etag == '"one"'
    assert not vault.contents.parts
    assert told[-1] == (len(NOISE), len(NOISE))
    assert told == sorted(told)


async def test_a_broken_download_goes_on_where_it_stopped_also_in_another_run(
    server: Any, fetch: VaultFetch, vault: TrackVault, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    fault = server.put("a", NOISE, etag='"one"', cut_each_at=600_000)
    with pytest.raises(Dropped) as dropped:
        await run(fetch)
    assert dropped.value.fault is Fault.NO_NETWORK
    have = vault.grown("a")
    assert 0 < have <= 600_000
    await vault.close()
    fault.cut_each_at = None
    later = await TrackVault.opened(tmp_path / "music", 10_000_000)
    again = VaultFetch(later, fetch._client, fetch._address, fetch._rule)
    assert await run(again) == NOISE
    assert asked(server) == ["0-", f"{have}-"]
    assert server.headers[-1]["if-range"] == '"one"'
    await later.close()


async def test_bytes_of_another_version_are_never_joined_with_those_that_are_here(
    server: Any, fetch: VaultFetch
) -> None:
    server.put("a", NOISE, etag='"one"', cut_each_at=600_000)
    with pytest.raises(Dropped):
        await run(fetch)
    other = bytes(reversed(NOISE))
    server.put("a", other, etag='"two"')
    assert await run(fetch) == other


async def test_a_validator_that_fits_into_no_header_is_none(server: Any, fetch: VaultFetch, vault: TrackVault) -> None:
    fault = server.put("a", NOISE, etag='"é"', cut_each_at=600_000)
    with pytest.raises(Dropped):
        await run(fetch)
    fault.cut_each_at = None
    assert await run(fetch) == NOISE
    assert vault.contents.files["a"][0].etag == ""


async def test_what_has_no_validator_begins_anew(server: Any, fetch: VaultFetch) -> None:
    fault = server.put("a", NOISE, cut_each_at=600_000)
    with pytest.raises(Dropped):
        await run(fetch)
    fault.cut_each_at = None
    assert await run(fetch) == NOISE
    assert asked(server) == ["0-", "0-"]


async def test_a_partial_file_that_was_lost_begins_anew(server: Any, fetch: VaultFetch, vault: TrackVault) -> None:
    fault = server.put("a", NOISE, etag='"one"', cut_each_at=600_000)
    with pytest.raises(Dropped):
        await run(fetch)
    vault._folder.partial(vault.contents.parts["a"].key).unlink()
    fault.cut_each_at = None
    assert await run(fetch) == NOISE


async def test_a_server_without_ranges_is_fetched_from_the_beginning(server: Any, fetch: VaultFetch) -> None:
    server.put("a", NOISE, etag='"one"', ranges=False, cut_each_at=600_000)
    with pytest.raises(Dropped):
        await run(fetch)
    server.put("a", NOISE, etag='"one"', ranges=False)
    assert await run(fetch) == NOISE


async def test_an_expired_address_is_renewed_and_given_up_at_last(server: Any, fetch: VaultFetch) -> None:
    fault = server.put("a", NOISE, expired_answers=3)
    assert await run(fetch) == NOISE
    assert server.signed == 4
    fault = server.put("b", NOISE, expired_answers=9)
    with pytest.raises(SourceError) as refused:
        await run(fetch, "b")
    assert (refused.value.fault, fault.expired_answers) == (Fault.EXPIRED, 5)


@pytest.mark.parametrize(
    ("faults", "fault", "is_tried_again"),
    [
        ({"status": 404}, Fault.NOT_FOUND, False),
        ({"status": 503}, Fault.SERVER, True),
        ({"status": 418}, Fault.SERVER, False),
        ({"location": "http://127.0.0.1:1/other"}, Fault.ADDRESS, False),
    ],
)
async def test_each_refusal_has_its_reason(
    server: Any, fetch: VaultFetch, vault: TrackVault, faults: dict[str, Any], fault: Fault, is_tried_again: bool
) -> None:
    server.put("a", NOISE, **faults)
    with pytest.raises(SourceError) as refused:
        await run(fetch)
    assert (refused.value.fault, isinstance(refused.value, Dropped)) == (fault, is_tried_again)
    assert not vault.has("a")


async def test_a_full_disk_ends_it_and_what_is_here_stays(
    server: Any, fetch: VaultFetch, vault: TrackVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("a", NOISE)
    await run(fetch)

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    server.put("b", NOISE)
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        with pytest.raises(DiskFull, match="The disk is full"):
            await fetch.run("b")
    assert set(vault.contents.files) == {"a"}


async def test_what_plays_has_the_line_first(server: Any, fetch: VaultFetch, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("a", NOISE)
    waits = 0

    def busy() -> bool:
        nonlocal waits
        waits += 1
        return waits < 4

    monkeypatch.setattr(vault_fetch, "GIVES_WAY_S", 0.0)
    fetch._busy = busy
    assert await run(fetch) == NOISE
    assert waits >= 4


# -- many of them


class Queued:
    """A queue with what it told."""

    def __init__(self, vault: TrackVault, fetch: VaultFetch, folder: Path) -> None:
        self.vault = vault
        self.news = asyncio.Event()
        self.queue = DownloadQueue(vault, fetch.run, folder / "lock", self.changed, delays=(0.0, 0.0))
        fetch.progress = self.queue.progressed
        self.most = 0

    def changed(self, _: str) -> None:
        self.most = max(self.most, len(self.queue.under_way))
        self.news.set()

    async def want(self, *track_ids: str) -> None:
        await self.vault.put_wish(Wish(Kind.PLAYLIST, "p", "Evenings", track_ids=track_ids))
        self.queue.wake()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def queued(vault: TrackVault, fetch: VaultFetch, tmp_path: Path) -> AsyncIterator[Queued]:
    made = Queued(vault, fetch, tmp_path)
    yield made
    await made.queue.close()


def idle(queued: Queued) -> Callable[[], bool]:
    return lambda: queued.queue._task is None


async def test_two_are_fetched_at_once_and_the_others_follow(server: Any, queued: Queued, vault: TrackVault) -> None:
    for name in "abcde":
        server.put(name, NOISE)
    await queued.want(*"abcde")
    await queued.until(idle(queued))
    assert set(vault.contents.files) == set("abcde")
    assert queued.most == 2
    assert {name for name, _ in server.log} == set("abcde")


async def test_what_cannot_be_had_has_its_sentence_and_the_others_come(
    server: Any, queued: Queued, vault: TrackVault
) -> None:
    server.put("a", NOISE, status=404)
    server.put("b", NOISE, status=503)
    server.put("c", NOISE)
    await queued.want(*"abc")
    await queued.until(idle(queued))
    assert set(vault.contents.files) == {"c"}
    assert vault.contents.setbacks["a"].sentence == "This track is not on the server."
    assert "(error 503)" in vault.contents.setbacks["b"].sentence
    assert asked(server).count("0-") >= 1 + 4
    server.put("b", NOISE)
    await vault.drop_setbacks(["b"])
    queued.queue.wake()
    await queued.until(idle(queued))
    assert set(vault.contents.files) == {"b", "c"}


async def test_held_downloads_wait_and_go_on_in_the_middle_of_the_file(
    server: Any, queued: Queued, vault: TrackVault
) -> None:
    fault = server.put("a", NOISE, etag='"one"', hold_at=600_000)
    await queued.want("a")
    await queued.until(lambda: queued.queue.under_way.get("a", (0, 0))[0] > 0)
    queued.queue.hold("paused")
    await queued.until(idle(queued))
    fault.release.set()
    queued.queue.wake()
    assert queued.queue._task is None
    queued.queue.let_go("paused")
    await queued.until(lambda: vault.has("a"))
    assert int(asked(server)[-1].rstrip("-")) > 0


async def test_what_is_taken_off_while_it_comes_is_given_up(server: Any, queued: Queued, vault: TrackVault) -> None:
    server.put("a", NOISE, hold_at=600_000)
    await queued.want("a")
    await queued.until(lambda: queued.queue.under_way.get("a", (0, 0))[0] > 0)
    await vault.drop_wish((Kind.PLAYLIST, "p"))
    queued.queue.wake()
    await queued.until(idle(queued))
    assert (vault.contents.files, vault.contents.parts) == ({}, {})


async def test_a_network_that_is_away_is_no_fault_of_the_tracks(
    server: Any, queued: Queued, vault: TrackVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("a", NOISE)
    tries = 0
    real = server.resolve

    async def resolve(track_id: str, quality: int | None = None) -> StreamInfo:
        nonlocal tries
        tries += 1
        if tries < 8:
            raise Dropped(Fault.NO_NETWORK)
        found: StreamInfo = await real(track_id, quality)
        return found

    monkeypatch.setattr(server, "resolve", resolve)
    await queued.want("a")
    await queued.until(idle(queued))
    assert (vault.has("a"), vault.contents.setbacks, tries) == (True, {}, 8)


async def test_who_is_signed_out_is_told_and_nothing_is_given_up(
    server: Any, queued: Queued, vault: TrackVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> StreamInfo:
        raise SignInRequired("Sign in again.", code="UNAUTHORIZED", status=401)

    with monkeypatch.context() as out:
        out.setattr(server, "resolve", refuse)
        await queued.want("a")
        await queued.until(idle(queued))
    assert (queued.queue.trouble, vault.contents.setbacks) == ("Sign in again.", {})
    server.put("a", NOISE)
    queued.queue.wake()
    await queued.until(lambda: vault.has("a"))


async def test_a_full_disk_takes_from_the_cache_before_it_holds_downloads_up(
    server: Any, queued: Queued, vault: TrackVault, fetch: VaultFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("old", NOISE)
    await run(fetch, "old")
    server.put("a", NOISE)
    roomy = vault.grow

    async def grow(part: Part) -> tuple[Path, int]:
        if vault.has("old"):
            raise DiskFull("The disk is full.")
        return await roomy(part)

    monkeypatch.setattr(vault, "grow", grow)
    await queued.want("a")
    await queued.until(idle(queued))
    assert set(vault.contents.files) == {"a"}

    async def never(part: Part) -> tuple[Path, int]:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(vault, "grow", never)
    server.put("b", NOISE)
    await queued.want("a", "b")
    await queued.until(idle(queued))
    assert (queued.queue.trouble, set(vault.contents.files)) == ("The disk is full.", {"a"})
    assert queued.queue.waiting() == ["b"]


async def test_only_one_of_two_runs_fetches_and_both_see_it(
    server: Any, queued: Queued, fetch: VaultFetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.state.download_queue.LOOK_AGAIN_S", 0.01)
    fault = server.put("a", NOISE, hold_at=300_000)
    other_vault = await TrackVault.opened(tmp_path / "music", 10_000_000)
    other = Queued(other_vault, VaultFetch(other_vault, fetch._client, fetch._address, fetch._rule), tmp_path)
    await queued.want("a")
    await queued.until(lambda: "a" in queued.queue.under_way)
    await other_vault.sync()
    other.queue.wake()
    await other.until(lambda: other.queue.elsewhere)
    fault.release.set()
    await queued.until(idle(queued))
    await other.until(idle(other))
    assert other_vault.has("a")
    assert len(server.log) == 1
    await other.queue.close()
    await other_vault.close()
