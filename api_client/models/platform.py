"""The platform about itself, and search over everything it has."""

from __future__ import annotations

from api_client.models.base import Items, Line, Several, WireModel
from api_client.models.music import Album, Artist, Playlist, Track
from api_client.models.posts import PhotoPost, ThreadPost
from api_client.models.threads import Subreddit
from api_client.models.users import UserRef


class PlatformInfo(WireModel):
    """Name, version, limits and what the platform can do; a platform without the route can do everything."""

    name: Line
    version: Line
    capabilities: Several[str] = []
    limits: dict[str, int] = {}
    demo_account: Line | None = None


class SearchResults(WireModel):
    """What was found, by type; a type that was not asked for is empty."""

    tracks: Items[Track] = []
    albums: Items[Album] = []
    artists: Items[Artist] = []
    playlists: Items[Playlist] = []
    users: Items[UserRef] = []
    subreddits: Items[Subreddit] = []
    posts: Items[PhotoPost | ThreadPost] = []
    tags: Items[Line] = []
