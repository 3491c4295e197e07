"""A person: who they are, how one stands to them, and their posts of both kinds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on

from api_client.errors import Forbidden, NotFound, PlatformError
from api_client.models.users import Profile
from tui.actions import Action
from tui.places import DirectChatPlace, Place, PlaylistPlace, ProfilePlace
from tui.screens.feed_parts import MixedListBase
from tui.screens.people_lists import PeopleList, RequestsList
from tui.screens.post_list import Listed, toggle_follow
from tui.screens.profile_form import ProfileForm
from tui.state.feed import user_key
from tui.state.people import PeopleChange, PeoplePart
from widgets.item_renderer import ItemRenderer
from widgets.list_messages import Chosen
from widgets.mixed_post import MixedPostRenderer
from widgets.profile_card import ProfilePageRenderer
from widgets.textfmt import plural

if TYPE_CHECKING:
    from tui.shell import Shell


class ProfileScreen(MixedListBase):
    """One's own, or somebody else's; of a private account a stranger sees the name alone."""

    TITLES: ClassVar[dict[str, str]] = {
        **MixedListBase.TITLES,
        "item.reply": "message",
        "item.edit": "edit profile",
        "list.open_item": "open",
    }

    def __init__(self, shell: Shell, place: Place) -> None:
        super().__init__(shell, place)
        self.username = place.username if isinstance(place, ProfilePlace) else shell.session.me.username
        self.people = shell.session.people
        self._page = ProfilePageRenderer(
            MixedPostRenderer(self.cards), shell.session.me.id, f"{self.key_of('list.open_item')} answers"
        )

    @property
    def list_key(self) -> str:
        return user_key(self.username)

    @property
    def profile(self) -> Profile | None:
        """Whose page this is, once it was fetched."""
        return self.people.known(self.username)

    @property
    def _is_me(self) -> bool:
        return self.username.casefold() == self.shell.session.me.username.casefold()

    @property
    def _hidden(self) -> bool:
        """Whether the posts are not for the user."""
        profile = self.profile
        return profile is not None and profile.is_private and not profile.is_following and not self._is_me

    @property
    def end_note(self) -> str:
        profile = self.profile
        if profile is None:
            return ""
        if self._hidden:
            asked = profile.follow_requested
            how = "Your request to follow waits for an answer." if asked else f"{self._follow_key} asks to follow."
            return f"This account is private. {how}"
        if any(True for _ in self.store.posts(self.list_key)):
            return "that is everything"
        if not self._is_me:
            return "No posts yet."
        feed, create = self.key_of("global.go_feed"), self.key_of("item.create")
        return f"No posts yet. {feed} leads to the feed; {create} there posts a photo."

    @property
    def _follow_key(self) -> str:
        return self.key_of("item.follow")

    def renderer(self) -> ItemRenderer[Any]:
        return self._page

    def above(self) -> Iterable[Listed]:
        return (self.profile,) if self.profile is not None else ()

    # -- life

    def start(self) -> None:
        live = self.shell.session.live
        live.follow(self._page, [f"users:{self.username}"])
        self.keep(lambda: live.follow(self._page, ()))
        self.keep(self.people.subscribe(self._people_changed))
        super().start()
        if self.profile is not None:
            self.show_posts()

    async def load(self) -> None:
        try:
            profile = await self.people.profile(self.username)
        except NotFound:
            self.posts.show_error(f"There is nobody called @{self.username}.")
            return
        except PlatformError as error:
            if self.profile is None:
                self.say_failed(self.posts, error)
            raise
        if self._is_me and profile.is_private:
            self.work_on(self.people.load_requests(), "requests")
        if self._hidden:
            self.show_posts()
            self.posts.set_footer(self.end_note)
            return
        try:
            await super().load()
        except Forbidden:
            # They have become private between the two answers.
            self.posts.set_footer(self.end_note)

    def came_back(self) -> None:
        """The posts may be others by now; of a person who was not followed yet, everything."""
        self.refresh_content()

    def show_posts(self, *, from_top: bool = False) -> None:
        super().show_posts(from_top=from_top)
        if self._hidden:
            self.posts.set_footer(self.end_note)

    def _people_changed(self, change: PeopleChange) -> None:
        if change.part is PeoplePart.REQUESTS:
            self._page.asking = len(self.people.requests) if self._is_me else 0
        elif change.username != self.username.casefold():
            return
        profile = self.profile
        if profile is not None and not self.posts.update(profile):
            self.show_posts()
        if self._hidden:
            self.posts.set_footer(self.end_note)
        self.update_footer()

    # -- verbs

    def fits(self, action: Action) -> bool:
        """Following and writing are about the person, whatever is highlighted."""
        match action.id:
            case "item.follow" | "item.reply":
                return self.profile is not None and not self._is_me
            case "item.edit":
                return self._is_me and self.profile is not None
            case "list.open_item" if isinstance(self.posts.highlighted, Profile):
                return self._is_me and bool(self.people.requests)
            case _:
                return super().fits(action)

    @on(Chosen, "#posts")
    def _header_chosen(self, event: Chosen) -> None:
        if isinstance(event.item, Profile) and self._is_me and self.people.requests:
            self.app.push_screen(RequestsList(self.shell), self._open)

    async def action_follow(self) -> None:
        """Follow this person, whatever is highlighted."""
        if self._is_me:
            self.shell.say("This is you.")
            return
        hidden = self._hidden
        await toggle_follow(self.shell, self.username)
        if hidden != self._hidden:
            self.refresh_content()

    def action_reply(self) -> None:
        """Write to this person."""
        profile = self.profile
        if self._is_me:
            self.shell.say("This is you.")
        elif profile is not None:
            self.shell.open_place(DirectChatPlace(profile.id))

    def action_edit(self) -> None:
        profile = self.profile
        if not self._is_me:
            self.shell.say("Only your own profile can be changed.", "warning")
        elif profile is not None:
            self.app.push_screen(ProfileForm(self.shell, profile))

    def action_followers(self) -> None:
        self._show_people("followers", f"Followers of @{self.username}", self.people.followers)

    def action_following(self) -> None:
        self._show_people("following", f"@{self.username} follows", self.people.following)

    async def action_playlists_of(self) -> None:
        """Choose one of the public playlists of this person."""
        kinds, name = self.shell.session.music.playlists.kinds, self.username
        try:
            found = await kinds.load_of_person(name)
        except PlatformError as error:
            kept = kinds.of_person(name)
            if kept is None or not error.worth_retrying:
                raise
            found = kept
        if not found:
            self.shell.say(f"@{name} has no public playlist.")
            return
        options = [
            (one.id, f"{one.name}  {plural(one.track_count, 'track')}, {plural(one.follower_count, 'follower')}")
            for one in found
        ]
        picked = await self.shell.pick(f"Playlists of @{name}", options)
        if picked is not None and picked.id is not None:
            self.shell.open_place(PlaylistPlace(picked.id))

    async def action_blend(self, username: str = "") -> None:
        """Blend the user's music with this person's."""
        await self.shell.blend(username or ("" if self._is_me else self.username))

    def _show_people(self, name: str, title: str, fetch: Any) -> None:
        if self._hidden:
            self.shell.say("This account is private.")
            return
        kept = self.people.kept_people(name, self.username)
        place = f"{name}:{self.username.casefold()}"
        shown = PeopleList(self.shell, title, lambda cursor: fetch(self.username, cursor), "Nobody yet.", kept, place)
        self.app.push_screen(shown, self._open)

    def _open(self, username: str | None) -> None:
        if username is not None:
            self.shell.open_place(ProfilePlace(username))
