"""The vault on the disk: whole or not at all, after a kill at any moment, for several processes, on a full disk."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import shutil
import sqlite3
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api_client.sync.ports import StoreTrouble
from tui.player import vault_files
from tui.player.engine import Fault
from tui.player.source import Finished
from tui.player.vault import TrackVault
from tui.player.vault_disk import drop, put
from tui.player.vault_files import DiskFull, VaultFolder
from tui.player.vault_index import NAME, VaultIndex
from tui.player.vault_records import Contents, Kind, Part, Setback, Stored, Wish, to_evict

NOISE = random.Random(7).randbytes(300_000)
ROOMY = 10_000_000


def finished(track_id: str, data: bytes = NOISE, quality: int = 160, etag: str = '"e"') -> Finished:
    return Finished(track_id, quality, "audio/ogg", etag, len(data), [data[:1000], data[1000:]])


def wish(*track_ids: str, kind: Kind = Kind.PLAYLIST, item_id: str = "p1") -> Wish:
    return Wish(kind, item_id, "Evenings", "ann", "", 1.0, track_ids)


async def settled(vault: TrackVault) -> None:
    """Wait until everything that was begun behind is done."""
    while vault._tasks:
        await asyncio.wait(set(vault._tasks))


def read(vault: TrackVault, track_id: str, quality: int | None = None) -> bytes | None:
    """Read a track as an engine does."""
    source = vault.open(track_id, quality)
    if source is None:
        return None
    reader, parts = source.reader(), []
    while part := reader.read(65_536):
        parts.append(part)
    reader.close()
    source.shut()
    return b"".join(parts)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[TrackVault]:
    made = await TrackVault.opened(tmp_path / "music", ROOMY)
    yield made
    await settled(made)
    await made.close()


async def kept(vault: TrackVault, *track_ids: str, data: bytes = NOISE) -> None:
    for track_id in track_ids:
        vault.keep(finished(track_id, data))
        await settled(vault)


# -- keeping and reading


async def test_a_track_is_read_as_it_came_and_found_again_by_another_run(vault: TrackVault, tmp_path: Path) -> None:
    await kept(vault, "a")
    assert read(vault, "a") == NOISE
    await settled(vault)
    later = await TrackVault.opened(tmp_path / "music", ROOMY)
    assert read(later, "a") == NOISE
    await settled(later)
    await later.close()


async def test_the_best_quality_plays_and_too_low_a_one_is_not_offered(vault: TrackVault) -> None:
    vault.keep(finished("a", b"low" * 100, 96))
    vault.keep(finished("a", b"high" * 100, 320))
    await settled(vault)
    assert read(vault, "a") == b"high" * 100
    await vault.drop([stored for stored in vault.contents.files["a"] if stored.quality == 320])
    assert read(vault, "a", 160) is None
    assert read(vault, "a") == b"low" * 100


async def test_files_are_for_the_user_alone_and_named_after_no_foreign_word(vault: TrackVault, tmp_path: Path) -> None:
    await kept(vault, "../../etc/passwd", "b")
    folder = tmp_path / "music"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "passwd" not in file.name
    assert names(tmp_path) == ["music"]


async def test_a_reader_goes_on_when_the_file_is_let_go_meanwhile(vault: TrackVault) -> None:
    await kept(vault, "a")
    source = vault.open("a", None)
    assert source is not None
    reader = source.reader()
    first = reader.read(1000)
    await vault.clear()
    await source.close()
    assert first + reader.read(len(NOISE)) == NOISE
    reader.close()
    assert vault.open("a", None) is None
    with pytest.raises(OSError, match="put away"):
        source.reader()


async def test_a_track_that_is_cut_off_while_it_plays_is_called_damaged(vault: TrackVault, tmp_path: Path) -> None:
    await kept(vault, "a")
    source = vault.open("a", None)
    assert source is not None
    reader = source.reader()
    os.truncate(tmp_path / "music" / vault.contents.files["a"][0].name, 100)
    assert reader.read(500) == NOISE[:100]
    with pytest.raises(OSError, match="shorter"):
        reader.read(500)
    assert (source.fault, source.delivered) == (Fault.DAMAGED, False)
    reader.close()


# -- damage


async def test_a_truncated_file_is_not_offered_and_forgotten(vault: TrackVault, tmp_path: Path) -> None:
    await kept(vault, "a")
    os.truncate(tmp_path / "music" / vault.contents.files["a"][0].name, 1000)
    told: list[Any] = []
    vault.changed = told.append
    assert vault.open("a", None) is None
    await settled(vault)
    assert not vault.has("a")
    assert told == [frozenset({"a"})]


async def test_a_start_forgets_what_was_truncated_or_deleted_meanwhile(tmp_path: Path) -> None:
    vault = await TrackVault.opened(tmp_path, ROOMY)
    await kept(vault, "a", "b", "c")
    os.truncate(tmp_path / vault.contents.files["a"][0].name, 5)
    (tmp_path / vault.contents.files["b"][0].name).unlink()
    await vault.close()
    vault = await TrackVault.opened(tmp_path, ROOMY)
    assert set(vault.contents.files) == {"c"}
    await vault.close()


async def test_a_flipped_bit_is_found_by_the_checksum_of_what_plays(vault: TrackVault, tmp_path: Path) -> None:
    await kept(vault, "a")
    stored = vault.contents.files["a"][0]
    with (tmp_path / "music" / stored.name).open("r+b") as file:
        file.seek(5000)
        file.write(bytes([NOISE[5000] ^ 1]))
    vault.played("a", 160)
    await settled(vault)
    assert vault.has("a"), "it was checked a moment ago"
    old = Stored(**{name: getattr(stored, name) for name in Stored.__dataclass_fields__} | {"checked_at": 0.0})
    vault.contents.put(old)
    vault.played("a", 160)
    await settled(vault)
    assert not vault.has("a")


async def test_what_the_decoder_refuses_is_put_away(vault: TrackVault, tmp_path: Path) -> None:
    await kept(vault, "a")
    assert vault.distrust("a")
    assert not vault.has("a")
    await settled(vault)
    assert [name for name in names(tmp_path / "music") if not name.startswith(NAME)] == []
    assert not vault.distrust("a")


async def test_a_damaged_index_is_set_aside_and_said(tmp_path: Path) -> None:
    vault = await TrackVault.opened(tmp_path, ROOMY)
    await kept(vault, "a")
    await vault.close()
    with (tmp_path / NAME).open("r+b") as file:
        file.write(b"no database at all, by any account")
    index = VaultIndex(tmp_path)
    assert "damaged" in index.complaint
    assert index.read() == Contents()
    index.close()
    assert any(".aside" in name for name in names(tmp_path))


async def test_an_index_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    VaultIndex(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / NAME)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreTrouble, match="newer Parlour"):
        VaultIndex(tmp_path)


# -- room


async def test_what_was_played_longest_ago_goes_first_and_downloads_never(tmp_path: Path) -> None:
    vault = await TrackVault.opened(tmp_path, 2 * len(NOISE))
    await vault.put_wish(wish("d", "e"))
    await kept(vault, "d", "e", "a", "b")
    vault.played("a", 160)
    await settled(vault)
    await kept(vault, "c")
    assert set(vault.contents.files) == {"a", "c", "d", "e"}
    vault.playing = lambda: {"a"}
    await vault.set_limit(0)
    assert set(vault.contents.files) == {"a", "d", "e"}
    await vault.close()
    vault = await TrackVault.opened(tmp_path, ROOMY)
    assert vault.limit == 0
    assert await vault.clear() == len(NOISE)
    assert set(vault.contents.files) == {"d", "e"}
    await vault.close()


@given(
    sizes=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), max_size=12),
    pinned=st.sets(st.integers(0, 11)),
    limit=st.integers(0, 200),
)
def test_eviction_takes_the_least_recently_used_and_no_more_than_it_must(
    sizes: list[tuple[int, int]], pinned: set[int], limit: int
) -> None:
    contents = Contents()
    for number, (size, used) in enumerate(sizes):
        contents.put(Stored(str(number), 160, f"n{number}", size, b"", "", "", 0.0, float(used), 0.0))
    contents.put_wish(wish(*(str(number) for number in pinned)))
    going = to_evict(contents, limit)
    loose = [stored for stored in contents.stored() if int(stored.track_id) not in pinned]
    left = [stored for stored in loose if stored not in going]
    assert not {int(stored.track_id) for stored in going} & pinned
    assert sum(stored.size for stored in left) <= limit
    assert all(gone.used_at <= stays.used_at for gone in going for stays in left)
    if going:
        assert sum(stored.size for stored in left) + going[-1].size > limit


async def test_on_a_full_disk_nothing_is_lost_and_the_reason_is_said(
    vault: TrackVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(vault, "a")

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        await kept(vault, "b")
    assert set(vault.contents.files) == {"a"}
    assert read(vault, "a") == NOISE
    assert not [name for name in names(tmp_path / "music") if name.endswith(".part")]
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(vault_files.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(DiskFull, match="The disk is full"):
        await vault.grow(Part("c", 160, 5000, '"e"', "audio/ogg"))


async def test_a_track_that_comes_short_is_not_kept(vault: TrackVault, tmp_path: Path) -> None:
    vault.keep(Finished("a", 160, "audio/ogg", "", 10, [b"short"]))
    await settled(vault)
    assert not vault.has("a")
    assert [name for name in names(tmp_path / "music") if not name.startswith(NAME)] == []


# -- several processes


async def test_two_runs_on_one_account_see_what_the_other_does(tmp_path: Path) -> None:
    one, other = await TrackVault.opened(tmp_path, ROOMY), await TrackVault.opened(tmp_path, ROOMY)
    await kept(one, "a", "b")
    await one.put_wish(wish("a"))
    assert not other.has("a")
    await other.sync()
    assert read(other, "a") == NOISE
    assert other.contents.wishes == one.contents.wishes
    await settled(other)
    await one.drop(one.contents.files["b"])
    assert other.open("b", None) is None
    await settled(other)
    assert not other.has("b")
    await asyncio.gather(*(each._keep(finished("c")) for each in (one, other)))
    for each in (one, other):
        await each.sync(forced=True)
        assert read(each, "c") == NOISE
        await settled(each)
        await each.close()


async def test_what_nobody_knows_is_swept_away_once_it_is_old(tmp_path: Path) -> None:
    vault = await TrackVault.opened(tmp_path, ROOMY)
    await kept(vault, "a")
    old, young, foreign = tmp_path / "aa-bb", tmp_path / "cc-dd.part", tmp_path / "notes.txt"
    for path in (old, young, foreign):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    os.utime(foreign, (1, 1))
    await vault.close()
    vault = await TrackVault.opened(tmp_path, ROOMY)
    assert (old.exists(), young.exists(), foreign.exists(), vault.has("a")) == (False, True, True, True)
    await vault.close()


# -- a kill at any moment

Step = Callable[[VaultFolder, VaultIndex], None]


def _keep(track: int, quality: int, length: int) -> Step:
    data = bytes([track]) * length

    def step(folder: VaultFolder, index: VaultIndex) -> None:
        part = Part(str(track), quality, length, "", "")
        put(folder, index, folder.write(part.key, [data]), part, 1.0)

    return step


def _drop_all(track: int) -> Step:
    def step(folder: VaultFolder, index: VaultIndex) -> None:
        drop(folder, index, index.read().files.get(str(track), ()))

    return step


def _wished(tracks: list[int]) -> Step:
    return lambda _, index: index.put_wish(wish(*map(str, tracks)))


def _unwished() -> Step:
    return lambda _, index: index.drop_wish((Kind.PLAYLIST, "p1"))


def _set_back(track: int) -> Step:
    return lambda _, index: index.put_setback(Setback(str(track), "not_found", "Gone."))


_TRACKS = st.integers(1, 3)
_STEPS = st.one_of(
    st.builds(_keep, _TRACKS, st.sampled_from([96, 160]), st.sampled_from([1, 3000])),
    st.builds(_drop_all, _TRACKS),
    st.builds(_wished, st.lists(_TRACKS, unique=True)),
    st.builds(_unwished),
    st.builds(_set_back, _TRACKS),
)


@contextmanager
def pictures_of(folder: Path, copies: Path) -> Iterator[list[Path]]:
    """Copy `folder`, as the disk has it, before each call that may change it."""
    taken: list[Path] = []

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **how: Any) -> Any:
            taken.append(copies / str(len(taken)))
            shutil.copytree(folder, taken[-1])
            return real(*args, **how)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("write", "fsync", "unlink", "replace"):
            patch.setattr(os, name, watched(getattr(os, name)))
        patch.setattr(VaultIndex, "_do", watched(VaultIndex._do))
        yield taken


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(_STEPS, min_size=1, max_size=4))
@example(steps=[_keep(1, 160, 3000), _keep(1, 160, 3000), _drop_all(1)])
@example(steps=[_keep(1, 160, 1), _keep(1, 160, 3000), _wished([1]), _unwished()])
def test_a_kill_at_any_moment_leaves_a_valid_vault(tmp_path: Path, steps: list[Step]) -> None:
    home = tmp_path / str(time.monotonic_ns())
    before = home / "vault"
    before.mkdir(parents=True)
    folder, index = VaultFolder(before), VaultIndex(before)
    known = index.read()
    for number, step in enumerate(steps):
        with pictures_of(before, home / str(number)) as pictures:
            step(folder, index)
        after = index.read()
        for picture in pictures:
            _is_valid(picture, known, after)
        known = after
    index.close()
    shutil.rmtree(home)


def _is_valid(path: Path, before: Contents, after: Contents) -> None:
    """What is known is there, whole and right, and is as it was before or after the step that was cut off."""
    folder, index = VaultFolder(path), VaultIndex(path)
    assert not index.complaint
    contents = index.read()
    index.close()
    assert all(folder.is_sound(stored.name, stored.size, stored.sha256) for stored in contents.stored())
    assert contents in (before, after)
