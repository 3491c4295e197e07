"""A flood of messages into the conversation that is open in the real program: nothing lost, keys heard, few paints.

`python -m benchmarks.chat_flood [--rate 2000] [--seconds 30]` says whether every limit is kept. The messages are thrown
into the program's socket by a relay; somebody types in the composer meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api_client.models.chat import Message, NewConversation
from api_client.models.realtime import NewMessageEvent, ServerFrame
from benchmarks.storm_platform import READY, TICK_SECONDS, Relay, framed, serve_behind
from benchmarks.storm_program import Watched
from tests.e2e.machine import ROOT, Machine
from tests.e2e.terminal import Terminal
from tests.e2e.witness import Witness
from tui import backstage
from tui.__main__ import main as parlour
from widgets.frame_pace import FramePace

RATE, SECONDS = 2_000, 30.0
INPUT_LIMIT_MS, PAINTS_LIMIT = 100.0, 20.0
_KEY_EVERY, _PATIENCE = 0.2, 120.0
_LAST = "the last one"


class _Counting(Watched):
    """Counts what arrives; the report is written when the last message has come and was passed on."""

    seen: set[str]
    began = 0.0
    used = (0.0, 0.0)

    def _note(self, event: ServerFrame) -> Any:
        outcome = super()._note(event)
        if isinstance(event, NewMessageEvent):
            if not _Counting.began:
                _Counting.began, _Counting.used, self.seen = time.monotonic(), _used(), set()
            self.seen.add(event.message.id)
            if event.message.content == _LAST:
                took = time.monotonic() - _Counting.began
                told = {"seen": len(self.seen), "lags": self._lags, "gaps": self._gaps, "losses": self._losses}
                told |= {"paints": _paints(_Counting.began), "took": took}
                told |= {"cpu": _used()[0] - _Counting.used[0], "waited": _used()[1] - _Counting.used[1]}
                part = self.report.with_suffix(".part")
                part.write_text(json.dumps(told), encoding="utf-8")
                part.rename(self.report)
        return outcome


def _used() -> tuple[float, float]:
    """Return the seconds of CPU time that this process took, and those for which its loop waited for a free CPU."""
    waited = Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text(encoding="ascii").split()[1]
    return time.process_time(), int(waited) / 1e9


_PAINTED: list[float] = []


def _paints(since: float) -> int:
    return sum(moment >= since for moment in _PAINTED)


def _count_paints() -> None:
    written = FramePace.written

    def counted(pace: FramePace) -> None:
        _PAINTED.append(time.monotonic())
        written(pace)

    setattr(FramePace, "written", counted)  # noqa: B010 - it is put round a method of the program


class _Flooding(Relay):
    async def flood(self, rate: float, seconds: float, chat_id: str, sender_id: str) -> dict[str, object]:
        """Throw `rate` messages per second for `seconds`, and one more."""
        sent, began = 0, time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            batch = []
            while sent < int(passed * rate):
                batch.append(_frame(sent, chat_id, sender_id, f"message {sent} of a flood"))
                sent += 1
            await self._throw(b"".join(batch))
            await asyncio.sleep(TICK_SECONDS)
        await self._throw(_frame(sent, chat_id, sender_id, _LAST))
        return {"sent": sent + 1, "seconds": time.monotonic() - began}


def _frame(number: int, chat_id: str, sender_id: str, content: str) -> bytes:
    message = Message(
        id=f"00000000-0000-7000-8000-{number:012}", chat_id=chat_id, sender_id=sender_id, content=content,
        created_at=datetime.now(UTC),
    )  # fmt: skip
    return framed(NewMessageEvent(message=message).model_dump_json(by_alias=True).encode())


async def _answer(relay: _Flooding, words: list[str]) -> object:
    rate, seconds, chat_id, sender_id = words
    return await relay.flood(float(rate), float(seconds), chat_id, sender_id)


@contextmanager
def platform_process(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a platform behind a relay, and give its address and its process."""
    command = [sys.executable, "-m", "benchmarks.chat_flood", "--platform", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(READY), f"the platform did not start: {line!r}"
            yield line.removeprefix(READY).strip(), process
        finally:
            process.kill()


def brew(rate: float, seconds: float) -> dict[str, float]:
    """Let a flood come over an open conversation, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder, platform_process(Path(folder) / "platform") as (url, platform):
        machine = Machine(Path(folder) / "machine")
        machine.configure(
            "config.toml", '[player]\noutput = "null"\n[chat]\nsend_receipts = false\nsend_typing = false\n'
        )
        ann, bob = Witness.registered(url, "ann"), Witness.registered(url, "bob")
        chat = ann.ask(lambda client: client.chat.create(NewConversation(member_ids=[bob.me.id])))
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "benchmarks.chat_flood", "--program", str(report), "--url", url]
        environment = {**machine.env, "PARLOUR_TOKEN": ann.access}
        with Terminal(command, env=environment, cwd=machine.folder) as terminal:
            terminal.wait_for("● online", _PATIENCE)
            terminal.press("3")
            terminal.wait_for("bob", _PATIENCE)
            terminal.press("enter")
            terminal.wait_for("Nobody has said anything yet", _PATIENCE)
            assert platform.stdin is not None
            assert platform.stdout is not None
            platform.stdin.write(f"{rate} {seconds} {chat.id} {bob.me.id}\n")
            platform.stdin.flush()
            delays = _type(terminal, time.monotonic() + seconds)
            sent = json.loads(platform.stdout.readline())["sent"]
            terminal.wait_for(_LAST, _PATIENCE)
            told = json.loads(report.read_text(encoding="utf-8"))
            lags = sorted(told["lags"])
            return {
                "messages lost": sent - told["seen"],
                "gaps and losses of the connection": told["gaps"] + told["losses"],
                "from key to letter p99, ms": delays[int(len(delays) * 0.99)] * 1_000,
                "paints per second": told["paints"] / told["took"],
                "from key to letter, median, ms": delays[len(delays) // 2] * 1_000,
                "loop lag p99, ms": lags[int(len(lags) * 0.99)] * 1_000,
                "CPU of the program, ms per second": told["cpu"] / told["took"] * 1_000,
                "its loop waited for a CPU, ms per second": told["waited"] / told["took"] * 1_000,
                "messages per second": told["seen"] / told["took"],
            }


def _type(terminal: Terminal, until: float) -> list[float]:
    """Write letters until then; return the seconds from each key to its letter on the screen, in order of size."""
    delays: list[float] = []
    text = ""
    while time.monotonic() < until:
        text = (text if len(text) < 20 else "") + "qx"[len(text) % 2]
        if len(text) == 1 and delays:
            for _ in range(20):
                terminal.press("backspace")
            terminal.wait_for(lambda shown: "qx" not in shown)
        pressed = time.monotonic()
        terminal.press(text[-1])
        terminal.wait_for(f"{len(text)}/")
        delays.append(time.monotonic() - pressed)
        time.sleep(max(0.0, pressed + _KEY_EVERY - time.monotonic()))
    return sorted(delays)


LIMITS = {
    "messages lost": 0.0,
    "gaps and losses of the connection": 0.0,
    "from key to letter p99, ms": INPUT_LIMIT_MS,
    "paints per second": PAINTS_LIMIT,
}


def main() -> int:
    """Let a flood come, print what came of it, and return 1 if a limit was not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    chosen = parser.parse_args()
    figures = brew(chosen.rate, chosen.seconds)
    print(f"{chosen.rate:g} messages/s for {chosen.seconds:g} s, load of the machine {os.getloadavg()[0]:.1f}")
    for name, figure in figures.items():
        limit = LIMITS.get(name)
        said = "" if limit is None else f"limit {limit:g} {'' if figure <= limit else 'NOT KEPT'}"
        print(f"{name:42} {figure:9.1f}   {said}")
    return int(any(figures[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--platform"]:
        asyncio.run(serve_behind(Path(sys.argv[2]), _Flooding, _answer))
    elif sys.argv[1:2] == ["--program"]:
        Watched.report = Path(sys.argv[2])
        setattr(backstage, "Realtime", _Counting)  # noqa: B010 - the type checker knows that it is another class
        _count_paints()
        sys.exit(parlour(sys.argv[3:]))
    else:
        sys.exit(main())
