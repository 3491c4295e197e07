"""Subreddits about cats and film photography."""

from server.demo.text.topic import Topic, lines, rules

CATS = Topic(
    name="catsofparlour",
    display_name="Cats of Parlour",
    description="Cats, and dogs who identify as cats.",
    rules=rules(
        ("One cat tax per post", "No picture, no post."),
        ("No vet questions at night", "Call one."),
        ("Be kind to orange cats", "They share one thought and it is not their turn."),
    ),
    flairs=("loaf", "chaos", "new arrival", "old friend"),
    accent="#e07a5f",
    picture_kinds=("cat", "dog", "cat", "cat"),
    subjects=lines(
        """
        cat
        kitten
        cardboard box
        laser dot
        litter tray
        scratching post
        window sill
        tail
        morning concert
        empty bowl
        vet visit
        tuxedo cat
        """
    ),
    acts=lines(
        """
        knock it off the table
        pretend not to see it
        sleep in the sink
        buy a second box
        feed them at the same hour
        warm the blanket first
        close the bathroom door
        let the cat come to you
        """
    ),
    claims=lines(
        """
        a cat knows the exact width of your keyboard
        they were never asleep
        two cats is less work than one, until it is not
        the expensive bed is where the parcel came in
        three in the morning is a perfectly good time for opera
        every cat has one person and one radiator
        slow blinking works on cats and on some colleagues
        """
    ),
    gripes=lines(
        """
        she stares at the same corner every evening
        he has learned to open the fridge
        they hold a meeting on my chest at five
        the new sofa has been signed
        the bowl is half full, which is to say empty
        he is afraid of cucumbers and of Tuesdays
        """
    ),
    reasons=lines(
        """
        it smells of you
        gravity needs regular testing
        the box has walls on four sides
        the sun moves and so must they
        a closed door is an insult
        they remember who is soft
        """
    ),
    questions=lines(
        """
        what is the name
        how old
        is that the same chair as last week
        do they get along
        boy or girl
        may I have the paw picture
        """
    ),
    titles=lines(
        """
        How do I explain to my <subject> that it is Sunday?
        The <subject> has chosen
        {Day|Week|Month} {three|five|nine} with the new <subject>
        Why does my cat <act>?
        An honest review of the <subject>, one star
        She is {seventeen|nineteen|twenty-one} today
        """
    ),
    links=(
        ("Slow-motion study of how cats drink", "https://fluid.example.org/cats"),
        ("A shelter that lends cats to libraries", "https://goodnews.example.net/library-cats"),
    ),
    images=lines(
        """
        cat|Loaf of the day
        cat|He has been like this for an hour
        cat,dog|New arrival, no name yet, suggestions please
        dog|Dog who believes he is a cat, exhibit four
        cat|Window sill supervisor
        dog,cat|Before and after the word dinner
        """
    ),
)

PHOTO = Topic(
    name="analogphoto",
    display_name="Analog Photo",
    description="Film, darkrooms, pinholes. Thirty-six tries and a week of waiting.",
    rules=rules(
        ("Say what and how", "Format, exposure, developer if you know it."),
        ("Critique kindly", "Ask before you crop somebody else's picture."),
        ("No for-sale posts", "This is not a market."),
    ),
    flairs=("35 mm", "medium format", "darkroom", "help"),
    accent="#b08968",
    picture_kinds=("forest", "sea", "nightcity", "portrait", "mountains"),
    subjects=lines(
        """
        light meter
        contact sheet
        pinhole camera
        fixer
        half-frame camera
        red filter
        enlarger
        expired roll
        shutter
        double exposure
        darkroom
        lens cap
        """
    ),
    acts=lines(
        """
        meter for the shadows
        wait for the cloud
        shoot the whole roll on one street
        write the exposure down
        print it small first
        go back at the same hour
        leave the lens cap at home
        agitate more gently
        """
    ),
    claims=lines(
        """
        the frame before the one you wanted is often the good one
        grain is not a defect, it is weather
        one lens for a year teaches you more than a course
        the light meter is a suggestion
        contact sheets are the best diary I have
        overexposing by one stop saves most rolls
        waiting a week makes you a kinder editor
        """
    ),
    gripes=lines(
        """
        light leak on frame twelve, every roll
        the scans come back looking like toothpaste
        I rewound it before the end again
        the fixer ran out at eleven at night
        there is a hair in every single print
        everything was sharp except the person
        """
    ),
    reasons=lines(
        """
        shadows have no second chance
        the highlights hold longer than you think
        the seal behind the door turns to tar with age
        water temperature drifts in a small kitchen
        you look harder when there are twelve frames
        the sun is softer after rain
        """
    ),
    questions=lines(
        """
        what film was it
        handheld or tripod
        did you push it
        how old was the roll
        is that the scan or the print
        which focal length
        """
    ),
    titles=lines(
        """
        Found a~ <subject> at a flea market, what now?
        One roll, one street: <place>
        What went wrong with this <subject>?
        My <subject> after {thirty|forty|sixty} years in a drawer
        Do you still <act>?
        The <subject> that made me come back to film
        """
    ),
    links=(
        ("Developing times chart, kept by volunteers", "https://darkroom.example.org/times"),
        ("Portraits of a harbour over fifty years", "https://harbour.example.net/portraits"),
    ),
    images=lines(
        """
        forest|Fog, frame 7
        sea,nightcity|Harbour at closing time, expired roll
        mountains,sea|Last light before the storm
        portrait|My brother, who never looks at cameras
        nightcity|Night walk, four seconds on a wall
        """
    ),
)
