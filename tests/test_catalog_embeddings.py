"""Vectors: kept by content and pipeline, embedded once, never mixed."""

from pathlib import Path

import numpy as np
import pytest

from catalog.errors import CatalogError, Incompatible, NotReady
from catalog.files import folder
from catalog.library import embeddings, songs, unembedded
from catalog.library.embeddings import Embedding
from catalog.records import Facts, Line, SoundFile


def vectors(*rows):
    windows = np.array(rows, np.float16)
    return windows, windows.mean(axis=0)


def put(catalog, pipeline, content_hash, *rows, labels=None):
    embeddings.put_many(catalog, pipeline, [Embedding(content_hash, *vectors(*rows), labels)])


def add(catalog, name, audio_hash="h", title="x", lyrics=()):
    file = SoundFile(Path("/m") / name, 1, 1, audio_hash, 3.0)
    facts = Facts("tags", {"title": title}, lyrics=tuple(map(Line, lyrics)))
    return songs.add_or_update(catalog, [facts], file=file)


@pytest.fixture
def ears(catalog):
    embeddings.register_pipeline(catalog, "ears", role="sound", meta={"window_s": 10})
    return catalog


def test_what_is_kept_comes_back_bit_for_bit(ears):
    first, second = add(ears, "a", "one"), add(ears, "b", "two")
    put(ears, "ears", "two", [0.25, 0.5], [0.75, 1], labels=[{"lines": [0, 6]}, None])
    put(ears, "ears", "one", [1, 0])
    ids, tracks = embeddings.tracks(ears, "ears")
    assert ids.tolist() == [first, second]
    assert (tracks == np.array([[1, 0], [0.5, 0.75]], np.float16)).all()
    assert tracks.dtype == np.float16
    windows = embeddings.windows(ears, "ears", [second, 999])
    assert list(windows) == [second]
    assert (windows[second] == vectors([0.25, 0.5], [0.75, 1])[0]).all()
    assert embeddings.labeled_windows(ears, "ears", [second])[second][1] == [{"lines": [0, 6]}, None]


def test_equal_sound_is_embedded_once(ears):
    original, copy = add(ears, "a", "same"), add(ears, "copy", "same")
    [todo] = embeddings.missing(ears, "ears", "sound")
    assert (todo.song_id, todo.content_hash, todo.path, todo.duration_s) == (
        original,
        "same",
        Path("/m/a"),
        3.0,
    )
    put(ears, "ears", "same", [1, 0])
    assert embeddings.missing(ears, "ears", "sound") == []
    assert embeddings.tracks(ears, "ears")[0].tolist() == [original, copy]


def test_new_tags_and_new_places_keep_the_vectors_and_new_sound_does_not(ears):
    song_id = add(ears, "a", "one")
    put(ears, "ears", "one", [1, 0])
    add(ears, "a", "one", title="another title")
    songs.add_or_update(ears, [], file=SoundFile(Path("/elsewhere"), 1, 1, "one"), song_id=song_id)
    assert embeddings.missing(ears, "ears", "sound") == []
    songs.add_or_update(ears, [], file=SoundFile(Path("/elsewhere"), 1, 1, "two"), song_id=song_id)
    assert [todo.content_hash for todo in embeddings.missing(ears, "ears", "sound")] == ["two"]


def test_other_words_are_read_again_and_other_tags_are_not(catalog):
    embeddings.register_pipeline(catalog, "reader", role="words")
    add(catalog, "silent", "one")
    song_id = add(catalog, "a", "two", lyrics=["la la"])
    [todo] = embeddings.missing(catalog, "reader", "words")
    assert todo.song_id == song_id
    put(catalog, "reader", todo.content_hash, [1, 0])
    add(catalog, "a", "new sound", title="new title", lyrics=["la la"])
    assert embeddings.missing(catalog, "reader", "words") == []
    add(catalog, "a", "new sound", lyrics=["la la", "la"])
    assert [todo.song_id for todo in embeddings.missing(catalog, "reader", "words")] == [song_id]


def test_a_file_that_is_not_there_is_not_waited_for(ears):
    song_id = add(ears, "a")
    songs.mark_missing(ears, [song_id], missing=True)
    assert embeddings.missing(ears, "ears", "sound") == []
    songs.mark_missing(ears, [song_id], missing=False)
    assert len(embeddings.missing(ears, "ears", "sound")) == 1


def test_pipelines_do_not_mix(ears):
    song_id = add(ears, "a", "one")
    embeddings.register_pipeline(ears, "other ears", role="sound")
    put(ears, "ears", "one", [1, 0])
    assert len(embeddings.missing(ears, "other ears", "sound")) == 1
    assert embeddings.tracks(ears, "other ears")[0].tolist() == []
    put(ears, "other ears", "one", [1, 2, 3])
    assert embeddings.tracks(ears, "ears")[1].shape == (1, 2)
    assert embeddings.embedded_by(ears, song_id) == [("ears", "sound", 1), ("other ears", "sound", 1)]
    with pytest.raises(Incompatible, match="embeds sound"):
        embeddings.register_pipeline(ears, "ears", role="words")
    with pytest.raises(NotReady, match="unheard of"):
        embeddings.tracks(ears, "unheard of")


def test_a_second_embedding_replaces_the_first(ears):
    song_id = add(ears, "a", "one")
    put(ears, "ears", "one", [1, 0], [0, 1])
    put(ears, "ears", "one", [0.5, 0.5])
    assert embeddings.windows(ears, "ears", [song_id])[song_id].tolist() == [[0.5, 0.5]]
    assert embeddings.pipelines(ears) == [("ears", "sound", {"window_s": 10}, 1)]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(
            "INSERT INTO embeddings (pipeline_id, content_hash, parts, track)"
            " SELECT pipeline_id, content_hash, parts, track FROM embeddings",
            id="one embedding of a content by a pipeline",
        ),
        pytest.param("INSERT INTO embedding_windows SELECT * FROM embedding_windows", id="and its windows"),
        pytest.param(
            "INSERT INTO embeddings SELECT id, pipeline_id, 'other', parts, track FROM embeddings",
            id="one embedding a number",
        ),
    ],
)
def test_the_catalog_itself_refuses_a_second(ears, again):
    add(ears, "a", "one")
    put(ears, "ears", "one", [1, 0])
    with pytest.raises(CatalogError, match="UNIQUE"), ears.transaction():
        ears.execute(again)


def test_blocks_are_the_same_as_the_whole(ears):
    for number in range(7):
        add(ears, str(number), f"hash {number}")
        put(ears, "ears", f"hash {number}", [number, 1])
    blocks = list(embeddings.track_blocks(ears, "ears", rows=3))
    assert [len(ids) for ids, _ in blocks] == [3, 3, 1]
    assert (np.concatenate([rows for _, rows in blocks]) == embeddings.tracks(ears, "ears")[1]).all()


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Embedding("h", np.ones((2, 3), np.float16), np.ones(2, np.float16)), id="widths differ"),
        pytest.param(Embedding("h", np.ones((0, 3), np.float16), np.ones(3, np.float16)), id="no window"),
        pytest.param(
            Embedding("h", np.full((1, 2), np.nan, np.float16), np.ones(2, np.float16)), id="not a number"
        ),
    ],
)
def test_vectors_that_cannot_be_right_are_refused_with_their_batch(ears, bad):
    with pytest.raises(ValueError, match="belong|finite"):
        embeddings.put_many(ears, "ears", [Embedding("good", *vectors([1, 0])), bad])
    assert embeddings.pipelines(ears)[0][3] == 0


def test_vectors_of_what_is_gone_are_dropped_on_request(ears):
    kept, gone = add(ears, "a", "one"), add(ears, "b", "two")
    put(ears, "ears", "one", [1, 0])
    put(ears, "ears", "two", [0, 1])
    songs.remove(ears, [gone])
    assert embeddings.tracks(ears, "ears")[0].tolist() == [kept]
    assert embeddings.forget_gone(ears) == 1
    assert ears.fetch("SELECT count(*) FROM embedding_windows") == [(1,)]
    assert embeddings.forget_gone(ears) == 0


def test_a_prune_drops_the_vectors_of_what_it_drops(ears, tmp_path):
    file = SoundFile(tmp_path / "gone.wav", 1, 1, "one")
    songs.add_or_update(ears, [Facts("tags", {"title": "gone"})], file=file)
    put(ears, "ears", "one", [1, 0])
    made = folder.plan(ears, [tmp_path])
    assert folder.prune(ears, made, sure=True) == 1
    assert ears.fetch("SELECT count(*) FROM embeddings") == [(0,)]
    assert ears.fetch("SELECT count(*) FROM embedding_windows") == [(0,)]


def test_why_a_content_could_not_be_embedded_is_kept_for_each_pipeline(catalog):
    for pipeline in ("a/1", "b/1"):
        embeddings.register_pipeline(catalog, pipeline, role="sound", meta={})
    unembedded.record(catalog, "a/1", "x", "no sound")
    unembedded.record(catalog, "a/1", "x", "still none")
    unembedded.record(catalog, "b/1", "y", "too long")
    assert unembedded.reasons(catalog, "a/1") == {"x": "still none"}  # the later reason counts
    unembedded.forget(catalog, "a/1")
    assert unembedded.reasons(catalog, "a/1") == {}
    assert unembedded.reasons(catalog, "b/1") == {"y": "too long"}
