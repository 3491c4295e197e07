"""Makes subreddits with their members, thread posts of four types, votes, and comment trees ten levels deep."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from server.demo.build_people import Context
from server.demo.models import Comment, Membership, Person, Picture, Subreddit, ThreadPost, Vote
from server.demo.text.comments import CommentWriter, Utterance
from server.demo.text.posts import PostWriter, WrittenPost
from server.demo.text.topic import Topic
from server.demo.text.topics import TOPICS

MAX_DEPTH = 10
_DAYS = 120.0
_TYPES = {"text": 52, "link": 20, "image": 22, "video": 6}
_OPEN_TITLE = "Open thread: what are you making, cooking, growing or breaking this week?"
_OPEN_BODY = """Everything is on topic today. Some ideas to begin with:

- something that **finally worked**, and why
- something that broke, and what it taught you
- a question that is too small for a post of its own

> Be kind, be curious, quote what you answer.

The longest answer gets a soup. The shortest one too."""
_HOBBY_TITLE = "What has your hobby taught you that has nothing to do with the hobby?"
_HOBBY_BODY = """I have baked bread for six years. Now I am a *patient* person in queues, and I blame the dough.

What is yours? Cats count. So do compilers."""


@dataclass
class Threads:
    """Everything that belongs to the subreddits, in order of creation."""

    subreddits: list[Subreddit] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    posts: list[ThreadPost] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    votes: list[Vote] = field(default_factory=list)


def crowd_votes(rng: random.Random, scale: float) -> tuple[int, int]:
    """Up and down votes with a heavy tail: most get a handful, a few get thousands."""
    up = min(9800, int(scale * (rng.paretovariate(1.08) - 0.6)))
    mood = rng.random()
    if mood < 0.05:
        up = min(up, 70)
    share = rng.uniform(1.1, 3.5) if mood < 0.05 else rng.uniform(0.25, 0.9) if mood < 0.15 else rng.uniform(0.0, 0.16)
    return up, int((up + 1) * share * min(1.0, 0.4 + rng.random()))


class _Tree:
    """Grows the comments of one post."""

    def __init__(self, ctx: Context, post: ThreadPost, topics: Sequence[Topic], speakers: Sequence[Person]) -> None:
        self.ctx = ctx
        self.post = post
        self.rng = ctx.rng("tree", post.id)
        self.writer = CommentWriter(self.rng, topics)
        self.speakers = speakers
        self.grown: list[tuple[Comment, Utterance, Person]] = []
        self.wrote: dict[str, Person] = {}

    def grow(self, count: int, heat: float) -> list[Comment]:
        """`count` comments; `heat` scales their votes."""
        for number in range(1, count + 1):
            self._add(number, heat)
        return [comment for comment, _, _ in self.grown]

    def _parent(self) -> tuple[Comment, Utterance, Person] | None:
        grown, draw = self.grown, self.rng.random()
        if not grown or draw < 0.24:
            return None
        chosen = grown[-1] if draw < 0.58 else grown[-1 - int(len(grown) * self.rng.random() ** 2.2)]
        return chosen if chosen[0].depth < MAX_DEPTH else None

    def _speaker(self, parent: tuple[Comment, Utterance, Person] | None) -> Person:
        if parent is None:
            return self.rng.choice(self.speakers)
        if parent[0].parent_id and self.rng.random() < 0.35:
            before = self.wrote[parent[0].parent_id]
            if before is not parent[2]:
                return before
        for _ in range(4):
            person = self.rng.choice(self.speakers)
            if person is not parent[2]:
                return person
        return self.speakers[0]

    def _moment(self, after: datetime, reply: bool) -> datetime:
        left = (self.ctx.now - after).total_seconds()
        power = 4.0 if reply else 1.8
        return after + timedelta(seconds=min(left * 0.999, 20 + left * self.rng.random() ** power))

    def _add(self, number: int, heat: float) -> None:
        rng, parent = self.rng, self._parent()
        person = self._speaker(parent)
        if parent is None:
            said = self.writer.root(person.style, person.language)
            depth, path, after = 0, str(number), self.post.created_at
        else:
            said = self.writer.reply(parent[1], person.style, person.language)
            depth, path, after = parent[0].depth + 1, f"{parent[0].path}.{number}", parent[0].created_at
        up, down = crowd_votes(rng, heat / (1 + depth * 0.7))
        deleted = rng.random() < 0.025
        comment = Comment(
            id=self.ctx.id("comment", self.post.id, number),
            post_id=self.post.id,
            parent_id=parent[0].id if parent else None,
            author_id=person.id,
            body="" if deleted else said.text,
            depth=depth,
            path=path,
            upvotes=up,
            downvotes=down,
            score=up - down,
            is_deleted=deleted,
            created_at=self._moment(after, parent is not None),
        )
        self.grown.append((comment, said, person))
        self.wrote[comment.id] = person


def _subreddit(ctx: Context, topic: Topic, people: Sequence[Person], out: Threads) -> list[Person]:
    rng = ctx.rng("subreddit", topic.name)
    fans = [p for p in people if topic.name in p.interests]
    members = fans + [p for p in people if p not in fans and rng.random() < 0.3]
    if people[0] not in members and topic.name in ("askparlour", "catsofparlour", "codereview_club"):
        members.append(people[0])
    while len(members) < 4:
        members.append(next(p for p in people if p not in members))
    staff = [p for p in members if p is not people[0]]
    created = ctx.now - timedelta(days=rng.uniform(400, 1600))
    sub = Subreddit(
        id=ctx.id("subreddit", topic.name),
        name=topic.name,
        display_name=topic.display_name,
        description=topic.description,
        rules=topic.rules,
        flairs=topic.flairs,
        accent=topic.accent,
        is_nsfw=topic.is_nsfw,
        creator_id=staff[0].id,
        subscriber_count=len(members) + int(rng.lognormvariate(9.2, 1.1)),
        created_at=created,
    )
    out.subreddits.append(sub)
    for person in members:
        role = "owner" if person is staff[0] else "moderator" if person in staff[1:3] else "member"
        joined = created if role == "owner" else created + (ctx.now - created) * rng.random()
        out.memberships.append(Membership(sub.id, person.id, role, joined))
    return members


def _post(
    ctx: Context,
    rng: random.Random,
    sub: Subreddit,
    author: Person,
    written: WrittenPost,
    number: int | str,
    at: datetime,
) -> ThreadPost:
    media: tuple[Picture, ...] = ()
    if written.picture_kind:
        media = (ctx.picture(rng, written.picture_kind, 0, "thread", sub.name, number),)
    up, down = crowd_votes(rng, 24.0)
    return ThreadPost(
        id=ctx.id("thread", sub.name, number),
        subreddit_id=sub.id,
        author_id=author.id,
        title=written.title,
        body=written.body,
        url=written.url,
        post_type=written.post_type,
        media=media,
        flair=rng.choice(sub.flairs) if rng.random() < 0.6 else None,
        is_pinned=number == 0,
        is_locked=rng.random() < 0.015 and number != 0,
        upvotes=up,
        downvotes=down,
        score=up - down,
        comment_count=0,
        created_at=at,
    )


def _vote(ctx: Context, rng: random.Random, post: ThreadPost, members: Sequence[Person], out: Threads) -> ThreadPost:
    """Adds votes of generated people to the crowd's, so that totals never lie below the rows."""
    up = down = 0
    for person in members:
        if person.id != post.author_id and rng.random() < 0.3:
            value = -1 if rng.random() < 0.1 else 1
            up, down = up + (value > 0), down + (value < 0)
            cast = post.created_at + (ctx.now - post.created_at) * rng.random() ** 2
            out.votes.append(Vote(person.id, "post", post.id, value, cast))
    up, down = post.upvotes + up, post.downvotes + down
    return replace(post, upvotes=up, downvotes=down, score=up - down)


def _vote_comments(ctx: Context, demo: Person, comments: list[Comment], out: Threads) -> list[Comment]:
    """The demo user's votes on some comments."""
    rng = ctx.rng("own-votes", comments[0].post_id if comments else "")
    result = []
    for comment in comments:
        if comment.author_id != demo.id and not comment.is_deleted and rng.random() < 0.06:
            value = -1 if rng.random() < 0.12 else 1
            up, down = comment.upvotes + (value > 0), comment.downvotes + (value < 0)
            out.votes.append(Vote(demo.id, "comment", comment.id, value, ctx.now - (ctx.now - comment.created_at) / 2))
            comment = replace(comment, upvotes=up, downvotes=down, score=up - down)
        result.append(comment)
    return result


def _finish(ctx: Context, post: ThreadPost, tree: list[Comment], people: Sequence[Person], out: Threads) -> None:
    tree = _vote_comments(ctx, people[0], tree, out)
    out.posts.append(replace(post, comment_count=len(tree)))
    out.comments.extend(tree)


def _big_thread(
    ctx: Context, sub: Subreddit, people: Sequence[Person], text: tuple[str, str], count: int, days: float, out: Threads
) -> None:
    rng = ctx.rng("big", text[0])
    author = rng.choice(people[1:])
    written = WrittenPost("text", text[0], text[1], None, None)
    post = _post(ctx, rng, sub, author, written, text[0], ctx.now - timedelta(days=days))
    post = replace(
        post, upvotes=count * 3 + 214, downvotes=count // 9, score=count * 3 + 214 - count // 9, is_locked=False
    )
    post = _vote(ctx, rng, post, people, out)
    _finish(ctx, post, _Tree(ctx, post, TOPICS, people).grow(count, 9.0), people, out)


def build_threads(ctx: Context, people: Sequence[Person]) -> Threads:
    """Twelve subreddits; at scale 1 300 posts, among them one of 600 and one of 5,000 comments."""
    out = Threads()
    total = ctx.count(300, 48)
    for index, topic in enumerate(TOPICS):
        members = _subreddit(ctx, topic, people, out)
        sub, rng = out.subreddits[-1], ctx.rng("threads", topic.name)
        writer = PostWriter(rng, topic)
        big = topic.name == "askparlour"
        count = total // len(TOPICS) + (index < total % len(TOPICS)) - (2 if big else 0)
        for number in range(count):
            kinds = tuple(_TYPES)
            kind = kinds[number] if number < len(kinds) else rng.choices(kinds, tuple(_TYPES.values()))[0]
            post = _post(ctx, rng, sub, rng.choice(members), writer.write(kind), number, ctx.ago(rng, _DAYS, 2.2))
            post = _vote(ctx, rng, post, members, out)
            size = 0 if post.is_locked else min(48, int((rng.paretovariate(0.9) - 0.4) * 3 * min(1.0, ctx.scale * 4)))
            _finish(ctx, post, _Tree(ctx, post, (topic,), people).grow(size, 4.0), people, out)
        if big:
            _big_thread(ctx, sub, people, (_HOBBY_TITLE, _HOBBY_BODY), ctx.count(600, 40), 1.6, out)
            _big_thread(ctx, sub, people, (_OPEN_TITLE, _OPEN_BODY), ctx.count(5000, 150), 6.0, out)
    return out
