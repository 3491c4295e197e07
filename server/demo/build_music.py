"""Makes the music catalogue with lyrics, playlists, libraries, follows of artists and forty days of listening."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.demo.build_people import Context
from server.demo.ids import seed_for
from server.demo.models import Person
from server.demo.music.catalogue import ARTISTS, TRACKS, TrackSpec
from server.demo.music_models import (
    Album,
    Artist,
    ArtistFollow,
    LibrarySave,
    Listen,
    LyricLine,
    Lyrics,
    Playlist,
    PlaylistEntry,
    Track,
)
from server.demo.text.lyrics import LYRICS, SongText
from server.demo.text.names import PLAYLISTS

_NOTES = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_OWN_PLAYLISTS = 5
_HISTORY_DAYS = 40
_FEEL: dict[str, tuple[float, float, float, float]] = {
    "ambient": (0.16, 0.18, 0.42, 0.35),
    "lofi": (0.34, 0.66, 0.40, 0.48),
    "synthwave": (0.72, 0.62, 0.03, 0.52),
    "chiptune": (0.80, 0.64, 0.01, 0.86),
    "house": (0.76, 0.88, 0.04, 0.70),
    "folk": (0.30, 0.44, 0.93, 0.55),
    "waltz": (0.22, 0.30, 0.97, 0.32),
    "bossa": (0.36, 0.70, 0.82, 0.72),
    "dnb": (0.93, 0.58, 0.01, 0.41),
    "cinematic": (0.48, 0.16, 0.70, 0.24),
    "funk": (0.78, 0.86, 0.14, 0.88),
    "dub": (0.50, 0.78, 0.10, 0.60),
}
"""Energy, danceability, acousticness and valence of each genre."""


@dataclass(frozen=True)
class Music:
    """Everything that belongs to music."""

    artists: tuple[Artist, ...]
    albums: tuple[Album, ...]
    tracks: tuple[Track, ...]
    lyrics: tuple[Lyrics, ...]
    playlists: tuple[Playlist, ...]
    saves: tuple[LibrarySave, ...]
    artist_follows: tuple[ArtistFollow, ...]
    listens: tuple[Listen, ...]


def cover_key(seed: int, *parts: str | int) -> str:
    """The key of a cover for `pictures.render_cover`."""
    return f"cover-s{seed_for(seed, 'cover', *parts) & 0xFFFFFFFF:08x}"


def lyric_lines(spec: TrackSpec, text: SongText) -> tuple[LyricLine, ...]:
    """The lines of `text` set on the sections of `spec`, evenly spaced within each, half a beat after its bar."""
    verses = [text.verse, text.second_verse]
    sung: list[LyricLine] = []
    for section in spec.sections:
        if section.name == "verse":
            lines = verses.pop(0) if len(verses) > 1 else verses[0]
        elif section.name == "chorus":
            lines = text.chorus if section.bars >= 4 else text.chorus[:2]
        elif section.name == "bridge":
            lines = text.bridge
        else:
            continue
        step = section.bars * spec.bar_seconds / len(lines)
        start = section.start_bar * spec.bar_seconds + 30.0 / spec.bpm
        sung.extend(LyricLine(round(1000 * (start + i * step)), line) for i, line in enumerate(lines))
    return tuple(sung)


def _catalogue(ctx: Context) -> tuple[tuple[Artist, ...], tuple[Album, ...], tuple[Track, ...], tuple[Lyrics, ...]]:
    artists, albums, tracks, lyrics = [], [], [], []
    for spec in ARTISTS:
        rng = ctx.rng("artist", spec.name)
        artist_id, album_id = ctx.id("artist", spec.name), ctx.id("album", spec.album)
        image = cover_key(ctx.seed, "artist", spec.name)
        artists.append(Artist(artist_id, spec.name, spec.bio, spec.genres, spec.verified, spec.listeners, image))
        songs = [track for track in TRACKS if track.artist is spec]
        released = date(spec.year, rng.randint(1, 12), rng.randint(1, 28))
        rights = (f"℗ {spec.year} {spec.label}", f"© {spec.year} {spec.name}")
        cover = cover_key(ctx.seed, "album", spec.album)
        albums.append(
            Album(album_id, artist_id, spec.album, spec.album_type, released, len(songs), spec.label, rights, cover)
        )
        for song in songs:
            tracks.append(_track(ctx, rng, song, artist_id, album_id))
            if song.key in LYRICS:
                text = LYRICS[song.key]
                lyrics.append(Lyrics(tracks[-1].id, text.language, lyric_lines(song, text)))
    return tuple(artists), tuple(albums), tuple(tracks), tuple(lyrics)


def _track(ctx: Context, rng: random.Random, song: TrackSpec, artist_id: str, album_id: str) -> Track:
    energy, dance, acoustic, valence = (
        round(min(1.0, max(0.0, x + rng.uniform(-0.06, 0.06))), 3) for x in _FEEL[song.genre]
    )
    guests = [spec for spec in ARTISTS if spec is not song.artist]
    guest = (ctx.id("artist", rng.choice(guests).name),) if rng.random() < 0.12 else ()
    return Track(
        id=ctx.id("track", song.key),
        key=song.key,
        title=song.title,
        album_id=album_id,
        artist_ids=(artist_id, *guest),
        disc_number=1,
        track_number=song.number,
        duration_ms=song.duration_ms,
        explicit=song.explicit,
        isrc=f"ZZPRL{song.artist.year % 100:02d}{rng.randrange(100000):05d}",
        stream_count=int(song.artist.listeners * rng.paretovariate(1.1)),
        musical_key=f"{_NOTES[song.root]} {song.mode}",
        tempo=song.bpm,
        energy=energy,
        danceability=dance,
        acousticness=acoustic,
        valence=valence,
    )


def _playlists(ctx: Context, people: Sequence[Person], tracks: Sequence[Track]) -> tuple[Playlist, ...]:
    rng, demo = ctx.rng("playlists"), people[0]
    playlists = []
    for index, (name, description) in enumerate(PLAYLISTS[: ctx.count(len(PLAYLISTS), 7)]):
        owner = demo if index < _OWN_PLAYLISTS else rng.choice(people[1:])
        together = index in (3, 6, 8, 13)
        friends = rng.sample([p for p in people if p is not owner], k=3)
        if together and owner is not demo:
            friends[0] = demo
        created = ctx.now - timedelta(days=rng.uniform(30, 400))
        chosen = rng.sample(tracks, k=min(len(tracks), rng.randint(8, 22)))
        entries = []
        for position, track in enumerate(chosen, 1):
            adder = rng.choice((owner, *friends)) if together else owner
            added = created + (ctx.now - created) * (position / (len(chosen) + 1))
            entries.append(PlaylistEntry(track.id, position, adder.id, added))
        followers = tuple(p.id for p in people if p is not owner and rng.random() < 0.18)
        private = index == 4
        playlists.append(
            Playlist(
                id=ctx.id("playlist", name),
                owner_id=owner.id,
                name=name,
                description=description,
                is_public=not private,
                is_collaborative=together,
                collaborator_ids=tuple(p.id for p in friends) if together else (),
                follower_ids=() if private else followers,
                cover_key=cover_key(ctx.seed, "playlist", name),
                entries=tuple(entries),
                created_at=created,
            )
        )
    return tuple(playlists)


def _history(
    ctx: Context, person: Person, sittings: int, tracks: Sequence[Track], playlists: Sequence[Playlist]
) -> list[Listen]:
    """Sittings of some tracks in a row; the favourite artists of a person come up more often."""
    rng = ctx.rng("history", person.username)
    by_id = {track.id: track for track in tracks}
    loved = set(rng.sample([track.album_id for track in tracks], k=3))
    weights = [4.0 if track.album_id in loved else 1.0 for track in tracks]
    listens: list[Listen] = []
    for sitting in range(sittings):
        moment = ctx.now - timedelta(days=_HISTORY_DAYS * rng.random() ** 1.3, minutes=50)
        playlist = rng.choice(playlists) if rng.random() < 0.45 else None
        pool = [by_id[entry.track_id] for entry in playlist.entries] if playlist else None
        for number in range(rng.randint(2, 8)):
            track = pool[number % len(pool)] if pool else rng.choices(tracks, weights)[0]
            skipped = rng.random() < 0.14
            played = int(track.duration_ms * (rng.uniform(0.04, 0.4) if skipped else 1.0))
            if moment + timedelta(milliseconds=played) > ctx.now:
                break
            listens.append(
                Listen(
                    ctx.id("listen", person.username, sitting, number),
                    person.id,
                    track.id,
                    moment,
                    played,
                    not skipped,
                    skipped,
                    "playlist" if playlist else "album",
                    playlist.id if playlist else track.album_id,
                )
            )
            moment += timedelta(milliseconds=played + 1200)
    return listens


def build_music(ctx: Context, people: Sequence[Person]) -> Music:
    """The whole catalogue at every scale; playlists, saves and listening shrink with it."""
    artists, albums, tracks, lyrics = _catalogue(ctx)
    playlists = _playlists(ctx, people, tracks)
    demo, rng = people[0], ctx.rng("library")
    public = [p for p in playlists if p.owner_id != demo.id]
    kept: list[tuple[str, str]] = [("track", t.id) for t in rng.sample(tracks, k=14)]
    kept += [("album", a.id) for a in rng.sample(albums, k=5)]
    kept += [("playlist", p.id) for p in public if demo.id in p.follower_ids]
    saves = tuple(LibrarySave(demo.id, kind, item, ctx.ago(rng, 90)) for kind, item in kept)
    follows = [ArtistFollow(demo.id, a.id, ctx.ago(rng, 120)) for a in rng.sample(artists, k=5)]
    for person in people[1:]:
        follows += [ArtistFollow(person.id, a.id, ctx.ago(rng, 200)) for a in rng.sample(artists, k=rng.randint(0, 4))]
    listens = _history(ctx, demo, ctx.count(95, 10), tracks, playlists)
    for person in people[1:]:
        listens += _history(ctx, person, ctx.count(5, 1), tracks, playlists)
    listens.sort(key=lambda listen: listen.played_at)
    return Music(artists, albums, tracks, lyrics, playlists, saves, tuple(follows), tuple(listens))
