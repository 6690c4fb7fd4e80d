"""The road from songs to hits, with encoders whose scores can be worked out by hand."""

import contextlib
import json
import os
from unittest.mock import Mock

import numpy as np
import pytest
from fakes import tone

from catalog.errors import Damaged, Incompatible, NoIndex, NotReady
from catalog.index_manifest import read_manifest, verify
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.song_index import SongIndex
from models.encoders import same_pipeline
from models.indexing import build, calibration, update
from models.indexing.build import build_index
from models.indexing.embed import embed_sound, embed_words
from models.search import scoring
from models.search.part_order import order_gains
from models.search.reading.query_parser import parse
from models.search.request import SearchRequest
from models.search.searcher import Searcher


@pytest.fixture
def indexes(tmp_path):
    return tmp_path / "home" / "indexes"


@pytest.fixture(autouse=True)
def few_descriptions(monkeypatch):
    """The background in words that the fakes know."""
    texts = {
        "sound": ["low", "middle", "high", *["hum"] * 9],
        "words": ["sea", "robot", "winter", *["tea"] * 9],
    }
    monkeypatch.setattr(calibration, "descriptions", texts.__getitem__)


@pytest.fixture
def index_all(catalog, ears, reader, indexes):
    def run(**options):
        failed = embed_sound(catalog, ears)
        embed_words(catalog, reader)
        built = []
        for encoder in (ears, reader):
            with contextlib.suppress(NotReady):  # a library without words has no such index
                built.append(build_index(catalog, encoder, indexes / encoder.role, **options))
        return built, failed

    return run


@pytest.fixture
def library(add_song, index_all):
    """Four songs: two with sound alone, one with both, one with words alone."""
    ids = {
        "Cellar": add_song("Cellar", tone(100, 5)),
        "Whistle": add_song("Whistle", tone(2_000, 5)),
        "Foghorn": add_song("Foghorn", tone(110, 6), lyrics="the sea\nthe sea\nand rain"),
        "Poem": add_song("Poem", lyrics="a robot\nin winter"),
    }
    index_all()
    return ids


@pytest.fixture
def searcher(library, catalog, indexes):
    return Searcher(indexes, catalog)


def find(searcher, text, **more):
    return searcher.search(SearchRequest(text, **more)).hits


def similar(searcher, song, **more):
    return searcher.similar(song, SearchRequest(**more)).hits


@pytest.fixture
def changing(add_song, index_all):
    """Songs that change, one that does so at once, and one that is too short to change."""
    low, high = tone(100, 6), tone(2_000, 6)
    ids = {
        "Rising": add_song("Rising", np.concatenate([low, high])),
        "Falling": add_song("Falling", np.concatenate([high, low])),
        "Wavering": add_song("Wavering", np.concatenate([tone(100, 2), tone(2_000, 2)] * 3)),
        "Blip": add_song("Blip", np.concatenate([tone(100, 1), tone(2_000, 1)])),
    }
    index_all()
    return ids


@pytest.mark.parametrize(
    ("ask", "first"),
    [
        pytest.param("low, then high", "Rising", id="then"),
        pytest.param("starts high and ends low", "Falling", id="starts, ends"),
    ],
)
def test_the_order_in_which_a_song_changes(changing, catalog, indexes, ask, first):
    assert find(Searcher(indexes, catalog), ask)[0].song.title == first


def test_order_is_what_a_song_would_lose_backwards(changing, catalog, indexes):
    searcher = Searcher(indexes, catalog)
    index = searcher.indexes.index("sound")
    parts = [searcher.indexes.encode(word, "sound") for word in ("low", "high")]
    ids = np.array(sorted(changing.values()), np.int64)
    rising, falling, wavering, blip = order_gains(parts, ids, index, catalog)
    assert rising == pytest.approx(1 / index.spread, rel=1e-2)  # all of it fits, and nothing backwards
    assert 0 < wavering < rising / 2
    assert (falling, blip) == (0, 0)
    backwards = order_gains(parts[::-1], ids, index, catalog)
    assert backwards[ids == changing["Falling"]] == pytest.approx(rising, rel=1e-4)
    nothing_here = order_gains(parts, ids + 1_000, index, catalog)
    assert not nothing_here.any()


def test_only_the_nearest_songs_are_looked_at_for_their_order(changing, catalog, indexes, monkeypatch):
    def scores(looked_at):
        monkeypatch.setattr(scoring, "ORDERED", looked_at)
        hits = find(Searcher(indexes, catalog), "low, then high", by="sound")
        return {hit.song.title: hit.sound for hit in hits}

    unordered, of_one, of_all = scores(0), scores(1), scores(4)
    gain_of_one = {title for title, score in of_one.items() if score > unordered[title]}
    gain_of_all = {title for title, score in of_all.items() if score > unordered[title]}
    assert gain_of_all == {"Rising", "Wavering"}
    assert len(gain_of_one) == 1


def titles(hits):
    return [hit.song.title for hit in hits]


def test_finds_by_sound(searcher):
    assert titles(find(searcher, "high", by="sound"))[0] == "Whistle"
    assert set(titles(find(searcher, "low", by="sound", k=2))) == {"Cellar", "Foghorn"}


def test_finds_by_words(searcher):
    assert titles(find(searcher, "robot", by="words"))[0] == "Poem"


def test_both_sides_together_put_the_song_with_both_first(searcher):
    assert titles(find(searcher, "low sea"))[0] == "Foghorn"


def test_a_song_without_lyrics_ranks_by_its_sound(searcher):
    """Cellar sounds as low as Foghorn; that Foghorn sings of something else takes nothing from either."""
    by_name = {hit.song.title: hit for hit in find(searcher, "low")}
    assert by_name["Cellar"].words is None
    assert by_name["Cellar"].score == pytest.approx(by_name["Cellar"].sound, abs=1e-3)
    assert by_name["Cellar"].score > by_name["Whistle"].score


def test_a_long_list_is_the_whole_library(searcher, library):
    hits = find(searcher, "low", k=1_000)
    assert set(titles(hits)) == set(library)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_only_within_the_songs_allowed(searcher, library):
    assert set(titles(find(searcher, "low", where="title in ('Whistle', 'Poem')"))) == {"Whistle", "Poem"}
    assert find(searcher, "low", where="false") == []


def test_a_filter_sees_what_changed_since_it_was_asked(searcher, catalog, library):
    def whistles():
        return titles(find(searcher, "high", where="year = 1999"))

    assert whistles() == whistles() == []
    catalog.execute("UPDATE songs SET year = 1999 WHERE title = 'Whistle'")
    assert whistles() == ["Whistle"]
    with Catalog.open(catalog.path) as another:
        another.execute("UPDATE songs SET year = NULL")
    assert whistles() == []


def test_min_points_leaves_out_what_does_not_fit(searcher):
    assert titles(find(searcher, "high", by="sound", min_score=50)) == ["Whistle"]


def test_scores_say_whether_anything_fits(searcher):
    fitting, nonsense = find(searcher, "high", by="sound")[0], find(searcher, "qwertz", by="sound")[0]
    assert fitting.score > 50 > nonsense.score


@pytest.mark.parametrize("by", ["sound", "words", "evidence", "gate", "rrf", "weighted"])
def test_what_is_not_wanted_is_looked_for_in_the_sound_whatever_is_asked(searcher, by):
    """By words alone it ended in a KeyError: there was no line for what sound says."""
    [first, *_] = find(searcher, "not high", by=by)
    assert first.song.title in {"Cellar", "Foghorn"}
    assert first.score > 50


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("a song about the sea", "the sea"),
        ("Songs about growing old", "growing old"),
        ("lyrics in which it rains", "it rains"),
        ("a sea shanty about rum", "a sea shanty about rum"),
        ("a song about ", "a song about"),
        ("songs", "songs"),
    ],
)
def test_words_are_asked_for_the_topic_and_sound_for_all_that_is_said(asked, topic):
    assert parse(asked).text_for("words") == topic
    assert parse(asked).text_for("sound") == asked.strip()


def test_songs_are_compared_by_how_far_they_stand_out_not_by_how_even_they_are(library, indexes):
    index = SongIndex(indexes / "sound")
    index.background = np.array([[0.1, 0.4], [0.1, 0.2], [0.3, 0.01]], np.float32)
    standard = index.z_scores(np.array([0.6, 0.4, 0.5], np.float32), index.songs)
    assert standard[0] > standard[1] > standard[2]
    assert standard[0] / standard[1] == pytest.approx(5 / 3)


def test_says_which_moment_and_which_line_fit(add_song, index_all, catalog, indexes):
    sound = np.concatenate([tone(100, 4), tone(2_000, 2), tone(100, 3)])
    lyrics = "\n".join(["tea and sand"] * 8 + ["one robot"] + ["sand and tea"] * 8)
    add_song("Signal", sound, lyrics=lyrics, captions=["a caption of tea"])
    add_song("Cellar", tone(100, 5))
    index_all()
    [hit] = [h for h in find(Searcher(indexes, catalog), "high robot", explain=True) if h.words is not None]
    assert (hit.moment.start_s, hit.moment.end_s) == (4.0, 6.0)
    assert hit.line.text == "one robot"


def test_a_fading_end_is_not_the_moment(add_song, index_all, catalog, indexes):
    partly = tone(2_000, 2, level=0.3) + tone(100, 2, level=0.2)
    add_song("Signal", np.concatenate([partly, tone(100, 2), tone(2_000, 0.6)]))
    add_song("Cellar", tone(100, 5))
    index_all()
    hit = find(Searcher(indexes, catalog), "high", explain=True)[0]
    assert (hit.song.title, hit.moment.start_s) == ("Signal", 0.0)


def test_a_caption_can_be_the_line_that_fits(add_song, index_all, catalog, indexes):
    add_song("Told", captions=["tea", "it sounds like winter"])
    index_all()
    [hit] = find(Searcher(indexes, catalog), "winter", explain=True)
    assert hit.line.text == "it sounds like winter"


def test_similar_to_a_song(searcher, library):
    hits = similar(searcher, library["Cellar"], by="sound")
    assert titles(hits)[0] == "Foghorn"
    assert "Cellar" not in titles(hits)


@pytest.mark.parametrize("explain", [True, False])
def test_the_moment_of_a_song_like_another_is_said_where_it_is_asked_for(searcher, library, explain):
    hits = similar(searcher, library["Cellar"], by="sound", explain=explain)
    assert [hit.moment is not None for hit in hits] == [explain] * len(hits)


def test_similar_needs_an_indexed_song(searcher, add_song):
    with pytest.raises(NotReady, match="in no index"):
        similar(searcher, add_song("New", tone(50, 3)))


def test_nothing_indexed(catalog, indexes):
    with pytest.raises(NoIndex):
        find(Searcher(indexes, catalog), "anything")
    with pytest.raises(NoIndex):
        find(Searcher(indexes, catalog), "anything", by="words")


def test_a_song_that_left_the_catalog_is_not_found(searcher, library, catalog):
    songs.remove(catalog, [library["Whistle"]])
    assert "Whistle" not in titles(find(searcher, "high", k=2))
    assert len(find(searcher, "high", k=2)) == 2


def test_the_second_run_writes_nothing(library, index_all, indexes):
    before = read_manifest(indexes / "sound")
    built, _ = index_all()
    assert [one.changed for one in built] == [False, False]
    assert read_manifest(indexes / "sound") == before


def test_new_and_removed_songs_are_found_by_the_next_run(library, add_song, index_all, catalog, indexes):
    songs.remove(catalog, [library["Cellar"]])
    add_song("Siren", tone(3_000, 4))
    index_all()
    found = titles(find(Searcher(indexes, catalog), "high", by="sound"))
    assert set(found) == {"Whistle", "Foghorn", "Siren"}
    assert verify(indexes / "sound") == []


def test_what_was_heard_is_not_heard_again(library, add_song, catalog, ears, monkeypatch):
    heard = []
    encode = ears.encode_windows
    monkeypatch.setattr(ears, "encode_windows", lambda w: heard.append(len(w)) or encode(w))
    embed_sound(catalog, ears)
    assert heard == []
    add_song("Siren", tone(3_000, 4))
    embed_sound(catalog, ears)
    assert heard == [2]


def test_a_file_that_cannot_be_heard_is_named_and_the_rest_goes_on(add_song, index_all, catalog, tmp_path):
    add_song("Broken", tone(100, 3))
    (tmp_path / "music" / "Broken.wav").write_bytes(b"RIFF????WAVEjunk")
    add_song("Cellar", tone(120, 3))
    built, failed = index_all()
    assert [f.path.name for f in failed] == ["Broken.wav"]
    assert built[0].manifest.songs == 1


def test_an_index_of_another_pipeline_is_refused(library, indexes, ears, monkeypatch):
    manifest = read_manifest(indexes / "sound")
    assert same_pipeline(ears, manifest) is ears
    monkeypatch.setattr(type(ears), "pipeline", "ears/16 kHz/2 s/mean")
    with pytest.raises(Incompatible, match="mean nothing to each other"):
        same_pipeline(ears, manifest)


def test_another_pipeline_makes_a_new_index(library, index_all, indexes, ears, monkeypatch):
    monkeypatch.setattr(type(ears), "pipeline", "ears/next")
    index_all()
    assert read_manifest(indexes / "sound").pipeline == "ears/next"


def test_a_damaged_index_says_how_to_mend_it(library, catalog, indexes, index_all):
    content = indexes / "sound" / read_manifest(indexes / "sound").content
    (content / "vectors.npy").write_bytes(b"no")
    assert verify(indexes / "sound") == ["vectors.npy"]
    with pytest.raises(Damaged) as caught:
        find(Searcher(indexes, catalog), "low")
    assert "nw index --rebuild" in caught.value.try_this
    index_all(rebuild=True)
    assert find(Searcher(indexes, catalog), "low")


@pytest.mark.parametrize("name", ["keys", "vectors", "background"])
@pytest.mark.parametrize("kept", [0.0, 0.01, 0.6, 0.99])
def test_a_file_cut_anywhere_is_named_and_written_again(library, index_all, indexes, name, kept):
    path = SongIndex(indexes / "sound").content / f"{name}.npy"
    os.truncate(path, int(path.stat().st_size * kept))
    with pytest.raises(Damaged, match="cannot be read"):
        SongIndex(indexes / "sound")
    index_all(rebuild=True)
    assert len(SongIndex(indexes / "sound").songs) == 3


@pytest.mark.parametrize("name", ["keys", "vectors", "prompts"])
@pytest.mark.parametrize("kept", [0.0, 0.6])
def test_the_next_indexing_does_without_what_was_cut(library, add_song, index_all, indexes, name, kept):
    path = SongIndex(indexes / "sound").content / f"{name}.npy"
    os.truncate(path, int(path.stat().st_size * kept))
    add_song("Siren", tone(3_000, 4))
    index_all()
    assert len(SongIndex(indexes / "sound").songs) == 4


@pytest.mark.parametrize(("written", "said"), [(99, "a newer nw"), (1, "an older nw")])
def test_a_manifest_of_another_format_is_refused_and_made_anew(library, index_all, indexes, written, said):
    path = indexes / "sound" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": written}))
    with pytest.raises(Incompatible, match=said):
        SongIndex(indexes / "sound")
    index_all()
    assert len(SongIndex(indexes / "sound").songs) == 3


@pytest.mark.parametrize("made_in", [build, update], ids=["all anew", "what is new"])
def test_a_failed_write_leaves_the_old_index(library, add_song, catalog, ears, indexes, monkeypatch, made_in):
    before = read_manifest(indexes / "sound")
    add_song("Siren", tone(3_000, 4))
    embed_sound(catalog, ears)
    monkeypatch.setattr(made_in, "background_of", Mock(side_effect=OSError(5, "gone")))
    with pytest.raises(OSError, match="gone"):
        build_index(catalog, ears, indexes / "sound", rebuild=made_in is build)
    assert read_manifest(indexes / "sound") == before
    assert verify(indexes / "sound") == []
    assert not list((indexes / "sound").glob(".new-*"))


def test_songs_that_left_the_catalog_are_counted(library, catalog, indexes, index_all):
    searcher = Searcher(indexes, catalog)
    find(searcher, "low", by="sound")
    assert searcher.indexes.gone(catalog) == 0
    songs.remove(catalog, [hit.song.id for hit in find(searcher, "low", by="sound")[:2]])
    assert len(find(searcher, "low", by="sound")) == 1
    assert searcher.indexes.gone(catalog) == 2
    index_all()
    searcher = Searcher(indexes, catalog)
    find(searcher, "low", by="sound")
    assert searcher.indexes.gone(catalog) == 0
