"""The platform as a model, as far as the comments of one post go, and a client that hears from it when a test wants."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from api_client import endpoints
from api_client.calls import Page
from api_client.errors import Conflict, NotFound
from api_client.models.base import Done
from api_client.models.posts import Comment, LikeState, NewComment, VoteState
from api_client.sync.intents import Intent

POST = "p"


class Forum:
    """The platform, as far as the comments of one post go."""

    def __init__(self) -> None:
        self.comments: dict[str, Comment] = {}
        self.version = 1

    def write(self, comment_id: str, author: str, parent_id: str | None, body: str) -> Comment:
        if comment_id in self.comments:
            return self.comments[comment_id]
        if parent_id is not None and (parent_id not in self.comments or self.comments[parent_id].is_deleted):
            raise Conflict("The comment you reply to has been deleted.", code="CONFLICT", status=409)
        self.version += 1
        number = len(self.comments)
        self.comments[comment_id] = Comment(
            id=comment_id,
            post_id=POST,
            parent_id=parent_id,
            author_id=author,
            author_username=author,
            body=body,
            created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        )
        return self.comments[comment_id]

    def change(self, comment_id: str, **fields: Any) -> Comment:
        known = self.comments.get(comment_id)
        if known is None or known.is_deleted:
            raise NotFound("There is no such comment.", code="NOT_FOUND", status=404)
        self.version += 1
        self.comments[comment_id] = known.changed(version=known.version + 1, **fields)
        return self.comments[comment_id]

    def delete(self, comment_id: str) -> None:
        nobody = {"author_id": None, "author_username": "[deleted]"}
        self.change(comment_id, is_deleted=True, body="[deleted]", **nobody)

    def listed(self) -> list[Comment]:
        """Return the comments depth first; a deleted one is there as long as something stands below it."""

        def below(parent_id: str | None) -> list[Comment]:
            found: list[Comment] = []
            for comment in self.comments.values():
                if comment.parent_id == parent_id and (answers := below(comment.id), comment.is_deleted) != ([], True):
                    found += [comment, *answers]
            return found

        return below(None)

    def carry_out(self, intent: Intent) -> Any:
        """Do what a write asks for."""
        match intent.endpoint:
            case endpoints.CREATE_COMMENT:
                wish: NewComment = intent.body
                return self.write(wish.id or "", "me", wish.parent_id, wish.body)
            case endpoints.VOTE_COMMENT:
                value = intent.body.value
                found = self.comments.get(intent.params["id"])
                score = 0 if found is None else found.score - found.my_vote + value
                self.change(intent.params["id"], my_vote=value, score=score)
                return VoteState(score=score, upvotes=0, downvotes=0, my_vote=value)
            case endpoints.LIKE_COMMENT | endpoints.UNLIKE_COMMENT:
                liked = intent.endpoint == endpoints.LIKE_COMMENT
                after = self.change(intent.params["id"], is_liked_by_me=liked, like_count=int(liked))
                return LikeState(liked=liked, like_count=after.like_count)
            case _:
                self.delete(intent.params["id"])
                return Done()


class Leads:
    """The one process of the account."""

    leads = False

    async def acquire(self) -> bool:
        self.leads = True
        return True

    async def release(self) -> None:
        self.leads = False


class Client:
    """Asks the forum, which answers when the test wants it to."""

    def __init__(self, forum: Forum) -> None:
        self.forum = forum
        self.comments = self
        self.questions: list[tuple[list[Comment], asyncio.Future[Page[Comment]]]] = []
        self.writes: list[tuple[Intent, asyncio.Future[Any]]] = []

    async def page(self, post_id: str, cursor: str | None = None, **_: Any) -> Page[Comment]:
        answer: asyncio.Future[Page[Comment]] = asyncio.get_running_loop().create_future()
        self.questions.append((self.forum.listed(), answer))
        return await answer

    async def send(self, intent: Intent) -> Any:
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.writes.append((intent, reply))
        return await reply
