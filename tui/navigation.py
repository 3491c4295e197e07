"""Which screen shows which place; screens are imported when they are first opened."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from tui import places
from tui.places import Place

if TYPE_CHECKING:
    from tui.screens.base import ParlourScreen
    from tui.shell import Shell

SECTION_SCREENS: Mapping[str, str] = {
    "feed": "tui.screens.feed:FeedScreen",
    "threads": "tui.screens.threads:ThreadsScreen",
    "chat": "tui.screens.chat:ChatScreen",
    "music": "tui.screens.music:MusicScreen",
}

SCREENS: Mapping[type, str] = {
    places.PostPlace: "tui.screens.post:PostScreen",
    places.SubredditPlace: "tui.screens.threads:SubredditScreen",
    places.ProfilePlace: "tui.screens.profile:ProfileScreen",
    places.ConversationPlace: "tui.screens.chat:ChatScreen",
    places.DirectChatPlace: "tui.screens.chat:ChatScreen",
    places.ArtistPlace: "tui.screens.artist:ArtistScreen",
    places.AlbumPlace: "tui.screens.album:AlbumScreen",
    places.PlaylistPlace: "tui.screens.playlist:PlaylistScreen",
    places.MixPlace: "tui.screens.mix:MixScreen",
    places.QueuePlace: "tui.screens.queue:QueueScreen",
    places.DevicesPlace: "tui.screens.devices:DevicesScreen",
    places.LyricsPlace: "tui.screens.lyrics:LyricsScreen",
    places.NowPlayingPlace: "tui.screens.now_playing:NowPlayingScreen",
    places.TrackPlace: "tui.screens.track:TrackScreen",
    places.ConcertsPlace: "tui.screens.concerts:ConcertsScreen",
    places.ListeningPlace: "tui.screens.listening:ListeningScreen",
    places.ListeningDayPlace: "tui.screens.listening:ListeningDayScreen",
    places.DownloadsPlace: "tui.screens.downloads:DownloadsScreen",
    places.FriendsPlace: "tui.screens.friends:FriendsScreen",
    places.GroupPlace: "tui.screens.together:GroupScreen",
    places.ExplorePlace: "tui.screens.feed:ExploreScreen",
    places.SavedPlace: "tui.screens.feed:SavedScreen",
    places.OutboxPlace: "tui.screens.outbox:OutboxScreen",
    places.ConflictPlace: "tui.screens.conflict:ConflictScreen",
    places.HistoryPlace: "tui.screens.history:HistoryScreen",
    places.InspectorPlace: "tui.screens.inspector:InspectorScreen",
    places.SearchPlace: "tui.screens.search:SearchScreen",
}


def screen_for(shell: Shell, place: Place) -> ParlourScreen:
    """Return a new screen that shows `place`."""
    path = SECTION_SCREENS[place.section] if isinstance(place, places.SectionPlace) else SCREENS[type(place)]
    module, _, name = path.partition(":")
    screen = getattr(import_module(module), name)(shell, place)
    return cast("ParlourScreen", screen)
