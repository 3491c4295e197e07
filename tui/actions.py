"""The action registry: everything a user can do, declared once.

Keys, footer, help, command palette, `:` commands, the keymap file and docs/KEYS.md all come from `ACTIONS`. A key is a
Textual key name (`j`, `ctrl+d`, `question_mark`) or a sequence of them separated by spaces (`g f`). One letter is one
verb on every screen; a screen that has no use for a verb leaves its handler out, and the action is not offered there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tui.key_labels import key_label


class Context(Enum):
    """Where an action's keys are live. A screen lists its contexts, the nearest first."""

    GLOBAL = "global"
    """Every screen of the shell, while browsing."""
    LIST = "list"
    """Wherever a list is read."""
    ITEM = "item"
    """Wherever a list has items that something can be done to."""
    INSPECT = "inspect"
    """What goes over the wire."""
    PLAYING = "playing"
    """What plays, full screen."""
    VIEWER = "viewer"
    """The full-screen picture viewer."""
    DECIDE = "decide"
    """Where two versions of the same thing stand beside each other."""
    WRITE = "write"
    """While text is typed; only these keys act then."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a user can do."""

    id: str
    """`context.verb`; the name in keymap.toml."""
    title: str
    """One or two words, for footer and menu; a screen may say it in its own words."""
    help: str
    """One sentence."""
    keys: tuple[str, ...]
    context: Context
    command: str | None = None
    """Name behind `:`; None if the action has no sense without a screen's selection."""
    argument: str | None = None
    """What the command takes, such as `SECONDS`; None if nothing."""
    footer: int = 0
    """The higher, the sooner it is shown in the footer; 0 never."""
    needs_item: bool = False
    """Whether it acts on the highlighted item."""
    writes: bool = False
    """Whether a text field opens: keys that come before it is there wait for it, and are never taken for verbs."""

    @property
    def handler(self) -> str:
        """Name of the method that carries it out, on a widget, the screen or the app."""
        return "action_" + self.id.partition(".")[2]


G, L, T, V, W = Context.GLOBAL, Context.LIST, Context.ITEM, Context.VIEWER, Context.WRITE
D, P, N = Context.DECIDE, Context.PLAYING, Context.INSPECT


def _a(
    context: Context,
    name: str,
    keys: str,
    title: str,
    help: str,  # noqa: A002 - the word for it
    *,
    command: str | None = None,
    argument: str | None = None,
    footer: int = 0,
    needs_item: bool = False,
    writes: bool = False,
) -> Action:
    sequences = tuple(key.strip() for key in keys.split("|") if key.strip())
    return Action(
        f"{context.value}.{name}", title, help, sequences, context, command, argument, footer, needs_item, writes
    )


CONTEXT_TITLES: dict[Context, str] = {
    Context.ITEM: "On what is highlighted",
    Context.LIST: "In a list",
    Context.GLOBAL: "Everywhere",
    Context.PLAYING: "On what plays, full screen",
    Context.INSPECT: "In the inspector",
    Context.VIEWER: "In the picture viewer",
    Context.DECIDE: "Between two versions",
    Context.WRITE: "While writing",
}

PREFIXES: dict[str, str] = {"g": "go to", "comma": "player", "T": "toggle", "M": "mark"}
"""Keys that begin a sequence, with the title of the window that lists what may follow."""

ACTIONS: tuple[Action, ...] = (
    # Places
    _a(G, "go_feed", "1 | g f", "feed", "Go to the photo feed.", command="feed"),
    _a(G, "go_threads", "2 | g h", "threads", "Go to the threads.", command="threads"),
    _a(G, "go_chat", "3 | g c", "chat", "Go to the chats.", command="chat"),
    _a(G, "go_music", "4 | g m", "music", "Go to the music.", command="music"),
    _a(G, "go_queue", "g q | comma q", "queue", "Show what plays next.", command="queue"),
    _a(G, "go_lyrics", "g l | comma w", "lyrics", "Show the words of what is playing.", command="lyrics"),
    _a(
        G,
        "go_listening",
        "comma y",
        "your listening",
        "What you have heard, in figures.",
        command="listening",
        argument="PERIOD",
    ),
    _a(G, "go_now_playing", "g n | comma v", "now playing", "Show what is playing, full screen.", command="playing"),
    _a(
        G,
        "go_downloads",
        "comma d | g D",
        "downloads",
        "What is on this machine, and how it comes.",
        command="downloads",
    ),
    _a(G, "go_profile", "g p", "my profile", "Open your own profile.", command="me"),
    _a(G, "go_explore", "g e", "explore", "Photos of people you do not follow yet.", command="explore"),
    _a(G, "go_saved", "g b", "saved", "Posts you have saved.", command="saved"),
    _a(
        G,
        "go_subreddit",
        "g r",
        "subreddit",
        "Open a subreddit by its name.",
        command="r",
        argument="NAME",
        writes=True,
    ),
    _a(G, "go_user", "g u", "user", "Open somebody's profile.", command="u", argument="NAME", writes=True),
    _a(G, "stories", "g s", "stories", "Choose whose stories to see.", command="stories"),
    _a(G, "followers", "g w", "followers", "Who follows the person of this profile.", command="followers"),
    _a(G, "following", "g W", "following", "Whom the person of this profile follows.", command="following"),
    _a(G, "playlists_of", "g P", "playlists", "Public playlists of this profile's person.", command="playlists"),
    _a(G, "go_outbox", "g d", "outbox", "What is still to be sent, what was refused, and drafts.", command="outbox"),
    _a(G, "go_inspector", "f12 | g i", "inspector", "What goes over the wire.", command="inspect", argument="FILTER"),
    _a(G, "go_history", "g z", "history", "What you did, and what can be taken back.", command="history"),
    _a(
        G,
        "search_everywhere",
        "g slash",
        "search",
        "Search people, communities, posts and music.",
        command="search",
        argument="WORDS",
        writes=True,
    ),
    # The program
    _a(G, "help", "question_mark | f1", "help", "The keys of this screen.", command="help", footer=5),
    _a(G, "command_line", "colon", "command", "Type a command.", footer=1, writes=True),
    _a(G, "palette", "ctrl+p", "palette", "Find any action by its name.", footer=2, writes=True),
    _a(G, "refresh", "ctrl+r | f5", "refresh", "Fetch this screen again.", command="refresh"),
    _a(G, "redraw", "ctrl+l", "redraw", "Draw the whole screen again.", command="redraw"),
    _a(G, "close", "q | escape", "close", "Close the top layer; at the root, ask before leaving."),
    _a(G, "quit", "Q | ctrl+q", "quit", "Leave Parlour.", command="q"),
    _a(G, "focus_next_pane", "tab", "next pane", "Move to the next pane."),
    _a(G, "focus_previous_pane", "shift+tab", "previous pane", "Move to the previous pane."),
    _a(G, "next_theme", "T t", "next theme", "Change to the next theme.", command="theme", argument="NAME"),
    _a(G, "toggle_light", "T T", "light or dark", "Change between the light and the dark theme.", command="light"),
    _a(G, "toggle_pictures", "T i", "pictures", "Draw pictures, or only name them.", command="pictures"),
    _a(G, "retry_connection", "g o", "reconnect", "Try the connection again now.", command="reconnect"),
    _a(G, "toggle_offline", "T o", "work offline", "Work without the platform, and back.", command="offline"),
    _a(
        G,
        "faults",
        "T f",
        "faults",
        "Inject faults into what goes over the wire: a slow line, refusals, cut sockets; off ends it.",
        command="faults",
        argument="SPEC|off",
    ),
    _a(G, "record_session", "T r", "record", "Record the session, or end that.", command="record", argument="FILE"),
    _a(G, "draft_scenario", "", "scenario", "Save the last action as a scenario.", command="scenario", argument="FILE"),
    _a(G, "hold_downloads", "T d", "hold downloads", "Let downloads wait, and go on.", command="hold"),
    _a(
        G,
        "cache",
        "comma k",
        "cache",
        "How much of what was played is kept: a number of megabytes, or clear.",
        command="cache",
        argument="MB|clear",
        writes=True,
    ),
    _a(G, "undo", "U | ctrl+z", "undo", "Take back what you did last.", command="undo"),
    _a(G, "redo", "ctrl+y", "redo", "Do again what was taken back last.", command="redo"),
    _a(G, "sign_out", "g x", "sign out", "Sign out of this account on this machine.", command="logout"),
    # The player, from every screen
    _a(G, "play_pause", "comma comma", "play/pause", "Play or pause.", command="play"),
    _a(G, "next_track", "comma n", "next track", "Play the next track.", command="next"),
    _a(G, "previous_track", "comma b", "previous", "Back to the start, or to the track before.", command="previous"),
    _a(G, "seek_forward", "comma f", "forward 10 s", "Ten seconds forward.", command="seek", argument="TIME"),
    _a(G, "seek_back", "comma r", "back 10 s", "Ten seconds back."),
    _a(
        G,
        "volume_up",
        "comma plus | comma equals_sign",
        "louder",
        "Raise the volume.",
        command="volume",
        argument="PERCENT",
    ),
    _a(G, "volume_down", "comma minus", "quieter", "Lower the volume."),
    _a(G, "mute", "comma m", "mute", "Silence, and back.", command="mute"),
    _a(G, "shuffle", "comma s", "shuffle", "Play the queue in random order, and back in its own.", command="shuffle"),
    _a(G, "repeat", "comma e", "repeat", "Repeat: off, all, one.", command="repeat"),
    _a(G, "clear_queue", "", "clear the queue", "Take out of the queue what does not play.", command="clear"),
    _a(G, "stop_after", "comma x", "stop after this", "Stop after this track, or play on.", command="last"),
    _a(
        G,
        "sleep_timer",
        "comma z",
        "sleep timer",
        "Let the sound fade away after some minutes; again takes it back.",
        command="sleep",
        argument="MINUTES",
    ),
    _a(G, "choose_output", "comma o", "sound device", "Choose where the sound is.", command="output", argument="NAME"),
    _a(
        G,
        "crossfade",
        "",
        "crossfade",
        "Let each track fade into the next: 0 to 12 seconds.",
        command="crossfade",
        argument="SECONDS",
    ),
    _a(
        G,
        "quality",
        "",
        "sound quality",
        "Choose how many kbit/s are streamed, or let the line decide.",
        command="quality",
        argument="auto|320|160|96",
    ),
    _a(G, "desktop", "", "desktop", "Say how media keys and the desktop reach the player.", command="desktop"),
    _a(G, "go_devices", "comma c", "devices", "Where the music plays, and where it should.", command="devices"),
    _a(G, "name_device", "", "name this device", "Give this terminal a name.", command="device", argument="NAME"),
    _a(G, "love_playing", "comma l", "love", "Add what is playing to your library.", command="love"),
    _a(G, "add_playing", "comma a", "add to playlist", "Add what plays to one of your playlists.", command="add"),
    _a(G, "go_source", "comma h", "where from", "Go to the list that what is playing came from.", command="source"),
    _a(G, "region", "", "country", "Say which country you are in.", command="region", argument="COUNTRY"),
    _a(G, "station_playing", "comma t", "station", "Play a station from what is playing.", command="station"),
    # Listening among friends
    _a(G, "go_friends", "comma i", "friends", "What your friends hear.", command="friends"),
    _a(G, "go_group", "comma g", "together", "Listen together with others, in a session.", command="together"),
    _a(
        G,
        "join_group",
        "comma G",
        "join",
        "Join a session by its code.",
        command="join",
        argument="CODE",
        writes=True,
    ),
    _a(
        G,
        "private",
        "comma p",
        "private",
        "Hide from friends what you hear, for six hours, and back; hide and show decide it for good.",
        command="private",
        argument="WORD",
    ),
    # Moving
    _a(L, "cursor_down", "j | down", "down", "Next item."),
    _a(L, "cursor_up", "k | up", "up", "Previous item."),
    _a(L, "cursor_top", "g g | home", "top", "First item."),
    _a(L, "cursor_bottom", "G | end", "bottom", "Last item."),
    _a(L, "page_down", "pagedown", "page down", "One page down."),
    _a(L, "page_up", "pageup", "page up", "One page up."),
    _a(L, "half_page_down", "ctrl+d", "half page down", "Half a page down."),
    _a(L, "half_page_up", "ctrl+u", "half page up", "Half a page up."),
    _a(L, "next_block", "J", "next block", "Next sibling, next author, next day."),
    _a(L, "previous_block", "K", "previous block", "Previous sibling, author, day."),
    _a(L, "parent", "P", "parent", "What this replies to, or the heading that it stands under."),
    _a(L, "open_item", "enter | l | right", "open", "Open what is highlighted.", footer=9),
    _a(L, "leave_item", "h | left", "back", "Fold, or go back.", footer=4),
    _a(L, "toggle", "space", "toggle", "Fold or unfold; play or pause.", footer=3),
    _a(L, "find", "slash", "find", "Find in this list.", footer=2, writes=True),
    _a(L, "next_hit", "n", "next hit", "Next place that was found."),
    _a(L, "previous_hit", "N", "previous hit", "Previous place that was found."),
    _a(L, "mark", "x", "mark", "Mark this, or no more, and go on; what you do then is done with all that is marked."),
    _a(L, "mark_range", "X", "mark to here", "Mark everything from the last mark to here."),
    _a(L, "mark_all", "M a", "mark all", "Mark everything in this list."),
    _a(L, "mark_none", "M n", "mark none", "Take all marks away, as Esc does."),
    _a(L, "mark_invert", "M i", "mark the others", "Mark what is not marked, and nothing else."),
    _a(L, "sort", "S", "sort", "Choose the order.", command="sort", argument="ORDER", footer=4),
    # Verbs on what is highlighted
    _a(T, "positive", "a | f", "like", "Like, upvote, love; again takes it back.", footer=8, needs_item=True),
    _a(T, "negative", "z", "downvote", "Vote down; again takes it back.", footer=7, needs_item=True),
    _a(T, "reply", "r", "reply", "Reply to what is highlighted.", footer=7, needs_item=True, writes=True),
    _a(T, "create", "c", "new", "Write something new here.", command="new", footer=6, writes=True),
    _a(T, "compose", "i", "write", "Go to the text field.", footer=6, writes=True),
    _a(T, "delete", "d | delete", "delete", "Delete what is yours.", footer=2, needs_item=True),
    _a(T, "edit", "E", "edit", "Change what is yours.", footer=6),
    _a(T, "save", "s", "save", "Save, or take it out of the saved ones.", footer=3, needs_item=True),
    _a(T, "mark_read", "M r", "mark read", "Take the marked chats, or this one, as read.", needs_item=True),
    _a(T, "thread", "t", "comments", "Open the comments; of a track, its album.", footer=5, needs_item=True),
    _a(T, "user", "u", "profile", "Open the author's profile, or the artist.", needs_item=True),
    _a(T, "follow", "F", "follow", "Follow, join; again leaves.", footer=2, needs_item=True),
    _a(T, "open_link", "o", "link", "Open a link of this item, after showing where it leads.", needs_item=True),
    _a(T, "media", "m", "picture", "The pictures of this item, full screen.", footer=4, needs_item=True),
    _a(T, "copy_text", "y", "copy", "Copy the text.", needs_item=True),
    _a(T, "copy_link", "Y", "copy link", "Copy the link to this item.", needs_item=True),
    _a(T, "item_menu", "full_stop", "menu", "Everything that can be done with this item.", footer=1, needs_item=True),
    _a(T, "play_next", "b", "play next", "Play this after the current track.", needs_item=True),
    _a(T, "enqueue", "e", "add to queue", "Add this at the end of the queue.", needs_item=True),
    _a(T, "add_to_playlist", "A", "to playlist", "Add this track to one of your playlists.", needs_item=True),
    _a(
        T,
        "download",
        "D",
        "download",
        "Keep this on this machine; again takes it off.",
        command="download",
        argument="all",
        needs_item=True,
    ),
    _a(T, "similar", "L", "similar", "Tracks that go with this one.", needs_item=True),
    _a(T, "station", "O", "station", "Play a station from this: it goes on by itself.", needs_item=True),
    _a(T, "details", "v", "details", "All about this track: its sound, its release, other versions.", needs_item=True),
    _a(T, "shuffle_play", "Z", "play shuffled", "Play this list, album, artist or playlist in random order."),
    _a(T, "why", "w", "why", "Why this track is recommended.", footer=3, needs_item=True),
    _a(T, "move_down", "greater_than_sign", "move down", "Move this track down.", needs_item=True),
    _a(T, "move_up", "less_than_sign", "move up", "Move this track up.", needs_item=True),
    _a(T, "next_visual", "V", "visual", "See the sound in another way.", command="visual", argument="NAME", footer=3),
    _a(T, "nudge_earlier", "left_parenthesis", "words earlier", "Let the words come earlier.", footer=3),
    _a(T, "nudge_later", "right_parenthesis", "words later", "Let the words come later.", footer=3),
    _a(T, "rules", "I", "rules", "Change the rules of a smart playlist.", footer=3, needs_item=True, writes=True),
    _a(T, "collaborators", "W", "who may edit", "See, invite and remove editors of a playlist.", needs_item=True),
    _a(T, "copy_playlist", "C", "copy as mine", "Copy this playlist for yourself.", needs_item=True),
    _a(T, "to_folder", "H", "to folder", "Put a playlist or a folder into another folder.", needs_item=True),
    _a(T, "blend", "B", "blend", "Blend your music with a friend's.", command="blend", argument="NAME", writes=True),
    _a(T, "rename", "R", "rename", "Give another name to what is yours.", needs_item=True),
    _a(T, "resend", "p", "send now", "Send again what waits or was refused.", footer=5, needs_item=True),
    # The inspector
    _a(N, "by_action", "T a", "by action", "Put calls under the key that caused them, or back.", footer=6),
    _a(N, "sockets", "T w", "by socket", "Put frames under their connection, or back."),
    _a(N, "hold", "T p", "hold", "Let the table stand still, and go on.", footer=1),
    _a(N, "secrets", "T s", "show secrets", "Show secrets on this screen, and hide them again."),
    _a(N, "record", "T e", "record", "Record no more what goes over the wire, or again."),
    _a(N, "compare", "equals_sign", "compare", "See what differs between the two that are marked.", footer=9),
    # What plays, full screen
    _a(P, "step_on", "l | right", "5 s on", "Five seconds forward.", footer=3),
    _a(P, "step_back", "h | left", "5 s back", "Five seconds back.", footer=3),
    # The picture viewer
    _a(V, "next_picture", "l | right | space | j | down", "next", "Next picture.", footer=5),
    _a(V, "previous_picture", "h | left | k | up", "previous", "Previous picture.", footer=4),
    # Between two versions
    _a(D, "take_theirs", "t | left", "theirs", "Take what stands on the platform, for this field.", footer=8),
    _a(D, "take_mine", "m | right", "mine", "Take what you wrote, for this field.", footer=7),
    _a(D, "decide", "ctrl+s", "save", "Save what was chosen.", command="decide", footer=9),
    # While writing
    _a(W, "submit", "ctrl+s", "send", "Send what was written.", footer=9),
    _a(W, "leave_text", "escape", "keep and leave", "Stop writing; the text stays.", footer=8),
    _a(W, "other_draft", "ctrl+t", "other version", "Change to the version of this draft from another window."),
    _a(W, "editor", "ctrl+g", "editor", "Go on writing in your own editor, $VISUAL or $EDITOR."),
    _a(W, "next_field", "tab", "next field", "Move to the next field."),
    _a(W, "previous_field", "shift+tab", "previous field", "Move to the previous field."),
    _a(W, "quit_writing", "ctrl+q", "quit", "Leave Parlour."),
)

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
BY_COMMAND: dict[str, Action] = {action.command: action for action in ACTIONS if action.command}


def clashes(actions: Iterable[Action]) -> list[str]:
    """Return a sentence for each key that two of `actions`, live together, would share or hide."""
    actions = list(actions)
    found: list[str] = []
    owner: dict[tuple[Context, str], Action] = {}
    for action in actions:
        for key in action.keys:
            other = owner.setdefault((action.context, key), action)
            if other is not action:
                found.append(f"{key_label(key)} is both {other.id} and {action.id}")
    for (context, key), action in owner.items():
        head = key.split()[0]
        if head != key and (context, head) in owner:
            found.append(f"{key_label(key)} ({action.id}) cannot be reached behind {owner[context, head].id}")
    return found
