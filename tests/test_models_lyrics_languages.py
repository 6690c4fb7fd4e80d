"""Lyrics in a language that an encoder has not learned are not judged by it."""

import pytest
from fakes import Reader

from catalog.errors import NotReady
from models.indexing import calibration, chance
from models.indexing.build import build_index
from models.indexing.embed import embed_words
from models.search.gate import weights_by_text
from models.search.request import SearchRequest
from models.search.searcher import Searcher


class EnglishReader(Reader):
    languages = frozenset({"en"})


@pytest.fixture(autouse=True)
def words_of_the_fakes(monkeypatch):
    monkeypatch.setattr(calibration, "descriptions", lambda role: ["sea", "robot", "winter", *["tea"] * 9])
    monkeypatch.setattr(chance, "MUSIC", ("sea", "robot") * 5)
    monkeypatch.setattr(chance, "OTHER", ("tea", "winter") * 5)


@pytest.fixture
def sung(add_song, catalog):
    """The same words in three languages: English, French, and nobody knows which."""

    def add(title, language, **more):
        song = add_song(title, lyrics="the sea\nthe sea\nthe sea", **more)
        with catalog.transaction():
            catalog.execute("UPDATE songs SET language = ? WHERE id = ?", (language, song))
        return song

    return add


def indexed(catalog, tmp_path, reader):
    embed_words(catalog, reader)
    build_index(catalog, reader, tmp_path / "indexes" / "words")
    return Searcher(tmp_path / "indexes", catalog)


def titles(searcher, **more):
    return {hit.song.title for hit in searcher.search(SearchRequest("sea", by="words", **more)).hits}


def test_lyrics_in_another_language_are_not_judged_and_unknown_ones_are(sung, catalog, tmp_path):
    for title, language in (("English", "en"), ("French", "fr"), ("Unknown", "")):
        sung(title, language)
    assert titles(indexed(catalog, tmp_path, EnglishReader())) == {"English", "Unknown"}


def test_an_encoder_that_knows_many_languages_judges_all(sung, catalog, tmp_path):
    sung("English", "en")
    sung("French", "fr")
    assert titles(indexed(catalog, tmp_path, Reader())) == {"English", "French"}


def test_a_caption_of_a_foreign_song_is_read(sung, catalog, tmp_path):
    sung("English", "en")
    song = sung("French", "fr", captions=["a robot"])
    searcher = indexed(catalog, tmp_path, EnglishReader())
    assert searcher.search(SearchRequest("robot", by="words")).hits[0].song.id == song


def test_an_index_follows_what_is_said_of_the_language_later(sung, catalog, tmp_path):
    sung("English", "en")
    song = sung("French", "")
    assert len(titles(indexed(catalog, tmp_path, EnglishReader()))) == 2
    with catalog.transaction():
        catalog.execute("UPDATE songs SET language = 'fr' WHERE id = ?", (song,))
    assert titles(indexed(catalog, tmp_path, EnglishReader())) == {"English"}


def test_a_library_in_other_languages_alone_is_told_which_encoder_reads_them(sung, catalog, tmp_path):
    sung("French", "fr")
    with pytest.raises(NotReady, match="has not learned the language of any lyrics here") as refused:
        indexed(catalog, tmp_path, EnglishReader())
    assert "bge-m3" in refused.value.try_this


def test_what_an_encoder_does_not_judge_is_found_by_exact_words_and_has_no_line(
    sung, add_song, catalog, tmp_path
):
    sung("English", "en")
    sung("French", "fr")
    for number in range(4):
        add_song(f"Robot {number}", lyrics="a robot")
    hits = indexed(catalog, tmp_path, EnglishReader()).search(SearchRequest("sea", explain=True)).hits
    found = {hit.song.title: (hit.words is not None, hit.line is not None) for hit in hits}
    assert (found["English"], found["French"]) == ((True, True), (False, False))


@pytest.mark.parametrize(
    ("text", "about_music", "leads"),
    [
        ("a song about having no money", True, "words"),
        ("songs that tell of the sea", True, "words"),
        ("lyrics with a robot", True, "words"),
        ("robots in space", False, "words"),
        ("music for studying", True, "sound"),
        ("music of egypt", True, "sound"),
        ("a man singing with a guitar", True, "sound"),
        ("spoken words over a beat", True, "sound"),
        ("happy songs", True, "sound"),
    ],
)
def test_words_lead_where_a_request_asks_for_them(text, about_music, leads):
    weights = weights_by_text(text, about_music=about_music)
    assert max(weights, key=weights.__getitem__) == leads
