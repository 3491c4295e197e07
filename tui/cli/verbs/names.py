"""Which verbs there are: their names in groups, for the help of the program, and the module that has each of them."""

from __future__ import annotations

GROUPS: tuple[tuple[str, str, str], ...] = (
    (
        "read",
        "verbs.reading",
        "feed explore saved me profile posts followers following requests stories threads thread subreddits comments "
        "chats messages search",
    ),
    (
        "music",
        "verbs.music_reading",
        "music library playlists playlist playlist-editors album artist track lyrics similar station mixes mix "
        "concerts listening heard friends playing devices",
    ),
    (
        "write",
        "verbs.writing",
        "post submit comment reply send read vote like unlike love unlove save unsave follow unfollow accept decline "
        "delete edit-profile found private region",
    ),
    (
        "playlists",
        "verbs.playlists",
        "playlist-new playlist-add playlist-remove playlist-move playlist-rename playlist-rm playlist-copy "
        "playlist-file playlist-invite playlist-uninvite blend",
    ),
    (
        "player",
        "verbs.player",
        "play pause next previous seek volume mute shuffle repeat queue transfer",
    ),
    ("kept here", "verbs.stored", "outbox outbox-send outbox-drop drafts history undo redo downloads"),
)
"""Title, module of `tui.cli` and verbs of each group."""

VERBS: dict[str, str] = {name: module for _, module, names in GROUPS for name in names.split()}
"""Every verb, and its module."""

_INDENT, _WIDTH = 11, 76


def described() -> str:
    """Return what the help of the program says of the verbs."""
    lines = ["what the screens do, for scripts and cron; `parlour VERB --help` says how"]
    for title, _, names in GROUPS:
        line = f"{title:{_INDENT}}"
        for name in names.split():
            if len(line) + len(name) > _WIDTH:
                lines.append(line.rstrip())
                line = " " * _INDENT
            line += name + " "
        lines.append(line.rstrip())
    return "\n".join(lines)
