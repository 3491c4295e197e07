"""All tables; importing this package makes them known to `server.db.Base`."""

from server.tables import chat, music, posts, recommendations, search, stories, studio, subreddits, users

__all__ = ["chat", "music", "posts", "recommendations", "search", "stories", "studio", "subreddits", "users"]
