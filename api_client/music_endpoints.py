"""The endpoints of the music: catalogue, library, playlists, playback, recommendations.

Paths are relative to the base URL, which ends in `/api/v1`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_client.endpoint import Endpoint, Retry
from api_client.endpoint_table import EndpointTable
from api_client.errors import ErrorCode as E
from api_client.postponed import Names

if TYPE_CHECKING:
    from api_client.models import (
        catalogue,
        listening,
        music,
        player,
        playlist_rules,
        playlists,
        recommendations,
        together,
        users,
        visuals,
    )
    from api_client.models.base import Done
else:
    catalogue, listening, music, player, playlist_rules, playlists, recommendations, together, users, visuals = (
        Names(f"api_client.models.{domain}")
        for domain in (
            "catalogue",
            "listening",
            "music",
            "player",
            "playlist_rules",
            "playlists",
            "recommendations",
            "together",
            "users",
            "visuals",
        )
    )
    Done = Names("api_client.models.base").Done

_table = EndpointTable()
_get, _post, _put, _delete = _table.get, _table.post, _table.put, _table.delete

_GONE = (E.NOT_FOUND,)
_THEIRS = (E.NOT_FOUND, E.FORBIDDEN)
_FILLED = (*_THEIRS, E.WRONG_KIND)
"""Of a playlist that fills itself the tracks cannot be changed, and a blend is not opened to others."""

# Catalogue
MUSIC_HOME = _get("music.home", "/home", music.Home)
ARTIST = _get("music.artist", "/artists/{id}", music.Artist, errors=_GONE)
ARTIST_ALBUMS = _get("music.artist_albums", "/artists/{id}/albums", music.Album, paged=True, errors=_GONE)
ARTIST_TOP_TRACKS = _get("music.artist_top_tracks", "/artists/{id}/top-tracks", music.Track, paged=True, errors=_GONE)
FOLLOW_ARTIST = _put("music.follow_artist", "/artists/{id}/follow", music.Followed, errors=_GONE)
UNFOLLOW_ARTIST = _delete("music.unfollow_artist", "/artists/{id}/follow", music.Followed, errors=_GONE)
ARTIST_CONCERTS = _get("music.artist_concerts", "/artists/{id}/concerts", catalogue.Concert, paged=True, errors=_GONE)
CONCERTS = _get("music.concerts", "/concerts", catalogue.Concert, paged=True)
REGION = _get("music.region", "/music/region", catalogue.Region)
SET_REGION = _put("music.set_region", "/music/region", catalogue.Region, catalogue.Region)
ALBUM = _get("music.album", "/albums/{id}", music.Album, errors=_GONE)
TRACK = _get("music.track", "/tracks/{id}", music.Track, errors=_GONE)
VERSIONS = _get("music.versions", "/tracks/{id}/versions", catalogue.Versions, errors=_GONE)
LYRICS = _get("music.lyrics", "/tracks/{id}/lyrics", music.Lyrics, errors=_GONE)
PEAKS = _get("visuals.peaks", "/tracks/{id}/peaks", visuals.TrackPeaks, errors=_THEIRS)
SPECTRUM = _get("visuals.spectrum", "/tracks/{id}/spectrum", visuals.TrackSpectrum, errors=_THEIRS)
LIBRARY = _get("library.list", "/library/{type}", music.Library)
LIBRARY_SAVE = _put("library.save", "/library/{type}/{itemId}", music.Saved, errors=_THEIRS)
LIBRARY_REMOVE = _delete("library.remove", "/library/{type}/{itemId}", music.Saved)
MY_PLAYLISTS = _get("playlists.mine", "/playlists", music.Playlist, paged=True)
CREATE_PLAYLIST = _post(
    "playlists.create",
    "/playlists",
    music.Playlist,
    music.NewPlaylist,
    status=201,
    errors=(E.NOT_FOUND, E.DUPLICATE),
)
PLAYLIST = _get("playlists.get", "/playlists/{id}", music.Playlist, errors=_THEIRS)
CHANGE_PLAYLIST = _put(
    "playlists.change",
    "/playlists/{id}",
    music.Playlist,
    music.PlaylistChange,
    errors=(*_FILLED, E.VERSION_CONFLICT),
)
DELETE_PLAYLIST = _delete("playlists.delete", "/playlists/{id}", errors=_THEIRS)
PLAYLIST_ADD = _post(
    "playlists.add", "/playlists/{id}/tracks", music.TrackAdded, music.PlaylistAdd, lifted=("track",), errors=_FILLED
)
PLAYLIST_REMOVE = _delete("playlists.remove", "/playlists/{id}/tracks/{trackId}", errors=_FILLED)
PLAYLIST_MOVE = _put(
    "playlists.move", "/playlists/{id}/tracks/reorder", Done, music.PlaylistMove, errors=(*_FILLED, E.CONFLICT)
)
COLLABORATORS = _get(
    "playlists.collaborators", "/playlists/{id}/collaborators", users.UserRef, paged=True, errors=_THEIRS
)
ADD_COLLABORATOR = _post(
    "playlists.add_collaborator", "/playlists/{id}/collaborators", users.UserRef, music.NewCollaborator, errors=_FILLED
)
REMOVE_COLLABORATOR = _delete("playlists.remove_collaborator", "/playlists/{id}/collaborators/{userId}", errors=_THEIRS)
COPY_PLAYLIST = _post(
    "playlists.copy",
    "/playlists/{id}/copy",
    music.Playlist,
    playlists.PlaylistCopy,
    status=201,
    errors=(E.NOT_FOUND, E.DUPLICATE),
)
SET_RULES = _put(
    "playlists.set_rules",
    "/playlists/{id}/rules",
    music.Playlist,
    playlist_rules.RulesChange,
    errors=(*_THEIRS, E.WRONG_KIND, E.VERSION_CONFLICT),
)
TRY_RULES = _post(
    "playlists.try_rules", "/playlists/preview", playlists.RulesPreview, playlists.RulesToTry, retry=Retry.SAFE
)
BLEND = _post("playlists.blend", "/playlists/blend", music.Playlist, playlists.NewBlend, errors=(*_THEIRS, E.CONFLICT))
PEOPLES_PLAYLISTS = _get(
    "playlists.of_person", "/users/{username}/playlists", music.Playlist, paged=True, errors=_THEIRS
)
FILE_PLAYLIST = _put(
    "playlists.file", "/playlists/{id}/folder", playlists.Filing, playlists.Filing, errors=(E.NOT_FOUND,)
)
FOLDERS = _get("folders.list", "/playlist-folders", playlists.PlaylistFolders)
CREATE_FOLDER = _post(
    "folders.create",
    "/playlist-folders",
    playlists.PlaylistFolder,
    playlists.NewFolder,
    status=201,
    errors=(E.NOT_FOUND, E.DUPLICATE, E.CONFLICT),
)
CHANGE_FOLDER = _put(
    "folders.change",
    "/playlist-folders/{id}",
    playlists.PlaylistFolder,
    playlists.FolderChange,
    errors=(E.NOT_FOUND, E.CONFLICT, E.VERSION_CONFLICT),
)
DELETE_FOLDER = _delete("folders.delete", "/playlist-folders/{id}", errors=_GONE)
STREAM = _get(
    "playback.stream", "/playback/stream/{trackId}", music.StreamTicket, errors=(E.NOT_FOUND, E.NOT_AVAILABLE_IN_REGION)
)
STREAMS_AHEAD = _get("playback.streams_ahead", "/playback/streams", music.StreamTickets)
PLAYBACK_EVENT = _post(
    "playback.event",
    "/playback/events",
    music.PlaybackReceipt,
    music.PlaybackEvent,
    lifted=("deduplicated",),
    errors=_GONE,
)
HISTORY = _get("playback.history", "/history", music.Play, paged=True)
STATS = _get("playback.stats", "/stats", listening.ListeningStats)

# The player over all devices of the user
PLAYER_STATE = _get("player.state", "/player/state", player.PlayerState)
UPDATE_PLAYER = _put(
    "player.update",
    "/player/state",
    player.PlayerStatus,
    player.PlayerUpdate,
    errors=(E.NOT_FOUND, E.CONFLICT, E.VERSION_CONFLICT),
)
PLAYER_DEVICES = _get("player.devices", "/player/devices", player.Devices)
ANNOUNCE_DEVICE = _put(
    "player.announce",
    "/player/devices/{id}",
    player.Device,
    player.DeviceAnnouncement,
    errors=(E.NOT_FOUND, E.CONFLICT),
)
TRANSFER_PLAYER = _post(
    "player.transfer",
    "/player/devices/{id}/transfer",
    player.PlayerState,
    player.Transfer,
    errors=(E.NOT_FOUND, E.CONFLICT),
)
PLAYER_COMMAND = _post(
    "player.command",
    "/player/command",
    player.CommandReceipt,
    player.PlayerCommand,
    errors=(E.NOT_FOUND, E.CONFLICT),
)

# Recommendations
MIXES = _get("recommendations.list", "/recommendations", recommendations.Mixes)
DISCOVER_WEEKLY = _get(
    "recommendations.discover_weekly", "/recommendations/discover-weekly", recommendations.Recommendations
)
RELEASE_RADAR = _get("recommendations.release_radar", "/recommendations/release-radar", recommendations.Recommendations)
DAILY_MIX = _get(
    "recommendations.daily_mix",
    "/recommendations/daily-mix/{mixId}",
    recommendations.Recommendations,
    errors=_GONE,
)
SIMILAR_TRACKS = _get(
    "recommendations.similar",
    "/recommendations/similar/{trackId}",
    recommendations.Recommendations,
    errors=_GONE,
)
RADIO = _get(
    "recommendations.radio",
    "/recommendations/radio/{trackId}",
    recommendations.RecommendedTrack,
    paged=True,
    errors=_GONE,
)

# Together
FRIENDS_ACTIVITY = _get("together.friends", "/friends/activity", together.FriendsActivity)
LISTENING_PRIVACY = _get("together.privacy", "/listening/privacy", together.ListeningPrivacy)
CHANGE_LISTENING_PRIVACY = _put(
    "together.change_privacy", "/listening/privacy", together.ListeningPrivacy, together.PrivacyChange
)
SERVER_TIME = _get("together.time", "/time", together.ServerTime)
START_GROUP = _post("together.start", "/sessions/group", together.GroupSession, together.NewGroupSession, status=201)
GROUP = _get("together.session", "/sessions/group/{code}", together.GroupSession, errors=_THEIRS)
JOIN_GROUP = _post("together.join", "/sessions/group/{code}/join", together.GroupSession, errors=(*_THEIRS, E.CONFLICT))
LEAVE_GROUP = _post("together.leave", "/sessions/group/{code}/leave", Done, errors=_THEIRS)
COMMAND_GROUP = _post(
    "together.command",
    "/sessions/group/{code}/command",
    together.GroupSession,
    together.GroupCommand,
    errors=(*_THEIRS, E.CONFLICT),
)

ENDPOINTS: tuple[Endpoint, ...] = _table.endpoints
"""Every endpoint of the music, in the order of the table."""
