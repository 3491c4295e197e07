"""Subreddits about synthesisers and cooking."""

from server.demo.text.topic import Topic, lines, rules

SYNTH = Topic(
    name="synthcorner",
    display_name="Synth Corner",
    description="Oscillators, tape hiss and unfinished tracks. Bring a patch, a loop or a question.",
    rules=rules(
        ("Share the process", "How it was made is more interesting than where to buy it."),
        ("Feedback first", "Comment on two tracks before you post your own."),
        ("No gear shaming", "A free plugin and a good idea is enough."),
    ),
    flairs=("patch", "track feedback", "theory", "gear talk"),
    accent="#c678dd",
    picture_kinds=("artwork", "moire", "mandala", "line"),
    subjects=lines(
        """
        low-pass filter
        chord stab
        sidechain
        tape delay
        drum bus
        arpeggio
        bass line
        reverb send
        wavetable
        bridge
        snare
        eight-bar loop
        melody
        """
    ),
    acts=lines(
        """
        mute half of the tracks
        play it an octave lower
        move the snare two milliseconds late
        resample it and start again
        write the bass before the chords
        cut everything below 120 Hz on the pads
        leave the second bar empty
        record one long take without a click
        turn the reverb down until you miss it
        limit yourself to four sounds
        """
    ),
    claims=lines(
        """
        most loops turn into songs when you remove something
        a borrowed minor fourth fixes nearly every boring chorus
        the groove lives in the hats, not in the kick
        mono first, width later
        the demo take usually has the feeling that the clean one lost
        silence before the drop is louder than any riser
        detuning by seven cents is the whole trick
        you finish more music with fewer sounds
        swing at 56 % makes a machine sound like it slept well
        """
    ),
    gripes=lines(
        """
        my mixes sound huge on headphones and vanish in the kitchen
        I have forty loops and not one ending
        the low end turns to soup as soon as the pad comes in
        every melody I write starts on the third
        I spend the evening choosing a kick
        the vocal fights with the lead around 2 kHz
        it felt great at midnight and wooden in the morning
        """
    ),
    reasons=lines(
        """
        the ear gets used to anything after eight bars
        two sounds in one octave only cover each other
        the attack tells you what the instrument is
        the limiter is working harder than the drummer
        contrast does what volume cannot
        phase cancels exactly the part you liked
        """
    ),
    questions=lines(
        """
        what tempo is that
        is that a chorus or just two detuned oscillators
        how long is the release on the pad
        do you mix while you write or afterwards
        which mode is the bridge in
        how did you get the snare to sit so far back
        does it still work in mono
        """
    ),
    titles=lines(
        """
        How do you get out of the <subject> trap?
        Feedback wanted: {slow|dusty|nervous|bright} {house|ambient|dub|synthwave} sketch, mostly a~ <subject>
        One rule that improved my <subject>
        {Stuck|Still stuck|Happily stuck} on a~ <subject> for {two weeks|a month|the whole winter}
        Challenge: <act> and post the result
        What I learned from finishing one track a week
        Theory question about the <subject>
        """
    ),
    links=(
        ("An interactive map of every seventh chord", "https://harmony.example.org/sevenths"),
        ("How a spring reverb works, with slow-motion video", "https://spring-tank.example.net/slow-motion"),
        ("Free pack: 64 drawn single-cycle waves", "https://waves.example.com/packs/drawn-64"),
    ),
    images=lines(
        """
        artwork|Cover for the EP I will finish this year, I promise
        line|The waveform of a door in our stairwell
        moire|Drew the phase of two oscillators drifting apart
        """
    ),
    code=("python",),
)

COOKING = Topic(
    name="breadandsoup",
    display_name="Bread and Soup",
    description="Two of the oldest dishes and everything that goes on the table beside them.",
    rules=rules(
        ("Give amounts", "In grams if you can."),
        ("Kindness to beginners", "We all made a brick once."),
        ("Credit grandmothers", "And the village they come from."),
    ),
    flairs=("bread", "soup", "help", "success", "leftovers"),
    accent="#d98e4a",
    picture_kinds=("bowl", "fruit", "coffee", "ramen", "cake"),
    subjects=lines(
        """
        sourdough starter
        lentil soup
        rye loaf
        stock
        focaccia
        miso broth
        flatbread
        pumpkin soup
        crust
        borscht
        cast-iron pot
        oven
        scoring
        """
    ),
    acts=lines(
        """
        let the dough rest overnight
        salt it in three stages
        roast the bones first
        add the lemon at the very end
        bake it ten minutes longer than you dare
        keep the peelings for stock
        warm the bowl before you pour
        feed the starter twice the day before
        put a tray of ice in the oven
        toast the spices in a dry pan
        """
    ),
    claims=lines(
        """
        soup is better on the second day, always
        most loaves are underbaked, not overbaked
        acid is what people mean when they say something is missing
        a cold night in the fridge does more than ten minutes of kneading
        wet hands solve half of all dough problems
        my neighbour's flour absorbs twice as much water as mine
        the cheapest beans need the longest soak and taste the best
        you can tell by the sound when the crust is done
        onions take forty minutes, whatever the recipe says
        """
    ),
    gripes=lines(
        """
        the bottom burns before the middle is done
        my starter doubles only when nobody is at home
        it sticks to every surface including the cat
        the soup splits the moment the cream goes in
        the loaf spreads like a puddle
        the recipe says medium onion and nobody knows what that means
        the smoke alarm has opinions about my oven
        """
    ),
    reasons=lines(
        """
        the gluten needs time more than force
        steam keeps the skin soft while it grows
        salt early and salt late taste different
        the starch needs to cool before it sets
        the yeast slows down in a cold kitchen
        fat carries the smell
        the pot holds more heat than the oven does
        """
    ),
    questions=lines(
        """
        how much water for how much flour
        do you use the lid for the whole bake
        does it freeze well
        which flour did you use
        can I leave out the celery
        how warm is your kitchen
        fresh or dried
        """
    ),
    titles=lines(
        """
        My <subject> finally {worked|behaved|looks like the picture}
        What do you do with too much <subject>?
        {Help|Please help}: my <subject> {collapsed|tastes of nothing|smells like paint}
        My grandmother's <subject>, written down at last
        What is the one thing you always <act> for?
        A~ <subject> for people with {one pot|a tiny kitchen|forty minutes}
        Does it matter when you <act>?
        """
    ),
    links=(
        ("Why bread goes stale faster in the fridge", "https://crumb.example.org/staling"),
        ("A calculator for baker's percentages", "https://dough.example.net/percent"),
        ("Soups of the Black Sea coast, a travel essay", "https://slowkitchen.example.com/black-sea"),
    ),
    images=lines(
        """
        bowl,cake|First ear on a loaf after eleven tries
        bowl,ramen|Rainy Sunday, big pot
        coffee|Breakfast after the night shift
        fruit|The market had persimmons
        """
    ),
)
