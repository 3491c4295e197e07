"""Writes comments that react to what they reply to: agreement, doubt, answers, jokes, fixes, essays, one word."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.demo.text.code import ASK_LINES, FIX_LINES, SNIPPETS, Snippet
from server.demo.text.grammar import Grammar, sentence_case
from server.demo.text.phrases import EMOJI, FOREIGN, OPENERS, SMALL, TEMPLATES, WARM_ENDS, WORDS
from server.demo.text.topic import Topic

_ROOT_KINDS = {"claim": 22, "story": 30, "tip": 12, "gripe": 12, "question": 11, "essay": 5, "joke": 4, "list": 4}
_REPLIES: dict[str, dict[str, int]] = {
    "question": {"answer": 58, "joke": 10, "tangent": 6, "story": 12, "question": 6, "emoji": 3, "word": 2},
    "gripe": {"tip": 34, "agree": 24, "joke": 14, "question": 14, "story": 10, "emoji": 4, "word": 3},
    "code": {"fix": 62, "question": 14, "joke": 10, "thanks": 6, "disagree": 8},
    "fix": {"thanks": 45, "question": 15, "agree": 15, "joke": 8, "disagree": 10, "word": 5, "emoji": 3},
    "tip": {"thanks": 26, "agree": 18, "disagree": 18, "question": 18, "story": 14, "joke": 6, "emoji": 3},
    "answer": {"thanks": 28, "question": 18, "disagree": 16, "agree": 16, "story": 12, "joke": 8, "word": 4},
    "joke": {"joke": 46, "emoji": 18, "word": 18, "agree": 8, "tangent": 10},
    "word": {"joke": 30, "question": 20, "claim": 20, "emoji": 15, "story": 15},
    "emoji": {"joke": 35, "story": 25, "word": 15, "question": 25},
    "thanks": {"joke": 24, "question": 22, "emoji": 16, "story": 24, "word": 10, "tip": 14},
}
_REPLY_DEFAULT = {"agree": 24, "disagree": 22, "question": 17, "story": 13, "joke": 9, "tangent": 7, "tip": 5, "word": 4, "emoji": 4, "essay": 3}  # fmt: skip
_QUOTE_MAX = 90


@dataclass(frozen=True, slots=True)
class Utterance:
    """A written comment and what an answer needs to know about it."""

    kind: str
    text: str
    subject: str
    topic: Topic
    snippet: Snippet | None = None


def _pick(rng: random.Random, weights: Mapping[str, int]) -> str:
    return rng.choices(tuple(weights), tuple(weights.values()))[0]


def first_sentence(text: str) -> str:
    """The first sentence of `text`, shortened to what people quote."""
    line = next((part for part in text.splitlines() if part and not part.startswith((">", "`", "-", "1."))), "")
    for mark in (". ", "? ", "! ", ": "):
        line = line.split(mark)[0]
    return line if len(line) <= _QUOTE_MAX else line[: _QUOTE_MAX - 1].rsplit(" ", 1)[0] + "…"


def apply_style(text: str, style: str, rng: random.Random) -> str:
    """`text` as a person of `style` would type it; code and quotes are left alone."""
    text = sentence_case(text)
    if "```" in text or text.startswith(">"):
        return text
    if style == "lower":
        return text.lower().removesuffix(".")
    if style == "warm" and rng.random() < 0.35 and text[-1:] in ".!?":
        return text + rng.choice(WARM_ENDS)
    if style == "terse" and "\n" not in text and rng.random() < 0.5:
        short = text.split(". ")[0]
        return short if short[-1:] in ".?!:" else short + "."
    return text


class CommentWriter:
    """Writes the comments of one discussion about `topics`; remembers what was said, so as not to say it twice."""

    def __init__(self, rng: random.Random, topics: Sequence[Topic]) -> None:
        self._rng = rng
        self._topics = tuple(topics)
        self._grammar = Grammar({**SMALL, **OPENERS}, rng)
        self._said: set[str] = set()

    def root(self, style: str, language: str) -> Utterance:
        """A comment that answers the post itself."""
        topic = self._rng.choice(self._topics)
        kind = "code" if topic.code and self._rng.random() < 0.25 else _pick(self._rng, _ROOT_KINDS)
        if language in FOREIGN and self._rng.random() < 0.12:
            kind = "foreign"
        return self._fresh(kind, topic, None, style, language)

    def reply(self, parent: Utterance, style: str, language: str) -> Utterance:
        """A comment that reacts to `parent`."""
        kind = _pick(self._rng, _REPLIES.get(parent.kind, _REPLY_DEFAULT))
        if language in FOREIGN and self._rng.random() < 0.08:
            kind = "foreign"
        return self._fresh(kind, parent.topic, parent, style, language)

    def _fresh(self, kind: str, topic: Topic, parent: Utterance | None, style: str, language: str) -> Utterance:
        snippet = None
        if kind == "code":
            snippet = self._rng.choice([s for s in SNIPPETS if s.language in topic.code])
        elif kind == "fix" and parent is not None:
            snippet = parent.snippet
        subject = self._grammar.draw(f"subjects-{topic.name}", topic.subjects)
        text = ""
        for _ in range(6):
            text = self._compose(kind, topic, subject, parent, snippet, language)
            text = apply_style(text, style, self._rng) if kind not in ("word", "emoji", "foreign") else text
            if len(text) <= 20 or text not in self._said:
                break
        self._said.add(text)
        return Utterance(kind, text, subject, topic, snippet)

    def _compose(
        self, kind: str, topic: Topic, subject: str, parent: Utterance | None, snippet: Snippet | None, language: str
    ) -> str:
        words: dict[str, Sequence[str]] = {
            "subject": (subject,),
            "it": (parent.subject if parent else subject,),
            "claim": topic.claims,
            "act": topic.acts,
            "gripe": topic.gripes,
            "reason": topic.reasons,
            "question": topic.questions,
        }
        if snippet is not None:
            return self._code(kind, snippet, words)
        if kind == "word":
            return self._grammar.draw("word", WORDS)
        if kind == "emoji":
            return self._grammar.draw("emoji", EMOJI)
        if kind == "foreign":
            return self._say(f"foreign-{language}", FOREIGN[language], words)
        if kind == "essay":
            return self._essay(words)
        if kind == "list":
            return self._list(words)
        template_kind = {"code": "question", "fix": "answer"}.get(kind, kind)
        text = self._say(template_kind, TEMPLATES[template_kind], words)
        if text.startswith("1. "):
            acts = self._rng.sample(topic.acts, 3)
            return "\n".join(f"{i}. {self._grammar.expand(act, words)}" for i, act in enumerate(acts, 1))
        if kind in ("disagree", "agree", "answer") and parent is not None and self._rng.random() < 0.16:
            quote = first_sentence(parent.text)
            return f"> {quote}\n\n{text}" if quote else text
        return text

    def _say(self, pack: str, templates: Sequence[str], words: Mapping[str, Sequence[str]]) -> str:
        return self._grammar.expand(self._grammar.draw(f"templates-{pack}", templates), words).strip()

    def _code(self, kind: str, snippet: Snippet, words: Mapping[str, Sequence[str]]) -> str:
        if kind == "code":
            intro, code = self._say("ask-code", ASK_LINES, words), snippet.code
        else:
            intro = self._say("fix-code", FIX_LINES, {**words, "fault": (snippet.fault,)})
            code = snippet.fix
        return f"{intro}\n\n```{snippet.language}\n{code}\n```"

    def _essay(self, words: Mapping[str, Sequence[str]]) -> str:
        order = ("story", "claim", "gripe", "story", "tip", "disagree")
        chosen = self._rng.sample(order, self._rng.choice((3, 4, 5)))
        paragraphs = []
        for first in chosen:
            second = self._rng.choice(("claim", "story", "tip", "claim"))
            pair = (self._say(first, TEMPLATES[first], words), self._say(second, TEMPLATES[second], words))
            paragraphs.append(" ".join(part for part in pair if not part.startswith("1. ")))
        closing = self._grammar.expand(
            "{Anyway|So|In short|Long story short}: {<claim>|<act>}. {Sorry for the length.|Tea is ready, bye.|Thanks for reading this far.|}",
            words,
        )
        return "\n\n".join([*(p for p in paragraphs if p), closing.strip()])

    def _list(self, words: Mapping[str, Sequence[str]]) -> str:
        head = self._grammar.expand("{My list|In no order|What stuck after <span>|Rules I keep}:", words)
        bullets = [self._grammar.expand("{<act>|<claim>|**never** forget the <subject>}", words) for _ in range(3)]
        return head + "\n\n" + "\n".join(f"- {bullet}" for bullet in dict.fromkeys(bullets))
