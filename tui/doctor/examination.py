"""Runs checks beside each other, each within its time: whatever hangs, the report comes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tui.doctor.findings import Check, Finding, Patient, problem

ROOT = Path(__file__).resolve().parents[2]
"""Where the packages stand."""

Told = Callable[[Check, Sequence[Finding]], None]


class ProbeFailed(Exception):
    """A probe in a process of its own did not give an answer; the message says why."""


async def examine(checks: Sequence[Check], patient: Patient, told: Told) -> list[Finding]:
    """Return what all `checks` find, in their order; `told` is called for each as it ends.

    A check that takes longer than its time, or fails itself, is a problem like any other.
    """
    tasks = {asyncio.ensure_future(check.look(patient)): check for check in checks}
    watching = [
        asyncio.create_task(_watched(task, check, patient.patience * check.seconds, told))
        for task, check in tasks.items()
    ]
    try:
        found = await asyncio.gather(*watching)
    finally:
        for task in (*tasks, *watching):
            task.cancel()
    return [finding for findings in found for finding in findings]


async def _watched(
    task: asyncio.Future[Sequence[Finding]], check: Check, seconds: float, told: Told
) -> Sequence[Finding]:
    await asyncio.wait({task}, timeout=seconds)
    findings: Sequence[Finding]
    if not task.done():
        # What it waits for may not even listen to being cancelled: it is left behind.
        task.cancel()
        sentence = f"{check.title}: no answer within {seconds:g} s."
        findings = [problem(f"{check.group}.time", sentence, check.if_stuck, seconds=seconds)]
    elif (error := task.exception()) is not None:
        sentence = f"{check.title}: the check itself failed ({type(error).__name__})."
        advice = "This is a fault of Parlour. Please report it."
        findings = [problem(f"{check.group}.check", sentence, advice, error=type(error).__name__)]
    else:
        findings = task.result()
    told(check, findings)
    return findings


async def probe(module: str, *arguments: str, seconds: float) -> dict[str, Any]:
    """Run `python -m module` and return the JSON that it writes; what hangs or dies there takes nothing with it.

    Raises ProbeFailed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(seconds):
            told, _ = await process.communicate()
    except TimeoutError:
        raise ProbeFailed(f"no answer within {seconds:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        answer = json.loads(told)
    except ValueError:
        code = process.returncode or 0
        raise ProbeFailed(f"it was ended by signal {-code}" if code < 0 else f"it ended with status {code}") from None
    return answer if isinstance(answer, dict) else {}
