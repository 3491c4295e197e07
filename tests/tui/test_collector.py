"""When garbage is looked for everywhere: not while keys are pressed, and then all of it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from tui.state import collector as collecting
from tui.state.collector import Collector


class Knot:
    """Garbage that only the collector can find."""

    def __init__(self) -> None:
        self.itself = self


class Moments:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def collector(moments: Moments, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setattr(collecting, "QUIET", 0.001)
    made = Collector(moments)
    yield made
    made.stop()
    gc.unfreeze()


def _old_garbage() -> asyncio.Event:
    """Leave a knot among the oldest objects, and return what is set when it is gone."""
    gone, knot = asyncio.Event(), Knot()
    weakref.finalize(knot, gone.set)
    for _ in range(12):
        gc.collect(1)
    return gone  # and with this the knot is garbage


async def test_when_it_is_quiet_old_garbage_goes(collector: Collector, moments: Moments) -> None:
    collector.start()
    gone = _old_garbage()
    collector.touched()
    moments.now = 1.0
    await gone.wait()


async def test_while_keys_are_pressed_nothing_old_is_looked_at(collector: Collector, moments: Moments) -> None:
    looked = asyncio.Event()
    look = collector._look
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1
        look()
        if count == 3:
            looked.set()

    collector._look = counted  # type: ignore[method-assign]
    collector.start()
    gone = _old_garbage()
    collector.touched()
    await looked.wait()  # time stands still: the key was pressed just now
    assert not gone.is_set()
    moments.now = 1.0
    await gone.wait()


async def test_what_was_alive_at_a_quiet_moment_and_died_later_goes_at_the_next(
    collector: Collector, moments: Moments
) -> None:
    collector.start()
    knot: Knot | None = Knot()
    gone = asyncio.Event()
    weakref.finalize(knot, gone.set)
    first = _old_garbage()
    collector.touched()
    moments.now = 1.0
    await first.wait()
    knot = None  # it was set aside with everything that was alive
    second = _old_garbage()
    collector.touched()
    moments.now = 2.0
    await second.wait()
    assert gone.is_set()


def test_python_gets_back_what_it_had(collector: Collector) -> None:
    before = gc.get_threshold()
    collector.start()
    assert gc.get_threshold()[2] > before[2]
    assert gc.isenabled()
    collector.stop()
    assert gc.get_threshold() == before
