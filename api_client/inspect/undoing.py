"""What takes each write back: proposed at the end of a drafted scenario."""

from __future__ import annotations

from typing import Any

UNDO: dict[str, tuple[str, dict[str, str]]] = {
    "chat.add_member": ("chat.remove_member", {"id": "id", "userId": ".body.userId"}),
    "chat.send": ("chat.unsend", {"id": ".reply.id"}),
    "comments.create": ("comments.delete", {"id": ".reply.id"}),
    "comments.like": ("comments.unlike", {"id": "id"}),
    "comments.toggle_like": ("comments.unlike", {"id": "id"}),
    "comments.unlike": ("comments.like", {"id": "id"}),
    "folders.create": ("folders.delete", {"id": ".reply.id"}),
    "library.remove": ("library.save", {"type": "type", "itemId": "itemId"}),
    "library.save": ("library.remove", {"type": "type", "itemId": "itemId"}),
    "music.follow_artist": ("music.unfollow_artist", {"id": "id"}),
    "music.unfollow_artist": ("music.follow_artist", {"id": "id"}),
    "playlists.add": ("playlists.remove", {"id": "id", "trackId": ".body.trackId"}),
    "playlists.add_collaborator": ("playlists.remove_collaborator", {"id": "id", "userId": ".reply.id"}),
    "playlists.blend": ("playlists.delete", {"id": ".reply.id"}),
    "playlists.copy": ("playlists.delete", {"id": ".reply.id"}),
    "playlists.create": ("playlists.delete", {"id": ".reply.id"}),
    "posts.create": ("posts.delete", {"id": ".reply.id"}),
    "posts.like": ("posts.unlike", {"id": "id"}),
    "posts.save": ("posts.unsave", {"id": "id"}),
    "posts.toggle_like": ("posts.unlike", {"id": "id"}),
    "posts.unlike": ("posts.like", {"id": "id"}),
    "posts.unsave": ("posts.save", {"id": "id"}),
    "stories.create": ("stories.delete", {"id": ".reply.id"}),
    "studio.create": ("studio.delete", {"id": ".reply.id"}),
    "threads.join": ("threads.leave", {"name": "name"}),
    "threads.leave": ("threads.join", {"name": "name"}),
    "together.join": ("together.leave", {"code": "code"}),
    "together.start": ("together.leave", {"code": ".reply.code"}),
    "users.follow": ("users.unfollow", {"username": "username"}),
    "users.unfollow": ("users.follow", {"username": "username"}),
}
"""What takes a write back: the endpoint, and where the names in its path come from: the path, the body, the reply."""

UNDO_BODY: dict[str, tuple[str, dict[str, Any]]] = {
    "comments.vote": ("comments.vote", {"value": 0}),
    "posts.vote": ("posts.vote", {"value": 0}),
}
"""Writes that are taken back by another value."""
