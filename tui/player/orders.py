"""What other devices ask of this player: each order is carried out once, and answered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from api_client.models.player import CommandAction, CommandOutcome, PlayerOrder
from tui.player.entry import Repeat
from tui.player.face import PlayerFace
from tui.player.shared import playable
from tui.player.track import PlayableTrack

REMEMBERED = 512
"""Orders that are known again when they come twice."""

_A = CommandAction
_DEEDS = {
    _A.PLAY: "went on with the music here",
    _A.PAUSE: "paused the music here",
    _A.STOP: "stopped the music here",
    _A.NEXT: "went to the next track here",
    _A.PREVIOUS: "went back a track here",
    _A.PLAY_TRACKS: "plays something else here",
    _A.JUMP: "plays something else here",
    _A.CLEAR: "cleared the queue here",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an order, with a sentence where it was refused."""

    outcome: CommandOutcome
    message: str = ""


def deed(order: PlayerOrder) -> str:
    """Return the sentence for whoever sits here; empty for what can be seen without one."""
    done = _DEEDS.get(order.action)
    return f"{order.from_name or 'Another device'} {done}." if done else ""


class Orders:
    """Carries orders out on a player; one that comes again is answered as before and has no effect."""

    def __init__(self, player: PlayerFace) -> None:
        self._player = player
        self._known: OrderedDict[str, Answer] = OrderedDict()

    def obey_on(self, player: PlayerFace) -> None:
        """Carry out what comes from now on on `player`."""
        self._player = player

    def known(self, order: PlayerOrder) -> Answer | None:
        """Return what was answered to an order that has come before."""
        return self._known.get(order.id)

    def carry_out(self, order: PlayerOrder) -> Answer:
        """Do what is asked, and return what became of it."""
        if (before := self.known(order)) is not None:
            return before
        try:
            refusal = self._do(order)
        except (KeyError, IndexError):
            refusal = "This is not in the queue any more."
        return self.remember(order, refusal)

    def remember(self, order: PlayerOrder, refusal: str = "") -> Answer:
        """Note what is answered to an order: a refusal with its sentence, or that it was carried out."""
        answer = Answer(CommandOutcome.REFUSED, refusal) if refusal else Answer(CommandOutcome.APPLIED)
        self._known[order.id] = answer
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return answer

    def _do(self, order: PlayerOrder) -> str:
        """Return why not, or nothing."""
        player, tracks = self._player, [playable(track) for track in order.tracks]
        match order.action:
            case _A.PLAY | _A.PAUSE | _A.STOP | _A.NEXT | _A.PREVIOUS:
                return self._move(order.action)
            case _A.PLAY_TRACKS | _A.PLAY_NEXT | _A.ADD:
                return self._fill(order.action, tracks, order.start or 0)
            case _A.SEEK:
                player.seek_to(order.position or 0.0)
            case _A.VOLUME:
                player.set_volume(round((order.volume or 0.0) * 100))
            case _A.MUTE:
                if player.snapshot.muted is not bool(order.on):
                    player.toggle_mute()
            case _A.SHUFFLE:
                player.set_shuffle(bool(order.on))
            case _A.REPEAT:
                player.set_repeat(Repeat(order.repeat.value if order.repeat else "off"))
            case _A.JUMP:
                player.jump(order.entry_id or 0)
            case _A.MOVE:
                player.move(order.entry_id or 0, order.to or 0)
            case _A.REMOVE:
                player.remove(order.entry_id or 0)
            case _A.CLEAR:
                player.clear()
            case _A.UNDO:
                player.undo()
        return ""

    def _move(self, action: CommandAction) -> str:
        player = self._player
        if player.queue.current is None and not player.queue.upcoming:
            return "Nothing is in the queue there."
        {
            _A.PLAY: player.resume,
            _A.PAUSE: player.pause,
            _A.STOP: player.stop,
            _A.NEXT: player.next,
            _A.PREVIOUS: player.previous,
        }[action]()
        return ""

    def _fill(self, action: CommandAction, tracks: list[PlayableTrack], start: int) -> str:
        if not tracks:
            return "There was no track in it."
        if action is _A.PLAY_TRACKS:
            self._player.play(tracks, start)
        elif action is _A.PLAY_NEXT:
            self._player.play_next(tracks)
        else:
            self._player.add(tracks)
        return ""
