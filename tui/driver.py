"""The toolkit's driver for Unix terminals, made to outlive the terminal: nothing here waits for one that is gone."""

from __future__ import annotations

import asyncio
import fcntl
import io
import os
import signal
import struct
import termios
import threading
from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.outlet import Outlet
from widgets.frame_painter import FramePainter

if TYPE_CHECKING:
    from tui.curtain import Curtain

_OTHER_SCREEN = "\x1b[?1049h"
_AT_ONCE = 4096
"""Bytes that are read before the loop has its turn again."""
_TICK = 0.001
"""Seconds by which a pause is looked at late rather than early."""

_AS_BEFORE = (
    b"\x1b[?2026l\x1b[?2004l\x1b[?2048l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1016l\x1b[?1006l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Undoes every mode that the driver sets, in the order in which it does so itself."""
_KEEP_TITLE, _TITLE_AS_BEFORE = "\x1b[22;2t", "\x1b]2;\x1b\\\x1b[23;2t"
"""A terminal that keeps no titles is left without one: its shell gives it one again."""


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
    """Draws on the terminal and reads its keys, both on the loop: no thread is woken for a key or a frame.

    Where the terminal cannot be opened anew, or its keys are not a terminal's, the threads of the toolkit do it.
    """

    curtain: Curtain | None = None
    """What is on the terminal when drawing begins, and stays until it is drawn over."""
    outlet: Outlet | None = None
    """The way to the terminal; None where the toolkit's thread writes."""
    _keeps_screen = False
    _keys: Keys | None = None
    _title = ""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._line = Line(self._file)  # type: ignore[arg-type]
        self._file = self._line  # type: ignore[assignment]

    def start_application_mode(self) -> None:
        curtain, self.curtain = self.curtain, None
        before = curtain.hand_over(self.restore_at_once) if curtain is not None else None
        self._keeps_screen, self.attrs_before = curtain is not None, before
        loop = asyncio.get_running_loop()
        self.outlet = Outlet.to(self._line.fileno(), loop) if self._line.isatty() else None
        if self.outlet is not None:
            self.outlet.taken = self._taken
        self._keys = Keys(self) if self.input_tty else None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._keys is not None:
            self._keys.listen(loop)
        self._keeps_screen = False
        if before is not None:
            self.attrs_before = before
        title, self._title = self._title, ""
        if title:
            self.set_title(title)

    def stop_application_mode(self) -> None:
        if self._title:
            self.write(_TITLE_AS_BEFORE)
        super().stop_application_mode()

    def set_title(self, title: str) -> None:
        """Give the window a title, a line of printable characters, until the terminal is given back."""
        self.write(("" if self._title else _KEEP_TITLE) + f"\x1b]2;{title}\x1b\\")
        self._title = title

    def write(self, data: str) -> None:
        # To open the other screen once more would empty it.
        if self._keeps_screen and data == _OTHER_SCREEN:
            return
        if self.outlet is not None:
            self.outlet.write(data)
        else:
            super().write(data)

    @property
    def is_busy(self) -> bool:
        """Whether the terminal has not taken yet what was written last."""
        return self.outlet is not None and self.outlet.is_busy

    @property
    def is_clogged(self) -> bool:
        """Whether more waits for the terminal than a few whole frames."""
        return self.outlet is not None and self.outlet.is_clogged

    def _taken(self, size: int, seconds: float) -> None:
        if isinstance(self._app, FramePainter):
            self._app.line_took(size, seconds)

    def send_message(self, message: Message) -> None:
        if self._keys is not None and threading.get_ident() == self._app._thread_id:
            self._app.post_message(message)
        else:
            super().send_message(message)

    def run_input_thread(self) -> None:
        if self._keys is not None:
            return
        try:
            super().run_input_thread()
        except OSError:
            self.say_lost()

    def disable_input(self) -> None:
        if self._keys is not None:
            self._keys.stop()
        super().disable_input()

    def close(self) -> None:
        if self.outlet is not None:
            self.outlet.close()
        super().close()

    @staticmethod
    def say_lost() -> None:
        """Reading fails when the terminal is gone: the same as if the system had said so."""
        os.kill(os.getpid(), signal.SIGHUP)

    def stop_reading_if_lost(self) -> None:
        """Read no more keys if the terminal is gone: there would be "no key" without a pause."""
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            self.exit_event.set()
            if self._keys is not None:
                self._keys.stop()

    def restore_at_once(self) -> None:
        """Give the terminal back as it was, from any thread and without waiting for anything; no more is drawn."""
        self._line.lost = True
        if self.outlet is not None:
            self.outlet.lost = True
        if self.attrs_before is not None:
            try:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            except termios.error:
                return
        # Opened anew, because not to wait is a property that the shell would share otherwise.
        try:
            screen = os.open(os.ttyname(self.fileno), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(screen, _AS_BEFORE + (_TITLE_AS_BEFORE.encode() if self._title else b""))
            os.close(screen)
        except OSError:
            return  # gone, or stalled: nobody sees what is written now


class Keys:
    """Reads keys on the loop, when there are any."""

    def __init__(self, driver: TerminalDriver) -> None:
        self._driver = driver
        self._loop: asyncio.AbstractEventLoop | None = None
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._pause: asyncio.TimerHandle | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give every key to the driver, from now on."""
        self._loop = loop
        loop.add_reader(self._driver.fileno, self._take)

    def stop(self) -> None:
        """Read no more."""
        if self._loop is not None:
            self._loop.remove_reader(self._driver.fileno)
            self._loop = None
        if self._pause is not None:
            self._pause.cancel()

    def _take(self) -> None:
        descriptor = self._driver.fileno
        try:
            # To read where there is nothing would wait for it.
            waiting = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))[0]
            if not waiting:
                termios.tcgetattr(descriptor)
                return
            data = os.read(descriptor, min(waiting, _AT_ONCE))
        except (OSError, termios.error):
            self.stop()
            self._driver.say_lost()
            return
        self._hand_on(self._parser.feed(self._decode(data)))

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._driver.process_message(message)
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        # What may be a key by itself or the beginning of another one is decided by a pause.
        due = self._parser._timeout_time
        if due is not None and self._loop is not None:
            self._pause = self._loop.call_later(max(0.0, due - get_time()) + _TICK, self._tick)

    def _tick(self) -> None:
        self._pause = None
        self._hand_on(self._parser.tick())
