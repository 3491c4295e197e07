"""Subreddits about slow travel and balcony gardens."""

from server.demo.text.topic import Topic, lines, rules

TRAVEL = Topic(
    name="slowtravel",
    display_name="Slow Travel",
    description="Night trains, ferries, long walks. The journey is the part we like.",
    rules=rules(
        ("No countries in a weekend", "Tell us about one street instead."),
        ("Prices and dates", "So that others can follow."),
        ("Leave it as it was", "No secret places with coordinates, please."),
    ),
    flairs=("trip report", "night train", "on foot", "planning"),
    accent="#5aa9e6",
    picture_kinds=("mountains", "sea", "map", "desert", "snow"),
    subjects=lines(
        """
        night train
        ferry
        border crossing
        packing list
        mountain hut
        rail pass
        paper map
        stopover
        guest house
        footpath
        window seat
        timetable
        """
    ),
    acts=lines(
        """
        take the local train instead
        stay a second night
        walk from the station
        carry half as much
        book the lower bunk
        learn to say thank you first
        eat where the drivers eat
        leave one day without a plan
        send the heavy things home by post
        """
    ),
    claims=lines(
        """
        the best part of any trip is the hour you did not plan
        you remember the places where you missed the connection
        a town looks different when you arrive at walking speed
        two pairs of shoes is one pair too many
        an upper bunk is fine until about three in the morning
        the last bus always leaves four minutes early
        every ferry has one table where the regulars play cards
        a paper map starts conversations, a phone ends them
        """
    ),
    gripes=lines(
        """
        the connection is six minutes on paper and twelve on foot
        half the huts open two weeks later than last year
        the booking page only accepts phone numbers of one country
        my backpack makes a new noise
        the heating in the couchette has two settings, off and bakery
        everything I printed got wet on the first day
        """
    ),
    reasons=lines(
        """
        the border guards come through at four anyway
        the slow line follows the river
        locals know which side of the carriage has the view
        a rest day is cheaper than a sprained ankle
        the tickets go on sale sixty days ahead
        nobody checks the reservation on weekdays
        """
    ),
    questions=lines(
        """
        did you need a reservation
        how cold does it get at night
        was it safe to leave the bike there
        how much did the whole trip cost
        is the path marked all the way
        which side should I sit on
        do they take cards
        """
    ),
    titles=lines(
        """
        {Three|Five|Nine} days with a~ <subject> and no plan
        Is a~ <subject> worth it in {November|March|the rain}?
        Trip report: <place>, slowly
        What I would tell myself before the first <subject>
        The <subject> to <place> is back
        Which <subject> do you still think about?
        From <place> to <place> without flying
        """
    ),
    links=(
        ("Timetables of forgotten branch lines, scanned", "https://timetables.example.org/branch-lines"),
        ("A map of all drinking fountains along the old pilgrim road", "https://wayfarers.example.net/fountains"),
        ("How sleeper cars are cleaned in forty minutes", "https://railway-notes.example.com/sleepers"),
    ),
    images=lines(
        """
        mountains,sea|Woke up to this, somewhere after the border
        mountains,snow|The pass at six in the morning
        map|Hand-drawn map from the hut warden
        sea|Waiting for the ferry
        """
    ),
)

GARDEN = Topic(
    name="balconygarden",
    display_name="Balcony Garden",
    description="Growing too many tomatoes on four square metres.",
    rules=rules(
        ("Say where you are", "At least north, south and how windy."),
        ("Identify before you eat", "We are not poison control."),
        ("Show failures", "They teach more."),
    ),
    flairs=("harvest", "what is this?", "pests", "winter"),
    accent="#7fb069",
    picture_kinds=("plant", "fruit", "quilt", "voronoi"),
    subjects=lines(
        """
        tomato
        basil
        compost bucket
        watering can
        strawberry pot
        trellis
        seed tray
        chilli plant
        lavender
        worm bin
        window box
        fig tree
        """
    ),
    acts=lines(
        """
        water in the morning
        pinch out the side shoots
        turn the pots once a week
        mix in some sand
        stop feeding in August
        let one plant go to seed
        put a saucer under it
        harden them off for a week
        cut it back harder than feels right
        """
    ),
    claims=lines(
        """
        more plants die of love than of neglect
        the cheap black pots warm up faster and that matters in April
        basil from the shop is thirty plants in one pot, split it
        wind dries things out more than sun does
        the best tomato is the one that seeded itself
        labels fade, pencil does not
        a mirror on the wall is worth an hour of light
        bees find a balcony on the fifth floor within a day
        """
    ),
    gripes=lines(
        """
        something eats exactly one leaf per night
        the leaves turn yellow from the bottom up
        pigeons have declared my seed tray an airport
        everything flowered while I was away
        the neighbour upstairs waters my laundry
        the seedlings are tall, thin and offended
        """
    ),
    reasons=lines(
        """
        the roots cook in a dark pot
        they need the cool night to set fruit
        the top of the soil lies about the bottom
        calcium cannot move without water
        a stressed plant tastes stronger
        the fungus needs six wet hours
        """
    ),
    questions=lines(
        """
        how many hours of sun does it get
        when did you sow it
        is there a hole in the bottom
        what do you feed it
        does it come back after winter
        are those thrips
        how deep is the pot
        """
    ),
    titles=lines(
        """
        First <subject> of the year
        Is my <subject> {dying|sulking|supposed to look like that}?
        What can I still sow in {August|September|October}?
        I moved house with a~ <subject> on my knees
        The <subject> experiment: {one month|sixty days|a season} later
        Who else has to <act> and always forgets?
        """
    ),
    links=(
        ("Companion planting, what the trials really found", "https://greenhouse.example.org/companions"),
        ("A sowing calendar you can print on one page", "https://calendar.example.net/sowing.pdf"),
        ("How to build a self-watering box from two buckets", "https://tinkerfarm.example.com/buckets"),
    ),
    images=lines(
        """
        fruit|Today's harvest, all eleven grams of it
        plant|She is taller than me now
        voronoi|October colours from four square metres
        quilt|A quilt pattern made of seed packets
        """
    ),
)
