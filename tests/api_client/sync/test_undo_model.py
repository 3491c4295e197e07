"""Undo and redo against a model: what the user sees after taking back is what stood there before."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from api_client import music_endpoints as table
from api_client.sync import Intent, Inverse, Outbox, Status
from api_client.sync.memory import Disk, MemoryStore
from tests.api_client.sync.fake_platform import FakePlatform, change
from tests.api_client.sync.virtual import LoopClock, VirtualLoop


@dataclass
class Done:
    """A step as the user remembers it."""

    record: str
    before: Any
    after: Any
    key: str
    undone: bool = False


class UndoModel(RuleBasedStateMachine):
    """Changes of two records with the network coming and going, replies lost, refusals, restarts."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.disk = Disk()
        self.refused: set[str] = set()
        self.weather = "answer"
        self.platform = FakePlatform(self._fate)
        self.steps: list[Done] = []
        self.count = 0
        self._open()

    def _fate(self, intent: Intent) -> str:
        return "refuse" if self.weather == "answer" and intent.idempotency_key in self.refused else self.weather

    def _open(self) -> None:
        self.outbox = Outbox(
            self.platform, store=MemoryStore(self.disk), clock=LoopClock(), jitter=lambda: 0.5, side_by_side=2
        )
        self._play(self.outbox.start())

    def _play(self, scene: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(scene)

    def _seen(self, record: str) -> Any:
        """What a screen shows: what the platform has, and what is on its way to it."""
        value = self.platform.records[record].get("name")
        for receipt in self.outbox.open:
            if receipt.intent.params["id"] == record and receipt.status is not Status.ATTENTION:
                value = json.loads(receipt.intent.payload or "{}")["name"]
        return value

    @rule(record=st.sampled_from("ab"), refuse=st.sampled_from([False, False, False, True]))
    def do(self, record: str, refuse: bool) -> None:
        self.count += 1
        value, before = f"v{self.count}", self._seen(record)
        intent = change(record, {"name": value}, key=f"k{self.count}")
        if refuse:
            self.refused.add(intent.idempotency_key)
        back = Inverse(table.CHANGE_PLAYLIST, {"id": record}, {"name": before}, label="back")
        self._play(self.outbox.submit(intent, undo=back))
        self.steps = [step for step in self.steps if not step.undone]
        self.steps.append(Done(record, before, value, intent.idempotency_key))

    @rule()
    def undo(self) -> None:
        label = self._play(self.outbox.undo())
        step = next((step for step in reversed(self.steps) if not step.undone), None)
        assert (label is None) == (step is None)
        if step is not None:
            step.undone = True

    @rule()
    def redo(self) -> None:
        label = self._play(self.outbox.redo())
        step = next((step for step in self.steps if step.undone), None)
        assert (label is None) == (step is None)
        if step is not None:
            step.undone = False
            key = self.outbox.history.all[self.steps.index(step)].id
            if step.key in self.refused:
                self.refused.add(key)
            step.key = key

    @rule(weather=st.sampled_from(["answer", "answer", "gone", "lose reply", "portal"]))
    def the_network_changes(self, weather: str) -> None:
        self.weather = weather

    @rule(seconds=st.sampled_from([0.0, 0.01, 1.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self._play(asyncio.sleep(seconds))

    @rule()
    def the_network_is_back(self) -> None:
        self.weather = "answer"
        self.outbox.resume()
        self._play(self.outbox.drained(100.0))

    @rule()
    def the_program_starts_again(self) -> None:
        self._play(self.outbox.close())
        self._open()

    @precondition(lambda self: self.outbox.attention)
    @rule()
    def the_user_sends_a_refused_one_again_and_it_passes(self) -> None:
        for receipt in tuple(self.outbox.attention):
            self.refused.discard(receipt.intent.idempotency_key)
            self.outbox.retry(receipt.id)

    @invariant()
    def what_is_seen_is_what_was_done_and_not_taken_back(self) -> None:
        refused = {receipt.intent.idempotency_key for receipt in self.outbox.attention}
        for record in "ab":
            done = [s for s in self.steps if s.record == record and not s.undone and s.key not in refused]
            assert self._seen(record) == (done[-1].after if done else None)

    def teardown(self) -> None:
        self._play(self.outbox.close())
        left = asyncio.all_tasks(self.loop)
        self.loop.close()
        assert not left


TestUndo = UndoModel.TestCase
TestUndo.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
