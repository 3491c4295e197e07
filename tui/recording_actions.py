"""Recording the session to a file, and saving the last action as a scenario."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from tui.inspector_actions import InspectorActions

if TYPE_CHECKING:
    from api_client.inspect.causes import Cause
    from api_client.inspect.recording import SessionRecording
    from tui.keys import Keymap
    from tui.launch import Launch

_UNFIT = re.compile(r"[^a-z0-9]+")


class RecordingActions(InspectorActions):
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    launch: Launch
    _recording: SessionRecording | None = None
    _recorder_was_off = False
    _asked_for = False
    """Whether what the command line asked for has begun."""
    recorded = ""
    """Where the recording went that the end of the program ended, in a sentence."""

    if TYPE_CHECKING:

        @property
        def keymap(self) -> Keymap: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

        run_worker: Callable[..., Worker[Any]]

    def began(self, cause: Cause) -> None:
        """Take in that the user has begun an action."""
        if self._recording is not None:
            self._recording.note(cause)

    def record_from_the_start(self) -> None:
        """Record from the first call on, where the settings or the command line say so."""
        if self._recording is not None:
            # Whoever was signed in before has signed out, and their session with them.
            self.run_worker(self._end_recording("signed out"), group="recording")
        super().record_from_the_start()
        if self.launch.record is not None and not self._asked_for:
            self._asked_for = True
            self._begin_recording(str(self.launch.record))

    def record(self, on: bool) -> None:
        """Record what goes over the wire, or no more; as long as a file is to hold all of it, it is recorded."""
        if self._recording is not None and not on:
            self.say(
                f"The session is being recorded to {self._recording.path}: {self._key} ends that first.", "warning"
            )
            return
        super().record(on)

    async def action_record_session(self, file: str = "") -> None:
        """Record the session to a new file, or end that."""
        if self._backstage is None:
            self.say("Sign in first: a recording is one of an account.")
            return
        if self._recording is not None:
            if file:
                self.say(f"The session is being recorded to {self._recording.path} already.", "warning")
            else:
                await self._end_recording("stopped")
            return
        if not file:
            name = f"parlour-{datetime.now().astimezone():%Y%m%d-%H%M%S}.jsonl"
            file = (await self.ask("record to: ", name) or "").strip()
        if file:
            self._begin_recording(file)

    def _begin_recording(self, file: str) -> None:
        from api_client.inspect.recording import SessionRecording
        from api_client.inspect.session_file import Header

        path = Path(file).expanduser().absolute()
        client, me = self.backstage.client, self.backstage.admission.me
        header = Header(parlour=client.user_agent, platform=client.address.base, username=me.username, user_id=me.id)
        recorder = self.inspection.store.recorder
        try:
            self._recording = SessionRecording(path, recorder, header, on_trouble=self._recording_failed)
        except FileExistsError:
            self.say(f"{path} exists already; a recording begins a new file.", "warning")
            return
        except OSError as error:
            self.say(f"{path} cannot be written: {error.strerror}.", "error")
            return
        self._recorder_was_off = not self.inspection.records
        if self._recorder_was_off:
            self.record(True)
        self.backstage.chrome.follow_recording(True)
        self.say(f"Everything is recorded to {path}, without secrets. {self._key} ends it.")

    @property
    def _key(self) -> str:
        return self.keymap.key_of("global.record_session")

    async def _end_recording(self, why: str) -> str:
        """End the recording and return the sentence about it."""
        recording, self._recording = self._recording, None
        if recording is None:
            return ""
        written = await recording.stop(why)
        self._recording_over()
        self.say(written.sentence, "warning" if written.trouble else "information")
        return written.sentence

    def _recording_failed(self, sentence: str) -> None:
        path = self._recording.path if self._recording is not None else ""
        self._recording = None
        self._recording_over()
        self.say(f"{sentence} What was recorded until then is in {path}.", "error")

    def _recording_over(self) -> None:
        if self._recorder_was_off and self._backstage is not None:
            self.record(False)
        if self._backstage is not None:
            self._backstage.chrome.follow_recording(False)

    async def _shutdown(self) -> None:
        # However the program ends, the recording has an end as well.
        recording, self._recording = self._recording, None
        if recording is not None:
            self.recorded = (await recording.stop("left")).sentence
        await super()._shutdown()

    async def action_draft_scenario(self, file: str = "") -> None:
        """Save the last action as a scenario for `parlour smoke`."""
        from api_client.inspect.drafting import NothingToDraft, draft, last_cause

        if self._backstage is None:
            self.say("Sign in first: a scenario is drafted from what was done with an account.")
            return
        recorder = self.inspection.store.recorder
        try:
            text = draft(recorder)
        except NothingToDraft:
            on = "" if self.inspection.records else f" Nothing is recorded; {self._key} begins."
            self.say(f"There is no action that went over the wire.{on}", "warning")
            return
        cause = last_cause(recorder)
        name = _UNFIT.sub("-", cause.label.lower()).strip("-") if cause is not None else ""
        file = file or (await self.ask("save as: ", f"{name or 'scenario'}.yaml") or "").strip()
        if file:
            self._save(file, text)

    def _save(self, file: str, text: str) -> None:
        from api_client.inspect.session_file import create

        path = Path(file).expanduser().absolute()
        try:
            with os.fdopen(create(path), "w", encoding="utf-8") as out:
                out.write(text)
        except FileExistsError:
            self.say(f"{path} exists already, and stays as it is.", "warning")
        except OSError as error:
            self.say(f"{path} cannot be written: {error.strerror}.", "error")
        else:
            self.say(f"The last action is in {path}; `parlour smoke {path}` carries it out again.")
