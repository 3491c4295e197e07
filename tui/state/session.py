"""Everything that belongs to one signed-in account: its client, its outbox, its socket, its stores."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Self

from tui.state.outbox_sections import OutboxSections
from tui.state.writes import Writes

if TYPE_CHECKING:
    from api_client.client import PlatformClient
    from api_client.models.users import User
    from api_client.realtime import Realtime
    from api_client.sync.cache import Cache
    from api_client.sync.outbox import Outbox
    from tui.state.attachments import Attachments
    from tui.state.chat import ChatStore
    from tui.state.comments import CommentsStore
    from tui.state.devices import DevicesStore
    from tui.state.downloads import Downloads
    from tui.state.feed import FeedStore
    from tui.state.friends import FriendsStore
    from tui.state.live_records import LiveRecords
    from tui.state.music import MusicStore
    from tui.state.people import PeopleStore
    from tui.state.photo_sender import PhotoSender
    from tui.state.privacy import PrivacyStore
    from tui.state.threads import ThreadsStore
    from tui.state.visuals import VisualsStore


class Session:
    """One account at work. Screens read the stores; every write of theirs goes through `writes`.

    A store is loaded and built when something first asks for it, so that the first screen waits for its own alone.
    `complete` builds all of them: from then on they hear the socket, and show what is found in the outbox.
    """

    def __init__(
        self,
        client: PlatformClient,
        realtime: Realtime,
        outbox: Outbox,
        me: User,
        cache: Cache,
        *,
        attachments: Attachments | None = None,
        photos: PhotoSender | None = None,
    ) -> None:
        """`attachments` keeps files until they are sent, and `photos` is what the outbox sends through."""
        self.client = client
        self.realtime = realtime
        self.outbox = outbox
        self.writes = Writes(outbox)
        self.sections = OutboxSections(outbox.open)
        """The open intents by what they wait for."""
        self.cache = cache
        self.me = me
        self.shows_nsfw = False
        """Whether the user has agreed to see posts marked NSFW; asked once, until they sign out."""
        self._attachments = attachments
        self._photos = photos
        outbox.subscribe(self.sections.take)

    @classmethod
    def build(
        cls, client: PlatformClient, realtime: Realtime, outbox: Outbox, me: User, cache: Cache | None = None
    ) -> Self:
        """Return it complete; nothing is fetched yet. Without `cache`, what is read lasts as long as this."""
        if cache is None:
            from api_client.sync.cache import Cache

            cache = Cache.in_memory()
        session = cls(client, realtime, outbox, me, cache)
        session.complete()
        return session

    @cached_property
    def feed(self) -> FeedStore:
        """Photo posts and stories."""
        from tui.state.feed import FeedStore

        return FeedStore(self.client, self.writes, self.me, self.cache, self._attachments, self._photos)

    @cached_property
    def threads(self) -> ThreadsStore:
        """Subreddits and their posts."""
        from tui.state.threads import ThreadsStore

        return ThreadsStore(self.client, self.writes, self.me, cache=self.cache)

    @cached_property
    def comments(self) -> CommentsStore:
        """The comments of posts."""
        from tui.state.comments import CommentsStore

        return CommentsStore(self.client, self.writes, self.me, cache=self.cache)

    @cached_property
    def chat(self) -> ChatStore:
        """Conversations and their messages."""
        from tui.state.chat import ChatStore

        return ChatStore(self.client, self.writes, self.realtime, self.me, cache=self.cache)

    @cached_property
    def music(self) -> MusicStore:
        """Music, and the user's library."""
        from tui.state.music import MusicStore

        return MusicStore(self.client, self.writes, self.me, self.cache)

    @cached_property
    def visuals(self) -> VisualsStore:
        """What tracks look like while they play."""
        from tui.state.visuals import VisualsStore

        visuals = VisualsStore(self.client, self.cache)
        visuals.keep_beside(self.downloads)
        return visuals

    @cached_property
    def downloads(self) -> Downloads:
        """What is kept on this machine, to be heard without the platform."""
        from tui.state.downloads import Downloads

        return Downloads(self.client, self.music)

    @cached_property
    def devices(self) -> DevicesStore:
        """The user's devices, and what plays on one of them."""
        from tui.state.devices import DevicesStore

        return DevicesStore(self.client.clock.monotonic)

    @cached_property
    def people(self) -> PeopleStore:
        """Profiles, and who follows whom."""
        from tui.state.people import PeopleStore

        return PeopleStore(self.client, self.writes, self.me, self.cache)

    @cached_property
    def privacy(self) -> PrivacyStore:
        """Whom the user shows what they hear."""
        from tui.state.privacy import PrivacyStore

        return PrivacyStore(self.client, self.writes, self.cache)

    @cached_property
    def friends(self) -> FriendsStore:
        """What friends hear."""
        from tui.state.friends import FriendsStore

        return FriendsStore(self.client, self.music.marks, self.cache)

    @cached_property
    def live(self) -> LiveRecords:
        """Keeps what the stores show as the platform has it."""
        from tui.state.live_records import LiveRecords

        return LiveRecords(self.client, self.realtime)

    @property
    def listeners(self) -> tuple[ChatStore | FeedStore | ThreadsStore | CommentsStore | LiveRecords, ...]:
        """Those to whom the events of the socket, and its gaps, matter."""
        return (self.chat, self.feed, self.threads, self.comments, self.live)

    def complete(self) -> None:
        """Build every store, and let the socket keep what they show up to date; called once."""
        from tui.state.live_lists import chat_shelf, follow_lists

        self.comments  # noqa: B018 - it has nothing to keep up to date, but shows what waits in the outbox
        for store in (self.feed, self.threads, self.music, self.people):
            store.put_on_shelf(self.live)
        self.live.hold("conversations", chat_shelf(self.client, self.chat))
        follow_lists(self.live, self.feed, self.chat)
        self.visuals  # noqa: B018 - it fetches what belongs to the tracks that come to this machine
        self.privacy  # noqa: B018 - it shows what waits in the outbox, and says what is heard in private

    async def close(self) -> None:
        """Let no store do anything behind any more; called when the outbox is closed, and has every write."""
        built = self.__dict__
        stores = (built.get(name) for name in ("feed", "threads", "comments", "chat", "music", "visuals", "friends"))
        await asyncio.gather(*(store.close() for store in stores if store is not None))
