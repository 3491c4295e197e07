"""Makes people, who follows whom, and the helpers that every other builder needs."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.demo.ids import Part, rng_for, seed_for, uuid_for
from server.demo.models import Follow, Person, Picture
from server.demo.pictures.keys import SIZES, picture_alt, picture_key
from server.demo.text.people import CHAT_PARTNER, DEMO_USER, PRIVATE_WITH_REQUEST, PROFILES
from server.demo.text.places import PLACE_BY_CITY

DEMO_PASSWORD = "parlour-demo"
"""Of every demo person: a demo platform has nothing to protect, and trying it as somebody else must be easy."""
_ALWAYS = (DEMO_USER, CHAT_PARTNER, PRIVATE_WITH_REQUEST)
_SHAPES = {"p": 40, "s": 25, "l": 25, "w": 7, "t": 3}


@dataclass(frozen=True)
class Context:
    """What all builders share: the seed, the size and the moment for which the world is made."""

    seed: int
    scale: float
    now: datetime

    def rng(self, *parts: Part) -> random.Random:
        """A generator of its own for one purpose."""
        return rng_for(self.seed, *parts)

    def id(self, *parts: Part) -> str:
        """The UUID of the thing that `parts` name."""
        return uuid_for(self.seed, *parts)

    def count(self, full: int, least: int) -> int:
        """`full` scaled, but never below `least`."""
        return max(least, round(full * self.scale))

    def ago(self, rng: random.Random, days: float, power: float = 2.0) -> datetime:
        """A moment within the last `days`, denser towards now the larger `power` is."""
        return self.now - timedelta(minutes=3, days=days * rng.random() ** power)

    def picture(self, rng: random.Random, kind: str, order: int, *parts: Part, shape: str | None = None) -> Picture:
        """A picture of `kind` that `parts` identify."""
        chosen = shape or rng.choices(tuple(_SHAPES), tuple(_SHAPES.values()))[0]
        key = picture_key(kind, chosen, self.seed, *parts, order)
        width, height = SIZES[chosen]
        return Picture(self.id("picture", *parts, order), key, width, height, picture_alt(key), order)


def build_people(ctx: Context) -> tuple[Person, ...]:
    """The people of the world, the demo user first; always with chat partner and private account."""
    count = min(len(PROFILES), ctx.count(len(PROFILES), 18))
    chosen = [p for i, p in enumerate(PROFILES) if p.username in _ALWAYS or i < count - 1]
    people = []
    for index, profile in enumerate(chosen):
        rng = ctx.rng("person", profile.username)
        role = "moderator" if "m" in profile.marks else "user"
        joined = ctx.now - timedelta(days=rng.uniform(200, 1500), seconds=rng.randrange(86400))
        people.append(
            Person(
                id=ctx.id("person", profile.username),
                username=profile.username,
                full_name=profile.full_name,
                email=f"{profile.username}@parlour.local",
                password=DEMO_PASSWORD,
                bio=profile.bio,
                avatar_key=f"avatar-{seed_for(ctx.seed, 'avatar', profile.username) & 0xFFFFFFFF:08x}",
                language=profile.language,
                home=PLACE_BY_CITY[profile.city],
                interests=profile.interests,
                style=profile.style,
                is_verified="v" in profile.marks,
                is_private="p" in profile.marks,
                role=role,
                subscription="premium" if "+" in profile.marks else "free",
                created_at=joined,
                last_seen_at=ctx.now if index == 0 else ctx.ago(rng, 4, 3.0),
            )
        )
    return tuple(people)


def build_follows(ctx: Context, people: tuple[Person, ...]) -> tuple[Follow, ...]:
    """Who follows whom: shared interests attract, verified people are followed more, one request is pending."""
    demo = people[0]
    rng = ctx.rng("follows")
    private = next(p for p in people if p.username == PRIVATE_WITH_REQUEST)
    partner = next(p for p in people if p.username == CHAT_PARTNER)
    open_people = [p for p in people[1:] if not p.is_private and p is not partner]
    open_people.sort(key=lambda p: -len(set(p.interests) & set(demo.interests)) - rng.random() * 1.5)
    wanted = [partner, *open_people[: min(24, len(open_people) * 2 // 3)]]
    follows = [Follow(demo.id, person.id, "accepted", ctx.ago(rng, 180, 1.2)) for person in wanted]
    follows.append(Follow(demo.id, private.id, "pending", ctx.now - timedelta(days=2, hours=3)))
    for person in people[1:]:
        for other in people:
            if other is person:
                continue
            chance = 0.09 + 0.16 * len(set(person.interests) & set(other.interests)) + 0.16 * other.is_verified
            chance += 0.25 * (other is demo and person in wanted)
            if rng.random() < min(0.85, chance):
                follows.append(Follow(person.id, other.id, "accepted", ctx.ago(rng, 190, 1.2)))
    asking = next(p for p in people[1:] if p is not private and p not in wanted)
    follows = [f for f in follows if (f.follower_id, f.followed_id) != (asking.id, private.id)]
    follows.append(Follow(asking.id, private.id, "pending", ctx.now - timedelta(hours=20)))
    return tuple(follows)
