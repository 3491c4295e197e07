"""Where Parlour keeps its files."""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import platformdirs


class UnsafeFolder(Exception):
    """A folder that should be the user's own belongs to somebody else, or cannot be made."""


class UnusableFolder(UnsafeFolder):
    """A folder cannot be made or written: the disk is read-only or full, or there is no home."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The four folders; all of them are made with mode 0700 when first used."""

    config: Path
    """What the user writes: config.toml, keymap.toml, themes."""
    data: Path
    """What must not be lost."""
    cache: Path
    """What can be fetched again."""
    state: Path
    """What is found again at the next start, and the log."""

    @classmethod
    def find(cls, folder: str | os.PathLike[str] | None = None) -> Paths:
        """Return everything under `folder` if one is given, else the places the system has for it."""
        if folder:
            root = Path(folder).expanduser().absolute()
            return cls(root / "config", root / "data", root / "cache", root / "state")
        dirs = platformdirs.PlatformDirs("parlour", appauthor=False)
        return cls(
            Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_state_dir)
        )

    def ensure(self) -> None:
        """Make the folders. Raises UnsafeFolder with a sentence where that cannot be."""
        for folder in (self.config, self.data, self.cache, self.state):
            private_folder(folder)

    def ensured(self) -> tuple[Paths, str | None]:
        """Make the folders, and return them with a sentence if something can only be kept until the program ends.

        What cannot be made, or cannot be written though it should be, stands in a temporary folder; what can at least
        be read stays where it is. Raises UnsafeFolder where a folder is somebody else's.
        """
        folders, trouble, borrowed = {}, None, ""
        for name in ("config", "data", "cache", "state"):
            folder: Path = getattr(self, name)
            try:
                private_folder(folder)
                usable = os.access(folder, os.W_OK | os.X_OK)
            except UnusableFolder:
                usable = False
            if not usable and name != "config":
                trouble = trouble or f"{folder} cannot be written: what is not sent is lost when you leave."
            if not usable and not (name in ("config", "data") and os.access(folder, os.R_OK | os.X_OK)):
                borrowed = borrowed or _temporary_folder()
                folder = private_folder(Path(borrowed) / name)
            folders[name] = folder
        return Paths(**folders), trouble

    def account_data(self, folder: str) -> Path:
        """Return where the account whose folders are called `folder` keeps what must not be lost: `outbox.db`."""
        return self.data / "accounts" / folder

    def account_cache(self, folder: str) -> Path:
        """Return where that account keeps what can be fetched again: `cache.db`."""
        return self.cache / "accounts" / folder

    def account_music(self, folder: str) -> Path:
        """Return where that account keeps tracks: what was downloaded, and what was played."""
        return self.account_data(folder) / "music"

    def account_state(self, folder: str) -> Path:
        """Return where that account keeps what is found again at the next start: what plays."""
        return self.state / "accounts" / folder

    def player_file(self, folder: str) -> Path:
        """Return the file of what that account's player plays."""
        return self.account_state(folder) / "player.json"

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def keymap_file(self) -> Path:
        return self.config / "keymap.toml"

    @property
    def themes(self) -> Path:
        return self.config / "themes"

    @property
    def accounts_file(self) -> Path:
        return self.data / "accounts.json"

    @property
    def log_file(self) -> Path:
        return self.state / "parlour.log"

    @property
    def token_lock(self) -> Path:
        """The file that is locked while tokens are renewed; where nothing can be written, no other process writes."""
        return (self.data if os.access(self.data, os.W_OK) else self.state) / "tokens.lock"


def _temporary_folder() -> str:
    """Return a folder that goes when the program ends. Raises UnsafeFolder."""
    try:
        folder = tempfile.mkdtemp(prefix="parlour-")
    except OSError as error:
        raise UnsafeFolder(f"There is no folder that can be written: {error.strerror}.") from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def private_folder(folder: Path) -> Path:
    """Make `folder` for the user alone. Raises UnsafeFolder if it is somebody else's or cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            raise UnsafeFolder(f"{folder} belongs to another user. Choose a folder of your own with --data.")
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise UnusableFolder(f"{folder} cannot be used: {error.strerror}. Choose another with --data.") from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Write `text` to `path` with mode 0600, whole or not at all. Raises OSError."""
    private_folder(path.parent)
    # Threads of one process may write the same file at once, as processes may.
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
