"""Looks at Python and at the packages, against what Parlour was made for."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata

from tui.doctor.findings import Facts, Finding, Patient, ok, problem, skipped, warning
from tui.player.threads import run_in_thread

OLDEST = (3, 11)
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*)(?:;(.*))?$")
_BOUND = re.compile(r"(==|>=|<|<=|>|~=|!=)\s*([0-9][0-9A-Za-z.]*)")


async def look_at_versions(_patient: Patient) -> Sequence[Finding]:
    """Return which versions are here, and which of them are not as asked for."""
    return await run_in_thread(lambda: [_python(), _packages(), _own_platform()], "versions")


def _python() -> Finding:
    version = platform.python_version()
    facts: Facts = {
        "python": version,
        "implementation": platform.python_implementation(),
        "system": platform.platform(),
    }
    if sys.version_info < OLDEST:
        return problem("versions.python", f"Python {version} is too old.", "Python 3.11 or newer is needed.", **facts)
    return ok("versions.python", f"Python {version} on {platform.system()} {platform.release()}.", **facts)


def _packages() -> Finding:
    try:
        required = metadata.requires("parlour") or []
    except metadata.PackageNotFoundError:
        return skipped("versions.packages", "Parlour is not installed as a package: versions are not compared.")
    found: dict[str, str] = {}
    wrong: list[str] = []
    for name, bounds in _needed(required).items():
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
            wrong.append(f"{name} is missing")
            continue
        if not _within(found[name], bounds):
            wrong.append(f"{name} is {found[name]}, not {bounds}")
    facts: Facts = {"parlour": metadata.version("parlour"), "packages": found}
    if any("missing" in each for each in wrong):
        return problem(
            "versions.packages",
            f"{'; '.join(wrong)}.",
            "Install Parlour anew.",
            "pip install --upgrade parlour",
            **facts,
        )
    if wrong:
        advice = "Parlour was tested with others: it draws and connects by parts of them that may have changed."
        return warning("versions.packages", f"{'; '.join(wrong)}.", advice, "pip install --upgrade parlour", **facts)
    return ok("versions.packages", f"All {len(found)} packages are as they should be.", **facts)


def _needed(required: Sequence[str]) -> Mapping[str, str]:
    """Return what is always needed on this system, with the bounds of its version."""
    needed = {}
    for line in required:
        match = _REQUIREMENT.match(line)
        condition = (match[3] or "").strip() if match else ""
        if match is None or "extra" in condition or ("linux" in condition and sys.platform != "linux"):
            continue
        needed[match[1]] = match[2].strip()
    return needed


def _within(version: str, bounds: str) -> bool:
    """Whether a version is within bounds such as `>=0.28,<1`; bounds of other kinds count as held."""
    have = _numbers(version)
    for relation, text in _BOUND.findall(bounds):
        limit = _numbers(text)
        size = max(len(have), len(limit))
        left, right = have + (0,) * (size - len(have)), limit + (0,) * (size - len(limit))
        held = {"==": left == right, ">=": left >= right, "<=": left <= right, "<": left < right, ">": left > right}
        if not held.get(relation, True):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])


def _own_platform() -> Finding:
    try:
        metadata.version("fastapi")
        metadata.version("sqlalchemy")
    except metadata.PackageNotFoundError:
        advice = "Only `parlour serve` and `parlour demo` need them."
        return skipped("versions.platform", "The packages of the reference platform are not installed.", advice)
    return ok("versions.platform", "`parlour serve` and `parlour demo` have what they need.")
