"""Recognises text of legacy code pages behind bytes that are labelled as Latin-1, as old music tags are.

All texts of a file are judged together, since a title alone may be three letters. A guess is made only where it is much
better than the next one. Weights are per character that is not ASCII: 1 for what is frequent in the language, less for
what is possible, and negative for what nobody would write. High letters of western languages stand alone among plain
ones: read in pairs they make rare signs, read one by one words of two alphabets, and so none of them is guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

ENOUGH = 0.55
"""Mean weight from which a guess is believed."""
MARGIN = 0.1
"""By how much the best guess has to be better than the next."""
FEWEST = 2
"""Characters outside ASCII from which anything is guessed at all."""
FEWEST_CYRILLIC = 4
"""Three high letters may be a Swede's."""

_FREQUENT_HANZI = frozenset(
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用"
    "发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从爱情歌曲夜雨风花月星梦雪海云"
    "水火山春秋冬夏红白黑青蓝光影声音乐舞想念忘记泪笑吻抱手眼脸唱听走飞回离别远近新老少女男孩儿妈爸王李张刘陈林周杰伦菲"
    "世界时间城市路长江河北京台湾香港东西南美丽温柔快孤独寂寞幸福悲伤永恒千万百真假相信再友朋吧吗啊呢很最给跟让被把等谁"
    "什怎今明昨太阳空气味色信集精选专辑演会现场版辉黄亮开始结束华语流金典经热门"
)
_FREQUENT_HANGUL = frozenset(
    "이가는다의에을를나사랑그대너내한지고해아하도로기리자시인어라서들마있없안은음악노래곡밤비꽃별달꿈눈물바람하늘"
    "말만수보면여우정일오소전화장주제부성진선생각날신미니김박최조강윤임서울부산세상길집문물불산봄여름가을겨울빨간"
    "속때더게데네요까야든처럼같원모두또다시못잘좋싶행복슬픔추억이별기다려그리운처음마지막영혼친구연애아이유방탄소년단"
    "거할될된것와과으러며던운동무심중천국태양빛남녀자왕백천만억연호희준현경민재영철석훈"
)
_FREQUENT_CYRILLIC = frozenset("оеаинтсрвлкмдпуяыь")
_WORD = re.compile(r"[^\W\d_]+")


def legacy_encoding(texts: Sequence[str]) -> str | None:
    """Return the encoding in which `texts`, read as Latin-1, were written; None where that was no mistake."""
    raw = [text.encode("latin-1") for text in texts if _is_latin1(text)]
    raw = [each for each in raw if not each.isascii()]
    if not raw:
        return None
    as_utf8 = [decoded(each, "utf-8") for each in raw]
    if None not in as_utf8 and not all(text.isascii() for text in as_utf8 if text is not None):
        return "utf-8"
    found = sorted(((_mean(raw, *guess), guess[0]) for guess in _GUESSES), reverse=True)
    (best, encoding), (second, _) = found[:2]
    return encoding if best >= ENOUGH and best - second >= MARGIN else None


def decoded(raw: bytes, encoding: str) -> str | None:
    """Return `raw` as text; a last character that was cut off, as in the 30 bytes of old tags, is left out."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        if not error.start or len(raw) - error.start > 3 or error.reason not in _CUT:
            return None
        return raw[: error.start].decode(encoding)


_CUT = ("unexpected end of data", "incomplete multibyte sequence")


def _is_latin1(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)


def _mean(raw: list[bytes], encoding: str, weigh: Callable[[str, str], list[float]]) -> float:
    weights: list[float] = []
    for each in raw:
        text = decoded(each, encoding)
        if text is None:
            return -1.0
        weights += weigh(text, encoding)
    return sum(weights) / len(weights) if len(weights) >= FEWEST else -1.0


def _weigh_cyrillic(text: str, _encoding: str) -> list[float]:
    weights: list[float] = []
    for word in _WORD.findall(text):
        letters = [letter for letter in word if not letter.isascii()]
        if not letters:
            continue
        mixed = len(letters) < len(word) or not (word.islower() or word.isupper() or word.istitle())
        for letter in letters:
            if mixed or not ("а" <= letter.lower() <= "я" or letter.lower() in "ёіїєґў"):
                weights.append(-1.0)
            else:
                weights.append(1.0 if letter.lower() in _FREQUENT_CYRILLIC else 0.5)
    weights += [-0.5 for letter in text if not letter.isascii() and not letter.isalpha() and letter not in "«»—–…№“”’ "]
    return weights if len(weights) >= FEWEST_CYRILLIC else []


def _weigh_asian(text: str, encoding: str) -> list[float]:
    return [_asian_weight(letter, encoding) for letter in text if not letter.isascii()]


def _asian_weight(letter: str, encoding: str) -> float:
    lead = letter.encode(encoding)
    if len(lead) < 2:
        return -0.6  # half a kana for one byte: what every western letter would be
    if "\u3000" <= letter <= "\u303f" or "\uff00" <= letter <= "\uff5e" or letter in "·—…“”‘’～♪★":
        return 0.5
    if encoding == "cp932":
        kana = "\u3041" <= letter <= "\u30fc"
        return 1.0 if kana else 0.7 if 0x88 <= lead[0] <= 0x97 else -0.3
    if lead[1] < 0xA1:
        return -0.6
    if encoding == "cp949":
        return 1.0 if letter in _FREQUENT_HANGUL else 0.45 if "가" <= letter <= "힣" else -0.3
    if letter in _FREQUENT_HANZI:
        return 1.0
    return 0.5 if 0xB0 <= lead[0] <= 0xD7 else -0.3


_GUESSES: tuple[tuple[str, Callable[[str, str], list[float]]], ...] = (
    ("cp932", _weigh_asian),
    ("gbk", _weigh_asian),
    ("cp949", _weigh_asian),
    ("cp1251", _weigh_cyrillic),
)
