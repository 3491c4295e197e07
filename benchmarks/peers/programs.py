"""Which programs are measured beside ours, and what each needs: configurations, texts, silent music, a server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers import mastodon
from benchmarks.peers.install import Absent, from_debian, from_pypi
from benchmarks.terminal import Program, environment, running
from benchmarks.words import WORDS
from tests.e2e.machine import ROOT

_ITEMS = 200
_DOWN = "\x1bOB"
_SOCKET_LIMIT = 20.0


@dataclass(frozen=True, slots=True)
class Peer:
    """One program, ready to be started."""

    name: str
    version: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    ready: str
    """What is written as soon as there is something to read."""
    before: tuple[str, ...] = ()
    """Keys that lead to a long list."""
    scroll: str | None = "j"
    """Goes one item down in it."""
    thread: tuple[str, str] | None = None
    """The key that opens a thread of 1,000 replies, and what is written as soon as they can be read."""

    @contextmanager
    def opened(self) -> Iterator[Program]:
        """Run the program until it can be read and stands still."""
        with running(self.command, self.env, self.cwd) as program:
            program.wait_for(self.ready)
            program.quiet(0.4, 5.0)
            for keys in self.before:
                program.press(keys)
                program.quiet(0.3, 5.0)
            yield program


@dataclass(slots=True)
class Guests:
    """The programs that are here, and why others are not."""

    here: dict[str, Peer] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)


class _Kitchen:
    """What the programs share: a folder for each, and the one server of statuses."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._url = folder, stack, ""

    def home(self, name: str) -> tuple[Path, dict[str, str]]:
        """Return a home folder and an environment in which nothing of this machine's user is found."""
        home = self._folder / name
        home.mkdir(parents=True, exist_ok=True)
        env = environment(
            HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"), XDG_DATA_HOME=str(home / ".local/share"),
            XDG_CACHE_HOME=str(home / ".cache"), XDG_STATE_HOME=str(home / ".local/state"), CMUS_HOME=str(home),
        )  # fmt: skip
        foreign = [key for key in env if key.startswith(("PYTHON", "TEXTUAL")) or key == "XDG_RUNTIME_DIR"]
        return home, {key: value for key, value in env.items() if key not in foreign}

    @property
    def statuses(self) -> str:
        """The address of the server of statuses."""
        if not self._url:
            command = [sys.executable, "-m", "benchmarks.peers.mastodon"]
            server = self.process(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            assert server.stdout is not None
            self._url = server.stdout.readline().removeprefix(mastodon.READY).strip()
        return self._url

    def process(self, command: list[str], **options: object) -> subprocess.Popen[str]:
        """Start what runs beside a program, until all is over."""
        process: subprocess.Popen[str] = subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
        self._stack.callback(process.wait, 10)
        self._stack.callback(process.terminate)
        return process

    def music(self) -> Path:
        """Return a folder of short, silent tracks."""
        folder = self._folder / "music"
        if not folder.exists():
            folder.mkdir(parents=True)
            for number in range(_ITEMS):
                with wave.open(str(folder / f"track{number:03}.wav"), "wb") as track:
                    track.setnchannels(1)
                    track.setsampwidth(2)
                    track.setframerate(8_000)
                    track.writeframes(bytes(1_600))
        return folder


def _written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _toot(kitchen: _Kitchen) -> Peer:
    found = from_pypi("toot", "toot")
    home, env = kitchen.home("toot")
    account = {"instance": "localhost", "username": "reader", "access_token": "none"}
    app = {"instance": "localhost", "base_url": kitchen.statuses, "client_id": "a", "client_secret": "b"}
    config = {
        "apps": {"localhost": app}, "users": {"reader@localhost": account}, "active_user": "reader@localhost",
        "dismiss_tui_deprecation_notice": True,
    }  # fmt: skip
    _written(home / ".config/toot/config.json", json.dumps(config))
    # The list names authors; in the thread the replies are by others than in the timeline.
    return Peer("toot", found.version, (found.path, "tui"), env, home, mastodon.FIRST, thread=("t", mastodon.REPLIER))


def _tooi(kitchen: _Kitchen) -> Peer:
    found = from_pypi("toot-tooi", "tooi")
    home, env = kitchen.home("tooi")
    account = {"acct": "reader@localhost", "username": "reader", "instance": "localhost", "access_token": "none"}
    app = {
        "title": "Benchmark", "domain": "localhost", "base_url": kitchen.statuses, "client_id": "a",
        "client_secret": "b",
    }  # fmt: skip
    config = {"active_acct": account["acct"], "accounts": {account["acct"]: account}, "apps": {"localhost": app}}
    _written(home / ".local/share/tooi/credentials.json", json.dumps(config))
    # The list has room for the beginning of the text.
    ready = mastodon.FIRST[:9]
    return Peer("tooi", found.version, (found.path,), env, home, ready, thread=("t", mastodon.REPLIER))


def _posting(kitchen: _Kitchen) -> Peer:
    # With tree-sitter 0.26 it crashes as soon as it starts.
    found = from_pypi("posting", "posting", "tree-sitter<0.26")
    home, env = kitchen.home("posting")
    _written(home / ".config/posting/config.yaml", "focus:\n  on_startup: collection\n")
    for number in range(_ITEMS):
        text = f"name: request {number:03}\nurl: http://127.0.0.1/{number}\n"
        _written(home / f"requests/request{number:03}.posting.yaml", text)
    command = (found.path, "--collection", str(home / "requests"))
    return Peer("posting", found.version, command, env, home, "request 005")


def _less(kitchen: _Kitchen) -> Peer:
    found = from_debian("less", "less")
    home, env = kitchen.home("less")
    text = " ".join(WORDS)[:90]
    _written(home / "text", "".join(f"line {number:06} {text}\n" for number in range(10_000)))
    return Peer("less", found.version, (found.path, str(home / "text")), env, home, "line 000020")


def _weechat(kitchen: _Kitchen) -> Peer:
    found = from_debian("weechat-curses", "weechat")
    home, env = kitchen.home("weechat")
    return Peer("weechat", found.version, (found.path, "--dir", str(home)), env, home, "WeeChat", scroll=None)


def _cmus(kitchen: _Kitchen) -> Peer:
    found = from_debian("cmus", "cmus")
    home, env = kitchen.home("cmus")
    # Without these it stops and asks that its warnings be read.
    _written(home / "rc", "set mpris=false\nset output_plugin=alsa\n")
    return Peer("cmus", found.version, (found.path,), env, kitchen.music(), "Library", before=("5",))


def _ncmpcpp(kitchen: _Kitchen) -> Peer:
    daemon, found = from_debian("mpd", "mpd"), from_debian("ncmpcpp", "ncmpcpp")
    home, env = kitchen.home("ncmpcpp")
    socket = home / "mpd.socket"
    _written(
        home / "mpd.conf",
        f'music_directory "{kitchen.music()}"\ndb_file "{home}/mpd.db"\nlog_file "{home}/mpd.log"\n'
        f'bind_to_address "{socket}"\naudio_output {{\n type "null"\n name "none"\n}}\n',
    )
    _written(home / "config", f'ncmpcpp_directory = "{home}"\nmpd_host = "{socket}"\n')
    kitchen.process([daemon.path, "--no-daemon", str(home / "mpd.conf")], env=env)
    until = time.monotonic() + _SOCKET_LIMIT
    # It takes its library in by itself, and says nothing when it is done but in this file.
    while not socket.exists() or not (home / "mpd.db").exists():
        if time.monotonic() > until:
            raise Absent("mpd did not start")
        time.sleep(0.1)
    command = (found.path, "-c", str(home / "config"), "-s", "browser")
    return Peer("ncmpcpp", found.version, command, env, home, "track000", scroll=_DOWN)


_MAKERS: dict[str, Callable[[_Kitchen], Peer]] = {
    "toot": _toot, "tooi": _tooi, "posting": _posting, "less": _less, "weechat": _weechat, "cmus": _cmus,
    "ncmpcpp": _ncmpcpp,
}  # fmt: skip
NAMES = tuple(_MAKERS)


@contextmanager
def guests(folder: Path, names: Collection[str] = NAMES) -> Iterator[Guests]:
    """Yield the programs of these names, installed and set up in `folder`, and why some of them are absent."""
    with ExitStack() as stack:
        kitchen, found = _Kitchen(folder, stack), Guests()
        for name in names:
            try:
                found.here[name] = _MAKERS[name](kitchen)
            except Absent as absent:
                found.absent[name] = str(absent)
        yield found
