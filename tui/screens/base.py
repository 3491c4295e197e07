"""The frame every screen stands in: tabs and truth at the top, what is playing and the keys at the bottom."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.await_remove import AwaitRemove
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from api_client.errors import PlatformError
from tui.actions import Action, Context
from tui.key_labels import key_label
from tui.places import Place
from tui.screens.list_keys import ListKeys
from widgets.frame_painter import FramePainter
from widgets.key_footer import KeyFooter, KeyHints
from widgets.list_messages import Highlighted
from widgets.now_playing_bar import NowPlaying, NowPlayingBar
from widgets.prompt import Prompt
from widgets.section_tabs import Section, SectionTabs
from widgets.status_line import Status, StatusLine
from widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from tui.screens.drafting import Drafting
    from tui.shell import Shell
    from widgets.composer import Composer

SECTIONS = (
    Section("feed", "Feed", "1"),
    Section("threads", "Threads", "2"),
    Section("chat", "Chat", "3"),
    Section("music", "Music", "4"),
)


def is_typing(widget: Widget | None) -> bool:
    """Whether letters go into `widget` as text."""
    if isinstance(widget, Input):
        return True
    # Loading it takes long, and a class that nobody has loaded has no instances.
    area = sys.modules.get("textual.widgets._text_area")
    return area is not None and isinstance(widget, area.TextArea) and not widget.read_only


def close_with(worker: Worker[None], *work: Coroutine[Any, Any, Any]) -> Worker[None]:
    """Close `work` with its worker, and return that: cancelled before it began, it would leave it never awaited."""
    for each in work:
        weakref.finalize(worker, each.close)
    return worker


def stale_words(since: datetime, now: datetime) -> str:
    """Return the remark for what was fetched at `since`: its time, and its day if that is not today's."""
    moment = since.astimezone()
    when = f"{moment:%H:%M}" if moment.date() == now.astimezone().date() else f"{moment.day} {moment:%b, %H:%M}"
    return f"from {when}, not refreshed"


class ParlourScreen(ListKeys):
    """A screen of the signed-in program.

    A subclass says where it belongs (`SECTION`), which keys live on it (`CONTEXTS`, the nearest first), what its verbs
    are called here (`TITLES`, by action id), composes `compose_body`, and has an `action_*` method for every action
    it carries out. `start` is called once it is shown; `refresh_content` when the user asks for fresh content.
    """

    SECTION: ClassVar[str] = ""
    CONTEXTS: ClassVar[tuple[Context, ...]] = (Context.ITEM, Context.LIST, Context.GLOBAL)
    TITLES: ClassVar[dict[str, str]] = {}
    PROMOTED: ClassVar[dict[str, int]] = {}
    """Actions that stand further to the front of the footer here than elsewhere, by their ids."""
    DEFAULT_CSS = """
    ParlourScreen > #stale { height: 1; width: 1fr; display: none; padding: 0 1; color: $muted; text-align: right; }
    """

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__()
        self.shell = shell
        self.place = place
        """Where this is; a screen that is opened again at the same place is the same screen."""
        self.drafting: Drafting | None = None
        """Joins the screen's composer with its draft, where it has one."""
        self.has_frame = False
        """Whether its lines are there: not yet while it is made, and no more while it is taken away."""
        self._unsubscribes: list[Callable[[], None]] = []
        self._handlers: tuple[Widget | None, dict[str, Callable[..., Any] | None]] = (None, {})
        """What carries actions out while a widget has the focus."""
        self._styled: object = None
        """Under which theme, and which state of the program, its styles were matched."""
        self._footer_of: tuple[Widget | None, tuple[Context, ...]] | None = None
        self._in_footer: list[tuple[Action, str]] = []

    # -- frame

    def compose(self) -> ComposeResult:
        with Horizontal(id="top"):
            yield SectionTabs(SECTIONS)
            yield StatusLine()
        yield Static(id="stale", markup=False)
        with Vertical(id="body"):
            yield from self.compose_body()
        yield KeyHints()
        yield Prompt()
        yield NowPlayingBar()
        yield KeyFooter()

    def compose_body(self) -> Iterable[Widget]:
        """Yield what stands between the frame's lines."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.has_frame = True
        self.query_one(SectionTabs).current = self.SECTION
        self.start()

    def _compositor_refresh(self) -> None:
        # What is composed while the program draws nothing would be thrown away.
        if self.app._batch_count:
            return
        app = self.app
        if not (isinstance(app, FramePainter) and self is app.screen and app.composes(self)):
            super()._compositor_refresh()

    def compose_now(self) -> None:
        """Compose the screen for the frame that is about to be written, once for all that has changed."""
        self._on_timer_update()  # what waits for its time is in the same frame
        self._compositor.update_widgets(self._dirty_widgets)
        super()._compositor_refresh()

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        # To match every widget with every rule again takes long, and only themes and the like change the outcome.
        styled = self.app.theme, self.app.classes, frozenset(self.app.get_pseudo_classes())
        event.refresh_styles = event.refresh_styles and self._styled not in (None, styled)
        self._styled = styled
        self.shell.dress(self)

    def on_unmount(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Hear nothing any more: the widgets are about to go, one after the other."""
        self.has_frame = False
        unsubscribes, self._unsubscribes = self._unsubscribes, []
        for unsubscribe in unsubscribes:
            unsubscribe()

    def remove(self) -> AwaitRemove:
        """Take the screen away; first its work ends, which would look for widgets that are gone."""
        self.let_go()
        for node in self.walk_children(with_self=True):
            self.workers.cancel_node(node)
        return super().remove()

    def start(self) -> None:
        """Begin loading; called once the screen is mounted."""

    def refresh_content(self) -> None:
        """Fetch again what is shown; called for the refresh key and after a lost connection."""

    def came_back(self) -> None:
        """The connection is back: fetch again if something here could not be fetched; called while there is a frame."""
        if any(found.has_failed for found in self.query(VirtualList)):
            self.refresh_content()

    def say_failed(self, found: VirtualList[Any], error: PlatformError) -> None:
        """Say in a list, or below what it has, why nothing more has come, and which key helps."""
        if self.shell.session.client.offline:
            found.show_error(f"{error.sentence} {self.key_of('global.toggle_offline')} goes online.")
        else:
            found.show_error(f"{error.sentence} {self.key_of('global.refresh')} tries again.")

    def key_of(self, action_id: str) -> str:
        """Return the key of an action, as a sentence names it."""
        return self.shell.keymap.key_of(action_id)

    def say_stale(self, since: datetime | None) -> None:
        """Say from when what is shown is, as long as it could not be fetched again; None takes that back."""
        if self.has_frame:
            self.query_one(StatusLine).stale = since is not None
            line = self.query_one("#stale", Static)
            line.display = since is not None
            if since is not None:
                line.update(Content(stale_words(since, datetime.now(since.tzinfo))))

    def keep(self, unsubscribe: Callable[[], None]) -> None:
        """Call `unsubscribe` when the screen goes."""
        self._unsubscribes.append(unsubscribe)

    def show_status(self, status: Status, unread: dict[str, int]) -> None:
        """Say how the platform can be reached and what waits where."""
        if self.has_frame:
            self.query_one(StatusLine).status = status
            self.query_one(SectionTabs).unread = unread

    def show_now(self, now: NowPlaying) -> None:
        """Say what is playing."""
        if self.has_frame:
            self.query_one(NowPlayingBar).now = now

    # -- keys

    def contexts(self) -> tuple[Context, ...]:
        """Return the contexts whose keys are live now."""
        return (Context.WRITE,) if is_typing(self.focused) else self.CONTEXTS

    def handler_for(self, action: Action) -> Callable[..., Any] | None:
        """Return the method that carries `action` out here, nearest to the focus first, or None."""
        if self._handlers[0] is not self.focused:
            self._handlers = self.focused, {}
        known = self._handlers[1]
        if action.handler not in known:
            known[action.handler] = self._find_handler(action.handler)
        return known[action.handler]

    def _find_handler(self, name: str) -> Callable[..., Any] | None:
        for node in (*(self.focused.ancestors_with_self if self.focused is not None else ()), self, self.app):
            handler = getattr(node, name, None)
            # Textual gives every node an `action_toggle` of its own, which is none of the registry's.
            if handler is not None and getattr(handler, "__func__", None) is not getattr(DOMNode, name, None):
                return handler  # type: ignore[no-any-return]
        return None

    def fits(self, action: Action) -> bool:
        """Whether `action` has a sense on what is highlighted now; the footer offers no other."""
        if action.id == "write.submit":
            return self._composer is not None
        if action.id == "list.leave_item":
            # Everybody knows the way back; a screen on which it leads to what is hidden says so.
            return False
        found = self.focused_list
        on_item = action.needs_item or action.id in ("list.open_item", "list.toggle", "list.find")
        return not on_item or found is None or found.highlighted is not None

    def title_of(self, action: Action) -> str:
        """Return what `action` is called here."""
        return self.TITLES.get(action.id, action.title)

    def weight_of(self, action: Action) -> int:
        """Return how far to the front of the footer `action` stands here; 0: it is not in it."""
        return self.PROMOTED.get(action.id, action.footer)

    def update_footer(self) -> None:
        """List the most useful keys that are live now."""
        if not self.has_frame:
            return
        footer, prompt = self.query_one(KeyFooter), self.query_one(Prompt)
        if prompt.has_class("-shown"):
            footer.show((("Enter", "answer"), ("Esc", "leave it")), writing=True)
            return
        hints: dict[str, str] = {}
        for action, key in self._footer_actions():
            if self.fits(action):
                hints.setdefault(self.title_of(action), key)
        lead = () if is_typing(self.focused) else self.footer_lead()
        named = {title for _, title in lead}
        rest = ((key, title) for title, key in hints.items() if title not in named)
        footer.show((*lead, *rest), writing=is_typing(self.focused))

    def footer_lead(self) -> tuple[tuple[str, str], ...]:
        """Return what stands in the footer before the keys, as (what, word for it) pairs."""
        return ()

    def _footer_actions(self) -> list[tuple[Action, str]]:
        """Return the actions that may stand in the footer while the focus is where it is, and their keys, in order."""
        contexts = self.contexts()
        if self._footer_of != (self.focused, contexts):
            live = self.shell.keymap.live(contexts)
            best: dict[str, str] = {}
            for sequence, action in live.items():
                if self.weight_of(action) and self.handler_for(action) is not None:
                    best.setdefault(action.id, sequence)
            chosen = [(action, key_label(best[action.id])) for action in self.shell.keymap.actions if action.id in best]
            self._footer_of = self.focused, contexts
            self._in_footer = sorted(chosen, key=lambda pair: -self.weight_of(pair[0]))
        return self._in_footer

    @on(Highlighted)
    def _other_item(self) -> None:
        self.update_footer()

    def on_descendant_focus(self) -> None:
        self.update_footer()

    def on_descendant_blur(self) -> None:
        self.update_footer()

    def action_focus_next_pane(self) -> None:
        self.focus_next()

    def action_focus_previous_pane(self) -> None:
        self.focus_previous()

    def action_next_field(self) -> None:
        self.focus_next()

    def action_previous_field(self) -> None:
        self.focus_previous()

    @property
    def _composer(self) -> Composer | None:
        """The field that has the focus, if what is written in it can be sent."""
        from widgets.composer import Composer

        nodes = self.focused.ancestors_with_self if self.focused is not None else ()
        return next((node for node in nodes if isinstance(node, Composer)), None)

    def action_submit(self) -> None:
        """Send what is written in the field that has the focus."""
        if (composer := self._composer) is not None:
            composer.submit()

    def action_other_draft(self) -> None:
        """Show what another window wrote under the same draft."""
        if self.drafting is None or not self.drafting.swap():
            self.shell.say("There is no other version of this draft.")

    def action_leave_text(self) -> None:
        """Leave the text field; what was typed stays in it."""
        if (found := next(iter(self.query(VirtualList)), None)) is not None:
            found.focus()
        else:
            self.set_focus(None)

    # -- work

    def work_on(self, work: Coroutine[Any, Any, Any], group: str, *, exclusive: bool = True) -> Worker[None]:
        """Run `work` beside the screen; what the platform refuses is shown, anything else is a defect and is raised.

        With `exclusive`, earlier work of the same `group` is cancelled: only the newest load of a list counts.
        """
        guarded = self._guarded(work)
        return close_with(self.run_worker(guarded, group=group, exclusive=exclusive), guarded, work)

    async def _guarded(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except PlatformError as error:
            self.shell.report(error)
