"""Names of playlists, group chats and devices."""

PLAYLISTS: tuple[tuple[str, str], ...] = (
    ("Slow Sunday", "For bread, rain and long baths."),
    ("Deep focus, no words", "Nothing that asks for attention."),
    ("Night train", "From the last station to the first coffee."),
    ("Kitchen radio", "Songs to chop onions to."),
    ("Run until the bridge", "172 beats a minute, more or less."),
    ("Autumn on the balcony", "Cardigan weather."),
    ("First light", "Start quiet, end awake."),
    ("Rainy windows", "Headphones recommended."),
    ("Dinner for six", "Everybody adds one, nobody skips."),
    ("Learn these on bass", "Slowly, then at tempo."),
    ("Songs my neighbour plays", "Through the wall, in mono."),
    ("Machines with feelings", "Oscillators, mostly sad."),
    ("Home, late", "When the city is finally still."),
    ("Band practice", "Please update before Thursday!"),
    ("Ferry crossing", "Forty minutes, one way."),
    ("Dust and strings", "Wood, wire, fingers."),
)
"""Name and description."""

GROUP_CHATS: tuple[str, ...] = (
    "Soup night 🍲",
    "Release crew",
    "Hut weekend",
    "Film swap 🎞️",
    "Tongues table",
    "Night shift",
)
