"""Makes photo posts, their likes and comments, saved posts and the stories of the last day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.demo.build_people import Context
from server.demo.models import Comment, Follow, Like, Person, PhotoPost, SavedPost, Story
from server.demo.text.captions import GROUP_OF_KIND, caption_templates, tags_for
from server.demo.text.comments import apply_style
from server.demo.text.grammar import Grammar
from server.demo.text.phrases import EMOJI, FOREIGN, OPENERS, PHOTO_REACTIONS, SMALL
from server.demo.text.topics import TOPIC_BY_NAME

_DAYS = 150.0
_STORY_SECONDS = 86400
_THANKS = (
    "{Thank you!|Thanks so much|Aww, thanks} {It was a lucky minute.|More tomorrow.|You should come along.|}",
    "{Somewhere near <place>|About <n> minutes|<span>, more or less}, {do not tell anybody|if I remember right}!",
    "{Haha|Ha}, {exactly|do not tempt me|you know me}. {😄|}",
    "{Pen and patience|A lot of tries|It is all in my notes}, {I will share it|ask me on Sunday|it is not hard}.",
    "{Next time we go together|Bring coffee and I show you|For you, any time}!",
)


@dataclass(frozen=True)
class Photos:
    """Everything that belongs to the feed."""

    posts: tuple[PhotoPost, ...]
    comments: tuple[Comment, ...]
    likes: tuple[Like, ...]
    saved: tuple[SavedPost, ...]
    stories: tuple[Story, ...]


def _kinds(person: Person) -> list[str]:
    kinds = [kind for name in person.interests for kind in TOPIC_BY_NAME[name].picture_kinds]
    return [*kinds, "sea", "nightcity", "coffee", "portrait", "cat"]


class _Feed:
    """Collects the feed while it is made."""

    def __init__(self, ctx: Context, people: Sequence[Person], follows: Sequence[Follow]) -> None:
        self.ctx = ctx
        self.people = people
        self.rng = ctx.rng("photos")
        self.grammar = Grammar({**SMALL, **OPENERS}, self.rng)
        self.comments: list[Comment] = []
        self.likes: list[Like] = []
        by_id = {person.id: person for person in people}
        self.audience: dict[str, list[Person]] = {person.id: [] for person in people}
        for follow in follows:
            if follow.status == "accepted":
                self.audience[follow.followed_id].append(by_id[follow.follower_id])

    def post(self, index: int, author: Person) -> PhotoPost:
        """One photo post with its likes and comments."""
        rng, ctx = self.rng, self.ctx
        post_id = ctx.id("photo", index)
        kind = rng.choice(_kinds(author))
        count = rng.choices((1, 2, 3, 4, 6, 10), (78, 9, 6, 4, 2, 1))[0]
        first = ctx.picture(rng, kind, 0, "photo", index)
        shape = first.key.split("-")[1][0]
        media = [first, *(ctx.picture(rng, kind, i, "photo", index, shape=shape) for i in range(1, count))]
        tags = tags_for(kind, rng)
        caption = self._caption(kind, author, tags)
        place = author.home if rng.random() < 0.3 else rng.choice([p.home for p in self.people])
        post = PhotoPost(
            id=post_id,
            author_id=author.id,
            caption=caption,
            location=place if rng.random() < 0.55 else None,
            media=tuple(media),
            tags=tags if caption else (),
            is_archived=False,
            like_count=0,
            comment_count=0,
            created_at=ctx.ago(rng, _DAYS, 2.1),
        )
        return self._react(post, author, GROUP_OF_KIND[kind])

    def _caption(self, kind: str, author: Person, tags: Sequence[str]) -> str | None:
        if self.rng.random() < 0.05:
            return None
        pack, templates = caption_templates(kind, author.language, self.rng)
        friend = self.rng.choice(self.people).username
        text = self.grammar.expand(self.grammar.draw(pack, templates), {"friend": (friend,)}).strip()
        text = text.lower() if author.style == "lower" else text
        if self.rng.random() < 0.08:
            text += f"\n\n{self.rng.choice(('With', 'For', '📷'))} @{friend}"
        return text + ("\n\n" + " ".join(f"#{tag}" for tag in tags) if tags else "")

    def _react(self, post: PhotoPost, author: Person, group: str) -> PhotoPost:
        rng, ctx = self.rng, self.ctx
        crowd = self.audience[author.id]
        if not author.is_private:
            crowd = [*crowd, *rng.sample(self.people, k=min(6, len(self.people)))]
        crowd = list({person.id: person for person in crowd if person is not author}.values())
        age = (ctx.now - post.created_at).total_seconds()
        warmth = min(0.85, rng.betavariate(2.0, 3.2) * (1.15 if author.is_verified else 0.95))
        fans = [person for person in crowd if rng.random() < warmth]
        for fan in fans:
            self.likes.append(
                Like(fan.id, "post", post.id, post.created_at + timedelta(seconds=age * rng.random() ** 3))
            )
        wanted = int(rng.paretovariate(1.3) * 1.8 * min(1.0, 0.2 + age / 28800))
        talkers = rng.sample(crowd, k=min(len(crowd), 12, wanted))
        before = len(self.comments)
        for number, person in enumerate(talkers, 1):
            self._comment(post, author, person, group, number)
        return replace(post, like_count=len(fans), comment_count=len(self.comments) - before)

    def _comment(self, post: PhotoPost, author: Person, person: Person, group: str, number: int) -> None:
        rng, ctx = self.rng, self.ctx
        age = (ctx.now - post.created_at).total_seconds()
        written = post.created_at + timedelta(seconds=age * rng.random() ** 2.5)
        if rng.random() < 0.14:
            body = self.grammar.draw("emoji", EMOJI)
        elif person.language in FOREIGN and rng.random() < 0.45:
            body = self.grammar.expand(self.grammar.draw(f"f-{person.language}", FOREIGN[person.language]))
        else:
            body = self.grammar.expand(self.grammar.draw(f"r-{group}", PHOTO_REACTIONS[group])).strip()
            body = apply_style(body, person.style, rng)
        comment = self._add(post, None, person, body, str(number), written)
        for fan in rng.sample(self.people, k=int(rng.random() ** 3 * 7)):
            self.likes.append(Like(fan.id, "comment", comment.id, min(ctx.now, written + timedelta(minutes=9))))
        if rng.random() < 0.42:
            left = (ctx.now - written).total_seconds()
            answered = written + timedelta(seconds=left * rng.random() ** 3)
            text = self.grammar.expand(self.grammar.draw("thanks", _THANKS)).strip()
            reply = f"@{person.username} {apply_style(text, author.style, rng)}"
            self._add(post, comment, author, reply, f"{number}.{100 + number}", answered)

    def _add(
        self, post: PhotoPost, parent: Comment | None, person: Person, body: str, path: str, written: datetime
    ) -> Comment:
        comment = Comment(
            id=self.ctx.id("photo-comment", post.id, path),
            post_id=post.id,
            parent_id=parent.id if parent else None,
            author_id=person.id,
            body=body,
            depth=path.count("."),
            path=path,
            upvotes=0,
            downvotes=0,
            score=0,
            is_deleted=False,
            created_at=written,
        )
        self.comments.append(comment)
        return comment

    def story(self, index: int, author: Person) -> Story:
        """A story of the last day, seen by part of the author's followers."""
        rng, ctx = self.rng, self.ctx
        created = ctx.now - timedelta(seconds=rng.uniform(240, _STORY_SECONDS - 1800))
        picture = ctx.picture(rng, rng.choice(_kinds(author)), 0, "story", index, shape="t")
        viewers = tuple(p.id for p in self.audience[author.id] if rng.random() < 0.45)
        return Story(
            ctx.id("story", index), author.id, picture, viewers, created, created + timedelta(seconds=_STORY_SECONDS)
        )


def build_photos(ctx: Context, people: Sequence[Person], follows: Sequence[Follow]) -> Photos:
    """The feed: about 400 posts at scale 1, more of them by people whom the demo user follows, and the stories."""
    feed = _Feed(ctx, people, follows)
    demo = people[0]
    followed = {f.followed_id for f in follows if f.follower_id == demo.id and f.status == "accepted"}
    weights = [2.2 if p.id in followed else 1.4 if p is demo else 1.0 for p in people]
    count = ctx.count(400, 20)
    authors = [demo, demo, *feed.rng.choices(people, weights, k=count - 2)]
    posts = [feed.post(index, author) for index, author in enumerate(authors)]
    own = [post for post in posts if post.author_id == demo.id]
    posts[posts.index(own[-1])] = replace(own[-1], is_archived=True)
    posts.sort(key=lambda post: post.created_at, reverse=True)
    others = [post for post in posts if post.author_id in followed]
    kept = feed.rng.sample(others, k=min(len(others), ctx.count(14, 2)))
    saved = tuple(
        SavedPost(demo.id, post.id, post.created_at + (ctx.now - post.created_at) * feed.rng.random()) for post in kept
    )
    tellers = [p for p in people if p.id in followed]
    tellers = feed.rng.sample(tellers, k=min(len(tellers), ctx.count(13, 4)))
    story_authors = [demo, *tellers, *feed.rng.choices(tellers, k=ctx.count(12, 2))]
    stories = [feed.story(index, author) for index, author in enumerate(story_authors)]
    stories.sort(key=lambda story: story.created_at)
    return Photos(tuple(posts), tuple(feed.comments), tuple(feed.likes), saved, tuple(stories))
