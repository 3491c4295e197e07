"""The one face of what plays: screens, keys and the desktop drive it, wherever the sound comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tui.player.entry import Entry, Repeat
from tui.player.publisher import Subscriber
from tui.player.track import PlayableTrack, PlayerSnapshot


class QueueView(Protocol):
    """A play queue that is only looked at. See `queue.PlayQueue`."""

    repeat: Repeat

    @property
    def current(self) -> Entry[PlayableTrack] | None:
        """The entry that is playing, or that would play."""

    @property
    def upcoming(self) -> Sequence[Entry[PlayableTrack]]:
        """What follows, in playing order."""

    @property
    def history(self) -> Sequence[Entry[PlayableTrack]]:
        """What was played, oldest first."""

    @property
    def aside(self) -> Sequence[Entry[PlayableTrack]]:
        """What was jumped over."""

    @property
    def shuffle(self) -> bool:
        """Whether the order is drawn by chance."""

    def __len__(self) -> int: ...


class PlayerFace(Protocol):
    """What can be seen of a player and asked of it; `player.Player` says what each method does.

    Every method is called on the loop and returns at once. What comes of it arrives at the subscribers, also from a
    player on another machine: there an order is shown at once and corrected when the machine has answered.
    """

    @property
    def queue(self) -> QueueView:
        """The queue, to be looked at; it is changed through the methods here."""

    @property
    def snapshot(self) -> PlayerSnapshot:
        """The state now."""

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(snapshot)` on the loop after every change; return what ends that."""

    def play(self, tracks: Sequence[PlayableTrack], start: int = 0) -> None:
        """Replace the queue by `tracks` and play from index `start`."""

    def toggle(self) -> None:
        """Pause, or play on."""

    def resume(self) -> None:
        """Play on."""

    def pause(self) -> None:
        """Hold the sound."""

    def stop(self) -> None:
        """End the sound; the queue stays."""

    def next(self) -> None:
        """Go to the next track."""

    def previous(self) -> None:
        """Go back, or start the track again."""

    def jump(self, entry_id: int) -> None:
        """Play an entry of the queue now."""

    def seek_by(self, seconds: float) -> None:
        """Move within the track."""

    def seek_to(self, position_s: float) -> None:
        """Go to a position of the track, in seconds."""

    def set_volume(self, volume: int) -> None:
        """Set the loudness, 0 to 100."""

    def change_volume(self, by: int) -> None:
        """Make it louder or quieter."""

    def toggle_mute(self) -> None:
        """Silence the sound, or bring it back."""

    def set_shuffle(self, on: bool) -> None:
        """Turn shuffle on or off."""

    def set_repeat(self, mode: Repeat) -> None:
        """Choose the repeat mode."""

    def cycle_repeat(self) -> None:
        """Go through the repeat modes."""

    def play_next(self, tracks: Sequence[PlayableTrack]) -> None:
        """Insert `tracks` after the current one."""

    def add(self, tracks: Sequence[PlayableTrack]) -> None:
        """Append `tracks`."""

    def move(self, entry_id: int, to: int) -> None:
        """Move an upcoming entry to an index of the upcoming ones."""

    def remove(self, entry_id: int) -> None:
        """Take an entry out."""

    def clear(self) -> int:
        """Take out everything but the current track; return how many went."""

    def undo(self) -> int:
        """Put back what was taken out last; return how many entries."""

    def warm(self, track: PlayableTrack) -> None:
        """Get ready for a track that may be played soon."""
