"""Everything that belongs to one signed-in account: its client, its outbox, its socket, its stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from api_client.client import PlatformClient
from api_client.models.users import User
from api_client.realtime import Realtime
from api_client.sync.outbox import Outbox
from tui.state.chat import ChatStore
from tui.state.comments import CommentsStore
from tui.state.feed import FeedStore
from tui.state.music import MusicStore
from tui.state.people import PeopleStore
from tui.state.threads import ThreadsStore


@dataclass
class Session:
    """One account at work. Screens read the stores; every write of theirs goes through `outbox`."""

    client: PlatformClient
    realtime: Realtime
    outbox: Outbox
    me: User
    feed: FeedStore
    threads: ThreadsStore
    comments: CommentsStore
    chat: ChatStore
    music: MusicStore
    people: PeopleStore

    @classmethod
    def build(cls, client: PlatformClient, realtime: Realtime, outbox: Outbox, me: User) -> Self:
        """Join the stores to `client`; nothing is fetched yet."""
        return cls(
            client=client,
            realtime=realtime,
            outbox=outbox,
            me=me,
            feed=FeedStore(client, outbox, me),
            threads=ThreadsStore(client, outbox, me),
            comments=CommentsStore(client, outbox, me),
            chat=ChatStore(client, outbox, realtime, me),
            music=MusicStore(client, outbox, me),
            people=PeopleStore(client, outbox, me),
        )
