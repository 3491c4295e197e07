"""What else there is about playlists: folders, copies, previews of rules, and blends of two people's music."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api_client.models.base import BaseVersion, ClientId, Items, Line, WireModel
from api_client.models.music import Track
from api_client.models.playlist_rules import Rules

FOLDER_NAME_LIMIT = 100
FOLDERS_DEEP = 8
"""Levels of folders in one another."""
MOST_FOLDERS = 500

FolderName = Annotated[str, StringConstraints(min_length=1, max_length=FOLDER_NAME_LIMIT, strip_whitespace=True)]


class PlaylistFolder(WireModel):
    """A folder of the user's own, in which playlists and other folders lie; `parent_id` None: at the top."""

    id: str
    name: Line
    parent_id: str | None = None
    version: int = 1


class PlaylistFolders(WireModel):
    """All folders of the user."""

    folders: Items[PlaylistFolder] = []


class NewFolder(WireModel):
    """A folder to make."""

    id: ClientId | None = None
    name: FolderName
    parent_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class FolderChange(WireModel):
    """Another name, or another place: what is absent stays, `parent_id` null leads to the top."""

    base_version: BaseVersion | None = None
    name: FolderName | None = None
    parent_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class Filing(WireModel):
    """In which of the user's folders a playlist lies; None: in none."""

    folder_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class PlaylistCopy(WireModel):
    """A copy to make of a playlist for oneself; without a name it gets the one it is copied from."""

    id: ClientId | None = None
    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)] | None = None


class RulesToTry(WireModel):
    """Rules whose outcome is to be seen before they are kept."""

    rules: Rules


class RulesPreview(WireModel):
    """What rules choose: how many tracks, their length in ms, and the first of them."""

    count: int
    duration_ms: int
    tracks: Items[Track] = []


class NewBlend(WireModel):
    """With whom a blend is to be made: somebody who follows the user, and whom the user follows."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=30)]
