"""The form for what a playlist is called and who sees and changes it, and for its cover."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from api_client.errors import Invalid, PlatformError
from api_client.models.music import Playlist
from api_client.sync.drafts import Drafts
from tui.screens.profile_form import Tick
from widgets.composer import Composer, ComposerKeys

if TYPE_CHECKING:
    from tui.shell import Shell

NAME_LIMIT, DESCRIPTION_LIMIT = 100, 300
LARGEST_COVER = 10_000_000
"""Bytes."""
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif"}


class PlaylistForm(ModalScreen[bool]):
    """Answers True once the change is stored to be sent; what was typed is kept until then, also between runs."""

    DEFAULT_CSS = """
    PlaylistForm { align: center middle; }
    PlaylistForm > Vertical {
        width: 72; max-width: 96%; height: auto; max-height: 98%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
        border-title-color: $primary; border-title-style: bold;
    }
    PlaylistForm .label { height: 1; color: $muted; }
    PlaylistForm Input { height: 1; border: none; background: $panel; padding: 0 1; margin: 0 0 1 0; }
    PlaylistForm Input:focus { border: none; background: $highlight; }
    PlaylistForm Composer { background: $panel; margin: 0 0 1 0; }
    PlaylistForm Composer > ComposerArea { background: $panel; max-height: 4; }
    PlaylistForm Composer > .composer--note { background: $panel; }
    PlaylistForm Tick { background: $surface; border: none; padding: 0; }
    PlaylistForm #cover { margin: 1 0 0 0; }
    PlaylistForm #trouble { color: $error; height: auto; }
    PlaylistForm .hint { color: $muted; height: 1; }
    """
    BINDINGS = [
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
    ]

    def __init__(self, shell: Shell, playlist: Playlist) -> None:
        super().__init__()
        self._shell = shell
        self._playlist = playlist
        self._draft = f"playlist:{playlist.id}"
        self._keeps = False
        """Whether what is in the form is the draft: not before it was restored, nor once it was saved."""

    def compose(self) -> ComposeResult:
        playlist = self._playlist
        with Vertical() as frame:
            frame.border_title = "A playlist of yours"
            yield Static(Content("Name"), classes="label")
            yield Input(playlist.name, id="name", max_length=NAME_LIMIT, compact=True)
            yield Static(Content("Description"), classes="label")
            keys = ComposerKeys(frozenset(), frozenset({"enter", "ctrl+j"}), frozenset())
            yield Composer(playlist.description or "", limit=DESCRIPTION_LIMIT, keys=keys, id="description")
            yield Tick("Public: on your profile, in the search", playlist.is_public, id="is_public", compact=True)
            if not playlist.is_made:
                words = "Collaborative: others may change it too"
                yield Tick(words, playlist.is_collaborative, id="is_collaborative", compact=True)
            hint = "cover: path of a picture; - brings back that of the first track"
            yield Input(placeholder=hint, id="cover", compact=True)
            yield Static(id="trouble", markup=False)
            yield Static(Content("Ctrl+S saves · Tab next field · Space ticks · Esc leaves"), classes="hint")

    def on_mount(self) -> None:
        kept = self._drafts.fields(self._draft)
        if kept:
            self.query_one("#name", Input).value = kept.get("name", "")
            self.query_one(Composer).text = kept.get("description", "")
            for tick in self.query(Tick):
                tick.value = bool(kept.get(tick.id or ""))
            self._trouble("This was typed before and not saved.")
        self._keeps = True
        self.query_one("#name", Input).focus()

    @property
    def _drafts(self) -> Drafts:
        return self._shell.session.outbox.drafts

    @property
    def _known(self) -> dict[str, str | bool]:
        before = self._playlist
        ticks = {tick.id or "": bool(getattr(before, tick.id or "")) for tick in self.query(Tick)}
        return {"name": before.name, "description": before.description or "", **ticks}

    @property
    def _typed(self) -> dict[str, str | bool]:
        return {
            "name": self.query_one("#name", Input).value.strip(),
            "description": self.query_one(Composer).text.strip(),
            **{tick.id or "": tick.value for tick in self.query(Tick)},
        }

    @on(Input.Changed, "#name")
    @on(Composer.Changed)
    @on(Tick.Changed)
    def _keep(self) -> None:
        """Keep what was typed, as long as it says something else than the playlist."""
        typed = self._typed
        if not self._keeps:
            return
        if typed == self._known:
            self._drafts.drop(self._draft)
        else:
            self._drafts.keep(self._draft, {name: str(value or "") for name, value in typed.items()})

    def action_leave(self) -> None:
        """Leave the playlist as it was; what was typed is here when the form is opened again."""
        self.dismiss(False)

    def action_save(self) -> None:
        """Send what has changed; behind what was typed ahead."""
        (self.focused or self).call_later(self._begin)

    def _begin(self) -> None:
        self.run_worker(self._save(), group="save", exclusive=True)

    async def _save(self) -> None:
        typed, known = self._typed, self._known
        changed: dict[str, Any] = {name: value for name, value in typed.items() if value != known[name]}
        playlists = self._shell.session.music.playlists
        cover = self.query_one("#cover", Input).value.strip()
        try:
            if cover:
                upload_id = None if cover == "-" else await self._uploaded(cover)
                await playlists.begin_changing(self._playlist, cover_upload_id=upload_id)
        except (OSError, ValueError) as error:
            self._trouble(f"This picture cannot be read: {getattr(error, 'strerror', None) or error}.")
            return
        except PlatformError as error:
            self._trouble(error.sentence)
            return
        self._keeps = False
        if not changed:
            self._drafts.drop(self._draft)
            self.dismiss(bool(cover))
            return
        try:
            await playlists.begin_changing(self._playlist, draft=self._draft, **changed)
        except PlatformError as error:
            self._keeps = True
            details = "; ".join(error.fields.values()) if isinstance(error, Invalid) else ""
            self._trouble(f"{error.sentence} {details}".strip())
        else:
            self.dismiss(True)

    async def _uploaded(self, typed: str) -> str:
        """Bring a picture to the platform and return the upload's id. Raises OSError, ValueError, PlatformError."""
        path = await asyncio.to_thread(Path(typed).expanduser)
        kind = _TYPES.get(path.suffix.casefold())
        if kind is None:
            raise ValueError("a cover is a PNG, JPEG, WebP or GIF")
        if (await asyncio.to_thread(path.stat)).st_size > LARGEST_COVER:
            raise ValueError("a cover has 10 MB at most")
        data = await asyncio.to_thread(path.read_bytes)
        return await self._shell.session.client.uploads.upload(data, path.name, kind)

    def _trouble(self, sentence: str) -> None:
        self.query_one("#trouble", Static).update(Content(sentence))
