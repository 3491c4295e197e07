"""How the outbox is read: its rows, and the words in them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from rich.segment import Segment
from textual.strip import Strip

from api_client.models.base import WireModel
from api_client.models.chat import MESSAGE_LIMIT
from api_client.models.posts import BODY_LIMIT, CAPTION_LIMIT, TITLE_LIMIT
from api_client.models.users import BIO_LIMIT, FULL_NAME_LIMIT
from api_client.sync.ports import Draft
from api_client.sync.receipts import Receipt, Status
from api_client.text import clean_line
from tui.keys import KeyOf
from tui.places import ConversationPlace, Place, PostPlace, ProfilePlace, SectionPlace
from tui.state.outbox_sections import OutboxSections, Section
from widgets.item_renderer import BaseRenderer, RenderContext
from widgets.textfmt import ago, plural
from widgets.wrapping import cells, ellipsis

_MARKS = {
    Status.HELD: ("↶", "secondary"),
    Status.QUEUED: ("·", "muted"),
    Status.SENDING: ("↑", "accent"),
    Status.WAITING: ("◌", "warning"),
    Status.ATTENTION: ("!", "bold error"),
}
_STATES = {
    Status.QUEUED: "waits for its turn",
    Status.SENDING: "on its way",
    Status.WAITING: "waits",
    Status.ATTENTION: "needs attention",
}
SECTION_TITLES = {
    Section.ATTENTION: "Needs attention",
    Section.MOVING: "Waiting and on their way",
    Section.HELD: "Held: {undo} takes them back",
}
WORDS = {
    "content": MESSAGE_LIMIT,
    "body": BODY_LIMIT,
    "caption": CAPTION_LIMIT,
    "title": TITLE_LIMIT,
    "bio": BIO_LIMIT,
    "full_name": FULL_NAME_LIMIT,
    "description": 5000,
    "name": 100,
}
"""The fields that people write in, the one that matters most first, with their limits in UTF-16 units."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a section."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class More:
    """The line below a section of which only the beginning is listed."""

    section: Section
    number: int
    """How many are not."""

    @property
    def key(self) -> str:
        """One for each section."""
        return f"more:{self.section.name}"


OutboxItem = Heading | Receipt | Draft | More
"""What stands in the list: nothing is built for an intent before it is on the screen."""


def outbox_items(sections: OutboxSections, drafts: Sequence[Draft], most: int, key_of: KeyOf) -> Iterator[OutboxItem]:
    """Return headings, at most `most` intents of each section, and drafts, in the order of the screen."""
    for section, title in SECTION_TITLES.items():
        if count := sections.count(section):
            yield Heading(heading_key(section), title.format(undo=key_of("global.undo")))
            yield from islice(sections.of(section), most)
            if count > most:
                yield More(section, count - most)
    if drafts:
        yield Heading("drafts", "Drafts")
        yield from drafts


def heading_key(section: Section) -> str:
    """Return the key of a section's heading."""
    return f"heading:{section.name}"


def item_key(item: OutboxItem) -> str:
    """Return the key of a row."""
    if isinstance(item, Receipt):
        return item.id
    return f"draft:{item.writer}:{item.key}" if isinstance(item, Draft) else item.key


def word_field(receipt: Receipt) -> str | None:
    """Return the name of the field in which the user wrote; None if nothing was written."""
    body = receipt.intent.body
    if not isinstance(body, WireModel):
        return None
    return next((name for name in WORDS if isinstance(getattr(body, name, None), str)), None)


def reason_of(receipt: Receipt) -> str:
    """Return why it waits or needs attention: one sentence, empty where there is nothing to say."""
    if receipt.conflict is not None:
        return "You and somebody else changed the same; Enter compares."
    return receipt.reason or ""


def words_of(receipt: Receipt) -> str:
    """Return what the user wrote in it, if anything."""
    name = word_field(receipt)
    return str(getattr(receipt.intent.body, name)) if name else ""


def state_of(receipt: Receipt, now: float) -> str:
    """Return where it stands, in words: with the tries it took, and how long it has been there."""
    intent = receipt.intent
    if receipt.status is Status.HELD and intent.not_before is not None:
        state = f"goes out in {max(0, round(intent.not_before - now))} s"
    elif receipt.conflict is not None:
        state = "changed by somebody else too"
    else:
        state = _STATES.get(receipt.status, receipt.status.value)
    tries = f"tried {plural(receipt.attempts, 'time')}" if receipt.attempts > 1 else ""
    return " · ".join(filter(None, (state, tries, ago(_moment(intent.created_at), now))))


def draft_title(draft: Draft) -> str:
    """Return what a draft is, in words."""
    kind = draft.key.partition(":")[0]
    return {
        "message": "a message",
        "comment": "a comment",
        "post": "a post",
        "photo": "a photo",
        "profile": "your profile",
    }.get(kind, clean_line(kind))


def how_to_go_on(draft: Draft, key_of: KeyOf) -> str:
    """Return which key opens the field, where the place alone does not open it."""
    found = {
        "comment": ("item.reply", "writing"),
        "post": ("item.create", "writing"),
        "photo": ("item.create", "with your photo"),
        "profile": ("item.edit", "with your profile"),
    }.get(draft.key.partition(":")[0])
    return f"{key_of(found[0])} goes on {found[1]}." if found else ""


def draft_words(draft: Draft) -> str:
    """Return everything that was typed in it."""
    return "\n".join(text for text in draft.fields.values() if text.strip())


def draft_place(draft: Draft, username: str) -> Place | None:
    """Return where a draft is written on; `username` is the user's own."""
    kind, _, rest = draft.key.partition(":")
    match kind:
        case "message" if rest:
            return ConversationPlace(rest)
        case "comment" if rest:
            post_id, _, parent = rest.partition(":")
            return PostPlace(post_id, parent or None)
        case "post":
            return SectionPlace("threads")
        case "photo":
            return SectionPlace("feed")
        case "profile":
            return ProfilePlace(username)
        case _:
            return None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class OutboxRenderer(BaseRenderer[OutboxItem]):
    """Draws what is on the screen, and reads a body only for that."""

    def __init__(self) -> None:
        self.drawn = 0
        """How many rows have been drawn; the measure of what opening the screen costs."""

    def key(self, item: OutboxItem) -> str:
        return item_key(item)

    def version(self, item: OutboxItem) -> Hashable:
        if isinstance(item, Receipt):
            return (item.status, item.reason, item.attempts, item.intent.payload)
        return (item.fields.get("text"), item.updated_at) if isinstance(item, Draft) else item

    def estimate(self, item: OutboxItem, width: int) -> int:
        return 2

    def depth(self, item: OutboxItem) -> int:
        return 0 if isinstance(item, Heading) else 1

    def may_mark(self, item: OutboxItem) -> bool:
        return isinstance(item, Receipt | Draft)

    def pins(self, item: OutboxItem) -> int:
        return 2 if isinstance(item, Heading) else 0

    def pinned(self, item: OutboxItem, context: RenderContext) -> Strip:
        return Strip([Segment(item.title if isinstance(item, Heading) else "", context.style("bold primary"))])

    def render(self, item: OutboxItem, context: RenderContext) -> list[Strip]:
        self.drawn += 1
        if isinstance(item, Heading):
            return [Strip([]), Strip([Segment(item.title, context.style("bold primary"))])]
        if isinstance(item, More):
            return [Strip([Segment(f"  {item.number:,} more; Enter lists them", context.style("accent"))])]
        if isinstance(item, Draft):
            title, remark = draft_title(item), ago(_moment(item.updated_at), context.now)
            return _row(context, ("✎", "muted"), title, remark, draft_words(item), trouble=False)
        mark = _MARKS.get(item.status, ("·", "muted"))
        words = words_of(item)
        detail = "  ".join(filter(None, (reason_of(item), f"“{' '.join(words.split())}”" if words else "")))
        trouble = item.status is Status.ATTENTION
        return _row(context, mark, item.intent.label, state_of(item, context.now), detail, trouble=trouble)


def _row(
    context: RenderContext, mark: tuple[str, str], title: str, remark: str, detail: str, *, trouble: bool
) -> list[Strip]:
    """Return a line with the title and the remark at its end, and one for the detail where there is any."""
    style, width = context.style, context.width
    remark = ellipsis(remark, max(width * 3 // 5, 8))
    room = max(width - 2 - cells(remark) - 2, 4)
    title = ellipsis(clean_line(title), room)
    gap = " " * max(width - 2 - cells(title) - cells(remark), 1)
    strips = [
        Strip(
            [
                Segment(f"{mark[0]} ", style(mark[1])),
                Segment(title, style("bold text")),
                Segment(gap),
                Segment(remark, style("muted")),
            ]
        )
    ]
    if detail:
        line = ellipsis(clean_line(" ".join(detail.split())), max(width - 2, 4))
        strips.append(Strip([Segment("  "), Segment(line, style("error" if trouble else "muted"))]))
    return strips
