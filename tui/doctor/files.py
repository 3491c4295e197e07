"""Looks at the user's own files: settings, keymap and themes, each complaint with its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from api_client.text import clean_line
from tui.doctor.examination import ProbeFailed, probe
from tui.doctor.findings import Facts, Finding, Patient, ok, problem, skipped, warning

ANSWER_WITHIN = 4.0
"""Seconds for reading keymap and themes, which takes the toolkit."""
SHIPPED_THEMES = Path(__file__).resolve().parents[2] / "themes"

_TOML_LINE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")
_SECTION = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]")


async def look_at_files(patient: Patient) -> Sequence[Finding]:
    """Return what is wrong with the settings, and with keymap and themes where there are any."""
    paths = patient.paths
    own_themes = sorted(paths.themes.glob("*.toml")) if paths.themes.is_dir() else []
    findings = [_config(patient, {path.stem for path in own_themes})]
    if not (paths.keymap_file.exists() or own_themes):
        return [
            *findings,
            ok("files.keymap", "The keys are the usual ones."),
            ok("files.themes", "No themes of your own."),
        ]
    # Their readers need the toolkit, which nothing else here does: it is loaded in a process of its own.
    try:
        told = await probe("tui.doctor.looks_probe", str(paths.config), seconds=ANSWER_WITHIN * patient.patience)
    except ProbeFailed as error:
        return [*findings, skipped("files.keymap", f"Keymap and themes could not be read: {error}.")]
    return [
        *findings,
        _keymap(paths.keymap_file, told.get("keymap", ())),
        _themes(len(own_themes), told.get("themes", ())),
    ]


def _config(patient: Patient, own_themes: set[str]) -> Finding:
    path = patient.paths.config_file
    complaints = [located(path, complaint) for complaint in patient.loaded.complaints]
    view = patient.loaded.config.view
    themes = own_themes | {shipped.stem for shipped in SHIPPED_THEMES.glob("*.toml")}
    complaints += [
        f"{path.name}: there is no theme called {name}" for name in (view.theme, view.light_theme) if name not in themes
    ]
    facts: Facts = {"path": str(path), "there": path.exists(), "complaints": complaints}
    if complaints:
        return _complained("files.config", complaints, "What cannot be used is left at its default.", facts)
    return ok(
        "files.config", "The settings can be used." if path.exists() else "The settings are the usual ones.", **facts
    )


def _keymap(path: Path, told: object) -> Finding:
    complaints = [located(path, clean_line(str(each))) for each in told] if isinstance(told, list) else []
    facts: Facts = {"path": str(path), "complaints": complaints}
    if complaints:
        return _complained("files.keymap", complaints, "What cannot be used is left out; the usual keys stay.", facts)
    return ok("files.keymap", "The keymap can be used." if path.exists() else "The keys are the usual ones.", **facts)


def _themes(number: int, told: object) -> Finding:
    complaints = [clean_line(str(each)) for each in told] if isinstance(told, list) else []
    facts: Facts = {"own": number, "complaints": complaints}
    if complaints:
        return _complained(
            "files.themes", complaints, "Such a theme is left out; docs/themes.md says what one has.", facts
        )
    return ok("files.themes", f"Themes of your own: {number}.", **facts)


def _complained(name: str, complaints: list[str], advice: str, facts: Facts) -> Finding:
    unreadable = any("cannot be read" in complaint for complaint in complaints)
    make = problem if unreadable else warning
    return make(name, "; ".join(complaints) + ".", advice, **facts)


def located(path: Path, complaint: str) -> str:
    """Return `complaint` with `file:line` in front, as far as the line can be found."""
    said = complaint.removeprefix(f"{path.name}: ").removeprefix(f"{path.name} ")
    line = _line_of(path, said)
    return f"{path.name}:{line}: {said}" if line else f"{path.name}: {said}"


def _line_of(path: Path, said: str) -> int | None:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    syntax = _TOML_LINE.search(said)
    if syntax is not None:
        return int(syntax[1]) if syntax[1] else max(len(lines), 1)
    name = re.search(r"\b([a-z_]+)\.([a-z0-9_]+)\b", said)
    section, key = name.groups() if name else (said.partition(":")[0].strip(), "")
    inside = ""
    for number, line in enumerate(lines, 1):
        head = _SECTION.match(line)
        if head is not None:
            inside = head[1]
            if inside == section and not key:
                return number
        # Where there is no section yet, the name is that of a line, whatever comes behind it.
        elif line.split("=")[0].strip().strip("\"'") == ((key or section) if inside else section) and inside in (
            "",
            section,
        ):
            return number
    return None
