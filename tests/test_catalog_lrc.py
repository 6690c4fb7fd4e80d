"""Lyrics as text: one row for each rule of LRC, and bytes of any encoding."""

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import in_one_test

from catalog.errors import Unreadable
from catalog.files.encodings import decode
from catalog.files.lrc import lines_of, parse_lyrics
from catalog.files.lyrics_file import LARGEST, read_lines, read_lyrics
from catalog.records import Line


@in_one_test
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("Oh\n\n  dear \r\n", [("Oh", None), ("dear", None)], id="plain text"),
        pytest.param("[00:12.50]Oh\n[01:02]dear", [("Oh", 12.5), ("dear", 62.0)], id="times"),
        pytest.param("[0:1.5]a\n[00:02:75]b", [("a", 1.5), ("b", 2.75)], id="hundredths after a colon"),
        pytest.param("[01:00:03.5]c\n[100:00]d", [("c", 3603.5), ("d", 6000)], id="hours, many minutes"),
        pytest.param("[00:01,250]a\n [ 00:02.123456 ] b", [("a", 1.25), ("b", 2.123)], id="commas, spaces"),
        pytest.param("[00:10][00:02]Oh\n[00:04]dear", [("Oh", 2), ("dear", 4), ("Oh", 10)], id="a refrain"),
        pytest.param("[00:02][00:02] Oh", [("Oh", 2)], id="the same time twice is once"),
        pytest.param("[offset:+500]\n[00:02]a\n[00:00.2]b", [("b", 0), ("a", 1.5)], id="sooner"),
        pytest.param("[00:02]a\n[OFFSET: -500 ms]", [("a", 2.5)], id="later, wherever it stands"),
        pytest.param("[offset:900][offset:100]\n[00:02]a", [("a", 1.9)], id="the last offset counts"),
        pytest.param("[offset:soon]\n[00:02]a", [("a", 2)], id="an offset that is none"),
        pytest.param("[ti:T][ar:A]\n[by:]\n[00:01]a", [("a", 1)], id="tags are no lyrics"),
        pytest.param("[ti:T]\n[re:x.org/y]\n[#:note]\nonly words", [("only words", None)], id="nor untimed"),
        pytest.param("[length: 03:12]\n[00:01]a\n[x_y:z]", [("a", 1)], id="unknown tags neither"),
        pytest.param("[00:01]a[00:04]\n[00:04.5]b [00:08.00]", [("a", 1), ("b", 4.5)], id="end stamps"),
        pytest.param("[00:01]a\n[00:03]\n[00:04]b", [("a", 1), ("b", 4)], id="an end stamp on its own"),
        pytest.param("[00:01]<00:01.2>so <00:01.9>long<00:03>", [("so long", 1)], id="word stamps"),
        pytest.param("[00:01]so [00:01.9]long [00:03]", [("so long", 1)], id="word stamps in brackets"),
        pytest.param("<00:01.20>so <00:01.9>long", [("so long", 1.2)], id="words alone have a first"),
        pytest.param("[00:01]F: she\n[00:02]v2:we", [("she", 1), ("we", 2)], id="voices"),
        pytest.param("[00:01]a\n[bg: <00:02>ooh <00:03>]", [("a", 1), ("ooh", 2)], id="a choir behind"),
        pytest.param("[00:05]b\n(twice)\n[00:01]a", [("a", 1), ("b", 5), ("(twice)", None)], id="untimed"),
        pytest.param("[00:01]a\n[--:--.--]b", [("a", 1), ("b", None)], id="a stamp still to be filled"),
        pytest.param("John [3:16] says", [("John [3:16] says", None)], id="a stamp inside is no start"),
        pytest.param("[Chorus]\nla la", [("[Chorus]", None), ("la la", None)], id="a heading is no time"),
        pytest.param("[Verse 1: Ada]\nla", [("[Verse 1: Ada]", None), ("la", None)], id="nor is a singer"),
        pytest.param("[Chorus: both]\nla", [("[Chorus: both]", None), ("la", None)], id="nor are singers"),
        pytest.param("[00:01]♪\n[00:02]...\n[00:03]la", [("la", 3)], id="notes and dots are no words"),
        pytest.param("\ufeff[00:01]a\n\ufeff[00:02]b", [("a", 1), ("b", 2)], id="byte order marks"),
        pytest.param("[00:01]a\r[00:02]b\u2028[00:03]c", [("a", 1), ("b", 2), ("c", 3)], id="line ends"),
        pytest.param("[00:01]愛[00:02]してる", [("愛してる", 1)], id="stamps between syllables"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_lines(text, lines):
    assert [(line.text, line.start_s) for line in lines_of(text)] == lines


@in_one_test
@pytest.mark.parametrize(
    ("text", "instrumental"),
    [
        pytest.param("[au: instrumental]", True, id="LRCGET's sign"),
        pytest.param("[ar:A]\n[AU:Instrumental]\n[00:00.00]♪", True, id="in any case, with other tags"),
        pytest.param("(Instrumental)\n", True, id="the word alone"),
        pytest.param("[00:00.00] ♪ Instrumental ♪", True, id="timed"),
        pytest.param("纯音乐，请欣赏", True, id="as NetEase says it"),
        pytest.param("[instrumental:true]", True, id="a tag of that name"),
        pytest.param("[instrumental: no]\n[00:01]la", False, id="that says no"),
        pytest.param("[au: Ada]\n[00:01]la", False, id="an author is no sign"),
        pytest.param("Instrumental\nbut for this line", False, id="one line of two"),
        pytest.param("", False, id="nothing said"),
    ],
)
def test_a_text_may_say_that_there_are_no_words(text, instrumental):
    read = parse_lyrics(text)
    assert read.instrumental is instrumental
    assert not (instrumental and read.lines)


def test_a_text_may_name_its_language():
    assert parse_lyrics("[la:FR]\n[00:01]a").language == "fr"


@given(st.text(st.sampled_from("[]<>:.,0123aé \n\ufeff#-+") | st.characters(), max_size=80))
def test_any_text_has_lines(text):
    lines = lines_of(text)
    assert all(line.text.strip() for line in lines)
    starts = [line.start_s for line in lines if line.start_s is not None]
    assert starts == sorted(starts)


TEXTS = {
    "zh": "安静的夜晚\n月光照在窗前\n我想起了你\n远方的朋友啊\n你是否还记得我",
    "zh-tw": "安靜的夜晚\n月光照在窗前\n我想起了你\n遠方的朋友啊",
    "ja": "夜に駆ける\n沈むように溶けてゆくように\n二人だけの空が広がる夜に",
    "ko": "사랑해요 그대를\n밤하늘에 별이 빛나네\n나는 너를 기다린다",
    "ru": "Ой, мороз, мороз\nНе морозь меня\nНе морозь меня\nМоего коня",
    "el": "Σ' αγαπώ γιατί είσ' ωραία\nσ' αγαπώ γιατί είσ' εσύ",
    "he": "הבה נגילה\nהבה נגילה ונשמחה\nעורו אחים בלב שמח",
    "tr": "Üsküdar'a gider iken aldı da bir yağmur\nKâtibimin setresi uzun, eteği çamur",
    "pl": "Szła dzieweczka do laseczka, do zielonego\nnapotkała myśliweczka bardzo szwarnego",
    "de": "Für Élise, süß und leise\nnoch einmal",
    "th": "คืนนี้เงียบสงบเหนือแม่น้ำ\nดวงดาวร้องเพลงรัก",
    "en": "It\u2019s so long \u2013 farewell",
}


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [("zh", "gbk"), ("zh", "gb18030"), ("zh-tw", "big5"), ("ja", "shift_jis"), ("ja", "euc_jp")]
    + [("ko", "euc_kr"), ("ru", "cp1251"), ("ru", "koi8_r"), ("ru", "cp866"), ("el", "cp1253")]
    + [("he", "cp1255"), ("tr", "cp1254"), ("pl", "cp1250"), ("de", "cp1252"), ("en", "cp1252")]
    + [("ja", "utf-8"), ("ru", "utf-8-sig"), ("de", "utf-16"), ("de", "utf-16-le"), ("de", "utf-16-be")]
    + [("ko", "utf-32"), ("th", "tis-620"), ("ja", "iso2022_jp"), ("ko", "iso2022_kr")],
)
def test_lyrics_in_any_encoding(tmp_path, language, encoding, timed):
    lines = TEXTS[language].split("\n")
    text = "\n".join(f"[00:{i:02}.00]{line}" for i, line in enumerate(lines)) if timed else "\n".join(lines)
    path = tmp_path / "song.lrc"
    path.write_bytes(text.encode(encoding))
    assert [line.text for line in read_lines(path)] == lines


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("Señor".encode("cp1252"), "Señor", id="a short western word"),
        pytest.param("夜に駆ける".encode()[:-1], "夜に駆け\ufffd", id="UTF-8 that is cut"),
        pytest.param("Ünïcödé".encode() + b"\xff!", "Ünïcödé\ufffd!", id="UTF-8 with a broken byte"),
    ],
)
def test_bytes_as_text(data, text):
    assert decode(data) == text


NOISE = bytes(byte | 0x80 for byte in random.Random(1).randbytes(200))


@pytest.mark.parametrize("data", ["Ночь".encode("cp1251"), bytes(range(128, 256)), NOISE])
def test_nothing_is_better_than_mojibake(tmp_path, data):
    path = tmp_path / "song.lrc"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="in no encoding that nw can tell"):
        read_lines(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_none(data):
    try:
        assert isinstance(decode(data), str)
    except UnicodeError:
        assert not data.isascii()


def test_of_a_large_text_the_beginning_is_used_and_that_is_said(tmp_path):
    path = tmp_path / "book.txt"
    path.write_text("a line é of a book\n" * 200_000)
    read = read_lyrics(path)
    assert read.lines[-1] == Line("a line é of a book")
    assert LARGEST - 20 < 20 * len(read.lines) <= LARGEST
    assert read.note == "only the first 2,000,000 of 4,000,000 bytes of book.txt are used"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "song.lrc")
    with pytest.raises(Unreadable, match="no regular file"):
        read_lines(tmp_path / "song.lrc")
