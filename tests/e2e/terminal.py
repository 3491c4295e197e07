"""A person at a terminal: starts a program in a pseudo-terminal, presses its keys and reads its screen."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.screen import Screen

PATIENCE = 60.0
"""Seconds until a test gives up waiting; nothing here takes a tenth of that on a machine that is not busy."""

_ESCAPE = "\x1b[27u"
"""Escape by the keyboard protocol that the program asks for. As a single byte it would be the beginning of another key
to a program that is so busy that it reads both at once."""
_KEYS = {
    "enter": "\r", "escape": _ESCAPE, "tab": "\t", "shift+tab": "\x1b[Z", "backspace": "\x7f", "space": " ",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "delete": "\x1b[3~",
}  # fmt: skip


class Terminal:
    """One program in one pseudo-terminal; used as a context manager, and nothing of it is left behind."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        size: tuple[int, int] = (120, 36),
        preexec: Callable[[], None] | None = None,
    ) -> None:
        """Start `command`; `size` is columns and rows."""
        self._screen = Screen(*size)
        self._raw = bytearray()
        self._changed = threading.Condition()
        self._ended = False
        self._master, slave = pty.openpty()
        self._stop, self._stopper = os.pipe()
        self._set_size(*size)

        def child() -> None:
            # The pseudo-terminal becomes the controlling one, so that hanging up means what it means over SSH.
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if preexec is not None:
                preexec()

        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=child,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- what a person sees

    @property
    def raw(self) -> bytes:
        """Every byte that the program has written so far."""
        with self._changed:
            return bytes(self._raw)

    @property
    def lines(self) -> list[str]:
        """The rows of the screen."""
        with self._changed:
            return self._screen.lines

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    @property
    def alternate(self) -> bool:
        """Whether the program has the whole screen."""
        with self._changed:
            return self._screen.alternate

    @property
    def modes(self) -> set[str]:
        """The private modes that are on."""
        with self._changed:
            return set(self._screen.modes)

    def line_with(self, text: str) -> str:
        """Return the first row that holds `text`, or nothing."""
        return next((line for line in self.lines if text in line), "")

    def wait_for(self, what: str | Callable[[str], bool], timeout: float = PATIENCE) -> str:
        """Wait until the screen holds a text, or fits a condition, and return it."""
        holds = (lambda text: what in text) if isinstance(what, str) else what
        until = time.monotonic() + timeout
        with self._changed:
            while True:
                text = "\n".join(self._screen.lines)
                if holds(text):
                    return text
                left = until - time.monotonic()
                if left <= 0 or self._ended:
                    why = f"the program ended ({self.process.poll()})" if self._ended else f"not within {timeout:g} s"
                    wanted = repr(what) if isinstance(what, str) else getattr(what, "__doc__", None) or "a condition"
                    raise AssertionError(f"{wanted}: {why}. The screen:\n{text}")
                self._changed.wait(left)

    def wait_until_in(self, name: str) -> str:
        """Wait until `name` is signed in and connected: the frame's first line says so."""
        return self.wait_for(lambda text: name in text.partition("\n")[0] and "● online" in text.partition("\n")[0])

    def wait_until_gone(self, text: str, timeout: float = PATIENCE) -> str:
        """Wait until the screen does not hold `text` any more."""
        return self.wait_for(lambda screen: text not in screen, timeout)

    # -- what a person does

    def press(self, *keys: str) -> None:
        """Press keys one after the other: `j`, `enter`, `ctrl+s`."""
        for key in keys:
            if key.startswith("ctrl+"):
                self._send(chr(ord(key[-1].lower()) & 0x1F))
            else:
                self._send(_KEYS.get(key, key))

    def type(self, text: str) -> None:
        """Type `text`, one character after the other, as keys arrive."""
        for character in text:
            self._send(character)

    def press_until(self, key: str, what: str | Callable[[str], bool], most: int = 40) -> str:
        """Press `key` again and again, giving each press the time to show, until the screen shows `what`."""
        holds = (lambda text: what in text) if isinstance(what, str) else what
        for _ in range(most):
            if holds(self.text):
                return self.text
            self.press(key)
            # Not "until something changes": a picture or a clock that moves on would count as the answer to the key.
            with contextlib.suppress(AssertionError):
                return self.wait_for(holds, 0.7)
        return self.wait_for(what)

    def resize(self, columns: int, rows: int) -> None:
        """Drag the window to another size."""
        with self._changed:
            self._screen.resize(columns, rows)
        self._set_size(columns, rows)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal under the program, as a lost SSH connection does."""
        self._hang_up()

    def exit_status(self, timeout: float = PATIENCE) -> int:
        """Wait for the program to end and return its status; a signal's is negative."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end within {timeout:g} s. The screen:\n{self.text}") from None
        self._reader.join(timeout)
        return status

    def close(self) -> None:
        """End the program and whatever it has started in its session."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._hang_up()
        os.close(self._stop)

    # -- how

    def _send(self, text: str) -> None:
        with self._changed:
            # Keys for a program that has ended go nowhere, and least of all into what has its descriptor by then.
            if not self._ended:
                os.write(self._master, text.encode())

    def _hang_up(self) -> None:
        if self._stopper >= 0:
            os.close(self._stopper)
            self._stopper = -1
        self._reader.join(5)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        while data := self._next():
            with self._changed:
                self._raw += data
                self._screen.feed(data)
                self._changed.notify_all()
        with self._changed:
            os.close(self._master)
            self._ended = True
            self._changed.notify_all()

    def _next(self) -> bytes:
        """Return what the program writes next; nothing once it has ended or the terminal is to go."""
        # A descriptor that another thread is reading from does not go away by being closed, hence the second one.
        ready, _, _ = select.select([self._master, self._stop], [], [])
        if self._stop in ready:
            return b""
        try:
            return os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""
