"""Source code in posts, coloured where the language is known and the code is short enough for a lexer."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from widgets.text_layout import Piece

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]

_LONGEST = 2048
"""Characters: a lexer is a pile of regular expressions that strangers' text must not be let loose on for long."""

# Languages whose lexers are plain enough; everything else is shown in one colour.
_LEXERS = {
    "bash": "bash",
    "c": "c",
    "c++": "cpp",
    "cpp": "cpp",
    "css": "css",
    "diff": "diff",
    "go": "go",
    "html": "html",
    "ini": "ini",
    "java": "java",
    "javascript": "javascript",
    "js": "javascript",
    "json": "json",
    "kotlin": "kotlin",
    "lua": "lua",
    "py": "python",
    "python": "python",
    "rs": "rust",
    "ruby": "ruby",
    "rust": "rust",
    "sh": "bash",
    "sql": "sql",
    "toml": "toml",
    "ts": "typescript",
    "typescript": "typescript",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}
_SPECS = (
    ("Comment", "muted italic"),
    ("Keyword", "primary"),
    ("Literal.String", "success"),
    ("Literal.Number", "warning"),
    ("Name.Function", "accent"),
    ("Name.Class", "accent bold"),
    ("Name.Tag", "primary"),
    ("Generic.Inserted", "success"),
    ("Generic.Deleted", "error"),
)


@lru_cache(maxsize=16)
def _lexer(name: str) -> Lexer:
    # Imported late: it takes tens of milliseconds.
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


@lru_cache(maxsize=64)
def _spec(token: str) -> str:
    return next((spec for prefix, spec in _SPECS if token.startswith(f"Token.{prefix}")), "text")


def colour_code(code: str, language: str) -> list[Piece]:
    """Return `code` as pieces, coloured if `language` is a known name and the code has at most 2,048 characters."""
    name = _LEXERS.get(language.lower())
    if name is None or len(code) > _LONGEST:
        return [Piece(code, "text")]
    tokens = ((_spec(str(token)), text) for token, text in _lexer(name).get_tokens(code))
    return [Piece("".join(text for _, text in run), spec) for spec, run in groupby(tokens, itemgetter(0))]
