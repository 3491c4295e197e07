"""Looks at the user's folders: modes, room, the databases in them, and who else has them open."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tui.doctor.findings import Facts, Finding, Patient, ok, problem, skipped, warning
from tui.player.threads import run_in_thread

CHECK_WITHIN = 1.5
"""Seconds that looking through one database may take; what is too large for that is read in part."""
LITTLE, VERY_LITTLE = 500_000_000, 50_000_000
"""Bytes of room from which on it is little, and too little."""
LARGE_LOG = 64 * 1024 * 1024
"""Bytes of a write-ahead log that nobody has gathered."""
_NAMES = ("config", "data", "cache", "state")


async def look_at_folders(patient: Patient) -> Sequence[Finding]:
    """Return whether the folders are the user's alone and can be written, and how much room there is."""
    return await run_in_thread(lambda: [_folders(patient), _room(patient)], "folders")


async def look_at_databases(patient: Patient) -> Sequence[Finding]:
    """Return how the databases of every account are, and what waits in them."""
    return await run_in_thread(lambda: list(_databases(patient)), "databases")


async def look_at_instances(patient: Patient) -> Sequence[Finding]:
    """Return which other processes have the same account open, and what was left behind."""
    return await run_in_thread(lambda: list(_instances(patient)), "instances")


# -- folders


def _folders(patient: Patient) -> Finding:
    facts: Facts = {}
    wrong, commands = [], []
    for name in _NAMES:
        folder: Path = getattr(patient.paths, name)
        try:
            found = folder.stat()
        except FileNotFoundError:
            facts[name] = {"path": str(folder), "there": False}
            continue
        except OSError as error:
            facts[name] = {"path": str(folder), "there": False}
            wrong.append(f"{folder} cannot be looked at ({error.strerror})")
            continue
        mode = stat.S_IMODE(found.st_mode)
        facts[name] = {"path": str(folder), "there": True, "mode": f"{mode:04o}"}
        if found.st_uid != os.getuid():
            wrong.append(f"{folder} belongs to somebody else")
        elif not os.access(folder, os.W_OK | os.X_OK):
            wrong.append(f"{folder} cannot be written")
            commands.append(f"chmod u+rwx {shlex.quote(str(folder))}")
        elif mode & 0o077:
            wrong.append(f"{folder} is open to others (mode {mode:04o})")
            commands.append(f"chmod 700 {shlex.quote(str(folder))}")
    if not wrong:
        there = sum(1 for value in facts.values() if isinstance(value, dict) and value["there"])
        said = "Its folders are yours alone." if there else "It has no folders yet: the first start makes them."
        return ok("disk.folders", said, **facts)
    only_open = all("open to others" in each for each in wrong)
    make = warning if only_open else problem
    advice = (
        "The next start closes them."
        if only_open
        else "What is not sent cannot be stored. --data takes another folder."
    )
    return make("disk.folders", f"{'; '.join(wrong)}.", advice, *commands, **facts)


def _room(patient: Patient) -> Finding:
    folder = next(folder for folder in (patient.paths.data, *patient.paths.data.parents) if folder.exists())
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return skipped("disk.room", f"How much room there is cannot be asked: {error.strerror}.")
    sentence = f"{free / 1e9:.1f} GB of room."
    advice = "Make room: `:cache clear` forgets what was played, downloads are under , d."
    if free < VERY_LITTLE:
        return problem(
            "disk.room", f"Only {free / 1e6:.0f} MB of room: what you write may not be stored.", advice, bytes=free
        )
    if free < LITTLE:
        return warning("disk.room", f"Only {free / 1e6:.0f} MB of room.", advice, bytes=free)
    return ok("disk.room", sentence, bytes=free)


# -- databases


def _databases(patient: Patient) -> Iterator[Finding]:
    from api_client.sync.cache.file import SCHEMA
    from api_client.sync.sqlite.schema import MIGRATIONS

    known = {account.folder: account.username for account in patient.book.accounts}
    kept = patient.paths.data / "accounts"
    folders = sorted({*known, *(path.name for path in _listed(kept))})
    if not folders:
        yield ok("disk.databases", "No account has stored anything yet.")
    for folder in folders:
        who = known.get(folder, f"{folder.rpartition('-')[0] or folder} (signed out)")
        yield _outbox(patient.paths.account_data(folder) / "outbox.db", who, len(MIGRATIONS))
        yield _cache(patient.paths.account_cache(folder) / "cache.db", who, SCHEMA)


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []


def _outbox(path: Path, who: str, known: int) -> Finding:
    name, facts = "disk.outbox", _size_of(path, who)
    if not path.exists():
        return ok(name, f"{who}: nothing was ever unsent.", **facts)
    try:
        with _Opened(path) as database:
            schema, verdict = database.schema(), database.verdict()
            counts = (
                dict(database.rows("SELECT status, count(*) FROM intents GROUP BY status")) if schema <= known else {}
            )
            unreadable = database.rows("SELECT count(*) FROM unreadable")[0][0] if schema <= known else 0
            wal = database.has_wal()
    except (sqlite3.Error, OSError) as error:
        advice = "Start Parlour: it saves every row that can be read, and keeps a copy of the file."
        return problem(name, f"{who}: what is unsent cannot be read ({_why(error)}).", advice, **facts)
    attention, waiting = int(counts.pop("needs attention", 0)), sum(map(int, counts.values()))
    facts |= {
        "schema": schema,
        "waiting": waiting,
        "attention": attention,
        "check": verdict,
        "wal": wal,
        "unreadable": unreadable,
    }
    if verdict not in ("ok", _CUT_SHORT):
        advice = "Start Parlour: it saves every row that can be read, and keeps a copy of the file."
        return problem(name, f"{who}: the file of what is unsent is damaged ({verdict[:80]}).", advice, **facts)
    if schema > known:
        return problem(
            name,
            f"{who}: a later Parlour wrote what is unsent.",
            "Update Parlour: until then nothing can be stored.",
            **facts,
        )
    words = f"{who}: {waiting or 'nothing'} to send" + (f", {attention} refused" if attention else "")
    if attention or unreadable:
        more = f", {unreadable} that cannot be read" if unreadable else ""
        return warning(name, f"{words}{more}.", "g d shows them: send them again, change or discard them.", **facts)
    if not wal:
        return warning(name, f"{words}; the file is not in WAL mode.", "A start of Parlour puts it back.", **facts)
    return ok(name, f"{words}; the file is sound.", **facts)


def _cache(path: Path, who: str, known: int) -> Finding:
    name, facts = "disk.cache", _size_of(path, who)
    if not path.exists():
        return ok(name, f"{who}: nothing is kept of what was seen.", **facts)
    again = "The next start sets it aside and fetches everything again; nothing is lost."
    try:
        with _Opened(path) as database:
            schema, verdict, wal = database.schema(), database.verdict(), database.has_wal()
            records = database.rows("SELECT count(*) FROM records")[0][0] if schema == known else None
    except (sqlite3.Error, OSError) as error:
        return warning(name, f"{who}: what was seen cannot be read ({_why(error)}).", again, **facts)
    facts |= {"schema": schema, "check": verdict, "wal": wal, "records": records}
    if verdict not in ("ok", _CUT_SHORT):
        return warning(name, f"{who}: the file of what was seen is damaged.", again, **facts)
    if schema != known:
        return warning(name, f"{who}: another version of Parlour wrote what was seen.", again, **facts)
    log = facts["wal_bytes"]
    if isinstance(log, int) and log > LARGE_LOG:
        return warning(
            name, f"{who}: {log / 1e6:.0f} MB of changes are not gathered.", "Close every Parlour once.", **facts
        )
    return ok(name, f"{who}: {records} things that were seen are kept; the file is sound.", **facts)


def _size_of(path: Path, who: str) -> Facts:
    sizes: Facts = {"account": who, "path": str(path)}
    for name, ending in (("bytes", ""), ("wal_bytes", "-wal")):
        try:
            sizes[name] = path.with_name(path.name + ending).stat().st_size
        except OSError:
            sizes[name] = 0
    return sizes


def _why(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) else error)[:80]


_CUT_SHORT = "not looked through to its end"


class _Opened:
    """A database that is only read."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.3, isolation_level=None)

    def __enter__(self) -> _Opened:
        self._connection.execute("PRAGMA trusted_schema = OFF")
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, question: str) -> list[tuple[str, int]]:
        return self._connection.execute(question).fetchall()

    def schema(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def has_wal(self) -> bool:
        return bool(self._connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal")

    def verdict(self) -> str:
        """Return what SQLite says of the file: `ok`, what is wrong, or that it took too long to look at all of it."""
        until = time.monotonic() + CHECK_WITHIN
        self._connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        try:
            return str(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return _CUT_SHORT
        finally:
            self._connection.set_progress_handler(None, 0)


# -- other processes


def _instances(patient: Patient) -> Iterator[Finding]:
    folders = _listed(patient.paths.data / "accounts")
    holders = {folder.name.rpartition("-")[0]: _holder(folder / "outbox.lock") for folder in folders}
    running: Facts = {account: process for account, process in holders.items() if process is not None}
    if running:
        named = ", ".join(f"{account} (process {process or 'unknown'})" for account, process in running.items())
        yield ok("disk.instances", f"Parlour runs, and sends for {named}.", running=running)
    else:
        yield ok("disk.instances", "No Parlour runs on these files.", running={})
    if _holder(patient.paths.token_lock) is not None:
        advice = "That takes a moment. If it stays, a Parlour hangs: end it."
        yield warning("disk.locks", "A process renews the sign-in right now.", advice)
    left = [str(path) for path in _leftovers(patient.paths.data)]
    if left:
        advice = "They are of a start that was cut short, and in nobody's way."
        quoted = tuple(f"rm -f {shlex.quote(path)}" for path in left[:8])
        yield warning(
            "disk.leftovers", f"{len(left)} half-written files were left behind.", advice, *quoted, files=left[:50]
        )
    else:
        yield ok("disk.leftovers", "Nothing half-written was left behind.", files=[])


def _holder(path: Path) -> int | None:
    """Return the process that holds a lock, 0 if it does not say who it is; None where nobody holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        # Shared and for an instant: whoever wants it for good at this very moment asks again within a second.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _process_in(os.pread(descriptor, 200, 0))
    else:
        return None
    finally:
        os.close(descriptor)


def _process_in(sign: bytes) -> int:
    try:
        said = json.loads(sign)
        return int(said["process"]) if isinstance(said, dict) else 0
    except (ValueError, KeyError, TypeError):
        return 0


def _leftovers(folder: Path) -> Iterator[Path]:
    """Yield what `write_private` of a process that is gone has left."""
    for path in (*folder.glob(".*.*.*"), *folder.glob("accounts/*/.*.*.*")):
        process = path.name.rsplit(".", 2)[1]
        if path.is_file() and process.isdecimal() and not _runs(int(process)):
            yield path


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
