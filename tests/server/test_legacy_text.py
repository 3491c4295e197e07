"""Old tags whose bytes are of another code page than they say: what is recognised, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.music.legacy_text import decoded, legacy_encoding
from server.music.repair import repaired_latin1

TAGS = {
    "cp1251": [
        "Песня", "Кино|Группа крови|Звезда по имени Солнце", "КИНО|ГРУППА КРОВИ", "Мир|Ария", "ДДТ|Осень",
        "Земфира|Хочешь?|Прости меня моя любовь", "Би-2|Полковнику никто не пишет", "Аквариум – Город",
        "Океан Ельзи|Обійми",
    ],
    "cp932": [
        "宇多田ヒカル|First Love", "浜崎あゆみ|夏", "ワン", "坂本龍一|戦場のメリークリスマス",
        "椎名林檎|丸の内サディスティック|無罪モラトリアム", "嵐|君のうた", "夜に駆ける|YOASOBI",
    ],
    "gbk": [
        "周杰伦|青花瓷|我很忙", "王菲|红豆", "邓丽君|月亮代表我的心", "陈奕迅|十年", "朴树|平凡之路",
    ],
    "cp949": [
        "방탄소년단|봄날", "아이유|밤편지|팔레트", "김광석|서른 즈음에", "소녀시대|다시 만난 세계", "이문세|옛사랑",
        "빅뱅|거짓말",
    ],
    "utf-8": ["Sigur Rós|Ágætis byrjun", "Кино", "宇多田ヒカル", "Don’t"],
}  # fmt: skip
WESTERN = [
    "Sigur Rós|Ágætis byrjun", "Mötley Crüe", "Björk|Jóga", "Édith Piaf|La vie en rose|Non, je ne regrette rien",
    "Jean-Michel Jarre|Oxygène", "Die Ärzte|Männer sind Schweine", "Röyksopp|Melody A.M.", "Queensrÿche", "ÅÄÖ",
    "Håkan Hellström|Känn ingen sorg för mig Göteborg", "Caetano Veloso|Coração Vagabundo", "Pöö öäå", "É",
    "Mägo de Oz|Fiesta Pagana ¡Olé!", "Ænima", "Ég á líf|Þú og ég", "Où êtes-vous?", "Beyoncé", "20 °C", "½ & ¾ «so»",
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "tags"), [(name, each) for name, tags in TAGS.items() for each in tags])
def test_bytes_of_another_code_page_are_recognised(encoding: str, tags: str) -> None:
    texts = tags.split("|")
    stored = [text.encode(encoding).decode("latin-1") for text in texts]
    assert legacy_encoding(stored) == encoding
    assert repaired_latin1(stored) == texts


@pytest.mark.parametrize("tags", WESTERN)
def test_western_languages_are_left_as_they_are(tags: str) -> None:
    texts = tags.split("|")
    assert legacy_encoding(texts) is None
    assert repaired_latin1(texts) == texts


def test_a_single_sign_proves_nothing() -> None:
    for text, encoding in (("爱", "gbk"), ("Я", "cp1251"), ("夏", "cp932"), ("봄", "cp949")):
        stored = text.encode(encoding).decode("latin-1")
        assert legacy_encoding([stored]) is None


def test_what_the_album_says_helps_a_title_of_one_sign() -> None:
    stored = [text.encode("cp949").decode("latin-1") for text in ("봄", "아이유", "서른 즈음에")]
    assert repaired_latin1(stored)[0] == "봄"


def test_windows_quotes_and_dashes_are_no_control_characters() -> None:
    assert repaired_latin1(["Don\x92t \x96 Stop", "caf\xe9"]) == ["Don’t – Stop", "café"]


@pytest.mark.parametrize(("encoding", "text"), [("utf-8", "Ночь"), ("gbk", "青花瓷"), ("cp932", "君のうた")])
def test_a_last_sign_that_was_cut_off_is_left_out(encoding: str, text: str) -> None:
    assert decoded(text.encode(encoding)[:-1], encoding) == text[:-1]
    assert decoded(b"\xff\xff" + text.encode(encoding), "utf-8") is None


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=255), max_size=40), max_size=6))
def test_any_bytes_are_survived_and_keep_their_places(texts: list[str]) -> None:
    mended = repaired_latin1(texts)
    assert len(mended) == len(texts)
    assert [bool(old.strip()) for old in texts if old.isascii() and old.isprintable()] == [
        bool(new) for old, new in zip(texts, mended, strict=True) if old.isascii() and old.isprintable()
    ]
