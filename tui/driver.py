"""The toolkit's driver for Unix terminals, made to outlive the terminal: nothing here waits for one that is gone."""

from __future__ import annotations

import io
import os
import signal
import termios
from typing import TYPE_CHECKING, TextIO

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from tui.curtain import Curtain

_OTHER_SCREEN = "\x1b[?1049h"

_AS_BEFORE = (
    b"\x1b[?2026l\x1b[?2004l\x1b[?2048l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1016l\x1b[?1006l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Undoes every mode that the driver sets, in the order in which it does so itself."""


class Line(io.TextIOBase):
    """The way to the terminal; what is written after it has been cut is thrown away.

    The toolkit writes from a thread with a short queue. An error would end that thread, and the loop would wait for
    room in the queue for ever.
    """

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self.lost = False
        """Whether the terminal is gone."""

    def write(self, text: str) -> int:
        if not self.lost:
            try:
                return self._terminal.write(text)
            except OSError:
                self.lost = True
        return len(text)

    def flush(self) -> None:
        if not self.lost:
            try:
                self._terminal.flush()
            except OSError:
                self.lost = True

    def fileno(self) -> int:
        return self._terminal.fileno()

    def isatty(self) -> bool:
        return self._terminal.isatty()


class TerminalDriver(LinuxDriver):
    """Draws on the terminal and reads its keys."""

    curtain: Curtain | None = None
    """What is on the terminal when drawing begins, and stays until it is drawn over."""
    _keeps_screen = False

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._line = Line(self._file)  # type: ignore[arg-type]
        self._file = self._line  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        curtain, self.curtain = self.curtain, None
        before = curtain.hand_over(self.restore_at_once) if curtain is not None else None
        self._keeps_screen, self.attrs_before = curtain is not None, before
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._keeps_screen = False
        if before is not None:
            self.attrs_before = before

    def write(self, data: str) -> None:
        # To open the other screen once more would empty it.
        if not (self._keeps_screen and data == _OTHER_SCREEN):
            super().write(data)

    def run_input_thread(self) -> None:
        try:
            super().run_input_thread()
        except OSError:
            # Reading fails when the terminal is gone: the same as if the system had said so.
            os.kill(os.getpid(), signal.SIGHUP)

    def stop_reading_if_lost(self) -> None:
        """End the thread that reads keys if the terminal is gone: it would be told of "no key" without a pause."""
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            self.exit_event.set()

    def restore_at_once(self) -> None:
        """Give the terminal back as it was, from any thread and without waiting for anything; no more is drawn."""
        self._line.lost = True
        if self.attrs_before is not None:
            try:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            except termios.error:
                return
        # Opened anew, because not to wait is a property that the shell would share otherwise.
        try:
            screen = os.open(os.ttyname(self.fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(screen, _AS_BEFORE)
            os.close(screen)
        except OSError:
            return  # gone, or stalled: nobody sees what is written now
