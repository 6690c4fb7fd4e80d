"""The log of changes: whatever alters what an index is made of stands in it, and nothing else does."""

import numpy as np
import pytest
from fakes import tone

from catalog.library import changes, embeddings, songs
from catalog.records import Facts
from models.indexing.embed import embed_sound, embed_words


@pytest.fixture
def two(add_song):
    """A song with sound and one with words: ids 1 and 2."""
    return add_song("Whistle", tone(2_000, 3)), add_song("Poem", lyrics="a robot\nin winter")


def since(catalog, number):
    return changes.since(catalog, number, most=100).tolist()


def test_a_new_song_is_a_change(catalog, two, add_song):
    before = changes.latest(catalog)
    assert since(catalog, before) == []
    third = add_song("Cellar", tone(100, 3))
    assert since(catalog, before) == [third]


def test_a_song_that_changed_often_stands_there_once(catalog, two, ears, reader):
    before = changes.latest(catalog)
    for _ in range(3):
        catalog.execute("UPDATE songs SET audio_hash = audio_hash || 'x' WHERE id = 1")
    assert since(catalog, before) == [1]
    assert catalog.fetch("SELECT count(*) FROM changes") == [(2,)]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("UPDATE songs SET audio_hash = 'other' WHERE id = 1", [1], id="another sound"),
        pytest.param("UPDATE songs SET words_hash = 'other' WHERE id = 2", [2], id="other words"),
        pytest.param("UPDATE songs SET title = 'Else', year = 1999", [], id="another title"),
        pytest.param("UPDATE songs SET audio_hash = audio_hash", [], id="the same again"),
    ],
)
def test_what_counts_as_a_change(catalog, two, ears, what, expected):
    embed_sound(catalog, ears)
    before = changes.latest(catalog)
    catalog.execute(what)
    assert since(catalog, before) == expected


def test_what_is_gone_is_a_change(catalog, two, ears):
    embed_sound(catalog, ears)
    before = changes.latest(catalog)
    catalog.execute("DELETE FROM embedding_windows")
    catalog.execute("DELETE FROM embeddings")
    songs.remove(catalog, [2])
    assert since(catalog, before) == [1, 2]


def test_new_vectors_are_a_change_of_every_song_that_has_the_content(catalog, two, reader, add_song):
    copy = add_song("Poem again", lyrics="a robot\nin winter")
    before = changes.latest(catalog)
    embed_words(catalog, reader)
    assert since(catalog, before) == [2, copy]
    [(content,)] = catalog.fetch("SELECT content_hash FROM embeddings")
    before = changes.latest(catalog)
    vector = np.ones(reader.dimensions, np.float16)
    embeddings.put_many(catalog, reader.pipeline, [embeddings.Embedding(content, vector[None], vector)])
    assert since(catalog, before) == [2, copy]


def test_what_is_not_known_is_not_guessed(catalog, two):
    """No number, one of a catalog that was put back from a copy since, and more than are wanted."""
    latest = changes.latest(catalog)
    assert changes.since(catalog, 0, most=100) is None
    assert changes.since(catalog, latest + 1, most=100) is None
    songs.add_or_update(catalog, [Facts("t", {"title": "C", "source": "t", "source_id": "c"})])
    assert changes.since(catalog, latest - 1, most=1) is None
    assert changes.since(catalog, latest - 1, most=2).tolist() == [2, 3]
