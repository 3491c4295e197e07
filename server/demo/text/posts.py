"""Titles and Markdown bodies of subreddit posts."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

import random
from collections.abc import Sequence
from dataclasses import dataclass

from server.demo.text.code import SNIPPETS
from server.demo.text.grammar import Grammar, sentence_case
from server.demo.text.phrases import OPENERS, SMALL, TEMPLATES
from server.demo.text.topic import Topic

_VIDEO = (
    "{Forty seconds|Two minutes|A quiet minute} of {the <subject>|<place> before sunrise|nothing but a~ <subject>}",
    "{Time-lapse|Slow motion|One take}: <subject>, {<n> hours|<span>|start to end}",
)
_OPEN = (
    "{Hello everyone|Hi all|Good evening from <place>|Dear hive mind},\n\n",
    "",
    "",
    "{Some context first.|I have been putting this off.|Bear with me.} ",
)
_CLOSE = (
    "{What would you do?|Ideas welcome.|Tell me I am wrong.|How is it with you?}",
    "{Thank you in advance!|Thanks for reading.|I will post an update.}",
    "**Edit:** {thank you all, I did not expect this|typo|solved, see the top comment|added the numbers you asked for}.",
    "",
)
_SITES = ("https://notes.example.org", "https://journal.example.net", "https://archive.example.com")


@dataclass(frozen=True)
class WrittenPost:
    """Title and what belongs to it; `picture_kind` is set for image posts."""

    post_type: str
    title: str
    body: str | None
    url: str | None
    picture_kind: str | None


class PostWriter:
    """Writes the posts of one subreddit; titles repeat only when the packs run dry."""

    def __init__(self, rng: random.Random, topic: Topic) -> None:
        self._rng = rng
        self._topic = topic
        self._grammar = Grammar({**SMALL, **OPENERS}, rng)
        self._titles: set[str] = set()

    def write(self, post_type: str) -> WrittenPost:
        """A post of type text, link, image or video."""
        topic = self._topic
        if post_type == "link":
            title, url = self._link()
            return WrittenPost("link", title, None, url, None)
        if post_type == "image":
            kinds, _, template = self._grammar.draw("images", topic.images).partition("|")
            title = self._unique((template,), "image-title")
            return WrittenPost("image", title, None, None, self._rng.choice(kinds.split(",")))
        if post_type == "video":
            title = self._unique(_VIDEO, "video")
            slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())[:60].strip("-")
            return WrittenPost("video", title, None, f"https://clips.example.net/watch/{slug}", None)
        return WrittenPost("text", self._unique(topic.titles, "titles"), self._body(), None, None)

    def _words(self) -> dict[str, Sequence[str]]:
        topic = self._topic
        return {
            "subject": topic.subjects,
            "it": topic.subjects,
            "claim": topic.claims,
            "act": topic.acts,
            "gripe": topic.gripes,
            "reason": topic.reasons,
            "question": topic.questions,
        }

    def _unique(self, templates: Sequence[str], pack: str) -> str:
        title = ""
        for _ in range(12):
            title = self._grammar.expand(self._grammar.draw(pack, templates), self._words())
            title = title[0].upper() + title[1:]
            if title not in self._titles:
                break
        else:
            title += self._grammar.expand(" ({part two|again|update|one more|<place>|<when>})")
        self._titles.add(title)
        return title

    def _link(self) -> tuple[str, str]:
        title, url = self._grammar.draw("links", ["\t".join(link) for link in self._topic.links]).split("\t")
        if title not in self._titles:
            self._titles.add(title)
            return title, url
        template = "{A short history of|Notes on|In praise of|The trouble with|Measuring|Drawing} the <subject>{|, part {two|three|four}|: <claim>}"
        title = self._unique((template,), "made-links")
        slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split()[:6])
        return title, f"{self._rng.choice(_SITES)}/{self._rng.randint(2016, 2024)}/{slug}"

    def _body(self) -> str:
        rng, words = self._rng, self._words()
        parts: list[str] = []
        kinds = rng.sample(("story", "claim", "gripe", "question", "story"), rng.choice((1, 2, 2, 3, 4)))
        parts += [self._grammar.expand(self._grammar.draw(f"t-{kind}", TEMPLATES[kind]), words) for kind in kinds]
        if rng.random() < 0.3:
            bullets = [self._grammar.expand(act, words) for act in rng.sample(self._topic.acts, 3)]
            head = self._grammar.expand("{What I tried so far|My plan|Rules I set myself}:", words)
            parts.insert(1, head + "\n\n" + "\n".join(f"- {bullet}" for bullet in bullets))
        if self._topic.code and rng.random() < 0.6:
            snippet = rng.choice([s for s in SNIPPETS if s.language in self._topic.code])
            parts.append(f"```{snippet.language}\n{snippet.code}\n```")
        if rng.random() < 0.18:
            parts.append(
                "> "
                + self._grammar.expand("<claim>", words)
                + "\n\n"
                + self._grammar.expand(
                    "{said <who>|I read that <when>} and I {cannot let it go|half believe it}.", words
                )
            )
        if rng.random() < 0.2:
            title, url = rng.choice(self._topic.links)
            parts.append(f"Related: [{title.replace('[', '(').replace(']', ')')}]({url})")
        parts.append(self._grammar.expand(rng.choice(_CLOSE), words))
        opening = self._grammar.expand(rng.choice(_OPEN), words)
        return sentence_case(opening + "\n\n".join(part for part in parts if part))
