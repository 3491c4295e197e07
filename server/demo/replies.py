"""The scripted other user: a believable answer to a chat message, and how many seconds they type it for."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

import re
from dataclasses import dataclass, field

from server.demo.ids import rng_for
from server.demo.text.grammar import Grammar

_THEMES: tuple[tuple[str, str], ...] = (
    ("code", r"```|\b(code|bug|python|rust|test|deploy|commit|merge|stack ?trace|regex|sql)\b|[{};]\s*$"),
    ("thanks", r"\b(thanks?|thank you|thx|cheers|danke|merci|gracias|obrigad[oa])\b|🙏"),
    ("bye", r"\b(bye|good ?night|see you|cu|later|tschüss|ciao)\b"),
    ("greeting", r"^\W*(hi|hey|hello|hallo|moin|hola|salut|morning|good (morning|evening))\b|👋"),
    ("how", r"\b(how are you|how('s| is) it going|what's up|wie geht)\b"),
    ("weather", r"\b(weather|rain\w*|snow\w*|sun(ny|shine)?|wind\w*|storm|cold|hot|fog)\b|[☀🌧❄⛅]"),
    ("music", r"\b(music|song|track|album|playlist|listen\w*|bass|synth\w*|chord\w*|mix|melody|drums?)\b|[🎵🎶🎧🎛]"),
    ("photos", r"\b(photos?|pictures?|pics?|camera|film|lens|sunset|portrait)\b|[📷📸🌅]"),
    ("food", r"\b(food|soup|bread|coffee|tea|cook\w*|bake\w*|dinner|lunch|breakfast|recipe)\b|[☕🍞🍲]"),
    ("plan", r"\b(tomorrow|tonight|weekend|friday|saturday|sunday|meet|visit|train)\b"),
    ("laugh", r"\b(haha+|lol|lmao)\b|[😂🤣😄]"),
    ("question", r"\?\s*$"),
)
_COMPILED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _THEMES)

_ANSWERS: dict[str, tuple[str, ...]] = {
    "greeting": ("{Hey|Hi} you! {Just put the kettle on.|Good timing, I need a break.} {How is your day?|What are you up to?}", "{Hello!|Hej!} {You caught me untangling cables.|I was about to write to you.}", "{Morning|Hey}, or whatever it is where you are 😊"),
    "how": ("{Good, a bit tired.|Fine! The new track is fighting back.} {The tape machine ate my best take.|I walked to the sea and back.} And you?", "{Better since the sun came out.|Slow day, the good kind.} {You?|Tell me something nice.}"),
    "thanks": ("{Any time|Of course|Always} ❤️", "{You are welcome!|Nothing to thank for.} {You would do the same.|Tell me how it goes.}"),
    "bye": ("{Sleep well|Good night|See you}! {Do not work too late.|I will send you the mix tomorrow.}", "{Bye for now|Later}! 👋"),
    "weather": ("{Grey here, but a friendly grey.|Wind from the west, the window sings in E flat.} {And over there?|I recorded it, of course.}", "{It has rained since Tuesday.|Clear and cold.} {Perfect studio weather.|The cat refuses to comment.}"),
    "music": ("{I keep going back to the second chorus.|The bass comes in too early, no?} {I muted half of it and it got better.|Try it on headphones, slowly.}", "{Have you heard “Fog Signal”?|I have “Janela Acesa” on repeat.} {That last minute!|The bridge gets me every time.}", "{Fewer sounds, more room.|Detune it by seven cents and it breathes.} {That is all I know.|Send me what you have?}"),
    "photos": ("{Oh, show me!|Send it!} {I love pictures with weather in them.|Was that from the roof?}", "{The light these days is unreal.|I only have blurry ones of the cat.} {Film or phone?|I will hang it over the desk.}"),
    "code": ("{Hm, does it happen with an empty list too?|Two of them running at once, maybe?} {I would add a test first.|Try printing the length before the loop.}", "{I only write code for drum machines|You know more than I do}, but {it looks like an off-by-one|I would return early there}. {Does it still fail after a restart?|What does the last line of the error say?}"),
    "food": ("{Now I am hungry.|Stop, I have only crackers here.} {Rye or wheat?|Did you put lemon in?}", "{Soup is better on the second day.|I burned the onions again.} {Save me a bowl?|Recipe, please!}"),
    "plan": ("{I am in.|Yes, let us.} {After six is best for me.|I can bring the small speaker.}", "{Maybe! I need to finish a mix first.|Let me check the ferry.} {I will know by noon.|Ask me again tomorrow?}"),
    "laugh": ("{Haha|😂}, {I spilled my tea|do not make me laugh in the library}.", "{Stop|I cannot} 😄 {The cat is staring.|That made my day.}"),
    "question": ("{Good question.|Let me think.} {I would say yes, but slowly.|Ask me after coffee.|I honestly do not know. What do you think?}", "{Probably!|Not sure.} {Why do you ask?|I can look it up tonight.}", "{Yes. I think so.|Hm, half and half.} {It depends on the day.|Tell me more first.}"),
    "again": ("{You said that already 😄|Again?} {Is everything all right?|I am listening.}",),
    "fallback": ("{I like that.|Tell me more.|Go on.} {What happened then?|I have time.}", "{That sounds like a song title.|I wrote that down.} {May I steal it?|Honestly.}", "{Hm, yes.|I know what you mean.} {It was the same here last winter.|Some days are like that.}", "{Wait, really?|Oh!} {Since when?|I did not know that.}"),
}  # fmt: skip
_CHARACTERS_PER_SECOND = 11.0
_MIN_DELAY, _MAX_DELAY = 0.8, 6.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other user answers, and for how many seconds `user-typing` shows before it is sent."""

    text: str
    typing_seconds: float


@dataclass(slots=True)
class ConversationState:
    """What the scripted user remembers of one conversation; keep one per conversation id."""

    conversation_id: str
    turn: int = 0
    last_incoming: str = ""
    said: list[str] = field(default_factory=list)


def theme_of(text: str) -> str:
    """The theme of an incoming message, `fallback` when nothing fits."""
    return next((name for name, pattern in _COMPILED if pattern.search(text)), "fallback")


class ScriptedUser:
    """Answers chat messages; the same seed and the same messages give the same answers."""

    def __init__(self, seed: int = 7) -> None:
        self._seed = seed

    def reply(self, incoming: str, state: ConversationState) -> Reply:
        """The answer to `incoming`; advances `state`. Recent answers are not said twice."""
        normal = incoming.strip().lower()
        theme = "again" if normal and normal == state.last_incoming else theme_of(incoming)
        rng = rng_for(self._seed, "reply", state.conversation_id, state.turn, normal)
        grammar = Grammar({}, rng)
        text = ""
        for _ in range(8):
            text = grammar.expand(grammar.draw(theme, _ANSWERS[theme])).strip()
            if text not in state.said:
                break
        state.turn += 1
        state.last_incoming = normal
        state.said = [*state.said[-7:], text]
        seconds = 0.5 + len(text) / _CHARACTERS_PER_SECOND * rng.uniform(0.75, 1.15)
        return Reply(text, round(min(_MAX_DELAY, max(_MIN_DELAY, seconds)), 2))
