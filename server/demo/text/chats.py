"""Conversations: scripted exchanges with turn-taking, by language and theme, and fillers that vary them."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

from dataclasses import dataclass


@dataclass(frozen=True)
class Exchange:
    """Turns of one sitting. `a` starts; in a group, `b`, `c`, ... are the others in order of speaking."""

    turns: tuple[tuple[str, str], ...]


def _exchanges(block: str) -> tuple[Exchange, ...]:
    result = []
    for part in block.strip().split("\n\n"):
        turns = [line.strip().split(": ", 1) for line in part.splitlines()]
        result.append(Exchange(tuple((speaker, text) for speaker, text in turns)))
    return tuple(result)


DIRECT_EN = _exchanges(
    """
a: {Hey|Hi|Morning}! {Are you up|Did you sleep}?
b: {Barely|Define sleep|Since five}. {Coffee first.|The cat decided.|You?}
a: {Same|Ha}. I wanted to show you <thing>.
b: {Show me!|Go on.|Now?}
a: {Tonight|After work|At lunch}, promise.

b: {I finally listened to|Played} the {demo|track} {twice|three times} {on the tram|while cooking}.
a: And?
b: {The bridge!|That bass!|The last minute.} {I missed my stop.|The soup burned.|I rewound it.}
a: {You are too kind|Stop it|Haha}. The middle is {too long|still mud|a bit lost}, no?
b: {Four bars, maybe.|I would not touch it.|Only the snare.} {Send me the stems?|Leave it.}
a: {OK|Deal}. {Sunday|Tomorrow evening}.

a: {Question|Quick one}: {rye or wheat|lemon or vinegar|butter or oil} for <dish>?
b: {Rye|Lemon|Both}. Always {both|more than you think}.
a: {That is what I feared.|My grandmother agrees with you.}
b: {Grandmothers are load-bearing.|Listen to her.}

b: {Are we still on for|Is it still} {Thursday|Saturday|the market}?
a: {Yes!|Of course.|If the train runs.} {Half past six|Seven|Ten}, {by the clock|same bench|at the bakery}?
b: {Perfect|Works}. {I will be the one who is late.|I bring <dish>.}
a: {You always are ❤️|I count on it.|Bring two.}

a: {Look at this light|The sky right now}.
b: {Unreal.|Where are you??|And me in the office.}
a: {Roof.|By the harbour.|Bus stop, of all places.} {You have ten minutes.|Run.}
b: {Running.|Shoes on.|Saving it from the window.}

b: {Can you look at something|I broke it again}? {The loop runs twice|It hangs on shutdown|The cache never forgets}.
a: {Paste it.|Send me the lines.}
b: `for job in list(queue): queue.append(run(job))`
a: You {append while draining|feed it its own tail}. {Use a second list.|Swap it: `done = [run(j) for j in queue]`.}
b: {…oh.|I have been staring for two hours.|That is embarrassing.} {Thank you!|I owe you a soup.}
a: {Anytime.|I did the same in March.|Soup accepted.}

a: {How was|Tell me about} the {concert|hike|exam|visit}?
b: {Long.|Better than I feared.|I cried, the good kind.} {More when I see you.|Pictures later.}
a: {I want all of it.|Proud of you.|Good. Eat something.}
b: {Already did. Twice.|Yes, mum.|😄}

b: {Rain all week|Minus nine here|31 degrees at midnight}. How is it {there|with you}?
a: {Wind.|Sun, do not hate me.|Grey, but a friendly grey.}
b: {Send some.|Trade?|I hate you a little.}

a: {Reading anything good|What are you reading}?
b: {The Salt Stair|Nine Winters|a manual for a 1971 tape machine}. {Do NOT tell me the end.|Page 300, nothing has happened, I love it.}
a: {My lips are sealed.|The dog knows.|I say nothing. Nothing.}
b: {THE DOG??|Blocked.|You monster 😂}

a: {Did you see|Have you read} the thread about <thing>? {600 comments|It exploded}.
b: {I made three of them.|I lost an hour in there.|The one about wool socks!}
a: {That was you?!|Of course you did.|Top comment material.}

b: {Happy birthday!|Congratulations!!} 🎉 {Cake is in the post.|I sang, you could not hear it, be glad.}
a: {Thank you 🥹|You remembered!} {It is already gone.|I heard it anyway.}

a: {I am stuck in|Greetings from} {the train|the waiting room|a meeting about meetings}. {Entertain me.|Say something.}
b: {An octopus has three hearts.|There is a town where the clocks run backwards on Mondays.|My neighbour is learning the trumpet. One note.}
a: {Which note?|Go on.|This helps.}
b: {B flat. Mostly.|That was everything I had.|You are welcome.}
"""
)

DIRECT_BY_LANGUAGE: dict[str, tuple[Exchange, ...]] = {
    "de": _exchanges("""
b: {Moin!|Na?} {Bist du am Wochenende da|Schon wach}?
a: Ja! {Samstag|Sonntag} ab {zehn|elf}. {Kaffee?|Spaziergang an der Elbe?}
b: {Sehr gern.|Unbedingt.} Ich bringe {Franzbrötchen|das Fernglas} mit.
a: {Du bist der Beste|Perfekt} ☕

a: Hast du {das neue Skript|die Fahrkarten} {gesehen|schon}?
b: {Ja, läuft. 40 ms statt einer Sekunde.|Liegt auf dem Tisch.}
a: {Wahnsinn.|Ich verneige mich.}
"""),
    "ja": _exchanges("""
b: {おはよう|こんばんは}！{昨日の写真、現像できたよ|猫がまた箱に入ってる}。
a: {見たい！|早く見せて} 📷
b: {ちょっと暗いけど|ピントは気にしないで}…{今送るね|夕方送る}。
a: {すごくいい|好きだなあ}、この光。
b: {ありがとう|照れる} 😊

b: {来週|日曜日}、{鴨川を歩かない|喫茶店に行かない}？
a: {行く！何時？|もちろん。}
b: {十時|二時}に{橋の上で|駅で}。
"""),
    "ar": _exchanges("""
b: {صباح الخير|مساء الخير}! {جربت وصفة الخبز|كيف الحال}؟
a: {نعم، ونجحت أخيراً|الحمد لله، وأنت}؟ 🍞
b: {ألف صحة|ممتاز}! {السر في الصبر|لا تنسي الليمون}.
a: {سأرسل لك صورة|شكراً على النصيحة} ❤️

a: متى {الحفلة|العشاء}؟
b: {الخميس الساعة ثمانية|يوم الجمعة بعد الظهر}. {أحضر الحلوى|لا تتأخر} 😄
"""),
    "ru": _exchanges("""
b: {Привет!|Доброе утро!} {Поезд опаздывает на час|Мы уже в горах}, {пью чай|связь плохая}.
a: {Завидую|Пришли фото}! {Холодно|Красиво}?
b: {Минус три и туман.|Очень.} {Как в старом кино.|Тебе бы понравилось.}
a: {Береги себя|Жду рассказ} 🙂
"""),
    "ko": _exchanges("""
b: {안녕!|밥 먹었어?} {오늘 바다 봤어|필름 새로 샀어} 🌊
a: {부럽다|좋겠다}… {여긴 비 와|사진 보내줘}.
b: {저녁에 보낼게|잠깐만}! {다음에 같이 가자|국수도 먹었어}.
a: {좋아, 약속|진짜지?} 😊
"""),
    "el": _exchanges("""
b: {Καλησπέρα!|Έλα!} {Ο ουρανός καθαρός απόψε|Το μπαλκόνι έτοιμο}. {Βγαίνεις|Έρχεσαι};
a: {Σε δέκα λεπτά|Αμέσως}! {Φέρνω τα κιάλια|Φέρνω πορτοκάλια}.
b: {Τέλεια|Ωραία}. {Ο Δίας φαίνεται καθαρά|Έχει και καφέ} 🔭
"""),
    "he": _exchanges("""
b: {היי|בוקר טוב}! {העגבניות אדומות סוף סוף|הקוד רץ בפעם הראשונה} 🍅
a: {לא מאמינה|וואו}! {תשלחי תמונה|כמה זמן זה לקח}?
b: {שישים יום ושתי קללות|בערב}. {שמרתי לך אחת|חגיגה}!
"""),
    "zh": _exchanges("""
b: {早！|在嗎？} {今天的豆漿特別好喝|貓又睡在鍵盤上} 😹
a: {拍給我看|哈哈哈}！
b: {週末來台南嗎|下次一起去}？{巷口新開一家麵店|我請你吃早餐}。
a: {好啊，說定了|週六可以}！
"""),
    "es": _exchanges("""
b: {¡Hola!|¡Buenas!} {Encontré una palabra nueva|Ya salió el pan}: {«sobremesa»|huele toda la calle}.
a: {Mi favorita|No me digas}. {¿Se puede traducir?|Guárdame un trozo.}
b: {No, y es mejor así.|Ven ya.} 😄
"""),
}

GROUP = _exchanges(
    """
a: {OK people|Friends}, {Thursday|Saturday}: who is in?
b: {Me!|In.|🙋}
c: {If I may bring the dog|Maybe, on call until eight|In, with bread}
b: {The dog is the main guest.|Bring it.|We start when you arrive.}
d: {What can I bring|Who has the big pot}?
a: {Bowls!|You: dessert.|Pot is with me.}
c: {👍|Perfect|On the list}

b: {Voted for|Uploaded} the {second|darker} {cover|mix}. {Thoughts?|Be honest.}
a: {Yes.|The blue is better.|My favourite so far.}
d: {Snare is still too shy.|I miss the first version.|The type is small.}
b: {Noted|Fair}. {New one tonight.|Give me an hour.}
c: {I would release it as it is.|Ship it.} 🚀

c: {Train is|We are} {twenty minutes late|stuck behind a sheep}. {Start without us.|Sorry!}
a: {No stress.|The soup is patient.|We saw the sheep.}
b: {Send a picture of the sheep.|🐑}
c: {It is looking at me.|Her name is Barbara now.}
d: {Barbara!!|Long live Barbara.|😂}

d: Has anybody {a spare tripod|forty grams of yeast|a long cable}?
a: {I do.|Cellar, left shelf.|Maybe, let me look.}
d: {You saved the evening.|Coming over.}
b: {Tell us how it goes|Bring it back this time 😄}

a: {Results|Poll}: {hut on the lake|night walk|film swap} won {5 to 2|by a nose}.
c: {Recount!|Democracy works.|I demand soup.}
b: {See you there|I book it} {tomorrow|on Friday}.
"""
)

THINGS = ("the new prompt", "a tape loop", "the balcony", "a map from 1932", "the second mix", "my first focaccia", "a chart", "the contact sheet", "a poem in three languages", "the crooked shelf")  # fmt: skip
DISHES = ("the lentil soup", "focaccia", "pierogi", "the stew", "dumplings", "plum cake", "a huge salad")
UNREAD = (
    "{Are you around?|You there?|Psst.}",
    "{I have news.|You will not believe it.|Call me when you can?}",
    "{Look what came in the post today|It works!! IT WORKS} 🎉",
    "{Also|PS}: {bring the long cable|the cat says hi|happy Friday}.",
    "{Never mind, found it.|Forget it, the dog had it.|Too late, ate it.}",
    "{Listening to it right now.|The new mix is up.|Mastering tonight.}",
)
