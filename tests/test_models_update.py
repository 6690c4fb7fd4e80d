"""An index brought up to date equals one made anew, and leaves what it has as it is."""

import numpy as np
import pytest
from fakes import tone

from catalog import indexes
from catalog.errors import NotReady
from catalog.index_manifest import read_manifest, verify
from catalog.library import songs
from catalog.song_index import SongIndex
from models.indexing import calibration, update
from models.indexing.build import build_index
from models.indexing.embed import embed_sound, embed_words
from models.search.request import SearchRequest
from models.search.searcher import Searcher

QUERY = np.array([0.6, 0.8, 0, 0], np.float32)


@pytest.fixture
def index(catalog, ears, tmp_path):
    """Bring the sound index up to date and open it."""

    def run(folder="sound", **options):
        embed_sound(catalog, ears)
        build_index(catalog, ears, tmp_path / "home" / "indexes" / folder, **options)
        return SongIndex(tmp_path / "home" / "indexes" / folder)

    return run


@pytest.fixture
def four(add_song):
    return [add_song(f"Tone {hertz}", tone(hertz, 4)) for hertz in (100, 700, 1_200, 3_000)]


def same(one, other):
    """Whether two indexes hold the same songs and give them the same scores."""
    songs_alike = one.songs.tolist() == other.songs.tolist()
    scores = (one.score(QUERY, one.songs), other.score(QUERY, other.songs))
    z_scores = [index.z_scores(s, index.songs) for index, s in zip((one, other), scores, strict=True)]
    near = [index.nearest(QUERY, 3).tolist() for index in (one, other)]
    return songs_alike and np.array_equal(*scores) and np.allclose(*z_scores) and near[0] == near[1]


def changed(catalog, add_song, four):
    """A song more, one less, and one that sounds otherwise now."""
    add_song("Siren", tone(2_000, 4))
    songs.remove(catalog, [four[0]])
    high, low = (catalog.fetch("SELECT audio_hash FROM songs WHERE id = ?", (i,))[0][0] for i in four[1:3])
    catalog.execute("UPDATE songs SET audio_hash = ? WHERE id = ?", (low, four[1]))
    return high


def test_added_changed_and_gone_songs_are_as_in_a_new_index(catalog, four, add_song, index):
    index()
    changed(catalog, add_song, four)
    updated = index()
    assert updated.added is not None
    assert updated.replaced.tolist() == four[:2]
    assert same(updated, index("anew"))
    assert (updated.manifest.songs, updated.manifest.vectors) == (4, 4)


def test_what_was_added_is_changed_and_taken_away_again(catalog, four, add_song, index):
    index()
    late = add_song("Siren", tone(2_000, 4))
    index()
    catalog.execute("UPDATE songs SET audio_hash = (SELECT audio_hash FROM songs WHERE id = 1) WHERE id = 5")
    assert same(index(), index("changed anew"))
    songs.remove(catalog, [late])
    assert same(index(), index("anew"))


def test_updates_one_after_the_other_add_up(catalog, four, add_song, index, monkeypatch):
    """What was taken from the base before stays taken; a song of the base comes before those added since."""
    monkeypatch.setattr(calibration, "descriptions", lambda role: ["low", "middle", "high", "hum"])
    index()
    songs.remove(catalog, [four[0]])
    add_song("Siren", tone(2_000, 4))
    assert index().replaced.tolist() == [four[0]]
    catalog.execute("UPDATE songs SET audio_hash = (SELECT audio_hash FROM songs WHERE id = 3) WHERE id = 2")
    updated = index()
    assert updated.replaced.tolist() == [four[0], four[1]]
    assert updated.added.songs.tolist() == [2, 5]
    assert same(updated, index("anew"))


def test_an_update_takes_over_the_files_and_hashes_only_what_is_new(
    four, add_song, index, tmp_path, monkeypatch
):
    before = index()
    files = {path.name: path.stat().st_ino for path in before.content.iterdir() if path.is_file()}
    add_song("Siren", tone(2_000, 4))
    hashed = []
    checksum = "catalog.index_manifest._checksum"
    monkeypatch.setattr(checksum, lambda path: hashed.append(path.parent.name) or "0" * 64)
    content = index().content
    assert set(hashed) == {"added"}
    assert {name: (content / name).stat().st_ino for name in files} == files


def test_an_updated_index_is_whole_and_its_proof_is_believed(four, add_song, index, monkeypatch):
    index()
    add_song("Siren", tone(2_000, 4))
    folder = index().content.parent
    assert verify(folder) == []
    monkeypatch.setattr("catalog.index_manifest._checksum", lambda path: pytest.fail(f"hashed {path}"))
    SongIndex(folder)


def test_where_much_was_added_all_is_written_anew(four, add_song, index, monkeypatch):
    index()
    monkeypatch.setattr(update, "MOST_ADDED", 1)
    add_song("Siren", tone(2_000, 4))
    assert index().added is not None
    add_song("Hum", tone(150, 4))
    assert index().added is None
    assert same(index(), index("anew"))


def test_an_index_of_the_kind_before_answers_until_the_next_run(four, index, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(indexes, "DEFAULT", "hnsw")
        old = index()
    assert old.manifest.kind == "hnsw"
    low = old.track_embedding(four[0])
    assert old.vector_index.search(low, 1)[0].tolist() == [four[0] << indexes.PART_BITS]
    new = index()
    assert new.manifest.kind == "sketch"
    assert not (new.content / "graph.usearch").exists()
    assert new.manifest.songs == 4


def test_a_graph_that_was_asked_for_stays_one_until_sketches_are(four, add_song, index):
    asked = index(store="usearch")
    assert (asked.manifest.kind, asked.manifest.store) == ("hnsw", "usearch")
    siren = add_song("Siren", tone(2_000, 4))
    again = index()
    assert (again.content / "graph.usearch").exists()
    assert siren in again.songs
    query = again.track_embedding(four[0])
    assert again.score(query, again.songs) == pytest.approx(index("anew").score(query, again.songs))
    assert index(rebuild=True).manifest.store == "usearch"
    assert index(store="local").manifest.kind == "sketch"


def test_nothing_new_writes_nothing(catalog, four, add_song, index):
    before = index().manifest
    add_song("Poem", lyrics="a robot")
    catalog.execute("UPDATE songs SET title = 'Else'")
    assert index().manifest == before


def test_words_of_several_chunks_are_added(catalog, add_song, reader, tmp_path):
    folder = tmp_path / "home" / "indexes" / "words"
    add_song("Sea", lyrics="the sea")
    for step in range(2):
        if step:
            lines = ["robot"] * 40 + ["winter"] * 40
            add_song("Long", lyrics="\n".join(lines))
            songs.remove(catalog, [1])
        embed_words(catalog, reader)
        build_index(catalog, reader, folder)
    build_index(catalog, reader, folder.parent / "anew")
    updated, anew = SongIndex(folder), SongIndex(folder.parent / "anew")
    assert updated.manifest.vectors == anew.manifest.vectors > 1
    query = reader.encode_descriptions(["robot"])[0]
    assert updated.score(query, updated.songs) == pytest.approx(anew.score(query, anew.songs))


def test_the_last_song_gone_is_told_and_the_index_stays(catalog, four, index, tmp_path):
    before = index().manifest
    songs.remove(catalog, four)
    with pytest.raises(NotReady, match="no song has a sound"):
        index()
    assert read_manifest(tmp_path / "home" / "indexes" / "sound") == before


def test_added_songs_are_found(catalog, four, add_song, index, tmp_path):
    index()
    add_song("Siren", tone(2_500, 4))
    index()
    found = Searcher(tmp_path / "home" / "indexes", catalog).search(SearchRequest("high", by="sound", k=2))
    assert {hit.song.title for hit in found.hits} == {"Siren", "Tone 3000"}
