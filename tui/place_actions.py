"""The actions that go somewhere, the same on every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.actions import BY_ID, Action
from tui.places import (
    ExplorePlace,
    HistoryPlace,
    ListeningPlace,
    LyricsPlace,
    NowPlayingPlace,
    OutboxPlace,
    Place,
    ProfilePlace,
    QueuePlace,
    SavedPlace,
    SearchPlace,
    SectionPlace,
    SubredditPlace,
    parse_address,
)
from tui.playlist_actions import PlaylistActions
from tui.recording_actions import RecordingActions
from tui.together_actions import TogetherActions

if TYPE_CHECKING:
    from tui.player.face import PlayerFace
    from tui.screens.base import ParlourScreen
    from tui.shell import Severity
    from tui.state.session import Session


class PlaceActions(TogetherActions, PlaylistActions, RecordingActions):
    """Mixed into the program; each method is the handler of an action of `tui.actions`."""

    if TYPE_CHECKING:

        @property
        def session(self) -> Session: ...

        @property
        def player(self) -> PlayerFace: ...

        def say(self, sentence: str, severity: Severity = "information") -> None: ...

        @property
        def front(self) -> ParlourScreen | None: ...

        def perform(self, action: Action, argument: str | None = None) -> bool: ...

        def open_place(self, place: Place) -> None: ...

        async def ask(self, question: str, initial: str = "") -> str | None: ...

    def action_go_feed(self) -> None:
        self.open_place(SectionPlace("feed"))

    def action_go_threads(self) -> None:
        self.open_place(SectionPlace("threads"))

    def action_go_chat(self) -> None:
        self.open_place(SectionPlace("chat"))

    def action_go_music(self) -> None:
        self.open_place(SectionPlace("music"))

    def action_go_queue(self) -> None:
        self.open_place(QueuePlace())

    def action_go_lyrics(self) -> None:
        self.open_place(LyricsPlace())

    def action_go_listening(self, period: str = "") -> None:
        self.open_place(ListeningPlace(period.strip()) if period.strip() else ListeningPlace())

    def action_go_source(self) -> None:
        """Open the list that what is playing came from."""
        from tui.sources import source_of

        track = self.player.snapshot.track
        place = source_of(track) if track is not None else None
        if place is not None:
            self.open_place(place)
        else:
            self.say("Nothing is playing." if track is None else "It was not played from a list.")

    async def action_region(self, country: str = "") -> None:
        """Say which country the user is in: some tracks may not be heard everywhere."""
        music, country = self.session.client.music, country.strip()
        if not country:
            found = (await music.region()).country
            self.say(f"Your country is {found}." if found else "Your country is not known. :region SE says Sweden.")
        elif len(country) == 2 and country.isascii() and country.isalpha():
            found = (await music.set_region(country.upper())).country
            self.say(f"Your country is {found}. Lists show it when they are fetched again.")
        elif country == "none":
            await music.set_region(None)
            self.say("Your country is not known any more.")
        else:
            self.say(f"{country} is not a country in two letters, such as SE. :region none forgets it.", "warning")

    def action_go_now_playing(self) -> None:
        self.open_place(NowPlayingPlace())

    def action_go_profile(self) -> None:
        self.open_place(ProfilePlace(self.session.me.username))

    def action_go_explore(self) -> None:
        self.open_place(ExplorePlace())

    def action_go_saved(self) -> None:
        self.open_place(SavedPlace())

    def action_stories(self) -> None:
        """The stories belong to the feed: go there, and let it ask whose."""
        self.open_place(SectionPlace("feed"))
        self.call_after_refresh(self._ask_whose_stories)

    def _ask_whose_stories(self) -> None:
        # A quick typist may have gone on from the feed: what they opened must not be taken away half made.
        if self.front is not None and self.front.place == SectionPlace("feed"):
            self.perform(BY_ID["global.stories"])

    def action_go_outbox(self) -> None:
        self.open_place(OutboxPlace())

    def action_go_history(self) -> None:
        self.open_place(HistoryPlace())

    async def action_go_subreddit(self, name: str = "") -> None:
        name = name or await self.ask("r/ ") or ""
        name = name.strip().removeprefix("/").removeprefix("r/")
        place = parse_address(f"r/{name}") if name else None
        if isinstance(place, SubredditPlace):
            self.open_place(place)
        elif name:
            self.say(f"{name} cannot be the name of a subreddit.", "warning")

    async def action_go_user(self, name: str = "") -> None:
        name = name or await self.ask("u/ ") or ""
        name = name.strip().removeprefix("/").removeprefix("u/").removeprefix("@")
        place = parse_address(f"u/{name}") if name else None
        if isinstance(place, ProfilePlace):
            self.open_place(place)
        elif name:
            self.say(f"{name} cannot be a username.", "warning")

    async def action_search_everywhere(self, words: str = "") -> None:
        words = words or await self.ask("search ") or ""
        if words.strip():
            self.open_place(SearchPlace(words.strip()))
