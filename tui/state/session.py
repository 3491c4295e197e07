"""Everything that belongs to one signed-in account: its client, its outbox, its socket, its stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from api_client.client import PlatformClient
from api_client.models.users import User
from api_client.realtime import Realtime
from api_client.sync.cache import Cache
from api_client.sync.outbox import Outbox
from tui.state.attachments import Attachments
from tui.state.chat import ChatStore
from tui.state.comments import CommentsStore
from tui.state.feed import FeedStore
from tui.state.live_lists import chat_shelf, follow_lists
from tui.state.live_records import LiveRecords
from tui.state.music import MusicStore
from tui.state.outbox_sections import OutboxSections
from tui.state.people import PeopleStore
from tui.state.photo_sender import PhotoSender
from tui.state.threads import ThreadsStore
from tui.state.writes import Writes


@dataclass
class Session:
    """One account at work. Screens read the stores; every write of theirs goes through `writes`."""

    client: PlatformClient
    realtime: Realtime
    outbox: Outbox
    sections: OutboxSections
    """The open intents by what they wait for."""
    writes: Writes
    cache: Cache
    me: User
    feed: FeedStore
    threads: ThreadsStore
    comments: CommentsStore
    chat: ChatStore
    music: MusicStore
    people: PeopleStore
    live: LiveRecords
    """Keeps what they show as the platform has it."""
    shows_nsfw: bool = False
    """Whether the user has agreed to see posts marked NSFW; asked once, until they sign out."""

    @property
    def listeners(self) -> tuple[ChatStore | FeedStore | ThreadsStore | CommentsStore | LiveRecords, ...]:
        """Those to whom the events of the socket, and its gaps, matter."""
        return (self.chat, self.feed, self.threads, self.comments, self.live)

    @classmethod
    def build(
        cls,
        client: PlatformClient,
        realtime: Realtime,
        outbox: Outbox,
        me: User,
        cache: Cache | None = None,
        *,
        attachments: Attachments | None = None,
        photos: PhotoSender | None = None,
    ) -> Self:
        """Join the stores to `client`; nothing is fetched yet. Without `cache`, what is read lasts as long as this.

        `attachments` keeps files until they are sent, and `photos` is what the outbox sends through.
        """
        writes = Writes(outbox)
        cache = cache or Cache.in_memory()
        sections = OutboxSections(outbox.open)
        outbox.subscribe(sections.take)
        session = cls(
            client=client,
            realtime=realtime,
            outbox=outbox,
            sections=sections,
            writes=writes,
            cache=cache,
            me=me,
            feed=FeedStore(client, writes, me, cache, attachments, photos),
            threads=ThreadsStore(client, writes, me, cache=cache),
            comments=CommentsStore(client, writes, me, cache=cache),
            chat=ChatStore(client, writes, realtime, me, cache=cache),
            music=MusicStore(client, writes, me, cache),
            people=PeopleStore(client, writes, me, cache),
            live=LiveRecords(client, realtime),
        )
        for store in (session.feed, session.threads, session.music, session.people):
            store.put_on_shelf(session.live)
        session.live.hold("conversations", chat_shelf(client, session.chat))
        follow_lists(session.live, session.feed, session.chat)
        return session
