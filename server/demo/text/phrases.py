"""The general rules of the comment grammar: small talk, times, people, outcomes, and the moves of an argument."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

from server.demo.text.places import PLACE_NAMES
from server.demo.text.topic import lines

SMALL: dict[str, tuple[str, ...]] = {
    "place": PLACE_NAMES,
    "who": lines(
        """
        my {brother|sister|aunt|flatmate|neighbour|cousin|uncle}
        my {old boss|first teacher|landlady|dentist|grandmother|father-in-law}
        {a friend|a colleague|somebody at work|the woman from the market|the guy next door}
        {an old man on the train|a stranger at the bus stop|the kid downstairs|a nurse I know|our librarian}
        """
    ),
    "span": (
        "{two|three|four|six} {days|weeks|months|years}",
        "{half|almost|over} a year",
        "{a whole winter|one summer|most of a decade}",
        "{ten|twelve|fifteen|twenty} {minutes|years|days}",
    ),
    "when": (
        "last {spring|winter|summer|autumn|week|month|weekend}",
        "in {January|March|May|July|October|November}",
        "{two|three|five|eight} years ago",
        "{yesterday|this morning|on Sunday|the other day|back in school|during the long winter}",
    ),
    "n": ("2", "3", "4", "5", "6", "7", "8", "9", "11", "12", "14", "17", "20", "23", "30", "40", "60", "90"),
    "outcome": lines(
        """
        it {worked|behaved|made sense} {at once|on the second try|after I had given up}
        {<who>|everybody at the table|the whole stairwell} still {talks about|laughs about} it
        I have not {gone back|looked back|complained} since
        it {cost me|saved me} {a weekend|an afternoon|about <n> euros|some pride}
        the {result|mess|silence afterwards} was {spectacular|oddly beautiful|a lesson}
        I {slept better|felt lighter|stopped worrying} for {a week|<span>}
        nothing happened, {which was the point|which annoyed me|and that told me everything}
        I learned more {in one evening|from that} than {in a year of reading|from any guide}
        {<who>|the neighbours} asked {how I did it|whether I was all right|for a second one}
        it {fell apart|went sideways|got weird} {by Thursday|on day <n>|when it started to rain}
        I {forgot about it|put it in a drawer} and {found it again <when>|somehow that fixed it}
        my {hands|ears|notes|shoes} have never been the same
        now I {do it without thinking|cannot imagine it any other way|teach it to others}
        {<who>|the cat} was {unimpressed|quietly proud|no help at all}
        """
    ),
    "aside": lines(
        """
        (ask me how I know)
        (yes, really)
        , at least in {<place>|my flat|our climate|a small kitchen}
        , and I say that as somebody who {hates|avoids|collects} rules
        , if you have <span> to spare
        , most of the time
        , your mileage will vary
        , or so <who> told me
        """
    ),
    "adj": lines(
        """
        {patient|stubborn|honest|careful|lazy|curious}
        {quiet|ordinary|boring|tiny|unfashionable}
        {better|cheaper|slower|kinder|simpler}
        """
    ),
}

OPENERS: dict[str, tuple[str, ...]] = {
    "yes": lines(
        """
        This.
        Exactly this.
        Seconded.
        Can confirm.
        Came here to say that.
        Strong agree.
        You put it better than I could.
        {Nodding|Laughing|Crying} because it is true.
        Underrated comment.
        Hear, hear.
        Same in {our house|<place>|my case}.
        """
    ),
    "no": lines(
        """
        Not in my experience.
        I see it the other way round.
        Hm, respectfully, no.
        Depends.
        I believed that for <span>.
        Half true.
        Only if you {are alone|have the time|like pain}.
        That is the theory.
        Counterpoint:
        I would have agreed <when>.
        Careful with that.
        """
    ),
    "hello": lines(
        """
        {Long-time reader, first comment.|First time here.|Late to this.|Sleepless, so here goes.}
        {Small one from me:|Mine is simple:|Easy:|Two things:|Nothing heroic:}
        {Honestly?|Hot take:|Unpopular, maybe:|Probably just me, but|After <span> of this:}
        {For me it started <when>.|Took me <span> to see it.|I wrote this down <when>:}
        """
    ),
}

TEMPLATES: dict[str, tuple[str, ...]] = {
    "claim": lines(
        """
        <claim>.
        <hello> <claim><aside>.
        <claim>. {Mostly because|I think it is because|My guess:} <reason>.
        <hello> <claim>. <who> taught me that <when>.
        {After|It took me} <span> with {the|one} <subject> {I am convinced:|and now I believe:} <claim>.
        <claim>, and nobody tells you {that|this} {before you start|at the beginning|until it is too late}.
        {If I had to keep one thing|One sentence for my younger self|The whole hobby in one line}: <claim>.
        {The <subject>|A~ <adj> <subject>} is {worth it|where it begins|what made the difference for me}. <claim>.
        """
    ),
    "story": lines(
        """
        <when> I tried to <act>, and <outcome>.
        <who> told me {<when>|once} to <act>. I did, and <outcome>.
        True story: <when>, in <place>, <who> {showed me how to|begged me to|bet I could not} <act>. <outcome>.
        I used to {think|say} that <claim>. Then <when> {it changed|I met somebody who disagreed|I ran out of excuses}: <outcome>.
        {Day <n>|Week <n>|Attempt <n>} of the <subject>. So far <outcome>.
        We had a~ <subject> {at home|in the office|in the old flat} for <span>. One {evening|morning|Tuesday} I decided to <act>, and <outcome>.
        For <span> my problem was that <gripe>. What helped: <act>. <outcome>.
        """
    ),
    "tip": lines(
        """
        {Try to|Just|Next time,} <act>. {It helps because <reason>.|<reason>.|}
        <act>. {That is all.|Nothing else made such a difference.|Then wait.} <reason>.
        {What worked for me|My two cents|The boring answer}: <act>, then <act>.
        1. <act>
        Three steps, in this order: {first|start small and} <act>, {after <span>|then} <act>, and if <gripe>, {breathe|go for a walk|ask here again}.
        """
    ),
    "gripe": lines(
        """
        Am I the only one? <gripe>.
        {Meanwhile|And then|Of course} <gripe>. {Every time.|For <span> now.|I give up.|Help.}
        I would love to <act>, but <gripe>.
        Everything is fine with the <subject> until <gripe>.
        {<n> hours|<span>} in, and <gripe>.
        """
    ),
    "question": lines(
        """
        <question>?
        {Genuine question|Maybe silly|Since we are here|Asking for <who>}: <question>?
        {Interesting!|Wait.|Hm.|Love this.} <question>?
        <question>? I tried to <act> <when> and <outcome>.
        {Does anybody|Do people here} really <act>? <question>?
        {Curious|One more thing} about the <subject>: <question>?
        """
    ),
    "agree": lines(
        """
        <yes> <reason>.
        <yes> <claim>.
        <yes> {I started to|We also|I now} <act>, and <outcome>.
        <yes> The <it> is {exactly where I noticed it|what convinced me|proof enough}.
        <yes> My only addition: <act>.
        {The part about|What you say about} the <it> {is gold|made my day|hits home}. <outcome>.
        {Never thought of the <it> that way|You are right about the <it>}, but <reason>, so it fits.
        I was about to write the same. <who> calls it {the long way round|common sense|Tuesday}.
        """
    ),
    "disagree": lines(
        """
        <no> <reason>.
        <no> <claim>.
        <no> When I tried to <act>, <outcome>.
        <no> With a~ <it> {it may hold|that works}, but {as soon as|once} <gripe>, {good luck|you are alone}.
        {I wish that were true of my <it>|Tell that to my <it>|Nobody told my <it>}. Over here <gripe>.
        {Sorry, but the|The} <it> is the {least|last} of it. <claim>.
        <no> {Easy to say until|True until} <gripe>.
        {The evidence is thin|That is survivor bias}. For every <it> that works there are <n> {in a drawer|nobody posts}.
        """
    ),
    "answer": lines(
        """
        {Yes|Mostly|Usually}, {and|but} <reason>.
        {No|Not really|Rarely}: <reason>.
        {It depends on the <it>.|Short answer: about <span>.|<n>, give or take.|Roughly <n> times out of {20|100}.} {Start by trying to|I would just} <act>.
        {About <span>|Since <when>|Around <n>}, {if you <act>|and only because <reason>}.
        I asked <who> {the same|exactly that} <when>. The answer: <act>.
        {Good question.|I had to look.|Let me check. Yes:} <claim>.
        {What I do:|My way:} <act>. {Not elegant|Ugly} but <outcome>.
        """
    ),
    "joke": lines(
        """
        {My <it> and I|Me and the <it>} {are in couples therapy|communicate only in writing|no longer make eye contact}.
        Instructions unclear, <outcome>.
        {I read this aloud to|I showed this to} {the cat|my <it>|<who>}. {No comment so far.|There was applause.|We are moving.}
        Step one: <act>. Step two: {regret|applause|nap}. Step <n>: <gripe>.
        {Breaking news|In other news}: {local person|area reader|witness from <place>} tries to <act>, {neighbours divided|experts baffled|cat unmoved}.
        The <it> {is in the room with us|has read this and is disappointed|would like a word}.
        {Achievement unlocked|New hobby}: <act> {at 3 a.m.|while crying|in <place>}.
        {I am not saying it is the <it>|It is always the <it>}. {But it is the <it>.|Except when <gripe>.}
        """
    ),
    "tangent": lines(
        """
        {Off topic, but|Slightly related:|This reminds me:|Completely different thing:} in <place> {they|people} {have a word for this|say} "<act>" {and shrug|and change the subject|before anything important}.
        {Speaking of the <it>|While we are at the <it>}: has anybody {read|seen|heard} {the essay about it from <when>|what they do in <place>}? <outcome>.
        {Totally unrelated|Since this thread is already drifting}: <claim>.
        {That sentence|Your <it>} belongs on a {mug|tea towel|T-shirt}. {Anyway|Meanwhile}, <gripe>.
        """
    ),
    "thanks": lines(
        """
        {Thank you|Thanks|Cheers}, {I will try that <span> from now|trying it tonight|that is the missing piece}. {Until now|So far} <gripe>.
        {Oh!|Wow.|Ah.} {That explains the <it>.|So that is why.} {Thank you!|Much obliged.|I owe you a soup.}
        {Update|Edit|Reporting back}: I tried to <act>, and <outcome>.
        {Saved.|Bookmarked.|Wrote it on the wall.} If it works I will {mention|thank|name my <it> after} you, if <gripe> I will {blame|find} you.
        """
    ),
}
"""Templates per kind of comment. `<it>` is the subject of the comment that is answered."""

WORDS = ("This.", "Same.", "Nope.", "Why?", "Agreed.", "Brilliant.", "Ouch.", "Beautiful.", "Oh no.", "Wow.", "Indeed.", "Source?", "Respect.", "Hah!", "True.", "More please", "Legend.", "Noted.", "lol", "Mood.", "Sold.", "F.", "+1", "What.")  # fmt: skip
EMOJI = ("😂", "🙌", "❤️", "👏👏", "🔥", "😭", "🤝", "💯", "👀", "🥲", "🐈", "🍞", "🎉", "🤔", "😅", "✨✨✨", "👍", "🙏", "☕️", "💀", "🌱", "🥹", "🫡", "🎶")  # fmt: skip
WARM_ENDS = (" 😊", " ❤️", " 🙏", " 🌿", " ☕", " 😄", " ✨", " 🫶")

FOREIGN: dict[str, tuple[str, ...]] = {
    "de": ("{Genau so|Sehe ich auch so}, {danke|schön gesagt}!", "Bei uns in {Hamburg|Wien|Leipzig} {sagt man das anders|ist es genau umgekehrt}.", "{Kann ich bestätigen|Dem ist nichts hinzuzufügen}, seit <n> Jahren."),
    "fr": ("{Tellement vrai|Je confirme}, {merci|bien dit} !", "Chez nous à {Nantes|Marseille}, {c'est l'inverse|on dit autrement}.", "{Alors là|Franchement}, {bravo|je garde ça}. <n> sur 20."),
    "es": ("{Totalmente de acuerdo|Tal cual}, {gracias|qué bonito}.", "Mi abuela de {Granada|Oaxaca} lo decía <n> veces al día.", "{Qué maravilla|Me encanta}. ¿{Cuánto tardaste|Hay segunda parte}?"),
    "pt": ("{Que bonito|Adorei}! {Parabéns|Obrigado por partilhar}.", "Aqui em {Lisboa|Recife|Porto} {também é assim|chove há <n> dias}."),
    "it": ("{Verissimo|Bellissimo}, {grazie|complimenti}!", "A {Torino|Palermo} {si dice lo stesso|si fa in <n> minuti}."),
    "pl": ("{Dokładnie|Sama prawda}, {dzięki|pięknie}!", "U nas w Krakowie {jest odwrotnie|robi się to <n> razy}."),
    "ru": ("{Точно|Как красиво}! {Спасибо|Сохранила}.", "{У нас в Тбилиси|На даче} {так же|наоборот}, уже <n> лет.", "{А можно подробнее|Сколько это заняло}?"),
    "uk": ("{Дуже гарно|Саме так}! {Дякую|Збережу}.", "У Львові {так само|роблять інакше}, вже <n> років."),
    "el": ("{Ακριβώς|Πολύ ωραίο}! {Ευχαριστώ|Μπράβο}.", "Στη Θεσσαλονίκη {το λέμε αλλιώς|το κάνουμε <n> φορές}."),
    "ar": ("{صحيح تماماً|جميل جداً}، {شكراً|تسلم إيدك} ❤️", "عندنا في {بيروت|القاهرة} {نفس الشيء|العكس تماماً} منذ <n> سنوات."),
    "he": ("{בדיוק|כל כך נכון}, {תודה|יפה}!", "אצלנו ב{חיפה|בית} {זה הפוך|עושים את זה <n> פעמים}."),
    "hi": ("{बिल्कुल सही|बहुत सुंदर}, {धन्यवाद|वाह}!", "हमारे यहाँ {जयपुर में|घर पर} <n> साल से यही होता है।"),
    "zh": ("{真的|完全同意}！{謝謝分享|好美}。", "{台南|我家}這邊{也是|剛好相反}，已經 <n> 年了。"),
    "ja": ("{ほんとそれ|素敵です}！{ありがとう|真似します}。", "{京都|札幌}では<n>年前から{そうです|逆です}。"),
    "ko": ("{정말 공감|너무 예뻐요}! {고마워요|저장했어요}.", "부산에서는 <n>년째 {똑같아요|반대예요}."),
    "tr": ("{Aynen|Çok güzel}, {teşekkürler|eline sağlık}!", "İzmir'de <n> yıldır {böyle|tam tersi}."),
    "vi": ("{Chuẩn luôn|Đẹp quá}, {cảm ơn bạn|lưu lại}!", "Ở Hà Nội <n> năm nay {cũng vậy|thì ngược lại}."),
}  # fmt: skip
"""Short reactions in other languages."""

PHOTO_REACTIONS: dict[str, tuple[str, ...]] = {
    "nature": ("{That|This} {light|sky|layering}! {Where is this?|I can feel the wind.|I want to be there now.}", "{Was it as cold as it looks|How far was the walk}? {Beautiful.|Asking for my knees.}", "{I know that bend|I have stood there}, <when>. {It rained.|Same goat.}", "The {third|second|furthest} ridge is {my favourite|pure watercolour}."),
    "night": ("{How long was the exposure|Handheld}? {The colours are unreal.|So calm.}", "{One window|That one light} on the left tells a whole {story|novel}.", "{Insomnia|Night shift} club, {present|checking in}. {🌃|✨|}"),
    "food": ("{Recipe, please!|I can smell it from <place>.|My lunch just got sad.}", "{How much|What kind of} {flour|salt|lemon} is in there? {Looks perfect.|Need this.}", "{You had me at|I would fight <who> for} the crust.", "Made {it|something like it} <when>, and <outcome>."),
    "home": ("{Jealous of that light.|The leaf in the middle!|What is the one on the left?}", "{Mine|My sister's} {died|tripled} in <span>. {How often do you water?|Teach me.}"),
    "people": ("{The eyes!|So much character.|I feel like I know this person.} {What did you draw it with?|More of these, please.}", "{The hat|That nose|The colour choice} {makes it|is perfect|says everything}.", "Do {me|<who>|my cat} next! {🙋|😄|}"),
    "pet": ("{The face of somebody who pays no rent.|A perfect loaf.|I would give {him|her} everything.}", "{What is the name|May I}? {I have {three|five} and still want this one.|The ears!}", "{Tell|Inform} {him|her} {I said hello|dinner is in <n> minutes}. {🐾|❤️|}"),
    "travel": ("{Bookmarking this route.|How many days did you need?|Which bakery?}", "{We did that|I walked half of it} <when>. {The dogs are friendly.|Mind the last descent.}"),
    "art": ("{Hypnotic.|I would hang this.|My eyes keep moving.} {What is the rule?|Is there a print?|How many lines?}", "{The palette|The rhythm|That corner} {is so good|made me stop scrolling}.", "{Reminds me of|Looks like} {frozen lakes|my grandmother's curtains|a very calm storm}."),
    "data": ("{What happened around the dip?|Where is the raw data?|Labelled axes, bless you.}", "{Mine would be a flat line|I recognise my life here}. {☕|📉|}"),
}  # fmt: skip
"""What people write under photos, by caption group."""
