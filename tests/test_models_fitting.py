"""What fits: what chance reaches in a library, which sentences are about music, which can be read."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from fakes import Ears, tone
from tables import in_one_test

from catalog.index_manifest import read_manifest
from catalog.library.exact_match import Found
from models.encoders import minilm
from models.indexing import calibration, chance
from models.indexing.build import build_index
from models.indexing.embed import embed_sound
from models.networks.text_tower import TextTower, write_tower
from models.search.fitting import Fitting, read
from models.search.indexes import Indexes
from models.search.limits import Limits, limits
from models.search.query_embedding import Query
from models.search.reading.query_parser import parse
from models.search.request import SearchRequest
from models.search.scoring import exact_scores
from models.search.searcher import Searcher
from newwave_cli.output import hits

MUSIC, OTHER = ("low", "high", "low high") * 5, ("middle", "middle middle") * 10


@pytest.fixture(autouse=True)
def words_of_the_fakes(monkeypatch):
    """Requests for music are low or high; what is in the middle is about other things."""
    monkeypatch.setattr(calibration, "descriptions", lambda role: ["low", "middle", "high", *["hum"] * 9])
    monkeypatch.setattr(chance, "MUSIC", MUSIC)
    monkeypatch.setattr(chance, "OTHER", OTHER)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "indexes" / "sound"


@pytest.fixture
def searcher(add_song, catalog, folder):
    for title, hz in (("Cellar", 100), ("Lantern", 600), ("Whistle", 2_000)):
        add_song(title, tone(hz, 5))
    embed_sound(catalog, Ears())
    build_index(catalog, Ears(), folder)
    return Searcher(folder.parent, catalog)


@pytest.mark.parametrize(
    ("role", "about_music", "line"),
    [
        pytest.param("sound", True, 4.0, id="a sound fits above the middle of what chance reaches"),
        pytest.param("sound", False, 5.0, id="for a sentence about other things above all of it"),
        pytest.param("words", True, 4.9, id="words fit above nearly all, for lyrics speak of anything"),
        pytest.param("words", False, 5.0, id="words for a sentence about other things above all"),
        pytest.param("fused", True, 4.0, id="both at once fit above the middle"),
    ],
)
def test_the_line_comes_from_what_chance_reaches(role, about_music, line):
    fitting = Fitting(np.array([0.3, 0.4, 0.5], np.float32), np.zeros(2, np.float32), 1.0)
    assert fitting.line(role, 0.1, about_music=about_music) == pytest.approx(line, rel=1e-5)


@pytest.mark.parametrize(("role", "line"), [("sound", 1), ("words", 2), ("fused", 2)])
def test_three_songs_have_a_lowest_line(role, line):
    fitting = Fitting(np.array([-4.0, 0.1], np.float32), np.zeros(2), 1.0)
    assert fitting.line(role, 1.0, about_music=True) == line


def test_chance_is_the_best_song_for_each_sentence_above_its_own_mean():
    """Song 1 has two parts: its score is the mean of its whole and its best part.

    First sentence:  song 0: 1.0 - 0.2 = 0.8;  song 1: (0 + 0.6) / 2 - 0.1 = 0.2.
    Second sentence: song 0: 0.0 - 0.2;        song 1: (1 + 1) / 2 - 0.1 = 0.9.
    """
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], np.float16)
    background = np.array([[0.2, 0.5], [0.1, 0.5]], np.float32)
    best = chance.best_above(vectors, np.array([0, 1]), background, np.eye(2, dtype=np.float32))
    assert best.tolist() == pytest.approx([0.8, 0.9], rel=1e-3)


def test_requests_for_music_are_told_from_other_sentences_by_where_they_lie():
    rng = np.random.default_rng(0)
    noise = rng.normal(scale=0.1, size=(2, 40, 3)).astype(np.float32)
    music, other = noise[0] + [1, 0, 0], noise[1] + [0, 1, 0]
    told = Fitting(np.zeros(1), *chance.telling(music, other))
    assert told.about_music(np.array([1, 0, 0.1]))
    assert not told.about_music(np.array([0, 1, 0.1]))


def test_an_encoder_that_cannot_tell_them_doubts_nothing():
    alike = np.ones((20, 3), np.float32)
    assert Fitting(np.zeros(1), *chance.telling(alike, alike)).about_music(np.zeros(3))


@pytest.mark.parametrize(
    ("known", "doubts"),
    [
        pytest.param({"sound": True, "words": False}, True, id="words know best what a sentence is about"),
        pytest.param({"sound": False, "words": True}, False, id="whatever sound says"),
        pytest.param({"sound": False}, True, id="sound, where there are no words"),
        pytest.param({"sound": False, "words": None}, True, id="or where their index is an older one"),
        pytest.param({"sound": None, "fused": False}, True, id="what fuses both comes last"),
        pytest.param({"sound": None, "words": None}, False, id="old indexes doubt nothing"),
    ],
)
def test_who_says_whether_a_text_is_about_music(known, doubts, tmp_path, monkeypatch):
    """known: what each side would say, None where its index does not keep what it takes."""
    indexes = Indexes(tmp_path, "a library")
    tower = SimpleNamespace(sentences=lambda texts: [f"vector of {text}" for text in texts])
    sides = {
        role: said if said is None else SimpleNamespace(about_music=lambda _, said=said: said, languages=())
        for role, said in known.items()
    }
    monkeypatch.setattr(indexes, "fitting", sides.get)
    monkeypatch.setattr(indexes, "tower", lambda role: tower)
    assert indexes.about_music("a text", list(known)) is not doubts


@pytest.mark.parametrize(
    ("z", "line"),
    [
        pytest.param([0.5, 3.0], 4.0, id="above the nearest"),
        pytest.param([-2.0, np.nan], 1.5, id="but never below where it was"),
        pytest.param([np.nan], 1.5, id="no song has that side"),
        pytest.param([], 1.5, id="no song"),
    ],
)
def test_nothing_reaches_the_line_of_a_side_that_is_shut(z, line):
    limits = Limits({"sound": 1.5, "written": 2.0}, shut=frozenset({"sound"}))
    assert limits.over({"sound": np.array(z, np.float32)}) == {"sound": line, "written": 2.0}


@pytest.fixture(scope="module")
def tower(tmp_path_factory):
    """MiniLM's tokenizer; the network behind it is not asked."""
    folder = tmp_path_factory.mktemp("tower")
    tokenizer = minilm.weights_folder() / "tokenizer.json"
    trunk, about = Ears()._trunk(), {"name": "x", "pipeline": "x", "dimensions": 4, "max_tokens": 64}
    write_tower(folder, tokenizer=tokenizer, trunk=trunk, **about)
    return TextTower(folder)


@in_one_test
@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("calm piano", 0),
        ("chiptune bagpipes", 0),
        ("musique calme", 0),
        ("a", 0),
        ("24/7", 0),
        ("calm piano 🎹", 0),
        ("🍕", 1),
        ("?!", 1),
        ("", 1),
        ("спокойное пианино", 1),
        ("静かなピアノ", 1),
        ("λύρα", 1),
    ],
)
def test_letters_that_an_encoder_has_no_pieces_for_are_unread(tower, text, unread):
    assert tower.unread(text) == pytest.approx(unread, abs=0.15)  # single letters of longer words


@pytest.mark.parametrize(
    ("word", "known"), [("piano", True), ("beetles", True), ("qeen", False), ("🍕", False)]
)
def test_a_word_that_an_encoder_knows_is_one_piece(tower, word, known):
    assert tower.knows(word) is known


def answer(searcher, text, **more):
    return searcher.search(SearchRequest(text, **more))


@pytest.mark.parametrize(
    ("asked", "doubt", "fits"),
    [
        pytest.param("low", None, True, id="music that is there"),
        pytest.param("middle", "no music", False, id="about other things, however near a song is"),
        pytest.param("🍕", "unread", False, id="no letters"),
        pytest.param("cellar", "unread", True, id="a title fits, also in words that the encoder cannot read"),
        pytest.param("middle by Lantern", "no music", False, id="what is left of a request decides"),
    ],
)
def test_what_fits_a_request(searcher, asked, doubt, fits):
    found = answer(searcher, asked)
    assert (found.limits.doubt, hits.fits(found)) == (doubt, fits)
    assert (hits.weakness(found, asked) is None) == fits


@pytest.mark.parametrize("asked", ["not low", "anything but low", "music"])
def test_anything_fits_that_is_nearer_than_most_where_a_request_describes_nothing(searcher, asked):
    found = answer(searcher, asked)
    assert (found.limits.lines["sound"], found.limits.doubt) == (0.0, None)


RUSSIAN, FRENCH = "спокойная музыка", "une musique très calme pour bien dormir ce soir"


@pytest.mark.parametrize(
    ("text", "learned", "musical", "doubt"),
    [
        pytest.param("calm music to sleep to", ("en",), True, None, id="English by an English encoder"),
        pytest.param(RUSSIAN, ("en",), True, "unread", id="letters it never learned"),
        pytest.param(RUSSIAN, ("en", "ru"), True, None, id="letters it did learn"),
        pytest.param(FRENCH, ("en",), True, None, id="another language that is near enough for music"),
        pytest.param(FRENCH, ("en",), False, "unread", id="and not for anything else"),
        pytest.param("how do I file my taxes this year", ("en",), False, "no music", id="English, no music"),
        pytest.param(FRENCH, (), False, "no music", id="of an older index nothing is known"),
    ],
)
def test_what_an_encoder_has_learned_to_read(text, learned, musical, doubt, tmp_path, monkeypatch):
    """All letters have pieces here: what counts is the language."""
    indexes = Indexes(tmp_path, "a library")
    knows = SimpleNamespace(languages=learned, line=lambda role, spread, about_music: 2.0)
    monkeypatch.setattr(indexes, "fitting", lambda role: knows)
    monkeypatch.setattr(indexes, "tower", lambda role: SimpleNamespace(unread=lambda text: 0.0))
    monkeypatch.setattr(indexes, "index", lambda role: SimpleNamespace(spread=1.0))
    monkeypatch.setattr(indexes, "about_music", lambda text, roles: musical)
    asked = Query(replace(parse(""), text=text), {"sound": np.zeros(1)})
    assert limits(asked, indexes).doubt == doubt


def test_where_nothing_is_embedded_the_usual_lines_hold(tmp_path):
    """A song alone is asked for, or a word by its letters: no index is opened for it."""
    query = Query(parse("low"), {})
    assert limits(query, Indexes(tmp_path, "a library")) == Limits()


def test_the_order_of_what_does_not_fit_stays(searcher):
    assert [hit.song.title for hit in answer(searcher, "middle").hits][0] == "Lantern"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("middle", "nothing fits 'middle': it does not seem to describe music; these come nearest"),
        ("🍕", "'🍕' cannot be read: it is in no language or script that the encoder knows,"),
    ],
)
def test_a_person_is_told_why_nothing_fits(searcher, asked, said):
    assert hits.weakness(answer(searcher, asked), asked).startswith(said)


def test_an_index_of_an_older_nw_answers_with_fixed_lines_and_the_next_index_adds_what_it_lacks(
    searcher, catalog, folder, monkeypatch
):
    with monkeypatch.context() as older:
        older.setattr(chance, "write", lambda *args: None)
        build_index(catalog, Ears(), folder, rebuild=True)
    old = Searcher(folder.parent, catalog)
    assert hits.fits(answer(old, "middle"))
    assert old.indexes.outdated
    built = build_index(catalog, Ears(), folder)
    new = Searcher(folder.parent, catalog)
    assert built.changed
    assert not hits.fits(answer(new, "middle"))
    assert not new.indexes.outdated


def test_what_is_known_of_chance_grows_with_the_songs_that_are_added(add_song, catalog, folder):
    """Nothing near the middle at first; then a song that is all of it."""

    def reached():
        embed_sound(catalog, Ears())
        build_index(catalog, Ears(), folder)
        content = folder / read_manifest(folder).content
        return read(content).above.max(), (content / "added").exists()

    add_song("Cellar", tone(100, 5))
    before, _ = reached()
    add_song("Lantern", tone(600, 5))
    after, was_added = reached()
    add_song("Whistle", tone(2_000, 5))
    assert (before < 0.1, after > 0.5, was_added) == (True, True, True)
    assert reached() == (after, True)


@pytest.mark.parametrize(
    ("wanted", "scores"),
    [
        pytest.param(0, [3.04, 3.82], id="a request for music is answered by any of its words"),
        pytest.param(2, [0.61, 3.82], id="what is about no music by more than half of them"),
        pytest.param(3, [0.61, 3.82], id="two of three are more than half"),
        pytest.param(4, [0.61, 0.76], id="two of four are not"),
    ],
)
def test_a_word_of_a_sentence_about_other_things_is_no_answer(wanted, scores):
    """BM25 5.09 and 10.2: shares 0.718 and 0.836, so 5 * share ** 1.5."""
    rare = 5.09
    matches = [
        Found("return", np.array([1, 2]), np.ones(2, np.float32), rare),
        Found("tax", np.array([2]), np.ones(1, np.float32), rare),
    ]
    found = exact_scores(matches, np.array([1, 2]), wanted=wanted)
    assert found.tolist() == pytest.approx(scores, rel=1e-2)


@pytest.mark.parametrize(
    ("asked", "roles", "line"),
    [
        pytest.param("sea", ("sound", "words"), 2.0, id="about music: what most of chance does not reach"),
        pytest.param("winter", ("sound", "words"), 3.0, id="about other things: what none of chance reaches"),
        pytest.param("a song about winter", ("sound", "words"), 2.0, id="unless the request means words"),
        pytest.param("winter", ("words",), 2.0, id="or words alone are asked"),
    ],
)
def test_how_near_a_line_of_lyrics_must_be(asked, roles, line):
    above = np.array([*[0.0] * 99, 0.3])
    index = SimpleNamespace(spread=0.1)
    indexes = SimpleNamespace(
        index=lambda role: index,
        fitting=lambda role: Fitting(above, np.zeros(1), 1.0),
        tower=lambda role: SimpleNamespace(unread=lambda text: 0.0),
        about_music=lambda text, roles: text == "sea",
    )
    query = Query(parse(asked), {role: np.zeros(1) for role in roles})
    assert limits(query, indexes).lines["words"] == line
