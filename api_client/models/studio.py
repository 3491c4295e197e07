"""The studio: projects, their tracks, the clips on these, audio files, and what may be written into each of them.

A track of the studio is another thing than a song of the catalogue; on the wire its table is called `tracks` as well.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator

from api_client.models.base import ClientId, Line, Moment, OpenEnum, Several, WireModel
from api_client.models.users import UserRef

COLLABORATOR_LIMIT = 100
TRACK_LIMIT = 500
CLIP_LIMIT = 20_000
"""How much one project holds."""

_LAST_BEAT = 10_000_000

Title = Annotated[str, StringConstraints(max_length=200, pattern=r"\S")]
Bpm = Annotated[int, Field(ge=1, le=999)]
TimeSignature = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?/(?:1|2|4|8|16|32)$")]
TrackKind = Literal["audio", "midi", "bus"]
Level = Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)]
"""A factor on the amplitude; 1 leaves it as it is."""
Pan = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
"""-1 is left, 1 is right."""
Order = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Beats = Annotated[float, Field(ge=0, le=_LAST_BEAT, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=_LAST_BEAT, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
RecordId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
MidiData = dict[str, JsonValue] | list[JsonValue]
Plugins = Annotated[list[JsonValue], Field(max_length=128)]
FileName = Annotated[str, StringConstraints(max_length=255, pattern=r"\S")]


class TrackType(OpenEnum):
    """What a track carries."""

    AUDIO = "audio"
    MIDI = "midi"
    BUS = "bus"
    UNKNOWN = "unknown"


class Access(StrEnum):
    """What somebody may do with a project."""

    OWNER = "owner"
    WRITE = "write"
    READ = "read"

    @property
    def may_write(self) -> bool:
        """Whether it goes beyond looking."""
        return self is not Access.READ


class _Stored(WireModel):
    """What every record of the studio has; `deleted` says when it was put into the trash."""

    id: str
    version: int = 1
    created_at: Moment
    updated_at: Moment
    deleted: Moment | None = None


class Project(_Stored):
    """A piece of work; `collaborators` are ids of those besides `created_by` who see it."""

    name: Line
    bpm: int = 120
    time_signature: Line = "4/4"
    created_by: str
    collaborators: Several[str] = []


class StudioTrack(_Stored):
    """One lane of a project and its strip in the mixer."""

    project_id: str
    name: Line
    type: TrackType
    volume: float = 1.0
    pan: float = 0.0
    muted: bool = False
    solo: bool = False
    order_index: int = 0
    plugins: Several[JsonValue] = []


class Clip(_Stored):
    """A stretch of a track, in beats from the project's start: a part of an audio file, or notes.

    The offsets say, in seconds, how much of the file is left out at either end; fades are in beats.
    """

    track_id: str
    name: Line
    start_beat: float
    duration_beats: float
    audio_file_id: str | None = None
    audio_start_offset: float | None = 0.0
    audio_end_offset: float | None = 0.0
    midi_data: JsonValue = None
    gain: float = 1.0
    fade_in: float = 0.0
    fade_out: float = 0.0


class AudioFile(_Stored):
    """A recording of a project: what was uploaded, and what the platform found in it."""

    project_id: str
    uploaded_by: str
    filename: Line
    mime_type: Line
    size_bytes: int
    storage_key: str
    waveform_key: str | None = None
    peaks_data: Several[float] | None = None
    duration_seconds: float
    sample_rate: int
    channels: int
    bit_depth: int | None = None


class ProjectColumns(WireModel):
    """What operations may write into a project; `collaborators` and `deleted` are its owner's alone."""

    name: Title
    bpm: Bpm
    time_signature: TimeSignature
    collaborators: Annotated[list[RecordId], Field(max_length=COLLABORATOR_LIMIT)]
    updated_at: Moment
    deleted: Moment | None


class TrackColumns(WireModel):
    """What operations may write into a track."""

    name: Title
    type: TrackKind
    volume: Level
    pan: Pan
    muted: bool
    solo: bool
    order_index: Order
    plugins: Plugins
    updated_at: Moment
    deleted: Moment | None


class ClipColumns(WireModel):
    """What operations may write into a clip; `audio_file_id` names a file of the same project."""

    name: Title
    start_beat: Beats
    duration_beats: Length
    audio_file_id: RecordId | None
    audio_start_offset: Seconds | None
    audio_end_offset: Seconds | None
    midi_data: MidiData | None
    gain: Level
    fade_in: Beats
    fade_out: Beats
    updated_at: Moment
    deleted: Moment | None


class AudioFileColumns(WireModel):
    """What operations may write into an audio file; the rest of it is what the platform found."""

    filename: FileName
    updated_at: Moment
    deleted: Moment | None


class NewProject(WireModel):
    """A project to begin."""

    id: ClientId | None = None
    name: Title
    bpm: Bpm = 120
    time_signature: TimeSignature = "4/4"


class NewStudioTrack(WireModel):
    """A track to add; without `order_index` it comes last."""

    id: ClientId | None = None
    name: Title
    type: TrackKind
    order_index: Order | None = None


class NewClip(WireModel):
    """A clip to put on a track: of an audio file, of notes, or empty."""

    id: ClientId | None = None
    track_id: RecordId
    name: Title
    start_beat: Beats
    duration_beats: Length
    audio_file_id: RecordId | None = None
    midi_data: MidiData | None = None

    @model_validator(mode="after")
    def _one_content(self) -> NewClip:
        if self.audio_file_id is not None and self.midi_data is not None:
            raise ValueError("at most one of audioFileId and midiData")
        return self


class Invitation(WireModel):
    """Somebody to let into a project; one who is there already gets the new access."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=30)]
    access: Literal["read", "write"] = "write"


class Collaborator(WireModel):
    """Somebody who sees a project that is not theirs."""

    user: UserRef
    access: Access
