"""The screen of a playlist: who added what, other orders, a filter, moving by key and mouse, and what others do."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import MouseMove
from textual.widgets import Input, OptionList

from api_client.errors import Conflict, PlatformError
from api_client.models.music import Playlist
from api_client.models.playlist_rules import Rule, RuleGroup, Rules
from tests.shared_platform import SharedPlatform
from tests.tui.music_world import Listener, MusicHost, MusicWorld, music_world, sent, until
from tui.places import PlaylistPlace, ProfilePlace
from tui.player.track import PlayableTrack
from tui.playlist_actions import PlaylistActions
from tui.screens.playlist import PlaylistScreen
from tui.screens.playlist_form import PlaylistForm
from tui.screens.playlist_people import PlaylistPeople
from tui.screens.profile import ProfileScreen
from tui.screens.rules_form import RulesForm
from widgets.drag_list import DragList
from widgets.line_question import LineQuestion

BROAD, NARROW = (120, 30), (80, 24)


@pytest.fixture
async def world(platform: SharedPlatform, tmp_path: Path) -> AsyncIterator[MusicWorld]:
    async with music_world(platform, tmp_path) as made:
        yield made


@pytest.fixture
async def ann(world: MusicWorld) -> Listener:
    return await world.listener("ann")


async def morning(ann: Listener, *tracks: str, **fields: Any) -> Playlist:
    made = await ann.store.playlists.create("Morning", **fields)
    for track in tracks:
        await ann.store.playlists.add(made.id, await ann.store.track(track))
    return made


def screen(listener: Listener, playlist_id: str) -> MusicHost:
    return MusicHost(listener, lambda shell: PlaylistScreen(shell, PlaylistPlace(playlist_id)))


def order(listener: Listener, playlist_id: str) -> list[str]:
    found = listener.store.playlists.get(playlist_id)
    assert found is not None
    return [track.id for track in found.tracks]


def songs(host: MusicHost) -> list[str]:
    """Return the numbers in the titles of the songs, as they stand on the screen."""
    return [found[1] for line in host.lines() if (found := re.search(r"Song (\d)", line))]


async def confirmed(listener: Listener, playlist_id: str) -> list[str]:
    return [track.id for track in (await listener.client.playlists.get(playlist_id)).tracks]


async def test_rows_say_who_added_them_and_when(world: MusicWorld, ann: Listener) -> None:
    bob = await world.listener("bob")
    made = await morning(ann, "t1", is_collaborative=True)
    await bob.store.playlists.load(made.id)
    await bob.store.playlists.add(made.id, await bob.store.track("t2"))
    for size in (BROAD, NARROW):
        host = screen(ann, made.id)
        async with host.run_test(size=size) as pilot:
            await until(pilot, lambda host=host: "bob, now" in host.row("Song 2"))
            assert "you, now" in host.row("Song 1")


async def test_what_others_do_appears_and_what_is_read_stays(world: MusicWorld, ann: Listener) -> None:
    bob = await world.listener("bob")
    made = await morning(ann, "t1", "t2", "t3", is_collaborative=True)
    await bob.store.playlists.load(made.id)
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 3"))
        found = host.screen
        assert isinstance(found, PlaylistScreen)
        found.music.highlight("t2")
        await bob.store.playlists.add(made.id, await bob.store.track("t4"))
        await bob.store.playlists.move(made.id, "t4", 1)
        await until(pilot, lambda: songs(host) == ["4", "1", "2", "3"])
        assert found.music.highlighted_key == "t2", "what is read stays under the cursor"


async def test_another_order_changes_nothing_and_is_found_again(ann: Listener) -> None:
    made = await morning(ann, "t3", "t1", "t2")
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: songs(host) == ["3", "1", "2"])
        host.answers = ["title"]
        await pilot.press("S")
        await until(pilot, lambda: songs(host) == ["1", "2", "3"])
        await pilot.press("j", "greater_than_sign")
        await until(pilot, lambda: any("own order" in words for words in host.said))
    again = screen(ann, made.id)
    async with again.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: songs(again) == ["1", "2", "3"])
        again.answers = ["own"]
        await pilot.press("S")
        await until(pilot, lambda: songs(again) == ["3", "1", "2"])
    assert await confirmed(ann, made.id) == ["t3", "t1", "t2"]


async def test_a_filter_narrows_as_one_types_and_esc_takes_it_away(ann: Listener) -> None:
    made = await morning(ann, "t1", "t8", "t2")
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Thunderstruck"))
        await pilot.press("slash", *"thund")
        await until(pilot, lambda: not songs(host) and host.row("Thunderstruck"))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: songs(host) == ["1", "2"])
        assert host.left == 0
        await pilot.press("slash", *"xyz")
        await until(pilot, lambda: host.row("Nothing here has “xyz”"))


async def test_a_track_is_moved_by_key_and_by_mouse(ann: Listener) -> None:
    made = await morning(ann, "t1", "t2", "t3", "t4")
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 4"))
        await pilot.press("j", "greater_than_sign")
        await until(pilot, lambda: order(ann, made.id) == ["t2", "t1", "t3", "t4"])

        async def drag(start: int, end: int) -> None:
            await pilot.mouse_down(DragList, offset=(8, start))
            await pilot._post_mouse_events([MouseMove], DragList, offset=(8, end), button=1)
            await pilot.mouse_up(DragList, offset=(8, end))

        await drag(4, 1)
        await until(pilot, lambda: order(ann, made.id) == ["t4", "t2", "t1", "t3"])
        await drag(1, 3)
        await until(pilot, lambda: order(ann, made.id) == ["t2", "t1", "t4", "t3"])
        await pilot.mouse_down(DragList, offset=(8, 1))
        await pilot._post_mouse_events([MouseMove], DragList, offset=(8, 4), button=1)
        await pilot.press("escape")
        await pilot.mouse_up(DragList, offset=(8, 4))
        assert host.left == 0
    assert order(ann, made.id) == ["t2", "t1", "t4", "t3"]


async def test_a_refused_move_goes_back_with_a_sentence(world: MusicWorld, ann: Listener) -> None:
    bob = await world.listener("bob")
    made = await morning(ann, "t1", "t2", is_collaborative=True)
    await bob.store.playlists.load(made.id)
    await ann.store.playlists.change(made.id, is_collaborative=False)
    with pytest.raises(PlatformError, match="Cannot edit this playlist"):
        await bob.store.playlists.move(made.id, "t1", 2)
    assert order(bob, made.id) == ["t1", "t2"]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_two_people_move_at_once_both_end_with_what_the_platform_has(
    world: MusicWorld, ann: Listener, seed: int
) -> None:
    dice = random.Random(seed)
    bob = await world.listener("bob")
    made = await morning(ann, "t1", "t2", "t3", "t4", "t5", is_collaborative=True)
    await bob.store.playlists.load(made.id)
    for _ in range(8):
        moves = [
            person.store.playlists.move(made.id, f"t{dice.randint(1, 5)}", dice.randint(1, 5)) for person in (ann, bob)
        ]
        for outcome in await all_tried(moves):
            assert outcome is None or isinstance(outcome, Conflict), outcome
    for person in (ann, bob):
        await person.store.playlists.load(made.id)
    there = await confirmed(ann, made.id)
    assert sorted(there) == ["t1", "t2", "t3", "t4", "t5"]
    assert order(ann, made.id) == order(bob, made.id) == there


async def all_tried(work: list[Any]) -> list[BaseException | None]:
    return await asyncio.gather(*work, return_exceptions=True)


# -- what it is


async def test_a_smart_playlist_says_its_rules_and_why_it_is_not_changed_by_hand(ann: Listener) -> None:
    rules = Rules(where=RuleGroup(match="all", rules=[Rule(field="title", op="contains", value="song")]), sort="title")
    made = await ann.store.playlists.create("Songs", rules=rules, is_public=False)
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 1") and host.row("Title has song; by title"))
        await pilot.press("j", "d", "greater_than_sign")
        await until(pilot, lambda: host.said.count("Its rules choose the tracks; I changes them.") == 2)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(host.screen, RulesForm))
        await until(pilot, lambda: host.row("8 tracks"))
        form = host.screen
        form.query_one(OptionList).highlighted = 1
        await pilot.press("d")
        await until(pilot, lambda: host.row("9 tracks") and host.row("Everything; by title"))
        await pilot.press("a", "enter", "enter")
        await until(pilot, lambda: isinstance(host.screen, LineQuestion))
        await pilot.press(*"rock", "enter")
        await until(pilot, lambda: host.screen is form and host.row("Genre is rock; by title"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: host.opened == [PlaylistPlace(made.id)])
        await until(pilot, lambda: host.row("Thunderstruck") and songs(host) == ["1"])


@pytest.mark.parametrize("name", ["[/] odd", "[red bold", "[link=file:///etc]x"])
async def test_the_name_of_a_playlist_is_no_markup_in_front_of_its_screen(ann: Listener, name: str) -> None:
    rules = Rules(where=RuleGroup(match="all", rules=[]), sort="title")
    made = await ann.store.playlists.create(name, rules=rules, is_public=False)
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Thunderstruck"))
        await pilot.press("W")
        await until(pilot, lambda: host.row(f"Who may change {name}"))
        await pilot.press("escape", "I")
        await until(pilot, lambda: host.row(f"Rules of {name}"))


async def test_rules_are_left_and_made_ordinary_only_when_that_is_meant(
    ann: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = Rules(where=RuleGroup(match="all", rules=[Rule(field="title", op="contains", value="song")]), sort="title")
    made = await ann.store.playlists.create("Songs", rules=rules, is_public=False)
    host = screen(ann, made.id)

    async def refused(*_: Any) -> None:
        raise PlatformError("It was changed elsewhere.")

    monkeypatch.setattr(ann.store.playlists.kinds, "set_rules", refused)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 1"))
        await pilot.press("I")
        await until(pilot, lambda: isinstance(host.screen, RulesForm))
        form = host.screen
        await pilot.press("j", "k")
        assert form.query_one(OptionList).highlighted == 0
        await pilot.press("o", "y")
        await until(pilot, lambda: host.row("It was changed elsewhere."))
        await pilot.press("j", "d", "escape", "n")
        await until(pilot, lambda: host.screen is form and host.row("Everything; by title"))
        await pilot.press("escape", "y")
        await until(pilot, lambda: isinstance(host.screen, PlaylistScreen))
        await pilot.press("I")
        await until(pilot, lambda: host.row("Title has song; by title"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(host.screen, PlaylistScreen))


async def test_a_form_changes_everything_that_can_be_said_of_a_playlist(ann: Listener) -> None:
    made = await morning(ann, "t1")
    host = screen(ann, made.id)
    async with host.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: host.row("Song 1"))
        await pilot.press("E")
        await until(pilot, lambda: isinstance(host.screen, PlaylistForm))
        host.screen.query_one("#name", Input).value = "Evening"
        await pilot.press("tab", *"slow", "tab", "space", "tab", "space", "ctrl+s")
        await until(pilot, lambda: host.row("Evening"))
    await ann.store.playlists.load(made.id)
    found = ann.store.playlists.get(made.id)
    assert found is not None
    assert (found.name, found.description, found.is_public, found.is_collaborative) == ("Evening", "slow", False, True)
    await ann.session.outbox.undo()
    await sent(ann)
    await ann.store.playlists.load(made.id)
    found = ann.store.playlists.get(made.id)
    assert found is not None
    assert (found.name, found.is_public) == ("Morning", True)


async def test_people_are_invited_and_removed_by_name(world: MusicWorld, ann: Listener) -> None:
    await world.listener("bob")
    made = await morning(ann, "t1", is_collaborative=True)
    host = screen(ann, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 1"))
        await pilot.press("W")
        await until(pilot, lambda: host.row("Nobody is named"))
        await pilot.press(*"nobody", "enter")
        await until(pilot, lambda: host.row("There is nobody called nobody."))
        await pilot.press(*"bob", "enter")
        await until(pilot, lambda: host.row("bob  editor"))
        people = host.screen
        assert isinstance(people, PlaylistPeople)
        people.query_one(OptionList).focus()
        people.query_one(OptionList).highlighted = 1
        await pilot.press("d")
        await until(pilot, lambda: not host.row("bob  editor"))
    assert not (await ann.client.playlists.collaborators(made.id)).items


async def test_a_copy_is_there_at_once_with_its_tracks_and_can_be_changed(world: MusicWorld, ann: Listener) -> None:
    bob = await world.listener("bob")
    made = await morning(ann, "t2", "t1")
    await bob.store.playlists.load(made.id)
    host = screen(bob, made.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 1"))
        await pilot.press("C")
        await until(pilot, lambda: len(host.opened) == 1)
    place = host.opened[0]
    assert isinstance(place, PlaylistPlace)
    assert order(bob, place.playlist_id) == ["t2", "t1"]
    await bob.store.playlists.take_out(place.playlist_id, "t2")
    assert await confirmed(bob, place.playlist_id) == ["t1"]
    assert await confirmed(ann, made.id) == ["t2", "t1"]


async def test_a_blend_says_whose_music_it_is_and_how_well_it_matches(world: MusicWorld, ann: Listener) -> None:
    bob = await world.listener("bob")
    await ann.client.users.follow("bob")
    await bob.client.users.follow("ann")
    for listener, track in ((ann, "t1"), (bob, "t8"), (ann, "t2"), (bob, "t2")):
        await listener.store.save("tracks", track)
    blend = await (await ann.store.playlists.kinds.blend("bob"))
    host = screen(ann, blend.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: "both of you" in host.row("Song 2") and host.row("tastes match by 50 %"))
        assert "you" in host.row("Song 1")
        assert "bob" in host.row("Thunderstruck")


async def test_playlists_that_were_added_to_last_are_offered_first(ann: Listener) -> None:
    first, second = await ann.store.playlists.create("First"), await ann.store.playlists.create("Second")
    shelf = ann.store.playlists
    for made in (second, first):
        await shelf.add(made.id, await ann.store.track("t1"))
        assert shelf.views.last_used_first(shelf.editable)[0].id == made.id


class Program(MusicHost, PlaylistActions):
    """The host with the program's own actions about playlists."""


async def test_what_plays_is_added_from_any_screen(ann: Listener) -> None:
    made = await ann.store.playlists.create("Morning")
    host = Program(ann, lambda shell: PlaylistScreen(shell, PlaylistPlace(made.id)))
    async with host.run_test(size=BROAD) as pilot:
        await pilot.press("comma", "a")
        await until(pilot, lambda: host.said == ["Nothing is playing."])
        host.player.play([PlayableTrack("t3", "Song 3", "Sigur Rós", duration_ms=30_000)])
        host.answers = ["Morning"]
        await pilot.press("comma", "a")
        await until(pilot, lambda: host.said[-1] == "Song 3 is in Morning." and songs(host) == ["3"])
        host.answers = ["Morning", True]
        await pilot.press("comma", "a")
        await until(pilot, lambda: host.opened == [PlaylistPlace(made.id)])
        assert host.asked == ["Already in playlist. Song 3 was already in Morning."]


async def test_a_whole_playlist_is_added_to_another(ann: Listener) -> None:
    source, other = await morning(ann, "t2", "t1"), await ann.store.playlists.create("Other")
    host = screen(ann, source.id)
    async with host.run_test(size=BROAD) as pilot:
        await until(pilot, lambda: host.row("Song 1"))
        host.answers = ["Other"]
        await pilot.press("A")
        await until(pilot, lambda: host.said == ["2 tracks are in Other."])
        await until(pilot, lambda: order(ann, other.id) == ["t2", "t1"])


async def test_a_profile_leads_to_the_public_playlists_of_its_person(world: MusicWorld, ann: Listener) -> None:
    bob = await world.listener("bob")
    made = await morning(ann, "t1")
    await ann.store.playlists.create("Hidden", is_public=False)
    await ann.store.playlists.load(made.id)
    await sent(ann)
    host = MusicHost(bob, lambda shell: ProfileScreen(shell, ProfilePlace("ann")))
    async with host.run_test(size=BROAD) as pilot:
        host.answers = [made.id]
        await pilot.press("g", "P")
        await until(pilot, lambda: host.opened == [PlaylistPlace(made.id)])
        assert host.offered == [["Morning  1 track, 0 followers"]]
        await pilot.press("B")
        await until(pilot, lambda: host.said == ["blend ann"])
