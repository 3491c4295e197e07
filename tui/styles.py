"""The style sheet of the program: each source is parsed once, and again only where a theme changes what it says."""

from __future__ import annotations

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

SOURCES = 512
"""Sources that are kept parsed: more than all widgets and screens together have."""


class SteadyStylesheet(Stylesheet):
    """Keeps what it has parsed for as long as its variables are the same.

    The toolkit's own parses everything anew each time a screen is opened, and several times at the start.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)
            self._require_parse = True

    def reparse(self) -> None:
        if self._require_parse:
            self.parse()
