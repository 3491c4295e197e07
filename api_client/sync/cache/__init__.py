"""What was fetched, kept on this machine, so that every screen opens from it: `cache.db`."""

from api_client.sync.cache.cache import Cache
from api_client.sync.cache.entries import Document, Listing, Position
from api_client.sync.cache.versions import newer
from api_client.sync.cache.view import CacheView

__all__ = ["Cache", "CacheView", "Document", "Listing", "Position", "newer"]
