"""All tables; importing this package makes them known to `server.db.Base`."""

from server.tables import (
    catalogue,
    chat,
    devices,
    music,
    playlists,
    posts,
    recommendations,
    search,
    stories,
    studio,
    subreddits,
    together,
    users,
)

__all__ = [
    "catalogue",
    "chat",
    "devices",
    "music",
    "playlists",
    "posts",
    "recommendations",
    "search",
    "stories",
    "studio",
    "subreddits",
    "together",
    "users",
]
