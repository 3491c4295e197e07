"""Photo posts of the user's own that the platform does not have yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from api_client.models.posts import Location, Media, MediaType, NewPhotoPost, PhotoPost
from api_client.models.users import User, UserRef
from api_client.sync.receipts import Receipt, Status


@dataclass(slots=True)
class Arriving:
    """One of them: as it will look, and what becomes of it."""

    post: PhotoPost
    receipt: Receipt
    sent: float = 0.0
    """How much of its pictures has left, 0 to 1."""

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        match self.receipt.status:
            case Status.SENDING:
                return f"sending… {round(self.sent * 100)} %" if 0 < self.sent < 1 else "sending…"
            case Status.ATTENTION:
                return f"not posted: {self.receipt.reason or 'it was refused'}"
            case Status.WAITING if self.receipt.reason:
                return f"waiting: {self.receipt.reason}"
            case _:
                return "waiting to be sent"


class ArrivingPosts:
    """All of them, the newest first; `on_change` hears the id of one that looks different now."""

    def __init__(self, me: User, on_change: Callable[[str], None]) -> None:
        self._author = UserRef(
            id=me.id,
            username=me.username,
            full_name=me.full_name,
            avatar_url=me.avatar_url,
            is_verified=me.is_verified,
        )
        self._on_change = on_change
        self._known: dict[str, Arriving] = {}

    @property
    def ids(self) -> list[str]:
        """Return their ids."""
        return list(reversed(self._known))

    def add(self, receipt: Receipt) -> PhotoPost:
        """Take one on, from the write that creates it."""
        post = _preview(receipt, self._author)
        self._known[post.id] = Arriving(post, receipt)
        return post

    def take_out(self, post_id: str) -> None:
        """It has arrived, or never will."""
        self._known.pop(post_id, None)

    def words_for(self, post_id: str) -> str | None:
        """Return where a post stands, None if the platform has it."""
        found = self._known.get(post_id)
        return None if found is None else found.words

    def moved(self, receipt: Receipt) -> Arriving | None:
        """Return the post that `receipt` creates, if it is one of these, and tell that it stands elsewhere."""
        found = next((one for one in self._known.values() if one.receipt is receipt), None)
        if found is not None:
            self._on_change(found.post.id)
        return found

    def progressed(self, post_id: str, sent: int, total: int) -> None:
        """So many bytes of its pictures have left."""
        if (found := self._known.get(post_id)) is not None and total:
            found.sent = sent / total
            self._on_change(post_id)


def _preview(receipt: Receipt, author: UserRef) -> PhotoPost:
    """Return the post as it will look; a picture without an address is still on this machine."""
    wish = receipt.intent.body
    if not isinstance(wish, NewPhotoPost):
        raise TypeError(f"{receipt!r} creates no photo post")
    media = [
        Media(id=str(order), url="", order=order, type=MediaType(one.type), alt=one.alt)
        for order, one in enumerate(wish.media or ())
    ]
    media += [Media(id=str(order), url=url, order=order) for order, url in enumerate(wish.media_urls or ())]
    place = wish.location
    return PhotoPost(
        id=wish.id or receipt.id,
        user=author,
        caption=wish.caption,
        location=None if place is None else Location(name=place if isinstance(place, str) else place.name),
        media=media,
        created_at=datetime.fromtimestamp(receipt.intent.created_at, UTC),
        version=0,
    )
