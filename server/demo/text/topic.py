"""What a subreddit is about: its page, and the words from which its posts and comments are composed."""

from dataclasses import dataclass

from server.demo.models import Rule


@dataclass(frozen=True)
class Topic:
    """A subreddit and its vocabulary. Phrases carry no final full stop; `acts` are verb phrases in the base form."""

    name: str
    display_name: str
    description: str
    rules: tuple[Rule, ...]
    flairs: tuple[str, ...]
    accent: str
    picture_kinds: tuple[str, ...]
    subjects: tuple[str, ...]
    acts: tuple[str, ...]
    claims: tuple[str, ...]
    gripes: tuple[str, ...]
    reasons: tuple[str, ...]
    questions: tuple[str, ...]
    titles: tuple[str, ...]
    """Text posts."""
    links: tuple[tuple[str, str], ...]
    """Link posts: title and URL on a reserved domain."""
    images: tuple[str, ...]
    """Picture posts: kinds of picture that fit, separated by commas, a bar, and the title."""
    code: tuple[str, ...] = ()
    """Languages of the code blocks people post here."""
    is_nsfw: bool = False


def lines(text: str) -> tuple[str, ...]:
    """The non-empty lines of a block, stripped."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def rules(*pairs: tuple[str, str]) -> tuple[Rule, ...]:
    """Rules from pairs of title and text."""
    return tuple(Rule(title, text) for title, text in pairs)
