"""The user's own editor, for texts that are longer than a field is comfortable for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api_client.text import clean
from tui.paths import private_folder

LARGEST = 1024 * 1024
"""Bytes; no text of the platform is nearly as long."""
_USUAL = ("sensible-editor", "nano", "vim", "vi")
_SECRETS = ("PARLOUR_TOKEN", "PARLOUR_PASSPHRASE")


class EditorTrouble(Exception):
    """The editor could not be used; `str()` is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What came back from the editor."""

    text: str
    complaint: str = ""
    """One sentence if something was odd; the text is as the editor left it all the same."""


def editor_command(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the words of the command that edits a file; never a shell. Raises EditorTrouble where there is none."""
    environment = os.environ if environment is None else environment
    chosen = environment.get("VISUAL") or environment.get("EDITOR")
    if not chosen:
        found = next((name for name in _USUAL if shutil.which(name)), None)
        if found is None:
            raise EditorTrouble("There is no editor here. Name one in $EDITOR.")
        return [found]
    try:
        words = shlex.split(chosen)
    except ValueError as error:
        raise EditorTrouble(f"$EDITOR cannot be understood: {error}.") from error
    if not words or shutil.which(words[0]) is None:
        raise EditorTrouble(f"The editor {words[0] if words else chosen!r} of $EDITOR is not there.")
    return words


async def edit(text: str, folder: Path, command: Sequence[str]) -> Edited:
    """Let the user edit `text` in a file of their own in `folder`, and return what the editor left there.

    The terminal must have been given up before. However the editor ends, what it has saved counts, and where it has
    saved nothing the text is as it was. Raises EditorTrouble if it could not be started or left no text.
    """
    try:
        private_folder(folder)
        descriptor, name = tempfile.mkstemp(prefix="writing-", suffix=".md", dir=folder)
    except OSError as error:
        raise EditorTrouble(f"The text cannot be given to an editor: {error.strerror}.") from error
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        status = await _run([*command, name])
        return Edited(*_read(path, status))
    except OSError as error:
        raise EditorTrouble(f"{command[0]} cannot be used: {error.strerror}.") from error
    finally:
        _remove(path)


async def _run(words: Sequence[str]) -> int:
    environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    # Standard error may be the log while the program draws; the editor belongs on the terminal.
    process = await asyncio.create_subprocess_exec(*words, env=environment, stderr=1)
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _read(path: Path, status: int) -> tuple[str, str]:
    if path.is_symlink() or not path.is_file():
        raise EditorTrouble("The editor has taken the file away; the text is as it was.")
    if path.stat().st_size > LARGEST:
        raise EditorTrouble(f"What the editor left is longer than {LARGEST // 1024} KiB; the text is as it was.")
    text = clean(path.read_bytes().decode("utf-8", "replace")).removesuffix("\n")
    return text, f"The editor ended with status {status}; what it saved is here." if status else ""
