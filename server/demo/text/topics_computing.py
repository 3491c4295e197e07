"""Subreddits about terminals and code."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

from server.demo.text.topic import Topic, lines, rules

TERMINAL = Topic(
    name="terminal_life",
    display_name="Terminal Life",
    description="For people who open a terminal before they open the curtains. Setups, one-liners, and gentle arguments about prompts.",
    rules=rules(
        ("Show the config", "A screenshot without the dotfiles is only a picture."),
        ("No editor wars", "Everybody has heard it. Share what works for you instead."),
        ("Explain your one-liner", "Somebody will paste it into a production shell."),
    ),
    flairs=("setup", "question", "tip", "rant"),
    accent="#4ec9a0",
    picture_kinds=("truchet", "flow", "bars", "poster"),
    subjects=lines(
        """
        shell history
        prompt
        terminal multiplexer
        key map
        status line
        dotfiles repository
        fuzzy finder
        pager
        SSH config
        clipboard over SSH
        tiling layout
        colour scheme
        log viewer
        """
    ),
    acts=lines(
        """
        bind it to a single key
        keep one session per project
        put the whole thing under version control
        measure the startup time first
        pipe it through a pager
        turn off the blinking cursor
        write a tiny wrapper script
        drop the plugin manager entirely
        share one socket for all the panes
        set the locale explicitly
        """
    ),
    claims=lines(
        """
        half of the plugins I had were replaced by eight lines of shell
        a fast prompt changes how often you bother to check things
        the best status line is the one you stop noticing
        nobody needs more than two splits on a laptop screen
        the mouse is fine, you are allowed to use the mouse
        text interfaces age better than anything with a build step
        searching history by directory is the feature I would miss most
        true colour over a slow line is still perfectly usable
        eighty columns is a kindness to your future self
        """
    ),
    gripes=lines(
        """
        the colours break as soon as I am two hops away
        copying more than one screen of text never does what I expect
        wide emoji push the border one cell to the right
        my function keys do something different on every machine
        the session dies whenever the train goes through a tunnel
        startup went from 40 ms to almost a second after the last update
        resizing the pane leaves half a box behind
        """
    ),
    reasons=lines(
        """
        the remote side never learns what your terminal can do
        every keystroke goes through three programs
        the width tables disagree about that character
        the shell re-reads the whole file each time
        you only notice it on a bad connection
        muscle memory is worth more than features
        the defaults were chosen for a machine from another century
        """
    ),
    questions=lines(
        """
        do you keep one long-lived session or start fresh every morning
        does that survive a reconnect
        how does it behave at 80x24
        which font is that
        do you sync history between machines
        is there a way to do this without root
        what happens when the other end has no UTF-8
        """
    ),
    titles=lines(
        """
        What is in your <subject> that nobody else has?
        I rewrote my <subject> in an evening and it is {twice|ten times|embarrassingly much} faster
        Unpopular opinion: you do not need a~ <subject>
        {Finally|At last|After three years}: a~ <subject> that works over a slow line
        How do you explain your <subject> to colleagues?
        TIL you can <act>
        Weekly: small things that made your <subject> nicer
        My <subject> broke on a Friday evening. A story
        """
    ),
    links=(
        ("A visual history of the text cursor", "https://cursor-history.example.org/essays/blink"),
        ("Measuring the latency of nine terminals with a photodiode", "https://lab.example.net/terminal-latency"),
        ("The escape sequence reference I wish I had ten years ago", "https://docs.example.com/escape-sequences"),
        ("Notes on surviving a 2400-baud link in the mountains", "https://field-notes.example.org/slow-lines"),
    ),
    images=lines(
        """
        poster|My desk, one screen, four panes, no regrets
        line|Startup times of my shell over a year, plotted
        truchet,flow|Generated this in the terminal while waiting for a build
        nightcity|New colour scheme, inspired by the harbour at night
        """
    ),
    code=("bash", "toml", "python"),
)

CODE = Topic(
    name="codereview_club",
    display_name="Code Review Club",
    description="Post something small, get a kind and thorough review. Any language, any level.",
    rules=rules(
        ("Review the code, not the person", "Say what you would change and why."),
        ("At most 80 lines", "Cut it down. You will often find the bug while doing so."),
        ("Say what you tried", "And what you expected to happen."),
    ),
    flairs=("python", "rust", "sql", "go", "please be gentle"),
    accent="#e0a458",
    picture_kinds=("line", "scatter", "bars", "moire"),
    subjects=lines(
        """
        retry loop
        cache
        parser
        test suite
        migration
        error type
        queue
        date handling
        index
        rate limiter
        diff
        naming
        feature flag
        """
    ),
    acts=lines(
        """
        return early
        write the test before touching anything
        make the illegal state impossible to build
        push the I/O to the edges
        name the constant
        log the id and nothing else
        let it crash
        delete the abstraction until the second caller shows up
        use a set there
        store everything in UTC
        """
    ),
    claims=lines(
        """
        most of the bugs I fix live between two functions that are both correct
        a boolean parameter is a function that wants to be two functions
        comments that say why are the only ones that stay true
        the second rewrite is where you learn what the first one was for
        small diffs get better reviews, every single time
        a good name removes a paragraph of documentation
        caching is easy, noticing that you are stale is the job
        type hints paid for themselves in the first week
        the tests were green because they tested the mock
        """
    ),
    gripes=lines(
        """
        it passes locally and fails only on the build machine
        the stack trace points at line 1 of an empty file
        two threads get the same number about once a week
        everything is fine until daylight saving time ends
        the query is quick with ten rows and hopeless with a million
        nobody remembers why the sleep is there
        the exception is swallowed three levels below
        """
    ),
    reasons=lines(
        """
        the default argument is shared between calls
        floats do not compare the way you hope
        the lock is released before the write is flushed
        the caller cannot tell the two failures apart
        an index cannot help when you wrap the column in a function
        it reads the clock twice
        you will debug this at night one day
        """
    ),
    questions=lines(
        """
        what happens when the list is empty
        who closes the file
        could two of these run at the same time
        did you measure it before and after
        is there a reason it is not a dataclass
        why catch it here and not one level up
        what does the caller do with None
        """
    ),
    titles=lines(
        """
        Please tear apart my <subject>
        Is this <subject> {too clever|overkill|reasonable}?
        First pull request at the new job and the <subject> scares me
        Why does my <subject> {lose the last item|hang on shutdown|run twice}?
        A~ <subject> in 30 lines, what did I miss?
        How would you test a~ <subject>?
        I was told to <act>. Is that always right?
        """
    ),
    links=(
        ("The off-by-one that cost us a weekend", "https://postmortems.example.net/off-by-one"),
        ("Forty small refactorings with before and after", "https://refactor.example.org/forty"),
        ("A plain-language guide to isolation levels", "https://db-notes.example.com/isolation"),
    ),
    images=lines(
        """
        line|Memory use before and after one changed line
        bars|Build times per commit. Guess where I added the code generator
        scatter|Scatter of review length against number of comments received
        """
    ),
    code=("python", "rust", "sql", "go", "javascript"),
)
