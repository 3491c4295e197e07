"""What the terminal does not take at once is kept, and nobody waits for it."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty
from collections.abc import Iterator

import pytest

from tui.outlet import Outlet

BIG = "x" * 300_000


class Clock:
    """Seconds that pass when they are told to."""

    now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal: the person's side, and the program's side."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, slave
    for descriptor in (master, slave):
        try:
            os.close(descriptor)
        except OSError:
            continue


def opened(slave: int) -> Outlet:
    outlet = Outlet.to(slave, asyncio.get_running_loop())
    assert outlet is not None
    return outlet


async def read(master: int, count: int) -> bytes:
    """Read so many bytes, a few at a time."""
    seen = b""
    while len(seen) < count:
        seen += await asyncio.to_thread(os.read, master, 5_000)
    return seen


async def test_what_fits_is_written_at_once_and_does_not_block_anybody_else(ends: tuple[int, int]) -> None:
    master, slave = ends
    outlet = opened(slave)
    outlet.write("hé")
    assert os.read(master, 100) == "hé".encode()
    assert not outlet.is_busy
    assert os.get_blocking(slave), "the shell's own way to the terminal waits as before"
    outlet.close()


async def test_the_rest_follows_in_order_when_the_terminal_takes_it(ends: tuple[int, int]) -> None:
    master, slave = ends
    outlet = opened(slave)
    free = asyncio.Event()
    took: list[tuple[int, float]] = []
    clock = outlet._clock = Clock()
    outlet.write(BIG)
    assert outlet.is_busy
    outlet.write("end")
    outlet.taken = lambda size, seconds: (took.append((size, seconds)), free.set())[1]
    clock.now += 2
    async with asyncio.timeout(30):
        assert await read(master, len(BIG) + 3) == f"{BIG}end".encode()
        await free.wait()
    assert took == [(len(BIG) + 3, 2.0)]
    assert not outlet.is_busy
    outlet.close()


async def test_a_thread_may_write(ends: tuple[int, int]) -> None:
    master, slave = ends
    outlet = opened(slave)
    async with asyncio.timeout(30):
        await asyncio.to_thread(outlet.write, BIG)
        assert await read(master, len(BIG)) == BIG.encode()
    outlet.close()


async def test_closing_waits_until_everything_is_out(ends: tuple[int, int]) -> None:
    master, slave = ends
    outlet = opened(slave)
    outlet.write(BIG)
    reading = asyncio.create_task(read(master, len(BIG)))
    await asyncio.to_thread(outlet.drain)
    async with asyncio.timeout(30):
        assert await reading == BIG.encode()
    outlet.close()
    outlet.write("never")
    outlet.close()
    assert termios.tcgetattr(slave)


async def test_a_terminal_that_is_gone_takes_everything(ends: tuple[int, int]) -> None:
    master, slave = ends
    outlet = opened(slave)
    outlet.write(BIG)
    os.close(master)
    outlet.write("more")
    async with asyncio.timeout(30):
        await asyncio.to_thread(outlet.drain)
    assert outlet.lost
    outlet.close()


async def test_what_is_no_terminal_has_no_outlet() -> None:
    reader, writer = os.pipe()
    assert Outlet.to(writer, asyncio.get_running_loop()) is None
    os.close(reader)
    os.close(writer)
