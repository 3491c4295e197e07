"""Picture keys: `<kind>-<shape><hex number>` names a picture; its size, mood and alt text follow without drawing it."""

import re
from dataclasses import dataclass

from server.demo.ids import seed_for

SIZES: dict[str, tuple[int, int]] = {
    "p": (864, 1080),
    "l": (1080, 720),
    "s": (960, 960),
    "w": (1280, 720),
    "t": (720, 1280),
}
"""Width and height in pixels of each shape: portrait, landscape, square, wide, tall."""
AVATAR_SIZE = (256, 256)
COVER_SIZE = (640, 640)

MOODS: dict[str, tuple[str, ...]] = {
    "mountains": ("dawn", "dusk", "noon", "night"),
    "sea": ("sunset", "dawn", "noon", "moonlight"),
    "forest": ("mist", "autumn", "night", "dawn"),
    "desert": ("noon", "dusk", "night"),
    "aurora": ("green", "violet", "teal"),
    "snow": ("dusk", "night", "noon"),
    "nightcity": ("blue", "violet", "rain"),
    "coffee": ("window", "wood", "teal"),
    "fruit": ("ochre", "blue", "rose"),
    "bowl": ("tomato", "lentil", "pumpkin", "pea"),
    "ramen": ("red", "navy", "green"),
    "cake": ("rose", "mint", "cream"),
    "plant": ("terracotta", "blue", "yellow"),
    "books": ("evening", "morning", "green"),
    "portrait": ("rose", "teal", "ochre", "violet", "blue"),
    "cat": ("orange", "black", "grey", "tuxedo", "cream"),
    "dog": ("brown", "spotted", "cream", "black"),
    "map": ("paper", "night", "green"),
    "truchet": ("warm", "cold", "candy"),
    "voronoi": ("autumn", "coral", "ice"),
    "moire": ("violet", "orange", "mono"),
    "flow": ("fire", "sea", "meadow"),
    "mandala": ("gold", "rose", "jade"),
    "quilt": ("folk", "sea", "berry"),
    "artwork": ("sun", "grid", "rings", "waves", "peaks", "bars"),
    "poster": ("red", "blue", "yellow", "green"),
    "line": ("dark", "light"),
    "bars": ("dark", "light"),
    "scatter": ("dark", "light"),
}
KINDS: tuple[str, ...] = tuple(MOODS)

_ALT: dict[str, str] = {
    "mountains": "Layered mountain ranges, {mood} light",
    "sea": "Open sea with a low sun, {mood}",
    "forest": "Rows of fir trees fading into {mood}",
    "desert": "Dunes and a lone cactus, {mood}",
    "aurora": "A {mood} aurora over dark hills",
    "snow": "A small house in deep snow, {mood}",
    "nightcity": "City skyline at night with lit windows, {mood} sky",
    "coffee": "A steaming cup of coffee on a table, {mood}",
    "fruit": "A bowl of fruit against a {mood} wall",
    "bowl": "A bowl of {mood} soup with a spoon and bread",
    "ramen": "A noodle bowl with egg and greens on a {mood} table",
    "cake": "A slice of layered cake, {mood}",
    "plant": "A leafy plant in a {mood} pot",
    "books": "A stack of books and a lamp, {mood}",
    "portrait": "A drawn portrait on a {mood} background",
    "cat": "A {mood} cat looking at the viewer",
    "dog": "A {mood} dog with its tongue out",
    "map": "A drawn map with coast, roads and a route, {mood}",
    "truchet": "Pattern of quarter-circle tiles in {mood} colours",
    "voronoi": "Mosaic of cells in {mood} colours",
    "moire": "Interfering rings in {mood}",
    "flow": "Flowing lines in {mood} colours",
    "mandala": "A radial ornament in {mood}",
    "quilt": "A patchwork quilt in {mood} colours",
    "artwork": "Abstract cover art: {mood}",
    "poster": "A {mood} poster with large type and simple shapes",
    "line": "A line chart with axes and labels, {mood} theme",
    "bars": "A bar chart with axes and labels, {mood} theme",
    "scatter": "A scatter plot with a trend line, {mood} theme",
}
_KEY = re.compile(r"([a-z]+)-([plswt])([0-9a-f]{1,12})")


@dataclass(frozen=True, slots=True)
class PictureKey:
    """A parsed key."""

    kind: str
    shape: str
    number: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return SIZES[self.shape]

    @property
    def mood(self) -> str:
        """The variant of the kind that is drawn."""
        moods = MOODS[self.kind]
        return moods[self.number % len(moods)]


def parse_key(key: str) -> PictureKey:
    """The parts of `key`; raises ValueError for anything that is not a picture key."""
    match = _KEY.fullmatch(key)
    if match is None or match.group(1) not in MOODS:
        raise ValueError(f"not a picture key: {key!r}")
    return PictureKey(match.group(1), match.group(2), int(match.group(3), 16))


def picture_key(kind: str, shape: str, *parts: str | int) -> str:
    """The key of a picture of `kind` and `shape` that `parts` identify."""
    return f"{kind}-{shape}{seed_for('picture', kind, *parts) & 0xFFFFFFFF:08x}"


def picture_size(key: str) -> tuple[int, int]:
    """Width and height in pixels of the picture `key`, without drawing it. Raises ValueError for a bad key."""
    return parse_key(key).size


def picture_alt(key: str) -> str:
    """What the picture `key` shows, in one line."""
    parsed = parse_key(key)
    return _ALT[parsed.kind].format(mood=parsed.mood)
