"""The catalogue: invented artists, albums and forty tracks with tempo, key, form and duration, known without rendering."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from server.demo.ids import rng_for

TAIL_SECONDS = 2.5
"""Time after the last bar in which echoes die away."""

_FORMS: dict[str, tuple[str, ...]] = {
    "short": ("I2 A4 B4 A4 B4 C2 B2 O2", "I2 A4 A4 B4 C2 B4 O2", "I2 A4 B4 A4 C4 B4 O2"),
    "medium": ("I2 A4 B8 A4 B8 C4 O2", "I4 A8 B4 A4 C4 B4 O4", "I2 A8 B4 A8 B4 C4 B4 O2"),
    "long": ("I4 A8 B8 A8 B8 C4 B4 O4", "I4 A8 A8 B8 C4 B8 O4", "I4 A8 B8 A8 C8 B8 O4"),
    "very long": ("I8 A16 B8 A8 C8 B8 O8", "I4 A16 B16 C8 A8 B8 O4"),
}
_SECTION_NAMES = {"I": "intro", "A": "verse", "B": "chorus", "C": "bridge", "O": "outro"}


@dataclass(frozen=True)
class Section:
    """A part of a song; `start_bar` and `bars` count whole bars."""

    name: str
    start_bar: int
    bars: int


@dataclass(frozen=True)
class ArtistSpec:
    """An invented artist with one album."""

    name: str
    genre: str
    genres: tuple[str, ...]
    album: str
    album_type: str
    year: int
    label: str
    verified: bool
    listeners: int
    bio: str


@dataclass(frozen=True)
class TrackSpec:
    """Everything that the composer needs; `root` is the pitch class of the key (0 is C)."""

    key: str
    title: str
    artist: ArtistSpec
    number: int
    bpm: float
    root: int
    mode: str
    explicit: bool

    @property
    def genre(self) -> str:
        """The style that the composer uses."""
        return self.artist.genre

    @property
    def beats_per_bar(self) -> int:
        """Three for waltzes, four otherwise."""
        return 3 if self.genre == "waltz" else 4

    @property
    def bar_seconds(self) -> float:
        """Duration of a bar in seconds."""
        return self.beats_per_bar * 60.0 / self.bpm

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The song form, in order."""
        seconds = self.bar_seconds
        size = "short" if seconds > 3.2 else "medium" if seconds > 2.44 else "long" if seconds > 1.6 else "very long"
        form = rng_for("form", self.key).choice(_FORMS[size])
        sections, bar = [], 0
        for part in form.split():
            bars = int(part[1:])
            sections.append(Section(_SECTION_NAMES[part[0]], bar, bars))
            bar += bars
        return tuple(sections)

    @property
    def bars(self) -> int:
        """Number of bars of the whole form."""
        last = self.sections[-1]
        return last.start_bar + last.bars

    @property
    def duration_ms(self) -> int:
        """Duration of the rendered track in milliseconds."""
        return round(1000 * (self.bars * self.bar_seconds + TAIL_SECONDS))


_A = ArtistSpec
ARTISTS: tuple[ArtistSpec, ...] = (
    _A("Salt & Static", "ambient", ("ambient", "drone"), "Tidal Rooms", "album", 2023, "Driftwood Tapes", True, 48210, "Slow machines by the sea."),
    _A("Paper Lantern Club", "lofi", ("lo-fi", "beats"), "Homework for Rainy Days", "album", 2024, "Windowseat", True, 182400, "Four friends, one dusty sampler."),
    _A("Neon Meridian", "synthwave", ("synthwave", "retro"), "Coast Road at Midnight", "album", 2022, "Afterglow Works", True, 96730, "Headlights, harbours, arpeggios."),
    _A("Bit Orchard", "chiptune", ("chiptune", "game music"), "Eight Apples", "ep", 2021, "Pixel & Pear", False, 21950, "Pulse waves grown without pesticides."),
    _A("Casa Verano", "house", ("house", "deep house"), "Terrace", "ep", 2024, "Afterglow Works", True, 154300, "For roofs, late afternoon."),
    _A("Wren and Thistle", "folk", ("folk", "acoustic"), "Songs from the Weir", "album", 2020, "Stile & Hedge", False, 33870, "Two guitars and a river."),
    _A("Elsbeth Krahn-Moor", "waltz", ("piano", "neoclassical"), "Twelve Small Rooms", "album", 2022, "Quiet Upright", True, 71120, "Writes waltzes for people who cannot dance."),
    _A("Quinteto da Maré", "bossa", ("bossa", "jazz"), "Varanda", "album", 2019, "Maré Alta", False, 40560, "Violão, contrabaixo, janela aberta."),
    _A("Kinetik Fold", "dnb", ("drum and bass", "electronic"), "Foldback", "single", 2025, "Origami Audio", False, 58900, "Paper folded at 174 beats a minute."),
    _A("The Long Horizon", "cinematic", ("cinematic", "strings"), "Atlas of Weather", "album", 2023, "Driftwood Tapes", True, 120480, "Scores for landscapes that have no film yet."),
    _A("Mister Pocket", "funk", ("funk", "groove"), "Pocket Change", "ep", 2021, "Corner Shop Records", False, 27640, "Bass first. Always bass first."),
    _A("Lighthouse Dub System", "dub", ("dub", "reggae"), "Signals from Below", "album", 2020, "Echo Chamber Supply", True, 64230, "Spring reverb and low frequencies."),
)  # fmt: skip

_TRACKS = """
0|Low Water|62|2|dorian
0|The Room Behind the Sea|58|9|lydian
0|Fog Signal|64|7|minor
0|Anchor Chain, Slowly|60|4|dorian
1|Umbrella Left on the Tram|82|5|major
1|Second Cup|78|0|dorian
1|Window, Third Floor|86|9|minor
1|Pencil Shavings|74|7|major
2|Sodium Lights|104|9|minor
2|Last Ferry North|98|4|minor
2|Cassette Heart|110|2|minor
2|Chrome and Jasmine|100|7|dorian
3|Worm in the Code|150|0|major
3|Ladder to the Clouds|138|7|major
3|Boss Is a Pear|160|9|minor
4|Salt on the Glass|122|10|dorian
4|Half Past Golden|124|5|minor
4|Shutters Open|120|0|dorian
5|The Miller's Umbrella|96|7|major
5|Heron|84|2|dorian
5|Stile and Hedge|108|0|major
5|Letters Across the Weir|92|9|minor
6|Waltz for an Empty Landing|108|5|minor
6|The Blue Kettle|126|3|major
6|Snow on the Piano Lid|96|0|minor
7|Janela Acesa|128|2|major
7|Compasso de Espera|120|9|minor
7|Maré Baixa|134|5|major
8|Crease Pattern|174|5|minor
8|Valley Fold|172|2|minor
8|Paper Engine|176|9|dorian
9|Cumulonimbus|76|2|minor
9|The Map Has No Edges|84|0|dorian
9|Snowline|70|7|minor
10|Exact Change|102|4|dorian
10|Elbows Off the Table|108|9|dorian
10|Corner Shop at Noon|98|2|mixolydian
11|Signal from Below|72|9|minor
11|Keeper's Echo|76|4|minor
11|Paraffin Dub|70|7|dorian
"""
_EXPLICIT = frozenset({"Elbows Off the Table", "Paper Engine"})


def _slug(title: str) -> str:
    title = unicodedata.normalize("NFKD", title.replace("'", "")).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


def _tracks() -> tuple[TrackSpec, ...]:
    specs: list[TrackSpec] = []
    numbers: dict[int, int] = {}
    for row in _TRACKS.strip().splitlines():
        artist, title, bpm, root, mode = row.split("|")
        index = int(artist)
        numbers[index] = numbers.get(index, 0) + 1
        specs.append(
            TrackSpec(
                _slug(title), title, ARTISTS[index], numbers[index], float(bpm), int(root), mode, title in _EXPLICIT
            )
        )
    return tuple(specs)


TRACKS: tuple[TrackSpec, ...] = _tracks()
TRACK_BY_KEY: dict[str, TrackSpec] = {track.key: track for track in TRACKS}
