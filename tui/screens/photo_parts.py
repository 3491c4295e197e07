"""The parts of the form for a new photo post: pictures as they were picked, paths that complete, and a preview."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.segment import Segment
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from api_client.errors import PlatformError, RateLimited
from api_client.text import clean_line
from widgets.inline_text import is_web_link
from widgets.line_row import LineRenderer, LineRow
from widgets.picture import DecodedPicture, PictureError, decode, halfblock_strips
from widgets.picture_header import measure
from widgets.textfmt import byte_size
from widgets.virtual_list import VirtualList
from widgets.wrapping import wrap

PICTURE_BYTES = 10 * 1024 * 1024
VIDEO_BYTES = 64 * 1024 * 1024
"""The most that the platform takes."""
_HEAD = 64 * 1024
_SUGGESTED_FROM = 2000
"""Entries of a folder that are looked at for a completion."""


class NotTaken(ValueError):
    """Something that cannot be part of a post; the message is a sentence for the user."""


@dataclass(eq=False)
class Picked:
    """A picture or video for a post: the bytes of a file, or an address on the web."""

    name: str
    url: str = ""
    path: str = ""
    """Where the file was found."""
    data: bytes = field(default=b"", repr=False)
    mime_type: str = ""
    remark: str = ""
    """Size in words."""
    alt: str = ""
    upload_id: str | None = None
    """Once its bytes are on the platform."""

    @property
    def is_video(self) -> bool:
        """Whether it moves."""
        return self.mime_type.startswith("video/")


@dataclass
class PhotoDraft:
    """What was put together so far; it outlives the form."""

    pictures: list[Picked] = field(default_factory=list)
    caption: str = ""
    location: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not (self.pictures or self.caption.strip() or self.location.strip())


def kept_fields(draft: PhotoDraft) -> dict[str, str]:
    """Return what is stored of a draft: of the pictures, where they are and how they are described."""
    pictures = [{"from": picture.url or picture.path, "alt": picture.alt} for picture in draft.pictures]
    return {
        "caption": draft.caption,
        "location": draft.location,
        "pictures": json.dumps(pictures) if pictures else "",
    }


def restore(draft: PhotoDraft, fields: Mapping[str, str]) -> None:
    """Fill an empty `draft` with what `kept_fields` returned; reads the files, so call it in a thread."""
    draft.caption, draft.location = fields.get("caption", ""), fields.get("location", "")
    try:
        found = json.loads(fields.get("pictures") or "[]")
        places = [(str(one["from"]), str(one["alt"])) for one in found]
    except (ValueError, TypeError, KeyError):
        return
    for place, alt in places:
        with contextlib.suppress(NotTaken):
            picture = pick(place)
            picture.alt = alt
            draft.pictures.append(picture)


def pick(text: str) -> Picked:
    """Return what a path or web address names; reads the file, so call it in a thread. Raises NotTaken."""
    if "://" in text:
        if not is_web_link(text):
            raise NotTaken("Only addresses with http or https are taken.")
        return Picked(clean_line(text.rpartition("/")[2] or text), url=text, remark="on the web")
    path = Path(os.path.expandvars(text)).expanduser()
    try:
        if path.is_dir():
            raise NotTaken("This is a folder: name a picture in it.")
        size = path.stat().st_size
        if size > VIDEO_BYTES:
            raise NotTaken(f"This file is too large ({byte_size(size)}); {byte_size(VIDEO_BYTES)} are taken.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotTaken("There is no such file.") from None
    except PermissionError:
        raise NotTaken("This file may not be read.") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise NotTaken(f"This file cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    mime_type, shape = _kind(data)
    if not mime_type.startswith("video/") and len(data) > PICTURE_BYTES:
        raise NotTaken(f"This picture is too large ({byte_size(len(data))}); {byte_size(PICTURE_BYTES)} are taken.")
    path = path.absolute()
    return Picked(
        clean_line(path.name), path=str(path), data=data, mime_type=mime_type, remark=f"{shape}  {byte_size(len(data))}"
    )


def _kind(data: bytes) -> tuple[str, str]:
    """Return the type of a file by its first bytes, and its shape in words. Raises NotTaken."""
    if not data:
        raise NotTaken("This file is empty.")
    if data[4:8] == b"ftyp":
        return "video/mp4", "video"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm", "video"
    try:
        kind, width, height = measure(data)
    except PictureError:
        raise NotTaken("This is not a picture: PNG, JPEG, WebP, GIF, MP4 and WebM are taken.") from None
    return f"image/{kind.lower()}", f"{width}x{height}"


def complete(text: str) -> str | None:
    """Return `text` with the rest of the path it begins, up to where several go on differently; None if nothing does.

    Looks into a folder, so call it in a thread.
    """
    if not text or "://" in text:
        return None
    folder, _, begun = text.rpartition("/")
    try:
        place = Path(os.path.expandvars(f"{folder}/" if "/" in text else ".")).expanduser()
        with os.scandir(place) as entries:
            found = []
            for count, entry in enumerate(entries):
                if count >= _SUGGESTED_FROM:
                    break
                if entry.name.startswith(begun) and (begun or not entry.name.startswith(".")):
                    found.append(entry.name + ("/" if entry.is_dir() else ""))
    except (OSError, ValueError, RuntimeError):
        return None
    whole = os.path.commonprefix(found)  # noqa: RUF071  names go on differently after any letter
    # A name with control characters cannot be shown as it is, and is not offered.
    if len(whole) <= len(begun) or clean_line(whole) != whole:
        return None
    return (f"{folder}/" if "/" in text else "") + whole


class PathSuggester(Suggester):
    """Shows the rest of a path as it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(complete, value)


class PathInput(Input):
    """A field for a path or web address."""

    def __init__(self) -> None:
        super().__init__(
            placeholder="~/Pictures/… or https://…", suggester=PathSuggester(), id="media-upload", compact=True
        )

    async def complete(self) -> bool:
        """Add the rest of the path as far as it is certain; return whether there was any."""
        completed = await asyncio.to_thread(complete, self.value)
        if completed is None:
            return False
        self.value = completed
        self.cursor_position = len(completed)
        return True


class PickedList(VirtualList[LineRow], inherit_bindings=False):
    """The pictures in the order in which they will be shown."""

    BINDINGS = [
        Binding("j,down", "cursor_down", "Down", show=False),
        Binding("k,up", "cursor_up", "Up", show=False),
        Binding("d,delete,x", "edit('remove')", "Remove", show=False),
        Binding("greater_than_sign,shift+down,J", "edit('down')", "Move down", show=False),
        Binding("less_than_sign,shift+up,K", "edit('up')", "Move up", show=False),
    ]

    class Edited(Message):
        """The picture at the cursor is to go, or to move."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what
            """`remove`, `down` or `up`."""

    def __init__(self) -> None:
        super().__init__(LineRenderer(), empty="No picture yet: type its path above.", id="pictures")

    def action_edit(self, what: str) -> None:
        """Tell what is to be done with the picture at the cursor."""
        self.post_message(self.Edited(what))


def picked_rows(pictures: list[Picked]) -> list[LineRow]:
    """Return the rows of the list of pictures."""
    return [
        LineRow(str(id(picture)), picture.name, picture.remark, detail=picture.alt, mark=f"{number:>2}")
        for number, picture in enumerate(pictures, 1)
    ]


class PicturePreview(Widget):
    """The chosen picture, small, or a sentence in its place."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._strips: list[Strip] = []

    async def show(self, picture: Picked | None) -> None:
        """Draw `picture`, as large as there is room."""
        width, height = self.content_size
        if picture is None or width < 2 or height < 1:
            self._strips = []
        elif not picture.data or picture.is_video:
            self._say("no preview of a video" if picture.is_video else "from the web: no preview", width)
        else:
            try:
                found = await asyncio.to_thread(_thumbnail, picture.data, width, height)
            except PictureError as error:
                self._say(str(error), width)
            else:
                self._strips = halfblock_strips(found.rgb, found.cols, found.rows)
        self.refresh()

    def _say(self, sentence: str, width: int) -> None:
        self._strips = [Strip([Segment(line, self.rich_style)]) for line in wrap(sentence, width)]

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        strip = self._strips[y] if y < len(self._strips) else Strip([])
        return strip.adjust_cell_length(width, self.rich_style)


def _thumbnail(data: bytes, columns: int, rows: int) -> DecodedPicture:
    from widgets.picture import fit

    _, width, height = measure(data)
    return decode(data, *fit(width, height, columns, rows))


def trouble_of(error: PlatformError) -> tuple[str, str]:
    """Return at which field of the form a refusal belongs, and what to say there."""
    fields = getattr(error, "fields", {})
    for name, complaint in fields.items():
        for field_id in ("caption", "location"):
            if name.startswith(field_id):
                return field_id, str(complaint)
        if name.startswith(("media", "sizeBytes", "size_bytes", "mimeType", "mime_type", "filename")):
            return "media-upload", str(complaint)
    if isinstance(error, RateLimited) and error.retry_after:
        return "submit-post", f"{error.sentence} It can be posted again in {_wait(error.retry_after)}."
    return "submit-post", error.sentence


def _wait(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 90 else f"{round(seconds / 60)} min"
