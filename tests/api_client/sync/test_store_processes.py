"""Several processes on one account: one sends, and when it is killed another goes on within seconds."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from api_client.sync.outbox import SIDE_BY_SIDE

ROOT = Path(__file__).parents[3]
TAKEOVER = 5.0
"""Seconds within which another process goes on, on a machine that does nothing else."""


class Platform:
    """What the processes send to; it notes everything, and answers."""

    def __init__(self) -> None:
        self.promised: dict[str, str] = {}
        self.sent: list[tuple[str, str, int]] = []
        self.heard = asyncio.Event()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Who is killed in the middle of a line has not said it.
        with suppress(ConnectionError):
            line = await reader.readline()
            if line.endswith(b"\n"):
                what = json.loads(line)
                if what["kind"] == "promised":
                    self.promised[what["key"]] = what["label"]
                else:
                    self.sent.append((what["key"], what["label"], what["process"]))
                self.heard.set()
                writer.write(b"ok\n")
        writer.close()

    async def until(self, condition, within: float) -> float:  # type: ignore[no-untyped-def]
        """Wait until `condition()` holds, and return how many seconds that took."""
        began = time.monotonic()
        async with asyncio.timeout(within):
            while not condition():
                self.heard.clear()
                await self.heard.wait()
        return time.monotonic() - began


class Windows:
    """The processes, and the one program that makes them."""

    def __init__(self, folder: Path, port: int, maker: asyncio.subprocess.Process) -> None:
        folder.mkdir(mode=0o700)
        self.folder = folder
        self._port = port
        self._maker = maker
        self.alive: set[int] = set()
        self._made = 0

    async def add(self) -> None:
        assert self._maker.stdin is not None
        assert self._maker.stdout is not None
        self._made += 1
        self._maker.stdin.write(f"{self.folder} w{self._made} {self._port}\n".encode())
        self.alive.add(int(await self._maker.stdout.readline()))

    def leader(self) -> int | None:
        """The process whose number stands on the lock, if it is alive."""
        try:
            process = int(json.loads((self.folder / "outbox.lock").read_text())["process"])
        except (OSError, ValueError):
            return None
        return process if process in self.alive else None

    def kill(self, process: int) -> None:
        self.alive.discard(process)
        os.kill(process, signal.SIGKILL)


@asynccontextmanager
async def _windows(folder: Path, platform: Platform) -> AsyncIterator[Windows]:
    server = await asyncio.start_server(platform.meet, "127.0.0.1", 0)
    maker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.api_client.sync.outbox_process", cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    windows = Windows(folder, server.sockets[0].getsockname()[1], maker)
    try:
        yield windows
    finally:
        for process in tuple(windows.alive):
            windows.kill(process)
        assert maker.stdin is not None
        maker.stdin.close()
        await maker.wait()
        server.close()
        await server.wait_closed()


async def _kill_leaders(folder: Path, kills: int) -> list[float]:
    """Kill that often who sends; returns the seconds until another one did."""
    platform = Platform()
    takeovers = []
    async with _windows(folder, platform) as windows:
        for _ in range(4):
            await windows.add()
        await platform.until(lambda: len(platform.sent) > 20, within=30)
        for _ in range(kills):
            await platform.until(lambda: windows.leader() is not None, within=30)
            leader = windows.leader()
            assert leader is not None
            windows.kill(leader)
            takeovers.append(await platform.until(lambda dead=leader: platform.sent[-1][2] != dead, within=30))
            await windows.add()
        # What the killed ones had promised is sent by those who live.
        await platform.until(lambda: set(platform.promised) <= {key for key, _, _ in platform.sent}, within=30)
    _check(platform, kills)
    return takeovers


def _check(platform: Platform, kills: int) -> None:
    labels = defaultdict(set)
    order = defaultdict(list)
    for key, label, _ in platform.sent:
        if label not in labels:
            order[label.rpartition("-")[0]].append(label)
        labels[label].add(key)
    assert all(len(keys) == 1 for keys in labels.values()), "one write became two"
    assert all(taken == sorted(taken) for taken in order.values()), "writes on one object changed places"
    times = Counter(key for key, _, _ in platform.sent)
    # With the same key, and only what was on the way when its sender was killed.
    assert sum(count - 1 for count in times.values()) <= kills * SIDE_BY_SIDE
    assert len({process for _, _, process in platform.sent}) > kills // 2


async def test_when_the_leader_is_killed_another_sends_on_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    await _kill_leaders(tmp_path / "account", 4)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_fifty_killed_leaders(tmp_path: Path) -> None:
    assert max(await _kill_leaders(tmp_path / "account", 50)) < TAKEOVER
