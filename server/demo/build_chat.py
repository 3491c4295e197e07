"""Makes the demo user's conversations: months of sittings with turn-taking, shared things, and some unread messages."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.demo.build_people import Context
from server.demo.models import ChatMember, Conversation, Message, Person, PhotoPost
from server.demo.music_models import Track
from server.demo.pictures.keys import KINDS, picture_key
from server.demo.text.chats import DIRECT_BY_LANGUAGE, DIRECT_EN, DISHES, GROUP, THINGS, UNREAD, Exchange
from server.demo.text.grammar import Grammar
from server.demo.text.names import GROUP_CHATS
from server.demo.text.people import CHAT_PARTNER

_PARTNERS = (
    CHAT_PARTNER, "leila_haddad", "yuki.aoyama", "jonas.berg", "kwame.o", "nina_petrova", "minji.seo", "dimitris.k",
    "noa_levi", "callum.reid", "chen_weilin", "bea_moreno",
)  # fmt: skip
_UNREAD_WITH = {CHAT_PARTNER: 2, "yuki.aoyama": 1, "kwame.o": 3, GROUP_CHATS[0]: 4}
_HISTORY_DAYS = 130.0
_SHARE_WORDS = {
    "image": ("{Look!|This one.|From today.}", ""),
    "post": ("{Have you seen this?|Thought of you.|You need to see this}", ""),
    "track": ("{On repeat all day.|This bass line!|Listen to the bridge.}", ""),
}


@dataclass(frozen=True)
class Chats:
    """Conversations and their messages, oldest first within each conversation."""

    conversations: tuple[Conversation, ...]
    messages: tuple[Message, ...]


class _Chat:
    """Writes one conversation."""

    def __init__(
        self, ctx: Context, name: str, members: Sequence[Person], posts: Sequence[PhotoPost], tracks: Sequence[Track]
    ):
        self.ctx = ctx
        self.rng = ctx.rng("chat", name)
        self.id = ctx.id("conversation", name)
        self.members = members
        self.posts = posts
        self.tracks = tracks
        self.grammar = Grammar({"thing": THINGS, "dish": DISHES}, self.rng)
        self.messages: list[Message] = []

    def sitting(self, exchange: Exchange, start: datetime) -> None:
        """One sitting that begins at `start`; seconds to minutes pass between turns."""
        speakers = {letter: self.members[i % len(self.members)] for i, letter in enumerate("abcd")}
        moment = start
        for letter, template in exchange.turns:
            content = self.grammar.expand(template).strip()
            self._say(speakers[letter], "text", content, None, moment)
            moment += timedelta(seconds=self.rng.uniform(8, 40) + 240 * self.rng.random() ** 4)
        if self.rng.random() < 0.3:
            self._share(self.rng.choice(self.members), moment)

    def unread(self, count: int, moment: datetime) -> None:
        """Messages from the others that the demo user has not read."""
        for template in self.rng.sample(UNREAD, k=count):
            sender = self.rng.choice(self.members[1:])
            self._say(sender, "text", self.grammar.expand(template), None, moment)
            moment += timedelta(seconds=self.rng.uniform(20, 160))

    def _share(self, sender: Person, moment: datetime) -> None:
        kind = self.rng.choice(tuple(_SHARE_WORDS))
        reference = {
            "image": picture_key(self.rng.choice(KINDS), "l", self.ctx.seed, self.id, len(self.messages)),
            "post": self.rng.choice(self.posts).id,
            "track": self.rng.choice(self.tracks).id,
        }[kind]
        self._say(sender, kind, self.grammar.expand(self.rng.choice(_SHARE_WORDS[kind])), reference, moment)

    def _say(self, sender: Person, kind: str, content: str, reference: str | None, moment: datetime) -> None:
        number = len(self.messages)
        everybody = tuple(person.id for person in self.members)
        self.messages.append(
            Message(
                self.ctx.id("message", self.id, number), self.id, sender.id, kind, content, reference, everybody, moment
            )
        )


def _exchanges(rng: random.Random, language: str, group: bool, count: int) -> list[Exchange]:
    own = DIRECT_BY_LANGUAGE.get(language, ()) if not group else ()
    chosen: list[Exchange] = []
    pack: list[Exchange] = []
    for _ in range(count):
        if not pack:
            pack = [*(GROUP if group else DIRECT_EN), *own]
            rng.shuffle(pack)
        chosen.append(pack.pop())
    if own:
        chosen[-1] = own[0]
    return chosen


def _conversation(
    ctx: Context, name: str, members: Sequence[Person], posts: Sequence[PhotoPost], tracks: Sequence[Track]
) -> tuple[Conversation, list[Message]]:
    group = len(members) > 2
    chat = _Chat(ctx, name, members, posts, tracks)
    rng = chat.rng
    sittings = max(2, round((rng.randint(7, 15) if name != CHAT_PARTNER else 18) * min(1.0, ctx.scale * 2)))
    exchanges = _exchanges(rng, members[1].language, group, sittings)
    last = rng.uniform(0.1, 6.0) if name not in _UNREAD_WITH else rng.uniform(0.15, 0.9)
    days = sorted((last + (_HISTORY_DAYS - last) * rng.random() ** 1.6 for _ in range(sittings - 1)), reverse=True)
    days = [day + (sittings - index) * 0.03 for index, day in enumerate(days)]
    for day, exchange in zip([*days, last], exchanges, strict=True):
        chat.sitting(exchange, ctx.now - timedelta(days=day))
    chat.messages.sort(key=lambda message: message.created_at)
    read_at = chat.messages[-1].created_at
    unread = _UNREAD_WITH.get(name, 0)
    if unread:
        chat.unread(unread, ctx.now - timedelta(minutes=rng.uniform(12, 90)))
    messages = chat.messages
    for index in range(len(messages) - unread, len(messages)):
        messages[index] = replace(messages[index], read_by=(messages[index].sender_id,))
    began = messages[0].created_at - timedelta(minutes=5)
    chat_members = tuple(
        ChatMember(
            person.id,
            "admin" if group and person is members[1] else "member",
            began,
            read_at if person is members[0] else messages[-1].created_at,
        )
        for person in members
    )
    kind = "group" if group else "direct"
    return Conversation(chat.id, kind, name if group else None, chat_members, 0, began), messages


def build_chats(ctx: Context, people: Sequence[Person], posts: Sequence[PhotoPost], tracks: Sequence[Track]) -> Chats:
    """The demo user's conversations: up to twelve direct ones and four groups."""
    demo = people[0]
    by_name = {person.username: person for person in people}
    partners = [by_name[name] for name in _PARTNERS if name in by_name]
    partners = partners[: ctx.count(len(_PARTNERS), 4)]
    shared = [post for post in posts if post.author_id != demo.id] or list(posts)
    pairs: list[tuple[str, list[Person]]] = [(person.username, [demo, person]) for person in partners]
    rng = ctx.rng("groups")
    pairs += [(name, [demo, *rng.sample(people[1:], k=rng.randint(3, 6))]) for name in GROUP_CHATS[: ctx.count(4, 1)]]
    conversations, messages = [], []
    for name, members in pairs:
        conversation, said = _conversation(ctx, name, members, shared, tracks)
        conversations.append(conversation)
        messages.extend(said)
    return Chats(tuple(conversations), tuple(messages))
