"""A small generative grammar: `{a|b}` picks one, `<name>` expands a rule or a given word, bags avoid repeating."""

import random
import re
from collections.abc import Mapping, Sequence

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([a-z_]+)>")
_ARTICLE = re.compile(r"\b([Aa])~ (?=([\w\"']))")
_SENTENCE = re.compile(r"(^|[.!?] |\n)([a-z])")
_VOWELS = frozenset("aeiouAEIOU")
_MAX_ROUNDS = 12


class Grammar:
    """Expands templates over `rules`; a rule is drawn like cards from a shuffled pack: phrases come round late."""

    def __init__(self, rules: Mapping[str, Sequence[str]], rng: random.Random) -> None:
        self._rules = rules
        self._rng = rng
        self._packs: dict[str, list[str]] = {}

    def draw(self, pack: str, options: Sequence[str]) -> str:
        """Next card of the pack `pack`; the pack is reshuffled when it is used up."""
        cards = self._packs.get(pack)
        if not cards:
            cards = list(options)
            self._rng.shuffle(cards)
            self._packs[pack] = cards
        return cards.pop()

    def expand(self, template: str, words: Mapping[str, Sequence[str]] | None = None) -> str:
        """`template` with all choices made and slots filled; `words` override rules for this call.

        Raises KeyError for a slot that is neither a word nor a rule, so that a typing mistake shows up in tests.
        """
        given = words or {}
        text = template
        for _ in range(_MAX_ROUNDS):
            before = text
            while "{" in text:
                shorter = _CHOICE.sub(lambda m: self._rng.choice(m.group(1).split("|")), text)
                if shorter == text:
                    break
                text = shorter
            if "<" in text:
                text = _SLOT.sub(lambda m: self._fill(m.group(1), given), text)
            if text == before:
                break
        return _ARTICLE.sub(lambda m: m.group(1) + ("n " if m.group(2) in _VOWELS else " "), text)

    def _fill(self, name: str, given: Mapping[str, Sequence[str]]) -> str:
        options = given.get(name)
        if options is not None:
            return self.draw(f"{name}@{options[0]}", options) if len(options) > 1 else options[0]
        return self.draw(name, self._rules[name])


def sentence_case(text: str) -> str:
    """`text` with a capital at its start and after every full stop and line break; fenced code is left alone."""
    parts = text.split("```")
    parts[::2] = [_SENTENCE.sub(lambda m: m.group(1) + m.group(2).upper(), part) for part in parts[::2]]
    return "```".join(parts)
