"""The form for a new photo post: pictures, their descriptions, caption and location, and how far the upload is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, ProgressBar, Static

from api_client.errors import PlatformError, SignInRequired
from api_client.models.posts import CAPTION_LIMIT, LOCATION_LIMIT, MEDIA_LIMIT
from api_client.realtime import Phase
from api_client.text import clean_line, utf16_length
from tui.screens.base import close_with
from tui.screens.photo_parts import (
    NotTaken,
    PathInput,
    PhotoDraft,
    Picked,
    PickedList,
    PicturePreview,
    kept_fields,
    pick,
    picked_rows,
    restore,
    trouble_of,
)
from tui.state.new_photos import Outgoing
from widgets.composer import Composer, ComposerKeys
from widgets.list_messages import Highlighted
from widgets.textfmt import byte_size, plural

if TYPE_CHECKING:
    from tui.shell import Shell

AT_ONCE = 3
"""Files on their way at the same time."""
ALT_LIMIT = 500
DRAFT = "photo"
"""The key of the draft."""
_LABELS = {"media-upload": "Pictures", "alt": "Description", "location": "Location"}
_HINT = "Enter adds · Tab completes, next field · < > order · x removes · Ctrl+S posts · Esc keeps and leaves"


class PhotoForm(ModalScreen[bool]):
    """Answers True once the photo is stored to be sent. What was put together is kept until then, also between runs."""

    DEFAULT_CSS = """
    PhotoForm { align: center middle; }
    PhotoForm > Vertical {
        width: 100; max-width: 98%; height: auto; max-height: 100%;
        background: $surface; color: $foreground; border: round $primary; padding: 0 1;
        border-title-color: $primary; border-title-style: bold;
    }
    PhotoForm .label { height: 1; color: $muted; }
    PhotoForm .trouble { color: $error; height: auto; max-height: 3; display: none; }
    PhotoForm .trouble.-shown { display: block; }
    PhotoForm Input { height: 1; border: none; background: $panel; padding: 0 1; }
    PhotoForm Input:focus { border: none; background: $highlight; }
    PhotoForm #picked { height: 7; }
    PhotoForm PickedList { height: 7; background: $surface; }
    PhotoForm #preview { width: 26; height: 7; margin: 0 0 0 1; color: $muted; }
    PhotoForm Composer { background: $panel; }
    PhotoForm Composer > ComposerArea { max-height: 4; background: $panel; }
    PhotoForm Composer > .composer--note { background: $panel; }
    PhotoForm #progress { height: 1; display: none; }
    PhotoForm.-busy #progress { display: block; }
    PhotoForm ProgressBar { width: 30; }
    PhotoForm #doing { width: 1fr; height: 1; padding: 0 1; color: $accent; }
    PhotoForm .hint { color: $muted; height: auto; }
    """
    # With priority, because what is typed ahead after Tab must go into the next field and not into this one.
    BINDINGS = [
        Binding("tab", "next_field", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("ctrl+s", "post", "Post", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
    ]

    def __init__(self, shell: Shell, draft: PhotoDraft) -> None:
        super().__init__(id="create-post")
        self._shell = shell
        self.draft = draft
        self._sent: dict[Picked, int] = {}
        self._keeps = False
        """Whether what is in the form is the draft: not before it was restored, nor once it was posted."""

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = "New photo post"
            yield Static(Content(_LABELS["media-upload"]), id="label-media-upload", classes="label")
            yield PathInput()
            yield Static(id="trouble-media-upload", classes="trouble", markup=False)
            with Horizontal(id="picked"):
                yield PickedList()
                yield PicturePreview()
            yield Static(id="label-alt", classes="label", markup=False)
            yield Input(
                id="alt", placeholder="what is to be seen, for those who cannot", max_length=ALT_LIMIT, compact=True
            )
            yield Static(Content("Caption"), classes="label")
            keys = ComposerKeys(frozenset(), frozenset({"enter", "ctrl+j"}), frozenset())
            yield Composer(self.draft.caption, limit=CAPTION_LIMIT, placeholder="", keys=keys, id="caption")
            yield Static(id="trouble-caption", classes="trouble", markup=False)
            yield Static(id="label-location", classes="label", markup=False)
            yield Input(self.draft.location, id="location", placeholder="where it was taken", compact=True)
            yield Static(id="trouble-location", classes="trouble", markup=False)
            yield Static(id="trouble-submit-post", classes="trouble", markup=False)
            with Horizontal(id="progress"):
                yield ProgressBar(show_eta=False, id="upload-progress")
                yield Static(id="doing", markup=False)
            yield Static(Content(_HINT), classes="hint", id="submit-post")

    def on_mount(self) -> None:
        self._show_pictures()
        self._count_location()
        self.query_one(PathInput).focus()
        self.run_worker(self._restore(), group="restore")

    def on_resize(self) -> None:
        self._preview()

    # -- pictures

    @property
    def _chosen(self) -> Picked | None:
        key = self.query_one(PickedList).highlighted_key
        return next((picture for picture in self.draft.pictures if str(id(picture)) == key), None)

    def _show_pictures(self) -> None:
        self.query_one(PickedList).set_items(picked_rows(self.draft.pictures))
        count = len(self.draft.pictures)
        self.query_one("#label-media-upload", Static).update(Content(f"Pictures  {count}/{MEDIA_LIMIT}"))
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen = self._chosen
        field = self.query_one("#alt", Input)
        field.disabled = chosen is None or bool(chosen.url)
        with field.prevent(Input.Changed):
            field.value = chosen.alt if chosen is not None else ""
        label = f"Description of {chosen.name}" if chosen is not None else "Description"
        self.query_one("#label-alt", Static).update(Content(label))
        self._preview()

    def _preview(self) -> None:
        shown = self.query_one(PicturePreview).show(self._chosen)
        close_with(self.run_worker(shown, group="preview", exclusive=True), shown)

    @on(Highlighted, "#pictures")
    def _other_chosen(self) -> None:
        self._show_chosen()

    @on(Input.Submitted, "#media-upload")
    def _path_given(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text:
            self.run_worker(self._add(text), group="add", exclusive=True)
        elif self.draft.pictures:
            self.query_one(Composer).focus()

    async def _add(self, text: str) -> None:
        self._complain("media-upload", "")
        try:
            if len(self.draft.pictures) >= MEDIA_LIMIT:
                raise NotTaken(f"A post has at most {MEDIA_LIMIT} pictures.")
            picture = await asyncio.to_thread(pick, text)
            if any(bool(other.url) != bool(picture.url) for other in self.draft.pictures):
                raise NotTaken("A post has either files or web addresses, not both.")
        except NotTaken as error:
            self._complain("media-upload", str(error))
            return
        self.draft.pictures.append(picture)
        self._keep()
        self.query_one(PathInput).value = ""
        self._show_pictures()
        self.query_one(PickedList).highlight(str(id(picture)))

    @on(PickedList.Edited)
    def _edited(self, event: PickedList.Edited) -> None:
        chosen, pictures = self._chosen, self.draft.pictures
        if chosen is None or self.has_class("-busy"):
            return
        here = pictures.index(chosen)
        pictures.remove(chosen)
        if event.what != "remove":
            pictures.insert(max(here + (1 if event.what == "down" else -1), 0), chosen)
        self._keep()
        self._show_pictures()

    @on(Input.Changed, "#alt")
    def _described(self, event: Input.Changed) -> None:
        if (chosen := self._chosen) is not None:
            chosen.alt = clean_line(event.value)
            self._keep()
            self.query_one(PickedList).set_items(picked_rows(self.draft.pictures))

    @on(Input.Submitted, "#alt")
    @on(Input.Submitted, "#location")
    def _field_done(self) -> None:
        self.focus_next()

    # -- words

    @on(Composer.Changed)
    def _caption_changed(self, event: Composer.Changed) -> None:
        self.draft.caption = event.text
        self._keep()
        self._complain("caption", "")

    @on(Input.Changed, "#location")
    def _location_changed(self, event: Input.Changed) -> None:
        self.draft.location = clean_line(event.value)
        self._keep()
        self._complain("location", "")
        self._count_location()

    def _count_location(self) -> None:
        length = len(self.draft.location)
        self.query_one("#label-location", Static).update(Content(f"Location  {length}/{LOCATION_LIMIT}"))

    def _complain(self, field_id: str, sentence: str) -> None:
        """Show `sentence` at a field, or nothing more where it is empty."""
        found = self.query_one(f"#trouble-{field_id}", Static)
        found.update(Content(sentence))
        found.set_class(bool(sentence), "-shown")

    def _first_complaint(self) -> tuple[str, str] | None:
        if not self.draft.pictures:
            return "media-upload", "A photo post needs a picture: type its path and press Enter."
        over = utf16_length(self.draft.caption) - CAPTION_LIMIT
        if over > 0:
            return "caption", f"The caption is too long by {over:,}."
        over = len(self.draft.location) - LOCATION_LIMIT
        return ("location", f"The location is too long by {over:,}.") if over > 0 else None

    # -- posting

    def action_next_field(self) -> None:
        """Move on; a path that can be completed is completed first."""
        if isinstance(self.focused, PathInput) and self.focused.value:
            self.run_worker(self._complete(self.focused), group="complete", exclusive=True)
        else:
            self.focus_next()

    async def _complete(self, field: PathInput) -> None:
        if not await field.complete():
            self.focus_next()

    def action_post(self) -> None:
        """Send it all, or say at its field what is in the way."""
        # What was typed ahead may still wait in the field's own queue; the form is read behind it.
        (self.focused or self).call_later(self._begin)

    def _begin(self) -> None:
        if self.has_class("-busy"):
            return
        self.draft.caption = self.query_one(Composer).text
        self.draft.location = clean_line(self.query_one("#location", Input).value)
        for field_id in ("media-upload", "caption", "location", "submit-post"):
            self._complain(field_id, "")
        if (complaint := self._first_complaint()) is not None:
            self._refuse(*complaint)
            return
        self.run_worker(self._post(), group="post", exclusive=True)

    def _refuse(self, field_id: str, sentence: str) -> None:
        self._complain(field_id, sentence)
        if field_id != "submit-post":
            self.query_one(f"#{field_id}").focus()

    async def _post(self) -> None:
        self.add_class("-busy")
        try:
            if self._shell.session.realtime.state.phase is Phase.ONLINE:
                await self._upload_what_can_be()
            self._doing("")
            await self._shell.session.feed.publish(
                self.draft.caption.strip(),
                self.draft.location.strip(),
                files=[
                    Outgoing(picture.data, picture.mime_type, picture.alt, picture.upload_id)
                    for picture in self.draft.pictures
                    if not picture.url
                ],
                urls=[picture.url for picture in self.draft.pictures if picture.url],
                draft=DRAFT,
            )
        except PlatformError as error:
            self._refuse(*trouble_of(error))
        else:
            self._keeps = False
            self.draft.__init__()  # type: ignore[misc]
            self.dismiss(True)
        finally:
            self.remove_class("-busy")

    async def _upload_what_can_be(self) -> None:
        """Upload the files; what cannot be reached now is left to the outbox. Raises PlatformError for a refusal."""
        try:
            await self._upload_all()
        except SignInRequired:
            return
        except PlatformError as error:
            if not error.worth_retrying:
                raise

    async def _upload_all(self) -> None:
        files = [picture for picture in self.draft.pictures if not picture.url and picture.upload_id is None]
        total = sum(len(picture.data) for picture in files)
        self._sent = dict.fromkeys(files, 0)
        self.query_one(ProgressBar).update(total=max(total, 1), progress=0)
        self._doing(f"uploading {plural(len(files), 'file')}, {byte_size(total)}" if files else "")
        places = asyncio.Semaphore(AT_ONCE)

        async def bring(picture: Picked) -> None:
            async with places:
                picture.upload_id = await self._shell.session.feed.upload(
                    picture.data, picture.name[:255], picture.mime_type, lambda sent, _: self._progress(picture, sent)
                )

        failed: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                for picture in files:
                    group.create_task(bring(picture))
        except* PlatformError as errors:
            failed = errors.exceptions[0]
        if failed is not None:
            raise failed

    def _progress(self, picture: Picked, sent: int) -> None:
        self._sent[picture] = sent
        self.query_one(ProgressBar).update(progress=sum(self._sent.values()))

    def _doing(self, words: str) -> None:
        self.query_one("#doing", Static).update(Content(f"{words}  Esc cancels" if words else ""))

    def action_leave(self) -> None:
        """Cancel an upload; with nothing on its way, leave, and keep the draft."""
        if self.has_class("-busy"):
            self.workers.cancel_group(self, "post")
            self._complain("submit-post", "The upload was cancelled; nothing was posted.")
        else:
            self.dismiss(False)

    # -- the draft

    def _keep(self) -> None:
        """Keep what was put together, as it is now."""
        if self._keeps:
            self._shell.session.outbox.drafts.keep(DRAFT, kept_fields(self.draft))

    async def _restore(self) -> None:
        """Show what was put together in an earlier run; a file that is gone or no picture any more is left out."""
        fields = self._shell.session.outbox.drafts.fields(DRAFT)
        if fields and self.draft.empty:
            await asyncio.to_thread(restore, self.draft, fields)
            with self.prevent(Composer.Changed, Input.Changed):
                self.query_one(Composer).text = self.draft.caption
                self.query_one("#location", Input).value = self.draft.location
            self._count_location()
            self._show_pictures()
        self._keeps = True
