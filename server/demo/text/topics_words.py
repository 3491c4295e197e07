"""Subreddits about languages and plots."""

from server.demo.text.topic import Topic, lines, rules

LANGUAGES = Topic(
    name="tongues",
    display_name="Tongues",
    description="Learning languages, mixing them up, dreaming in them.",
    rules=rules(
        ("Any language welcome", "Add a line of translation."),
        ("No fluency contests", "Fluent is a direction."),
        ("Correct kindly", "Ask first."),
    ),
    flairs=("question", "translation", "milestone", "false friends"),
    accent="#48bfe3",
    picture_kinds=("map", "books", "poster", "bars"),
    subjects=lines(
        """
        vowel harmony
        flash card
        tandem partner
        dialect
        false friend
        gendered noun
        verb aspect
        children's book
        accent
        dictionary
        tone
        idiom
        """
    ),
    acts=lines(
        """
        read children's books aloud
        label everything in the kitchen
        watch it without subtitles first
        talk to the cat in it
        learn the songs by heart
        write down one mistake a day
        count your change in it
        phone instead of writing
        """
    ),
    claims=lines(
        """
        you speak it when you can be boring in it
        the first joke you understand is worth a hundred lessons
        grammar makes sense only after you have broken it
        accents are souvenirs
        numbers are the last thing to move into the new language
        a dialect is where the language keeps its humour
        every language has a word for the feeling after a good meal
        """
    ),
    gripes=lines(
        """
        I understand everything until somebody is friendly
        everyone answers me in English
        the dictionary and the bakery disagree
        I mix up the two languages I know best
        my mouth cannot find that vowel
        the fourth case appeared without warning
        """
    ),
    reasons=lines(
        """
        the ear needs a few months before the mouth
        songs hide the grammar
        you only hear what you can already say
        nobody pauses between words
        politeness is a second grammar
        embarrassment fixes a word for ever
        """
    ),
    questions=lines(
        """
        how would you say it to a child
        is that used in the south too
        does it have a plural
        which one would your grandmother use
        is it rude or just direct
        how long have you been learning
        """
    ),
    titles=lines(
        """
        The <subject> that finally made sense
        What is your favourite untranslatable <subject>?
        {Three|Six|Nine} months of {Greek|Korean|Georgian|Finnish|Arabic}: what worked
        How do you keep two languages apart?
        Tried to <act> today and somebody laughed in a good way
        Embarrassing <subject> stories, please
        """
    ),
    links=(
        ("Recordings of dialects along one river", "https://voices.example.org/river"),
        ("A tiny grammar of politeness in twelve languages", "https://tongues.example.net/polite"),
    ),
    images=lines(
        """
        map|Words for snow in my family, on a map
        books|The dictionary I inherited
        bars,line|Minutes of study per day, and the day I met my tandem partner
        """
    ),
)

SPOILERS = Topic(
    name="spoilers",
    display_name="Spoilers",
    description="Plots, twists and endings, discussed without mercy. Flagged so that nobody walks in by accident.",
    rules=rules(
        ("Everything is a spoiler", "That is why this place is hidden behind a warning."),
        ("Name the work in the title", "So that people can look away."),
        ("Be gentle with theories", "Somebody spent a night on it."),
    ),
    flairs=("ending", "theory", "series", "novel"),
    accent="#e63946",
    picture_kinds=("poster", "nightcity", "artwork", "books"),
    subjects=lines(
        """
        lighthouse keeper
        second timeline
        unreliable narrator
        letter in the piano
        twin sister
        last chapter
        post-credits scene
        train conductor
        red umbrella
        map with the missing island
        prologue
        """
    ),
    acts=lines(
        """
        read the first page again
        watch the background in the kitchen scene
        count the clocks
        skip the third season
        follow the umbrella
        listen to the radio announcer
        trust the dog
        """
    ),
    claims=lines(
        """
        the lighthouse keeper was alive the whole time
        the dog knew from the second episode on
        the ending only works if you believe the letter
        the narrator never says where he was that night
        the island is on the map, it is just upside down
        the finale should have stopped at the ferry
        they told us the twist in the opening credits
        """
    ),
    gripes=lines(
        """
        they explained it in a voice-over
        nobody asks where the boat went
        the best character leaves in chapter four
        the sequel pretends it never happened
        two clues point to a person who is not in the story
        """
    ),
    reasons=lines(
        """
        the clock in the hall stands at ten past nine in both scenes
        the umbrella is dry
        he uses a word he cannot know yet
        the piano was sold in the prologue
        the conductor calls her by her first name
        """
    ),
    questions=lines(
        """
        but who wrote the letter
        did the book end the same way
        was the dog real
        why would she come back
        is it worth watching after the second season
        did anybody else cry on the ferry
        """
    ),
    titles=lines(
        """
        [The Salt Stair] The <subject> explained, I think
        [Nine Winters] Why the <subject> had to be there
        [The Cartographer's Wife] That <subject>. Discuss
        [Low Tide Radio] I did not see the <subject> coming
        [Paper Moons] The ending, three readings
        [A House in Reverse] Everything wrong with the <subject>
        """
    ),
    links=(
        ("[Nine Winters] Interview with the person who built the clocks", "https://setdesign.example.org/clocks"),
        ("[The Salt Stair] All 61 stairs, annotated", "https://closereading.example.net/stairs"),
    ),
    images=lines(
        """
        poster|[Low Tide Radio] I drew the poster it deserved
        scatter|[Paper Moons] Timeline of both timelines
        artwork|[The Salt Stair] Fan cover for the second volume
        """
    ),
    is_nsfw=True,
)
