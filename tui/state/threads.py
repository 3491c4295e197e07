"""Subreddits and their posts: joined, judged, saved, published and deleted at once, and sent when that is possible."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.endpoints import Endpoint
from api_client.errors import NotFound
from api_client.ids import new_id
from api_client.models.posts import NewThreadPost, Post, SaveState, ThreadPost, VoteRequest, VoteState
from api_client.models.threads import JoinState, NewSubreddit, Subreddit
from api_client.models.users import User
from api_client.sync.cache import Cache
from api_client.sync.intents import Inverse
from api_client.sync.receipts import Receipt, Status
from tui.state.lanes import lane, made_id
from tui.state.thread_lists import Listing, ThreadLists, ThreadsChange, ThreadsPart
from tui.state.unsent import Unsent, UnsentCreates
from tui.state.unsent_posts import as_post, as_subreddit
from tui.state.wishes import Vote, Wishes, confirmed, with_vote
from tui.state.writes import Writes

__all__ = ["Listing", "ThreadsChange", "ThreadsPart", "ThreadsStore", "Unsent"]

_CHANGERS = (endpoints.VOTE_POST, endpoints.SAVE_POST, endpoints.UNSAVE_POST, endpoints.DELETE_POST)
HOLD = 5.0
"""Seconds for which a deletion can be taken back before anybody has seen it."""
PATIENCE = 2.0
"""Seconds that publishing waits for the platform before it goes on behind."""


class ThreadsStore(ThreadLists):
    """One for the session. What is shown is what the platform has said, and on top of it what the outbox holds."""

    def __init__(
        self,
        client: PlatformClient,
        writes: Writes,
        me: User,
        *,
        cache: Cache | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Without a `cache` nothing is kept; `now` gives seconds since the epoch."""
        super().__init__(client, me, cache or Cache.in_memory(), now)
        self._writes = writes
        self._votes: Wishes[Vote] = Wishes()
        self._saves: Wishes[bool] = Wishes()
        self._joins: Wishes[bool] = Wishes()
        self._founding: dict[str, Subreddit] = {}
        """Subreddits that the platform has yet to confirm."""
        self._gone: set[str] = set()
        """Ids of posts that were deleted, also while the platform has not confirmed it."""
        self._unsent = UnsentCreates(writes, endpoints.CREATE_POST, self._tell_subreddit, self._tell_subreddit)
        writes.show(endpoints.JOIN, endpoints.LEAVE, by=self._follow_join)
        writes.show(endpoints.CREATE_SUBREDDIT, by=self._follow_found)
        writes.show(endpoints.VOTE_POST, by=self._follow_vote)
        writes.show(endpoints.SAVE_POST, endpoints.UNSAVE_POST, by=self._follow_save)
        writes.show(endpoints.CREATE_POST, by=self._follow_publish)
        writes.show(endpoints.DELETE_POST, by=self._follow_delete)

    # -- subreddits

    @property
    def mine(self) -> list[Subreddit]:
        """The subreddits that the user joined, by name."""
        joining = {key for key in self._subreddits if self._joins.of(key)}
        found = (self.subreddit(key) for key in self._mine | joining | self._founding.keys())
        return sorted((sub for sub in found if sub and sub.is_joined), key=lambda sub: sub.name.casefold())

    @property
    def others(self) -> list[Subreddit]:
        """The largest subreddits that the user did not join."""
        found = (self.subreddit(key) for key in self._others)
        return [sub for sub in found if sub and not sub.is_joined]

    def subreddit(self, name: str) -> Subreddit | None:
        """Return a subreddit that is known, in whatever case its name is written, or None."""
        key = name.casefold()
        found, wish = self._known_subreddit(name) or self._founding.get(key), self._joins.of(key)
        if found is None or wish is None or wish == found.is_joined:
            return found
        members = max(0, found.subscriber_count + (1 if wish else -1))
        return found.changed(is_joined=wish, subscriber_count=members)

    async def join(self, subreddit: Subreddit, joined: bool) -> None:
        """Join or leave. Raises PlatformError; nothing has changed then."""
        params = {"name": subreddit.name}
        there = (endpoints.JOIN, f"join r/{subreddit.name}")
        back = (endpoints.LEAVE, f"leave r/{subreddit.name}")
        (endpoint, label), (opposite, other_label) = (there, back) if joined else (back, there)
        await self._tasks.see_through(
            self._writes.do(
                endpoint,
                object_key=self._subreddit_lane(subreddit.name),
                label=label,
                params=params,
                undo=Inverse(opposite, params, label=other_label),
            )
        )

    @staticmethod
    def _subreddit_lane(name: str) -> str:
        return f"r:{name.casefold()}"

    async def _follow_join(self, receipt: Receipt) -> JoinState:
        name = receipt.intent.params["name"]

        def tell(_: str) -> None:
            self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, name))

        with self._joins.wished(name.casefold(), receipt.intent.endpoint == endpoints.JOIN, tell):
            state: JoinState = await receipt
            if (known := self._known_subreddit(name)) is not None:
                self._remember_subreddit(known.changed(is_joined=state.joined, subscriber_count=state.subscriber_count))
        return state

    async def found(self, wish: NewSubreddit) -> Subreddit:
        """Found a subreddit: it stands among one's own at once. Raises PlatformError; it then does not."""
        founded: Subreddit = await self._tasks.see_through(
            self._writes.do(
                endpoints.CREATE_SUBREDDIT,
                object_key=self._subreddit_lane(wish.name),
                label=f"found r/{wish.name}",
                body=wish,
                holds_words=bool(wish.description),
                undo=Inverse(again=False),
            )
        )
        return founded

    async def _follow_found(self, receipt: Receipt) -> Subreddit:
        founding = as_subreddit(receipt.intent)
        key = founding.name.casefold()
        self._founding[key] = founding
        self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, founding.name))
        try:
            subreddit: Subreddit = await receipt
            self._remember_subreddit(subreddit)
        finally:
            if self._founding.get(key) is founding:
                del self._founding[key]
            self.tell(ThreadsChange(ThreadsPart.SUBREDDITS, founding.name))
        return subreddit

    # -- posts

    def posts(self, listing: Listing) -> list[ThreadPost]:
        """Return the posts of a listing, as far as they are known; one's own unsent ones below what is pinned."""
        known = super().posts(listing)
        there = {post.id for post in known}
        here = (listing.subreddit or "").casefold()
        unsent = [as_post(receipt.intent, self.me) for receipt in reversed(self._unsent.receipts())]
        others = [post for post in unsent if post.id not in there and post.id not in self._gone]
        fitting = [post for post in others if post.subreddit_name.casefold() == here]
        pinned = sum(post.is_pinned for post in known)
        return [*known[:pinned], *fitting, *known[pinned:]]

    def post(self, post_id: str) -> ThreadPost | None:
        """Return a post as it is shown, or None if it is not known or was deleted."""
        post = self._posts.get(post_id)
        if post is None and (receipt := self._unsent.receipt(post_id)) is not None:
            post = as_post(receipt.intent, self.me)
        if post is None or post_id in self._gone:
            return None
        saved = self._saves.of(post_id)
        if saved is not None and saved != post.is_saved_by_me:
            post = post.changed(is_saved_by_me=saved)
        return with_vote(post, self._votes.of(post_id))

    def unsent(self, post_id: str) -> Unsent | None:
        """Return how a post stands that the platform has yet to confirm, None for any other."""
        return self._unsent.standing(post_id)

    def unsent_receipt(self, post_id: str) -> Receipt | None:
        """Return the outbox's receipt for a post that the platform has yet to confirm, None for any other."""
        return self._unsent.receipt(post_id)

    async def _write(self, endpoint: Endpoint, post_id: str, label: str, **details: Any) -> Any:
        """Carry out a write on one post, in turn with all others on it."""
        waiting = self._writes.outbox.open
        key = lane(waiting, f"posts:{post_id}", post_id, makers=(endpoints.CREATE_POST,), changers=_CHANGERS)
        write = self._writes.do(endpoint, object_key=key, label=label, params={"id": post_id}, **details)
        return await self._tasks.see_through(write)

    def _decided(self, post_id: str, change: Callable[[ThreadPost], ThreadPost]) -> None:
        """Take in what the platform says about a post after the user's change."""
        known = self._posts.get(post_id) or self._cache.record(f"posts:{post_id}", ThreadPost)
        if known is not None:
            self._answers.decide(post_id)
            self._posts[post_id] = change(known)
            self._cache.keep({f"posts:{post_id}": self._posts[post_id]})

    async def vote(self, post: ThreadPost, value: Vote) -> None:
        """Vote on a post. Raises PlatformError; the vote is then taken back."""
        before = VoteRequest(value=post.my_vote)
        await self._write(
            endpoints.VOTE_POST,
            post.id,
            "vote on a post",
            body=VoteRequest(value=value),
            undo=Inverse(endpoints.VOTE_POST, {"id": post.id}, before, "vote on a post as before"),
        )

    async def _follow_vote(self, receipt: Receipt) -> VoteState:
        post_id = receipt.intent.params["id"]
        with self._votes.wished(post_id, receipt.intent.body.value, self._changed):
            state: VoteState = await receipt
            self._decided(post_id, lambda known: confirmed(known, state))
        return state

    async def save(self, post: ThreadPost, saved: bool) -> None:
        """Save a post, or take it out of the saved ones. Raises PlatformError; nothing has changed then."""
        there = (endpoints.SAVE_POST, "save a post")
        back = (endpoints.UNSAVE_POST, "take a post out of the saved ones")
        (endpoint, label), (opposite, other_label) = (there, back) if saved else (back, there)
        undo = Inverse(opposite, {"id": post.id}, label=other_label)
        await self._write(endpoint, post.id, label, undo=undo)

    async def _follow_save(self, receipt: Receipt) -> SaveState:
        post_id = receipt.intent.params["id"]
        with self._saves.wished(post_id, receipt.intent.endpoint == endpoints.SAVE_POST, self._changed):
            state: SaveState = await receipt
            self._decided(post_id, lambda known: known.changed(is_saved_by_me=state.saved))
        return state

    # -- publishing and deleting

    async def publish(self, wish: NewThreadPost, *, draft: str | None = None) -> ThreadPost:
        """Publish a post; it stands in the lists of its subreddit at once.

        Returns when the platform has it, or as soon as it is clear that this takes longer: it then goes on behind.
        `draft` is the key of the draft that goes with it. Raises StoreTrouble, and the draft stays; PlatformError when
        it is refused, and it stays in its place with the reason, until `withdraw`.
        """
        wish = wish.changed(id=wish.id or new_id())
        sending = asyncio.ensure_future(self._publish(wish, draft))
        # When nobody waits for it any more, what becomes of it stands in the outbox.
        sending.add_done_callback(lambda done: done.cancelled() or done.exception())
        waits = asyncio.Event()
        unsubscribe = self.subscribe(lambda change: waits.set() if self._is_waiting(wish.id or "") else None)
        waiting = asyncio.ensure_future(waits.wait())
        try:
            await asyncio.wait({sending, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unsubscribe()
            waiting.cancel()
        post = self.post(wish.id or "")
        return await asyncio.shield(sending) if sending.done() or post is None else post

    def _is_waiting(self, post_id: str) -> bool:
        receipt = self._unsent.receipt(post_id)
        return receipt is not None and receipt.status is Status.WAITING

    async def _publish(self, wish: NewThreadPost, draft: str | None) -> ThreadPost:
        post_id = wish.id or new_id()
        founding = (r for r in self._writes.outbox.open if r.intent.endpoint == endpoints.CREATE_SUBREDDIT)
        home = next((r for r in founding if r.intent.body.name.casefold() == wish.subreddit.casefold()), None)
        published: ThreadPost = await self._tasks.see_through(
            self._writes.do(
                endpoints.CREATE_POST,
                object_key=home.intent.object_key if home else f"posts:{post_id}",
                label=f"post to r/{wish.subreddit}",
                body=wish,
                holds_words=True,
                idempotency_key=post_id,
                draft=draft,
                undo=Inverse(endpoints.DELETE_POST, {"id": post_id}, label="delete the post", within=HOLD, again=False),
            )
        )
        return published

    async def _follow_publish(self, receipt: Receipt) -> Post:
        if not isinstance(receipt.intent.body, NewThreadPost):
            photo: Post = await receipt  # which the feed shows
            return photo
        post_id = self._unsent.add(receipt)
        self._tell_subreddit(receipt)
        post: ThreadPost = await receipt
        self._unsent.confirmed(post_id)
        self._answers.decide(post.id)
        self._posts[post.id] = post
        self._cache.keep({f"posts:{post.id}": post})
        for listing, known in self._listings.items():
            if (listing.subreddit or "").casefold() == post.subreddit_name.casefold() and post.id not in known.ids:
                known.ids.insert(sum(1 for other in known.ids if self._posts[other].is_pinned), post.id)
        self._tell_subreddit(receipt)
        return post

    def _tell_subreddit(self, receipt: Receipt) -> None:
        """Tell that an unsent post has come, stands otherwise, is confirmed, or has gone."""
        self._changed(made_id(receipt.intent))
        here = receipt.intent.body.subreddit.casefold()
        for listing in self._listings:
            if (listing.subreddit or "").casefold() == here:
                self.tell(ThreadsChange(ThreadsPart.LISTING, listing=listing))

    async def withdraw(self, post_id: str) -> bool:
        """Take an unsent post out of the outbox; False if it is on its way, or sent."""
        receipt = self._unsent.receipt(post_id)
        return receipt is not None and await self._writes.outbox.discard(receipt.id)

    async def delete(self, post: ThreadPost) -> None:
        """Delete a post; one that was never sent leaves the outbox. Raises PlatformError; it is then shown again."""
        receipt = self._unsent.receipt(post.id)
        never_there = receipt is not None and (receipt.attempts == 0 or receipt.status is Status.ATTENTION)
        if never_there and await self.withdraw(post.id):
            return
        await self._write(endpoints.DELETE_POST, post.id, "delete a post", hold=HOLD, undo=Inverse())

    async def _follow_delete(self, receipt: Receipt) -> None:
        post_id = receipt.intent.params["id"]
        self._gone.add(post_id)
        self._tell_listings(post_id)
        is_gone = False
        try:
            await receipt
            is_gone = True
        except NotFound:
            # Somebody else has deleted it in the meantime: that is what was wanted.
            is_gone = True
            await self._writes.outbox.discard(receipt.id)
        finally:
            if is_gone:
                self._forget_post(post_id)
            else:
                self._gone.discard(post_id)
                self._tell_listings(post_id)

    def _forget_post(self, post_id: str) -> None:
        self._gone.add(post_id)
        self._cache.forget(f"posts:{post_id}")
        self._tell_listings(post_id)
