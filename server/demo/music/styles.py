"""How each genre is played: instruments, drum patterns on sixteen steps, comping, bass figures, room and echo."""

# ruff: noqa: E501  a style reads best on one line

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """An arrangement. Patterns hold x for a hit, o for a soft one; twelve or sixteen steps to a bar."""

    lead: str
    chords: str
    bass: str
    comp: str
    """Steps at which chords are struck; a single x holds the whole bar."""
    bass_line: str
    """Steps of the bass: r root, f fifth, o octave, t third."""
    drums: tuple[tuple[str, str], ...]
    busy: float
    swing: float
    room: float
    """Reverb time in seconds."""
    wet: float
    echo: float
    """Echo feedback; the time is three eighths of a beat pair."""
    duck: float
    low: int
    """Lowest pitch of the melody."""
    arpeggio: bool = False
    voices: int = 3


STYLES: dict[str, Style] = {
    "ambient": Style("keys", "pad", "sub", "x...............", "r...............", (("shaker", "....o.......o..."),), 0.15, 0.0, 1.5, 0.6, 0.45, 0.0, 67, voices=4),
    "lofi": Style("keys", "keys", "sub", "x......x..o.....", "r......r..f.....", (("kick", "x......x.x......"), ("snare", "....x.......x..."), ("hat", "x.o.x.o.x.o.x.oo")), 0.45, 0.16, 0.9, 0.25, 0.2, 0.25, 65, voices=4),
    "synthwave": Style("lead", "pad", "bass", "x...............", "r.r.r.r.r.r.r.o.", (("kick", "x...x...x...x..."), ("snare", "....x.......x..."), ("hat", "..x...x...x...xo")), 0.4, 0.0, 1.3, 0.3, 0.35, 0.4, 64, True, 3),
    "chiptune": Style("square", "square", "square", "x.x.x.x.x.x.x.x.", "r.r.o.r.f.r.o.r.", (("kick", "x.......x......."), ("rim", "....x.......x..."), ("hat", "x.x.x.x.x.x.x.x.")), 0.75, 0.0, 0.3, 0.06, 0.2, 0.0, 69, True, 3),
    "house": Style("keys", "stab", "bass", "..x..x....x..x..", "..r..r.r..r..f.o", (("kick", "x...x...x...x..."), ("snare", "....x.......x..."), ("open", "..x...x...x...x."), ("shaker", "o.o.o.o.o.o.o.o.")), 0.4, 0.06, 1.0, 0.22, 0.3, 0.55, 64, voices=4),
    "folk": Style("pluck", "pluck", "pluck", "x...o.x.o...x.o.", "r.......f.......", (("shaker", "x.o.x.o.x.o.x.o."),), 0.5, 0.05, 0.8, 0.2, 0.0, 0.0, 67, True, 3),
    "waltz": Style("piano", "piano", "piano", "....x...x...", "r...........", (), 0.45, 0.0, 1.4, 0.3, 0.0, 0.0, 69, voices=3),
    "bossa": Style("lead", "pluck", "bass", "x..x...x..x..x..", "r.....f.r.....f.", (("rim", "x..x..x...x..x.."), ("shaker", "xoxoxoxoxoxoxoxo"), ("kick", "x.......x.......")), 0.5, 0.04, 0.8, 0.2, 0.1, 0.0, 65, voices=4),
    "dnb": Style("lead", "pad", "bass", "x...............", "r.....r...f..r..", (("kick", "x.........x....."), ("snare", "....x..o.o..x..o"), ("hat", "x.x.x.x.x.x.x.xx")), 0.35, 0.0, 1.1, 0.25, 0.35, 0.35, 64, voices=4),
    "cinematic": Style("strings", "strings", "strings", "x...............", "r...............", (("tom", "x.......x.o....."),), 0.2, 0.0, 1.48, 0.45, 0.0, 0.0, 67, voices=4),
    "funk": Style("keys", "stab", "bass", "..x...x..x....x.", "r..r..o.r.ft.ro.", (("kick", "x..x......x..x.."), ("snare", "....x..o.o..x..o"), ("hat", "xoxoxoxoxoxoxoxo")), 0.55, 0.08, 0.5, 0.12, 0.1, 0.0, 64, voices=4),
    "dub": Style("lead", "stab", "sub", "....x.......x...", "r..r....f.r....t", (("kick", "........x......."), ("rim", "........x......."), ("hat", "x.x.x.x.x.x.x.xo"), ("tom", "..............oo")), 0.25, 0.1, 1.4, 0.35, 0.62, 0.0, 62, voices=3),
}  # fmt: skip
