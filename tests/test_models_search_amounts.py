"""How many songs a request asks for, and what it says without words: emoji, beats a minute."""

import pytest

from models.search.reading.asking.amounts import counted
from models.search.reading.asking.plain import asked
from models.search.reading.asking.signs import in_words
from models.search.request import SearchRequest


@pytest.mark.parametrize(
    ("text", "rest", "limit"),
    [
        pytest.param("five happy songs", "happy songs", 5, id="of songs"),
        pytest.param("the three best songs", "best songs", 3, id="the best of them"),
        pytest.param("top 10 waltzes", "waltzes", 10, id="top"),
        pytest.param("top 40 radio pop", "top 40 radio pop", None, id="the top 40 are a kind of music"),
        pytest.param("top 40 songs", "songs", 40, id="but forty songs are forty"),
        pytest.param("a dozen calm pieces", "calm pieces", 12, id="a dozen"),
        pytest.param("half a dozen waltzes", "half a dozen waltzes", None, id="not of songs, nor asked for"),
        pytest.param("one song with a harp", "song with a harp", 1, id="one"),
        pytest.param("one love", "one love", None, id="one, not of songs"),
        pytest.param("a song with a harp", "a song with a harp", None, id="a song is any"),
        pytest.param("no more than four songs with bass", "songs with bass", 4, id="no more than"),
        pytest.param("5 minute songs", "5 minute songs", None, id="how long"),
        pytest.param("80s songs", "80s songs", None, id="from when"),
        pytest.param("0 songs", "0 songs", None, id="none"),
        pytest.param("201 songs", "201 songs", None, id="more than an answer has"),
        pytest.param("200 songs", "songs", 200, id="as many as it has"),
        pytest.param("a playlist of 20 calm songs", "calm songs", 20, id="a playlist"),
        pytest.param("two lullabies and no more", "lullabies", 2, id="and no more"),
        pytest.param("jazz, three songs, no vocals", "jazz, no vocals", 3, id="set apart"),
        pytest.param("jazz (5 songs)", "jazz", 5, id="in brackets"),
        pytest.param("calm piano, just three", "calm piano", 3, id="just three"),
        pytest.param("calm piano top 5", "calm piano", 5, id="top, at the end"),
        pytest.param("calm piano limit 7", "calm piano", 7, id="limit"),
        pytest.param("a choir x3", "a choir", 3, id="times"),
        pytest.param("die ersten drei Lieder", "Lieder", 3, id="German"),
        pytest.param("les cinq meilleures chansons", "meilleures chansons", 5, id="French"),
        pytest.param("una docena de canciones", "canciones", 12, id="Spanish"),
        pytest.param("a few quiet pieces", "quiet pieces", None, id="a few is no number"),
    ],
)
def test_how_many_songs_are_asked_for(text, rest, limit):
    assert counted(text) == (rest, limit)


@pytest.mark.parametrize(
    ("text", "rest", "limit"),
    [
        ("give me five", "", 5),
        ("five", "five", None),
        ("give me five medieval dances", "medieval dances", 5),
        ("give me five bangers", "bangers", 5),
        ("give me three pianos", "three pianos", None),
        ("give me two medieval dances", "two medieval dances", None),
        ("could you play me ten of them?", "", 10),
        ("please play one calm song", "calm song", 1),
    ],
)
def test_how_many_behind_words_that_ask(text, rest, limit):
    assert asked(text) == (rest, limit)


@pytest.mark.parametrize("text", ["Five Bells songs", "a mix of Five Bells and jazz", "top 5 Bells"])
def test_a_number_in_a_name_counts_nothing(text):
    def begins_with_name(text):
        return text.lower().startswith(("five bells", "top 5 bells"))

    assert counted(text, begins_with_name) == (text, None)


@pytest.mark.parametrize(
    ("k", "named", "amount"),
    [
        pytest.param(None, 5, 5, id="as many as the request names"),
        pytest.param(3, 5, 3, id="what was said apart from it comes before that"),
        pytest.param(None, None, 20, id="a page where nothing is said"),
    ],
)
def test_how_many_are_shown(k, named, amount):
    assert SearchRequest("songs", k=k, page=20).limited(named).amount == amount


@pytest.mark.parametrize(
    ("text", "plain", "said"),
    [
        pytest.param("calm, no 🥁", "calm, no drums", ["“drums” for “🥁”"], id="an emoji"),
        pytest.param("🔥🎸🔥", "guitar", ["“guitar” for “🎸”"], id="one that says nothing goes"),
        pytest.param("🍕", "🍕", [], id="unless nothing else is asked for"),
        pytest.param("sad piano 😢", "sad piano", ["“sad” for “😢”"], id="what is said in words too"),
        pytest.param("🏃🏽‍♀️ songs", "running songs", ["“running” for “🏃🏽‍♀️”"], id="with its variants"),
        pytest.param("techno at 140 bpm", "techno fast", ["“fast” for “140 bpm”"], id="fast"),
        pytest.param("115bpm", "mid-tempo", ["“mid-tempo” for “115bpm”"], id="a little slower"),
        pytest.param("116bpm", "fast", ["“fast” for “116bpm”"], id="the slowest that is fast"),
        pytest.param("80 bpm", "slow", ["“slow” for “80 bpm”"], id="the fastest that is slow"),
        pytest.param("81 bpm", "mid-tempo", ["“mid-tempo” for “81 bpm”"], id="a little faster"),
        pytest.param("under 100 bpm", "slow", ["“slow” for “under 100 bpm”"], id="under"),
        pytest.param("over 100 bpm", "fast", ["“fast” for “over 100 bpm”"], id="over"),
        pytest.param("100 bpm or more", "fast", ["“fast” for “100 bpm or more”"], id="or more"),
        pytest.param("60-80 bpm pads", "slow pads", ["“slow” for “60-80 bpm”"], id="between"),
        pytest.param("120 seconds", "120 seconds", [], id="no tempo"),
    ],
)
def test_what_is_said_without_words(text, plain, said):
    assert in_words(text) == (plain, tuple(said))
