"""The platform's domains: each endpoint of the table is one method of one group, loaded when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api_client.domains.accounts import Accounts
    from api_client.domains.chat import Chat
    from api_client.domains.comments import Comments
    from api_client.domains.feed import Feed
    from api_client.domains.folders import Folders
    from api_client.domains.music import Music
    from api_client.domains.platform import Platform
    from api_client.domains.playback import Playback
    from api_client.domains.player import Player
    from api_client.domains.playlists import Playlists
    from api_client.domains.recommendations import Recommendations
    from api_client.domains.records import Records
    from api_client.domains.stories import Stories
    from api_client.domains.studio import Studio
    from api_client.domains.threads import Threads
    from api_client.domains.together import Together
    from api_client.domains.uploads import Uploads
    from api_client.domains.users import Users
    from api_client.domains.visuals import Visuals

__all__ = [
    "Accounts",
    "Chat",
    "Comments",
    "Feed",
    "Folders",
    "Music",
    "Platform",
    "Playback",
    "Player",
    "Playlists",
    "Recommendations",
    "Records",
    "Stories",
    "Studio",
    "Threads",
    "Together",
    "Uploads",
    "Users",
    "Visuals",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{name.lower()}"), name)
