"""The engine that makes sound: one warm libmpv, fed with the application's own bytes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tui.player.engine import (
    BufferingChanged,
    Ended,
    EndReason,
    EngineEvent,
    EngineStatus,
    Fault,
    Listener,
    Load,
    Output,
    Started,
    StatusChanged,
    Ticked,
)
from tui.player.mpv_core import CoreEvent, FileEnded, FileStarted, MpvCore, PlaybackRestarted, PropertyChanged
from tui.player.mpv_output import MpvOutput
from tui.player.mpv_stream import StreamProtocol
from tui.player.output_choice import SYSTEM_OUTPUT
from tui.player.threads import run_in_thread

_END_OF_FILE, _END_ERROR = 0, 4
_NO_AUDIO_OUTPUT = -14
_NEAR_END_S = 1.0
"""A track that ends farther from its end than this, in seconds, was cut off: mpv calls both "end of file"."""
_SEEK_MARGIN_S = 0.2


@dataclass(slots=True, eq=False)
class _Voice:
    """One load on its way through mpv."""

    load: Load
    uri: str
    entry: int | None = None
    position_s: float = 0.0
    duration_s: float | None = None
    opened: bool = False
    restarted: bool = False
    started: bool = False
    seek_to: float | None = None


class MpvEngine:
    """See `engine.Engine`. mpv's threads only post to the loop; every decision is made on the loop, in order."""

    needs_bytes = True

    def __init__(self, audio_output: str | None = None, libraries: Sequence[str] | None = None) -> None:
        """`audio_output` is an mpv driver name such as "null" (default: the platform's own).

        `libraries` are names or paths of libmpv to try instead of the usual ones.
        """
        self._audio_output = audio_output
        self._output = MpvOutput(audio_output, self._command, self._observe, self._status_changed)
        self._libraries = libraries
        self._streams = StreamProtocol()
        self._core: MpvCore | None = None
        self._listener: Listener = lambda event: None
        self._closed = False
        self._serial = itertools.count(1)
        self._voice: _Voice | None = None
        self._queued: _Voice | None = None
        self._withdrawn: set[int] = set()
        self._seeks = 0
        self._seeking = False
        self._buffering = False
        self._duration_s: float | None = None

    @property
    def status(self) -> EngineStatus:
        """What the engine can do here."""
        return self._output.status

    # Orders

    async def open(self, listener: Listener) -> None:
        """Create the player on a thread. Raises EngineUnavailable."""
        self._listener = listener
        core = MpvCore(asyncio.get_running_loop(), self._on_core, self._streams)
        await run_in_thread(lambda: core.start(self._audio_output, self._libraries), "mpv-start")
        self._core = core
        self._output.apply_anew()
        if self._closed:
            await core.close()

    def load(self, load: Load) -> None:
        """Play this instead of what plays."""
        self._let_go()
        self._voice = self._announce(load)
        self._command("set", "pause", "yes" if load.paused else "no")
        self._load_file(self._voice, "replace")
        self._set_buffering(True)

    def queue_next(self, load: Load | None) -> None:
        """Go on with this, without a gap, when the current load ends."""
        if self._queued is not None:
            self._streams.withdraw(self._queued.uri)
            if self._queued.entry is not None:
                self._withdrawn.add(self._queued.entry)
            self._queued = None
            self._command("playlist-clear")
        if load is not None and self._voice is not None:
            self._queued = self._announce(load)
            self._load_file(self._queued, "append")

    def pause(self, paused: bool) -> None:
        """Hold or go on."""
        self._command("set", "pause", "yes" if paused else "no")

    def seek(self, position_s: float) -> None:
        """Go to a position; before the first sound it is remembered and done then."""
        voice = self._voice
        if voice is None:
            return
        if voice.duration_s is not None:
            position_s = min(position_s, voice.duration_s - _SEEK_MARGIN_S)
        position_s = max(0.0, position_s)
        voice.position_s = position_s
        if not voice.started:
            voice.seek_to = position_s
            return
        self._seeks += 1
        self._seeking = True
        if self._core is not None:
            self._core.command("seek", f"{position_s:.3f}", "absolute+exact", reply=self._seek_answered)

    def stop(self) -> None:
        """End the current load and forget the queued one."""
        self._let_go()
        self._command("stop")

    def set_volume(self, volume: float) -> None:
        """Set the loudness, 0 to 100; mpv's own curve, a cubic one, is close to how loud it sounds."""
        self._command("set", "volume", f"{max(0.0, min(100.0, volume)):.3f}")

    def set_output(self, name: str) -> None:
        """Play on this device while it is there."""
        self._output.choose(name)

    async def outputs(self) -> Sequence[Output]:
        """Return the devices to choose from."""
        return await self._output.listed() if self._core is not None else (SYSTEM_OUTPUT,)

    def reopen_output(self) -> None:
        """Try the sound device again."""
        self._output.reopen()

    async def close(self) -> None:
        """End the player and its threads, within two seconds."""
        self._closed = True
        self._voice = self._queued = None
        if self._core is not None:
            await self._core.close()

    # How orders travel

    def _command(self, name: str, *args: str) -> None:
        if self._core is not None:
            self._core.command(name, *args)

    def _observe(self, name: str) -> None:
        if self._core is not None:
            self._core.observe(name)

    def _announce(self, load: Load) -> _Voice:
        if load.source is None:
            raise ValueError("this engine needs the bytes of the track")
        uri = self._streams.publish(f"{load.load_id}-{next(self._serial)}", load.source)
        return _Voice(load, uri, position_s=load.start_s)

    def _load_file(self, voice: _Voice, how: str) -> None:
        def answered(done: bool, result: Any) -> None:
            entry = result.get("playlist_entry_id") if done and isinstance(result, dict) else None
            voice.entry = entry
            if entry is None:
                self._finish(voice, EndReason.ERROR, Fault.DAMAGED)
            elif voice not in (self._voice, self._queued):
                self._withdrawn.add(entry)

        if self._core is not None:
            options = f"start={voice.load.start_s:.3f},replaygain={voice.load.loudness.value}"
            self._core.command("loadfile", reply=answered, url=voice.uri, flags=how, options=options)

    def _let_go(self) -> None:
        """Forget what plays and what is queued; a load that was on its way ends as stopped."""
        voice = self._voice
        for each in (voice, self._queued):
            if each is not None:
                self._streams.withdraw(each.uri)
        self._voice = self._queued = None
        self._withdrawn.clear()
        self._seeks, self._seeking = 0, False
        if voice is not None:
            ended = Ended(voice.load.load_id, EndReason.STOPPED)
            asyncio.get_running_loop().call_soon(self._emit, ended)

    # What mpv says, on the loop

    def _on_core(self, event: CoreEvent) -> None:
        if self._closed:
            return
        match event:
            case FileStarted(entry):
                self._file_started(entry)
            case FileEnded(entry, reason, error):
                self._file_ended(entry, reason, error)
            case PlaybackRestarted():
                self._restarted()
            case PropertyChanged("time-pos", value):
                self._moved(value)
            case PropertyChanged("duration", value):
                self._duration_changed(value)
            case PropertyChanged("paused-for-cache", value):
                if self._voice is not None and self._voice.started:
                    self._set_buffering(bool(value))
            case PropertyChanged("current-ao", value):
                self._output.driver_is(value)
                self._maybe_started()
            case PropertyChanged("audio-device-list", value):
                self._output.devices_are(value)

    def _file_started(self, entry: int) -> None:
        queued = self._queued
        if self._voice is not None and self._voice.entry == entry:
            self._voice.opened = True
        elif queued is not None and queued.entry == entry:
            queued.opened = True
            self._voice, self._queued = queued, None
            self._seeks, self._seeking = 0, False
        elif entry in self._withdrawn and self._voice is None:
            # mpv had gone on to what was taken back in the same moment: what is wanted now is loaded over it.
            self._withdrawn.discard(entry)
            if queued is not None:
                self._queued, self._voice = None, queued
                self._load_file(queued, "replace")
            else:
                self._command("stop")

    def _file_ended(self, entry: int, reason: int, error: int) -> None:
        self._withdrawn.discard(entry)
        voice = next((each for each in (self._voice, self._queued) if each is not None and each.entry == entry), None)
        if voice is None or voice.load.source is None:
            return
        source = voice.load.source
        if reason not in (_END_OF_FILE, _END_ERROR):
            self._finish(voice, EndReason.STOPPED, None)
        elif source.fault is not None:
            self._finish(voice, EndReason.ERROR, source.fault, source.reason)
        elif reason == _END_ERROR:
            self._finish(voice, EndReason.ERROR, Fault.NO_OUTPUT if error == _NO_AUDIO_OUTPUT else Fault.DAMAGED)
        elif not voice.started:
            self._finish(voice, EndReason.ERROR, Fault.DAMAGED)
        elif source.delivered and self._at_end(voice):
            self._finish(voice, EndReason.FINISHED, None)
        else:
            self._finish(voice, EndReason.ERROR, Fault.TOO_SHORT)

    @staticmethod
    def _at_end(voice: _Voice) -> bool:
        duration = voice.duration_s or voice.load.duration_s
        return duration is None or voice.position_s >= duration - _NEAR_END_S

    def _finish(self, voice: _Voice, reason: EndReason, fault: Fault | None, sentence: str = "") -> None:
        if voice is self._voice:
            self._voice = None
        elif voice is self._queued:
            self._queued = None
        else:
            return
        self._streams.withdraw(voice.uri)
        self._set_buffering(False, voice.load.load_id)
        text = sentence or (fault.sentence if fault else "")
        self._emit(Ended(voice.load.load_id, reason, fault, text))

    def _restarted(self) -> None:
        if self._seeks == 0:
            self._seeking = False
        if self._voice is not None and self._voice.opened:
            self._voice.restarted = True
            # Two tracks of one length make one event only: the value that came before the track is its own.
            self._voice.duration_s = self._duration_s
            self._maybe_started()

    def _maybe_started(self) -> None:
        """A restart alone is no sound: without a device mpv says so, and fails a millisecond later."""
        voice = self._voice
        if voice is None or voice.started or not voice.restarted or self._output.current is None:
            return
        voice.started = True
        self._set_buffering(False)
        self._emit(Started(voice.load.load_id))
        if voice.seek_to is not None and voice is self._voice:
            self.seek(voice.seek_to)

    def _moved(self, value: float | None) -> None:
        voice = self._voice
        if value is None or voice is None or not voice.started or self._seeking:
            return
        voice.position_s = max(0.0, float(value))
        self._emit(Ticked(voice.load.load_id, voice.position_s, voice.duration_s or voice.load.duration_s))

    def _duration_changed(self, value: float | None) -> None:
        self._duration_s = None if value is None else float(value)
        if self._voice is not None and self._voice.restarted and value is not None:
            self._voice.duration_s = self._duration_s

    def _seek_answered(self, done: bool, _result: Any) -> None:
        self._seeks = max(0, self._seeks - 1)
        if not done and self._seeks == 0:
            self._seeking = False

    def _status_changed(self, status: EngineStatus) -> None:
        self._emit(StatusChanged(status))

    def _set_buffering(self, buffering: bool, load_id: int | None = None) -> None:
        if load_id is None and self._voice is not None:
            load_id = self._voice.load.load_id
        if buffering != self._buffering and load_id is not None:
            self._buffering = buffering
            self._emit(BufferingChanged(load_id, buffering))

    def _emit(self, event: EngineEvent) -> None:
        if not self._closed:
            self._listener(event)
