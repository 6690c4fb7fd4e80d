"""The one door for text: what is kept of any value, and which texts are the same text."""

import json
import unicodedata
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import in_one_test

from catalog.library import filters, songs
from catalog.records import Caption, Facts, Line
from catalog.values.columns import (
    LONGEST_LYRICS,
    LONGEST_VALUE,
    checked,
    left_out,
    plain_of,
    seconds_of,
    tags_of,
    text_of,
    year_of,
)
from catalog.values.languages import detected_language, language_code
from catalog.values.text import clean, clean_lines, folded

NFD = unicodedata.normalize("NFD", "Éthéré")
NAN = float("nan")


@in_one_test
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("  plain  words ", "plain  words", id="ends are stripped, the inside is as it was"),
        pytest.param(NFD, "Éthéré", id="accents are composed"),
        pytest.param("half \ud800 \udfff", "half ? ?", id="half a character is a question mark"),
        pytest.param("\ud83c\udfb9", "🎹", id="two halves are the character that they mean"),
        pytest.param("a\0b\x07c\x7fd\x9be", "abcde", id="controls of both sets go"),
        pytest.param("a\tb\nc\u2028d", "a b c d", id="what moves to another place is a space"),
        pytest.param("\x1b[31;1mred\x1b[0m", "red", id="a colour of the terminal goes whole"),
        pytest.param("\x1b]0;owned\x07title", "title", id="so does a window's title"),
        pytest.param("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", id="and a link"),
        pytest.param("\u202etxt.exe\u2066", "txt.exe", id="nothing turns the direction of the line"),
        pytest.param("\ufeffBOM", "BOM", id="a byte order mark is no letter"),
        pytest.param(
            "👩\u200d🎤 می\u200cخواهم", "👩\u200d🎤 می\u200cخواهم", id="joiners are part of writing"
        ),
        pytest.param("\u200b \u3164Ada\u200d\u00ad\u3000", "Ada", id="what cannot be seen ends no name"),
        pytest.param("\u200b", "", id="and makes none"),
    ],
)
def test_text_is_cleaned(text, kept):
    assert clean(text) == kept


@given(st.text(st.characters(), max_size=60))
def test_what_was_cleaned_is_clean(text):
    once = clean(text)
    assert clean(once) == once
    assert once.isprintable() or not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in once)
    once.encode()


def test_lines_stay_lines():
    assert clean_lines("a\x00\r\nb\x85c\u2029d") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("Éthéré", unicodedata.normalize("NFD", "ÉTHÉRÉ"), True, id="case and composition"),
        pytest.param("STRASSE", "Straße", True, id="full case folding"),
        pytest.param("ΣΊΣΥΦΟΣ", "Σίσυφος", True, id="the final sigma"),
        pytest.param("lo  fi ", "Lo\tFi", True, id="spaces count once"),
        pytest.param("lo_fi", "lo-fi", False, id="a sign is itself"),
        pytest.param("ethere", "éthéré", False, id="an accent is part of the word"),
    ],
)
def test_same_text(one, other, same):
    assert (folded(one) == folded(other)) is same


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_folding_sees_no_case_and_no_composition(text):
    assert folded(unicodedata.normalize("NFD", text)) == folded(text)
    assert folded(folded(text)) == folded(text)


@in_one_test
@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("2004", 2004),
        ("20040317", 2004),
        ("2004-03-17", 2004),
        ("2004-00-00", 2004),
        ("17/03/2004", 2004),
        ("17032004", 2004),
        ("200403171230", 2004),
        ("2004-05-05T07:00:00Z", 2004),
        ("c. 1971 (remaster)", 1971),
        ("1970s", 1970),
        ("0000, 1987", 1987),
        ("2004.0", 2004),
        (2004.0, 2004),
        (np.int64(1999), 1999),
        (date(1984, 1, 2), 1984),
        (datetime(1985, 1, 2, tzinfo=UTC), 1985),
        (b"1986", 1986),
        ("0000", None),
        ("unknown", None),
        ("44100", None),
        (NAN, None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_years(value, year):
    assert year_of(value) == year


@in_one_test
@pytest.mark.parametrize(
    ("value", "seconds"),
    [("225", 225), ("3:45", 225), ("1:03:45.5", 3825.5), (12, 12), (0.5, 0.5), ("n/a", None)]
    + [("nan", None), ("-inf", None), (NAN, None), (-3, None), (None, None), ({}, None)],
)
def test_lengths(value, seconds):
    assert seconds_of(value) == seconds


@in_one_test
@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "", id="None is nothing"),
        pytest.param(NAN, "", id="so is not-a-number"),
        pytest.param(7, "7", id="a number"),
        pytest.param(1004.0, "1004", id="pandas makes floats of whole numbers"),
        pytest.param("Caf\u00e9".encode(), "Café", id="bytes are UTF-8"),
        pytest.param(b"\xff\xfe!", "\ufffd\ufffd!", id="or have holes"),
        pytest.param(["A", None, "B"], "A, B", id="a list is an enumeration"),
        pytest.param([["deep"]], "", id="a list of lists is no value"),
        pytest.param({"a": 1}, "", id="nor is an object"),
        pytest.param(10**5000, "", id="nor a number of 5,000 digits"),
    ],
)
def test_values_as_text(value, text):
    assert text_of(value) == text


def test_tags_are_different_words():
    assert tags_of(["Rock", "rock", NFD, "éthéré", None, NAN, "nan", "", 80, b"pop"]) == (
        *("Rock", "Éthéré", "80", "pop"),
    )


def test_extra_is_json_whatever_it_was():
    deep: object = "core"
    for _ in range(500):
        deep = [deep]
    value = {
        "half": "\ud800",
        "bytes": b"\xff",
        "not": NAN,
        "huge": 10**30,
        "at": date(2000, 1, 2),
        1: {"set": {1}},
        "deep": deep,
    }
    plain = json.loads(json.dumps(plain_of(value), allow_nan=False))
    assert plain["half"] == "?"
    assert (plain["not"], plain["huge"], plain["at"], plain["1"]) == (None, None, "2000-01-02", {"set": [1]})
    assert len(json.dumps(plain["deep"])) < 50


def test_what_a_column_cannot_hold_is_left_out_and_said():
    facts = Facts(
        "table:x\ud800.csv",
        {"title": "T" * (LONGEST_VALUE + 1), "year": "unknown", "artist": None},
        tags=(None, "a"),
        lyrics=(Line("x" * LONGEST_LYRICS), Line("lost")),
        captions=(Caption(None), Caption("calm\n", NAN, "2.5")),
        extra={"a\n\ud800": "b\0"},
    )
    assert checked(facts) == Facts(
        "table:x?.csv",
        {"title": "T" * LONGEST_VALUE, "year": None, "artist": ""},
        tags=("a",),
        lyrics=(Line("x" * LONGEST_LYRICS),),
        captions=(Caption("calm", None, 2.5),),
        extra={"a ?": "b"},
    )
    assert left_out(facts) == [
        "title of 2,001 characters was cut after 2,000",
        "year 'unknown' is no year",
        "lyrics were cut after 2,000,000 characters",
    ]


def test_the_catalog_compares_tags_and_any_text_by_folding(catalog):
    for tag in ("Éthéré", NFD.upper(), "lo_fi", "lo-fi"):
        songs.add_or_update(catalog, [Facts("tags", {"artist": tag}, tags=(tag,))])
    tagged = catalog.fetch("SELECT song_id FROM tags WHERE folded = ? ORDER BY 1", (folded("éthéré"),))
    named = catalog.fetch("SELECT id FROM songs WHERE fold(artist) = fold(?) ORDER BY 1", (NFD,))
    assert tagged == named == [(1,), (2,)]
    assert catalog.fetch("SELECT song_id FROM tags WHERE folded = ?", (folded("LO_FI"),)) == [(3,)]


def test_tags_of_an_older_catalog_are_folded_when_it_is_opened(tmp_path, monkeypatch):
    from catalog.library import migrations
    from catalog.library.database import Catalog

    step = migrations.STEPS.index(migrations.m007_folded_tags)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:step])
        patch.setattr(migrations, "LATEST", step)
        with Catalog.open(tmp_path / "c.db") as catalog:
            catalog.execute("INSERT INTO songs (added_at) VALUES ('')")
            catalog.execute("INSERT INTO tags VALUES (1, ?, 'tags')", (NFD,))
    with Catalog.open(tmp_path / "c.db") as catalog:
        assert catalog.fetch("SELECT folded FROM tags") == [("éthéré",)]


@in_one_test
@pytest.mark.parametrize(
    ("told", "code"),
    [
        pytest.param("fr", "fr", id="two letters"),
        pytest.param("fra", "fr", id="three, for its own speakers"),
        pytest.param("fre", "fr", id="three, for libraries"),
        pytest.param("FRENCH", "fr", id="its English name"),
        pytest.param("Français", "fr", id="its own name"),
        pytest.param("fr-CA", "fr", id="with a region"),
        pytest.param("zh_Hant_TW", "zh", id="with a script"),
        pytest.param("deueng", "de", id="codes in a row, as ID3v2.3 had them"),
        pytest.param("und; eng / spa", "en", id="of several the first that is one"),
        pytest.param("XXX", "", id="ID3's unknown"),
        pytest.param("zxx", "", id="no words at all"),
        pytest.param("gsw", "gsw", id="a code without a short one"),
        pytest.param("Klingon", "klingon", id="what no table knows"),
        pytest.param("xx", "", id="two letters that are no code"),
        pytest.param("0", "", id="a number"),
        pytest.param("\ufffd\ufffd", "", id="bytes that were no text"),
        pytest.param("xx; fre", "fr", id="what is none hides no other"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_languages_have_one_code(told, code):
    assert language_code(told) == code


FRENCH = "Non, rien de rien, non, je ne regrette rien"
GERMAN = "Ich weiß nicht, was soll es bedeuten, dass ich so traurig bin"


@pytest.mark.parametrize(
    ("lines", "language"),
    [
        pytest.param([FRENCH, "ni le bien qu'on m'a fait, ni le mal"], "fr", id="French"),
        pytest.param([GERMAN, "ein Märchen aus alten Zeiten"], "de", id="German"),
        pytest.param(["夜に駆ける", "沈むように溶けてゆくように"], "ja", id="Japanese"),
        pytest.param(["la la la", "na na na na, hey hey"], "", id="no language is better than a wrong one"),
        pytest.param(["Oh!"], "", id="too short to tell"),
        pytest.param([], "", id="nothing"),
    ],
)
def test_the_language_of_lyrics(lines, language):
    assert detected_language(lines) == language


def test_a_language_that_was_told_beats_the_lyrics_and_new_lyrics_are_looked_at_anew(catalog):
    def language():
        song = songs.get(catalog, song_id)
        return song.language, song.origins.get("language")

    song_id = songs.add_or_update(catalog, [Facts("table:a", lyrics=(Line(FRENCH), Line(FRENCH)))])
    assert language() == ("fr", "detected")
    songs.add_or_update(catalog, [Facts("table:a", lyrics=(Line(GERMAN),))], song_id=song_id)
    assert language() == ("de", "detected")
    songs.add_or_update(catalog, [Facts("tags", {"language": "Occitan"})], song_id=song_id)
    assert language() == ("oc", "tags")
    songs.add_or_update(catalog, [Facts("table:a", lyrics=(Line(FRENCH),))], song_id=song_id)
    assert language() == ("oc", "tags")
    assert list(filters.ids_where(catalog, "language = 'oc'")) == [song_id]


def test_lyrics_that_an_older_nw_took_in_get_their_language_at_the_next_reading(catalog):
    song_id = songs.add_or_update(catalog, [Facts("table:a", lyrics=(Line(FRENCH), Line(FRENCH)))])
    catalog.execute("UPDATE songs SET language = '', origins = json_remove(origins, '$.language')")
    songs.add_or_update(catalog, [Facts("tags", {"title": "read again"})], song_id=song_id)
    assert songs.get(catalog, song_id).language == "fr"


def test_values_of_the_wrong_type_in_an_older_catalog_are_mended_when_it_is_opened(tmp_path, monkeypatch):
    from catalog.library import migrations
    from catalog.library.database import Catalog

    step = migrations.STEPS.index(migrations.m011_typed_values)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:step])
        patch.setattr(migrations, "LATEST", step)
        with Catalog.open(tmp_path / "c.db") as catalog:
            catalog.execute(
                "INSERT INTO songs (added_at, year, duration_s, extra)"
                """ VALUES ('', 'ca. 1999', '3:25', '{"a": "\\ud800", "b": NaN}'),"""
                " ('', 'unknown', 'n/a', '{}')"
            )
    with Catalog.open(tmp_path / "c.db") as catalog:
        first, second = songs.get_many(catalog, [1, 2]).values()
    assert (first.year, first.duration_s, first.extra) == (1999, 205, {"a": "?", "b": None})
    assert (second.year, second.duration_s) == (None, None)
