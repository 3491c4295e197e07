"""The command palette: every action by its name, and every address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.actions import Action
from tui.key_labels import key_label
from tui.places import Place, parse_address


class Offers(Protocol):
    """What the palette needs of the program."""

    def offered(self) -> list[tuple[Action, str, Callable[[], None]]]:
        """Return the actions that can be carried out here: action, its name here, and what carries it out."""

    def open_place(self, place: Place) -> None:
        """Go to a place."""


class ActionProvider(Provider):
    """Searches the actions of the screen below the palette."""

    @property
    def _program(self) -> Offers:
        return cast(Offers, self.app)

    async def discover(self) -> Hits:
        for action, title, run in self._program.offered():
            yield DiscoveryHit(_label(action, title), run, text=title, help=action.help)

    async def search(self, query: str) -> Hits:
        if (place := parse_address(query)) is not None and query.casefold() not in ("feed", "threads", "chat", "music"):
            yield Hit(1.0, Content(f"open {query}"), lambda: self._program.open_place(place), text=query)
        matcher = self.matcher(query)
        for action, title, run in self._program.offered():
            score = max(matcher.match(title), 0.8 * matcher.match(action.help), matcher.match(action.command or ""))
            if score > 0:
                yield Hit(score, _label(action, title), run, text=title, help=action.help)


def _label(action: Action, title: str) -> Content:
    keys = "  ".join(key_label(key) for key in action.keys[:2])
    return Content.assemble((title, "bold"), (f"   {keys}" if keys else "", "$text-accent"))
