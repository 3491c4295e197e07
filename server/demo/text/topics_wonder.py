"""Subreddits about the night sky and questions to everybody."""

from server.demo.text.topic import Topic, lines, rules

SKY = Topic(
    name="nightsky",
    display_name="Night Sky",
    description="Looking up: naked eye, binoculars, telescopes and patience.",
    rules=rules(
        ("Say how it was taken", "Exposure, place, how dark."),
        ("No doom", "Comets are just passing by."),
        ("Red light only", "Please mark bright pictures."),
    ),
    flairs=("observation", "picture", "beginner", "data"),
    accent="#6c7bd9",
    picture_kinds=("aurora", "snow", "scatter", "mountains"),
    subjects=lines(
        """
        meteor shower
        pair of binoculars
        aurora
        lunar eclipse
        star chart
        tripod
        light pollution
        double star
        sunspot
        conjunction
        dew heater
        open cluster
        """
    ),
    acts=lines(
        """
        give your eyes twenty minutes
        lie on the ground
        start with the Moon
        stack a hundred short exposures
        look slightly beside it
        keep a notebook
        drive half an hour out of town
        check the humidity before leaving
        bring tea and a second hat
        """
    ),
    claims=lines(
        """
        binoculars show more to a beginner than a cheap telescope
        the Moon is the worst neighbour an astronomer can have
        a notebook with bad sketches beats a folder of good pictures
        the darkest sky I ever saw was between two valleys without a name
        averted vision feels like cheating the first time it works
        most of the hobby is waiting for clouds
        the sky over the sea is steadier than anyone expects
        """
    ),
    gripes=lines(
        """
        clouds, every single new moon since spring
        the new street lamps are white and point sideways
        everything fogs up within ten minutes
        my neck has filed a complaint
        the mount drifts exactly when the shutter opens
        the neighbours bought a floodlight
        """
    ),
    reasons=lines(
        """
        the centre of your eye is blind in the dark
        the radiant only climbs after midnight
        noise falls with the square root of the number of frames
        warm air from the roofs makes it boil
        oxygen glows green at that height
        the optics need an hour to cool down
        """
    ),
    questions=lines(
        """
        how long was the exposure
        which direction were you facing
        could you see colour with the naked eye
        how do you keep the dew off
        is it worth it in a city
        what was the Kp index
        """
    ),
    titles=lines(
        """
        Saw my first <subject> {last night|on the way home|by accident}
        What would you show a child first?
        A {cold|windy|perfect} night with a~ <subject>
        Is a~ <subject> enough to start with?
        Counted {41|63|112} meteors in {two|three} hours
        Why you should <act>
        """
    ),
    links=(
        ("Forecast maps for cloud, seeing and transparency", "https://clearnights.example.org/maps"),
        ("Old star atlases, free to browse", "https://atlas.example.net/plates"),
        ("How the colours of the aurora come about", "https://upperair.example.com/colours"),
    ),
    images=lines(
        """
        aurora|Green arc over the fjord, 23:40
        aurora,snow|The valley had no lights at all
        scatter|Magnitude against hours of sleep lost
        snow|Snow, stars, silence
        """
    ),
)

ASK = Topic(
    name="askparlour",
    display_name="Ask Parlour",
    description="Questions to everybody. Be curious, be honest, be short or be long.",
    rules=rules(
        ("A real question", "Ends with a question mark and can be answered by a stranger."),
        ("No medical or legal advice", "Ask somebody who can see you."),
        ("Assume good faith", "It costs nothing."),
    ),
    flairs=("serious", "everyday", "work", "childhood"),
    accent="#f2c14e",
    picture_kinds=("poster", "portrait", "coffee", "books"),
    subjects=lines(
        """
        morning routine
        neighbour
        first job
        school lunch
        handwriting
        old phone number
        favourite mug
        commute
        family saying
        notebook
        silence
        hobby
        small habit
        """
    ),
    acts=lines(
        """
        write one line a day
        call somebody while walking home
        put the phone in another room
        say no without a reason
        leave ten minutes earlier
        read one page before sleeping
        ask for the name twice
        tidy for the length of one song
        learn the names of the trees on your street
        """
    ),
    claims=lines(
        """
        people remember how you left more than how you arrived
        most advice is autobiography
        being early is a way of being calm
        a shared meal fixes more than a long talk
        nobody was thinking about the thing you said in that meeting
        I became a morning person the week I stopped trying
        the boring friendships are the ones that last
        you can restart a day at any hour
        my grandfather was right about wool socks
        """
    ),
    gripes=lines(
        """
        I keep starting again every Monday
        it works for nine days and then life happens
        my family thinks it is a phase, since 2014
        everybody assumes I have time
        the house is never quiet at the same time as me
        I say yes before the sentence is finished
        """
    ),
    reasons=lines(
        """
        the first two minutes are the hard part
        nobody else was going to do it
        you stop negotiating with yourself
        small things survive bad weeks
        a place remembers for you
        tired people make plans for rested people
        """
    ),
    questions=lines(
        """
        how long did it take until it felt normal
        what did your friends say
        did you ever go back
        what would you tell your younger self
        does it still work on bad days
        who taught you that
        """
    ),
    titles=lines(
        """
        What is a~ <subject> story you never get to tell?
        What did your first <subject> teach you?
        Which small thing do you do that nobody notices?
        What is a kindness from a stranger that you still think about?
        People who <act>: what changed?
        What sound takes you straight back to childhood?
        What is overrated, and what is underrated, about living alone?
        What was a rule in your home that turned out to be odd?
        What do you collect, and how did it begin?
        """
    ),
    links=(
        ("A survey of 4,000 commutes and what people do on them", "https://surveys.example.org/commutes"),
        ("The letter box that answers: an art project by the sea", "https://letters.example.net/project"),
    ),
    images=lines(
        """
        coffee|The mug. You know which mug
        books|Reading pile, honest version
        portrait|My grandmother at twenty, drawn from memory
        """
    ),
)
