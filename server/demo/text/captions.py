"""Photo captions in many languages and scripts, chosen to fit what the picture shows."""

# ruff: noqa: E501  the corpus reads best with one sentence a line

import random
from dataclasses import dataclass

GROUP_OF_KIND: dict[str, str] = {
    "mountains": "nature", "sea": "nature", "forest": "nature", "desert": "nature", "aurora": "night",
    "snow": "nature", "nightcity": "night", "coffee": "food", "fruit": "food", "bowl": "food",
    "ramen": "food", "cake": "food", "plant": "home", "books": "home", "portrait": "people",
    "cat": "pet", "dog": "pet", "map": "travel", "truchet": "art", "voronoi": "art", "moire": "art",
    "flow": "art", "mandala": "art", "quilt": "art", "artwork": "art", "poster": "art", "line": "data",
    "bars": "data", "scatter": "data",
}  # fmt: skip
"""Which group of captions a kind of picture belongs to."""

TAGS: dict[str, tuple[str, ...]] = {
    "nature": ("sunset", "slowtravel", "outside", "horizon", "weekendwalk", "landscape", "quiet"),
    "night": ("nightwalk", "afterdark", "northernlights", "citylights", "longexposure"),
    "food": ("homecooking", "breadandsoup", "breakfast", "marketday", "soupseason"),
    "home": ("balconygarden", "slowsunday", "shelfie", "windowsill"),
    "people": ("portrait", "drawn", "faces", "sketchbook"),
    "pet": ("catsofparlour", "loaf", "dogswhothinktheyarecats", "goodboy"),
    "travel": ("slowtravel", "maps", "onfoot", "nighttrain"),
    "art": ("generative", "plotter", "dailysketch", "pattern", "coverart"),
    "data": ("dataviz", "chartsunday", "measured"),
}

_EN: dict[str, tuple[str, ...]] = {
    "nature": (
        "{Six in the morning|An hour before breakfast|Just after the rain} and {nobody|not a soul|only one goat} up here.",
        "The {light|wind|quiet} {did all the work today|was doing something unreasonable}. I only {stood there|carried the camera}.",
        "{Two|Three|Five} hours uphill for {ten minutes|one minute} of this. {Fair trade.|Would do it again.|My knees disagree.}",
        "Every year I forget how {big|loud|blue|soft} it is {|out here|up close}.",
        "We missed the bus and got this instead. {😌|🌄|Thank you, bus.}",
        "Note to self: {leave earlier|bring a second sweater|come back in {spring|October}}.",
        "No filter, no plan, {wet socks|one sandwich|half a map}.",
        "The weather forecast said {clouds|rain|no}. {🌤️|😅}",
    ),
    "night": (
        "{Could not sleep|Worked late|Took the long way home}. {The city could not either.|Worth it. ✨|Look at this.}",
        "{Four|Eight|Twelve} seconds on a {wall|bollard|borrowed tripod}.",
        "Counted the lit windows. Somebody is always {baking|practising the trumpet|awake}.",
        "{Green|It} started at {23:10|half past one} and {did not stop until three|nobody wanted to go inside}. 💚",
    ),
    "food": (
        "{Third|Seventh|Eleventh} attempt. {We are getting somewhere.|Edible! 🎉|Do not ask about the first ones.}",
        "{Too much for one|Enough for two}, so {come over|the neighbours are happy|that is tomorrow sorted}.",
        "Recipe from @{leila_haddad|eleni_v|olena.sh|marisol.ag}, mistakes by me. {😇|🍲|}",
        "The kitchen smells like {my grandmother's stairs|a Sunday in 1998|butter and hope}.",
        "Rain outside, {soup|something warm} inside. That is the whole post.",
    ),
    "home": (
        "{New leaf!|Day 40.|Look who decided to live.} {🌱|🪴|}",
        "Rearranged the shelf instead of {answering e-mail|doing the taxes|sleeping}.",
        "This corner gets sun for {forty minutes|one hour} and I plan my day around it.",
    ),
    "people": (
        "Drew {a stranger on the tram|my sister|the man from the bakery|@<friend>}. {They laughed.|The nose is a compliment.|Twelve minutes, one pen.}",
        "{Portrait|Face} number {12|31|58} of a hundred. {Slowly getting braver with colour.|Hats help.}",
        "Trying {flat colours|fewer lines|big shapes} this week. What do you think?",
    ),
    "pet": (
        "{Management|The landlord|Her majesty} has {reviewed|rejected|approved} {the new blanket|my schedule|this box}.",
        "He has been {like this|staring at the wall|guarding one pea} for {an hour|the whole meeting}.",
        "Adopted {one year|three years|a week} ago today. {Best decision.|Nobody slept since. 🐾|❤️}",
        "Caption contest. {Winner gets nothing.|Go.}",
    ),
    "travel": (
        "The plan. {It lasted until the first bakery.|We followed about a third of it.}",
        "{Drawn|Coloured} on the {night train|ferry}, so blame the curves on the {rails|waves}.",
        "{14|23|31} km, {two|four} dogs, one {thunderstorm|wrong turn}. 🥾",
    ),
    "art": (
        "{Forty lines of code|One rule and a random number|A wet afternoon}. {I could stare at it all day.|Plotter version soon.}",
        "Daily sketch {17|42|88|133}: {circles|crossing lines|repetition|noise}, mostly.",
        "Cover study for {a track that does not exist yet|@mara.lindqvist|the next mixtape}. {Too much pink?|Comments welcome.}",
        "{Seed|Number} 7 of 500. The other 499 were {boring|mud}.",
    ),
    "data": (
        "I measured it, of course I measured it. {📈|}",
        "{A year|Six months} of {sleep|coffee|commutes|rain} in one picture. {The dip is the holiday.|No, I will not explain March.}",
        "Axes labelled, as promised to @wanjiru.k.",
    ),
}  # fmt: skip

_OTHERS: dict[str, tuple[str, ...]] = {
    "de": (
        "{Früh aufgestanden.|Zu spät losgegangen.} {Hat sich gelohnt.|Nie wieder, bis nächsten Samstag.}",
        "Manchmal reicht {ein Kaffee|ein Fenster|ein freier Vormittag}. ☕",
        "{Heute|Endlich} {ganz ohne Plan|mit Wind und warmen Händen}. Schönes Wochenende euch!",
        "Frage an alle: {zu bunt|zu dunkel|genau richtig}?",
    ),
    "fr": (
        "{Un dimanche|Un mardi} comme {je les aime|on n'en fait plus}. {Rien à ajouter.|Et vous ?}",
        "On a raté le train, {on a trouvé ça|tant mieux}. 🚆",
        "La lumière de {fin de journée|six heures} fait tout le travail, {moi j'ai appuyé|comme d'habitude}.",
    ),
    "es": (
        "{Domingo lento|Martes raro}, {café largo|pan recién hecho|ventana abierta}. ¿{Qué tal por ahí|Y ustedes}?",
        "Dicen que {va a llover|no se puede}. Ya veremos. 🌦️",
        "Otra vez aquí, {y otra vez me sorprende|como si fuera la primera vez}.",
    ),
    "it": (
        "{Prima|Terza} volta che provo, {e stavolta sì|e quasi ci siamo}. 🍋",
        "Si esce presto, si torna tardi, {in mezzo c'è questo|e va bene così}.",
        "Mia nonna direbbe: {bello, ma mangia|copriti}. ❤️",
    ),
    "pt": (
        "{Hoje o dia|Esta tarde} {correu devagar|soube a verão}, e ainda bem. ☀️",
        "Saudades disto desde {ontem|domingo|sempre}.",
        "{Varanda|Janela} aberta, {música baixa|gato ao sol}, nada a fazer.",
    ),
    "pl": (
        "{Sobota|Niedziela} bez planu. {Polecam.|Tak trzeba żyć.} 🌾",
        "Kto zgadnie, {gdzie to jest|która była godzina}?",
    ),
    "ru": (
        "{Проснулись в поезде|Вышли на час раньше}, а за окном {вот это|такое}. Доброе утро!",
        "{Тихо|Холодно}, {красиво|и совсем не хочется домой}. #тишина",
        "Бабушка сказала: {мало соли|одевайся теплее}. Остальным понравилось 🙂",
    ),
    "uk": (
        "{Ранок|Вечір} удома: {хліб у печі|кіт на підвіконні}, і нікуди не треба. 🌻",
        "Вийшло з {третього|п'ятого} разу. {Рецепт у коментарях.|Пишаюся!}",
    ),
    "el": (
        "{Καλημέρα|Καλησπέρα} από {το λιμάνι|το μπαλκόνι|τον δρόμο}. Ο καφές έγινε κρύος, άξιζε. ☕",
        "Η γιαγιά λέει: {λίγο ακόμα λεμόνι|μην πας μακριά}. #σπίτι",
    ),
    "ar": (
        "صباح الخير من {الشرفة|المطبخ|الطريق}، {القهوة جاهزة|والضوء جميل اليوم} ☀️",
        "{جربتها للمرة الثالثة|وصفة جدتي}، {وهذه المرة نجحت|مع الكثير من الليمون} 🍋 #بيت",
        "لا شيء أجمل من {هذا الهدوء|المشي بلا خطة}.",
    ),
    "he": (
        "{בוקר טוב|ערב טוב} מ{המרפסת|החוף|המטבח}. {היה שווה לקום מוקדם|הקפה כבר קר}. 🌊",
        "ניסיון {שלישי|חמישי}, {והפעם הצליח|כמעט שם}! #בית",
    ),
    "hi": (
        "{सुबह की चाय|शाम की सैर} और {यह नज़ारा|थोड़ी-सी शांति}। और क्या चाहिए? ☕",
        "{दादी|माँ} कहती हैं, {थोड़ा नमक और|जल्दी घर आना}। 🌶️ #घर",
        "{रेल की खिड़की से|छत से}, {बिना किसी योजना के|बहुत दिनों बाद}।",
    ),
    "zh": (
        "{早起|下班後}走了{三公里|一小時}，{值得|遇到這個}。{🌿|☀️}",
        "{第三次|第五次}試做，{終於成功|鄰居說可以開店了}！#日常",
        "{巷口|窗邊}的光，{每天都不一樣|今天特別溫柔}。",
    ),
    "ja": (
        "{早起きしてよかった|寄り道の成果}。{空気が冷たい|静かな朝}。{📷|🍃}",
        "{フィルム|今日の}最後の一枚。{ピントは気にしない|また来よう}。#写真",
        "{三回目|やっと}の挑戦、{うまくいった|まあまあ}。",
    ),
    "ko": (
        "{일찍 일어난|길을 잃은} 보람. {바람이 좋았다|조용한 아침}. {🌊|🍂}",
        "{세 번째|다섯 번째} 도전, {드디어 성공|거의 다 왔다}! #일상",
    ),
    "tr": (
        "{Balkonda|Yolda} {çay hazır|bir saat daha}, {acelemiz yok|gün batıyor}. 🍅",
        "{Üçüncü|Beşinci} deneme, {bu sefer oldu|komşular beğendi}!",
    ),
    "vi": (
        "{Sáng nay|Cuối tuần} {dậy sớm|đi bộ một vòng}, {đáng lắm|gặp được cảnh này}. 🚲",
        "Lần thứ {ba|năm} mới {thành công|ra hình}, {vui quá|mẹ khen ngon}! 🍜",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Caption:
    """A caption and the hashtags in it, without #."""

    text: str
    tags: tuple[str, ...]


def caption_templates(kind: str, language: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """Name of the pack and the templates for a picture of `kind` by somebody who writes `language`."""
    own = _OTHERS.get(language)
    group = GROUP_OF_KIND[kind]
    if own is not None and rng.random() < 0.6:
        return f"caption-{language}", own
    return f"caption-{group}", _EN[group]


def tags_for(kind: str, rng: random.Random) -> tuple[str, ...]:
    """Zero to three hashtags that fit `kind`."""
    pool = TAGS[GROUP_OF_KIND[kind]]
    return tuple(rng.sample(pool, rng.choice((0, 0, 1, 2, 2, 3))))
