"""`nw index --store milvus:...`: vectors elsewhere answer as those here do, and every trouble is told."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes import tone

from catalog.errors import Damaged, Incompatible, StoreError
from catalog.indexes import _milvus_client, milvus
from catalog.library import songs
from catalog.song_index import SongIndex
from models.indexing import stored
from models.indexing.build import build_index
from models.indexing.embed import embed_sound, embed_words
from models.search.request import SearchRequest
from models.search.searcher import Searcher

pytestmark = pytest.mark.slow


@pytest.fixture
def build(catalog, ears, reader, tmp_path):
    """Index both sides of the library into a folder, perhaps in a store."""

    def run(folder, **options):
        embed_sound(catalog, ears)
        embed_words(catalog, reader)
        for encoder in (ears, reader):
            build_index(catalog, encoder, tmp_path / folder / encoder.role, **options)
        return tmp_path / folder

    return run


@pytest.fixture
def library(add_song):
    """Tones from low to high, every third with words of several chunks."""
    words = "\n".join(["the sea"] * 30 + ["a robot in winter"] * 30)
    return [
        add_song(f"Tone {i}", tone(80 + 90 * i, 4), lyrics=words if i % 3 == 0 else "") for i in range(12)
    ]


REQUESTS = [
    SearchRequest("low"),
    SearchRequest("high", by="sound", k=5),
    SearchRequest("robot", by="words"),
    SearchRequest("low", where="id > 6"),
    SearchRequest("low", where="id in (2, 4)", by="sound"),
    SearchRequest("high", like=("Tone 3",)),
    SearchRequest("", unlike=("Tone 3",)),
    SearchRequest("low sea", explain=True, diverse=True),
]


def answered(folder, catalog, request):
    hits = Searcher(folder, catalog).search(request).hits
    return [(hit.song.id, pytest.approx(hit.score, abs=0.1), hit.moment, hit.line) for hit in hits]


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_answers_are_those_of_a_local_index(library, catalog, build, store, request_):
    here, there = build("here"), build("there", store=store)
    assert not list(there.rglob("vectors.npy"))
    assert answered(there, catalog, request_) == answered(here, catalog, request_)
    similar = [Searcher(folder, catalog).similar(3, SearchRequest(k=4)).hits for folder in (here, there)]
    assert [[hit.song.id for hit in hits] for hits in similar][0] == [hit.song.id for hit in similar[1]]


def test_what_is_least_like_something_is_found_by_the_store(library, build, store):
    here, there = (
        SongIndex(build(folder, **how) / "sound")
        for folder, how in (("here", {}), ("there", {"store": store}))
    )
    low = here.track_embedding(library[0])
    least = here.songs[np.argsort(here.score(low, here.songs))][:3]
    assert np.isin(least, found := there.far_from(low, 3)).all()
    assert len(found) < len(here.songs) == len(here.far_from(low, 3))


def test_a_store_stays_until_another_is_named(library, catalog, build, store, add_song):
    build("indexes", store=store)
    late = add_song("Late", tone(3_000, 4))
    songs.remove(catalog, [library[0]])
    folder = build("indexes")
    index = SongIndex(folder / "sound")
    assert index.manifest.store == store
    assert len(index.vector_index) == index.manifest.vectors == 12
    assert answered(folder, catalog, SearchRequest("high", k=20)) == answered(
        build("here"), catalog, SearchRequest("high", k=20)
    )
    assert late in index.nearest(np.array([0, 0, 1, 0], np.float32), 3)
    local = SongIndex(build("indexes", store="local") / "sound")
    assert local.manifest.store == ""
    with pytest.raises(Damaged, match="no longer"):
        len(index.vector_index)  # what nobody asks any more is not left behind


def test_where_much_was_added_no_vector_moves(library, catalog, build, store, add_song, monkeypatch):
    monkeypatch.setattr("models.indexing.update.MOST_ADDED", 1)
    folder = build("indexes", store=store)
    collection = SongIndex(folder / "sound").vector_index.collection
    for hertz in (2_000, 3_000):
        add_song(f"Late {hertz}", tone(hertz, 4))
    index = SongIndex(build("indexes") / "sound")
    assert index.added is None
    assert index.vector_index.collection == collection
    assert len(index.songs) == len(index.vector_index) == 14


def test_a_failure_midway_leaves_the_index_that_was_there(library, catalog, build, store, monkeypatch):
    folder = build("indexes", store=store)
    before = answered(folder, catalog, SearchRequest("low"))

    def fails(*_):
        raise StoreError("the line is cut", try_this="nw index")

    monkeypatch.setattr(stored, "publish", fails)
    with pytest.raises(StoreError, match="cut"):
        build("indexes", rebuild=True)
    assert answered(folder, catalog, SearchRequest("low")) == before
    client = _milvus_client.connected(store.removeprefix("milvus:"))
    assert len(client.list_collections()) == 2  # nothing half done is left


def test_two_pipelines_never_share_a_collection(library, catalog, build, store, ears, monkeypatch):
    first = SongIndex(build("indexes", store=store) / "sound").vector_index
    monkeypatch.setattr(type(ears), "pipeline", "ears/next")
    second = SongIndex(build("indexes") / "sound").vector_index
    assert first.collection != second.collection
    second.save(path := build("indexes") / "other.json")
    values = json.loads(path.read_text()) | {"pipeline": "ears/8 kHz/2 s/mean"}
    path.write_text(json.dumps(values))
    with pytest.raises(Incompatible, match="holds no vectors of ears/8 kHz"):
        milvus.open_file(path)


def test_another_folder_may_search_a_collection_but_not_change_it(library, catalog, build, store, add_song):
    folder = build("indexes", store=store)
    copied = folder.with_name("copied")
    subprocess.run(["cp", "-r", str(folder), str(copied)], check=True)
    assert answered(copied, catalog, SearchRequest("low")) == answered(folder, catalog, SearchRequest("low"))
    add_song("Late", tone(3_000, 4))
    with pytest.raises(StoreError, match="belongs to the library that made it") as told:
        build("copied")
    assert "--rebuild" in told.value.try_this
    build("copied", rebuild=True)
    assert len(SongIndex(folder / "sound").vector_index) == 12
    assert len(SongIndex(copied / "sound").vector_index) == 13


def test_a_dropped_collection_is_told_and_made_anew(library, catalog, build, store):
    folder = build("indexes", store=store)
    graph = SongIndex(folder / "sound").vector_index
    graph.drop()
    for use in (lambda: SongIndex(folder / "sound"), lambda: graph.search(np.ones(4, np.float32), 3)):
        with pytest.raises(Damaged, match="no longer at") as told:
            use()
        assert "nw index --rebuild" in told.value.try_this
    assert len(SongIndex(build("indexes", rebuild=True) / "sound").vector_index) == 12


def test_a_store_computes_the_cosines_of_the_keys_it_is_asked_for(library, build, store, monkeypatch):
    segment = SongIndex(build("indexes", store=store) / "sound").base
    query = np.array([0.6, 0.0, 0.8, 0.0], np.float32)
    rows = np.array([7, 0, 11, 3])
    expected = segment.vectors.picked(rows).astype(np.float32) @ query
    assert segment.vectors.cosines(query, rows) == pytest.approx(expected, abs=2e-3)
    # A graph that comes to none of them: they are fetched.
    nothing = np.empty(0, np.int64), np.empty(0, np.float32)
    monkeypatch.setattr(milvus.MilvusIndex, "_nearest", lambda *_: nothing)
    assert segment.vectors.cosines(query, rows) == pytest.approx(expected, abs=2e-3)


def test_vectors_that_are_gone_are_told(library, catalog, build, store):
    index = SongIndex(build("indexes", store=store) / "sound")
    index.vector_index.remove(index.base.keys[:2])
    index.vector_index.finish()  # until then a server may answer with what was there
    with pytest.raises(Damaged, match="lacks 2 of 12 vectors"):
        index.score(np.ones(4, np.float32), index.songs)


def test_a_server_that_was_started_again_is_asked_again(library, build, store):
    graph = SongIndex(build("indexes", store=store) / "sound").vector_index
    client = _milvus_client.connected(store.removeprefix("milvus:"))
    client.release_collection(graph.collection)  # as milvus-lite finds its collections after a start
    assert len(graph.search(np.ones(4, np.float32), 3)[0]) == 3


@pytest.mark.slow
def test_a_local_file_serves_one_process(library, catalog, build, store_file, tmp_path):
    build("indexes", store=store_file)
    program = (
        "import sys; from catalog.indexes import _milvus_client\n"
        "try: _milvus_client.connected(sys.argv[1])\n"
        "except Exception as e: print(type(e).__name__, e, e.try_this)"
    )
    path = store_file.removeprefix("milvus:")
    run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert "StoreError" in run.stdout
    assert "another process has it open" in run.stdout
    assert "milvus-lite server --host 127.0.0.1 --data-dir" in run.stdout


def test_a_local_file_is_its_owners_alone(build, library, store_file):
    build("indexes", store=store_file)
    assert stat.S_IMODE(Path(store_file.removeprefix("milvus:")).stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("address", "says", "try_this"),
    [
        (
            "milvus:http://ada:secret@vectors:19530",
            "holds a name, a password or a token",
            "export NW_MILVUS_TOKEN",
        ),
        (
            "milvus:https://vectors?token=secret",
            "holds a name, a password or a token",
            "export NW_MILVUS_TOKEN",
        ),
        ("milvus:vectors", "neither an address nor a file", "milvus:http://localhost:19530"),
        ("milvus:", "neither an address nor a file", "milvus:http://localhost:19530"),
        ("milvus:ftp://vectors", "no address of a Milvus server", "milvus:http://localhost:19530"),
        ("milvus:http://vectors:port", "that is no address", "milvus:http://localhost:19530"),
        ("faiss:vectors.db", "there is no store 'faiss'", "--store local"),
    ],
)
def test_an_address_that_is_none(nw, address, says, try_this):
    said = nw("index", "--store", address, code=2).err
    assert says in said
    assert try_this in said
    assert "secret" not in said


def test_a_token_is_used_and_kept_nowhere(library, catalog, build, store, monkeypatch, tmp_path):
    monkeypatch.setenv("NW_MILVUS_TOKEN", "ada:opensesame")
    folder = build("indexes", store=store)
    assert b"opensesame" not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_server_that_is_away(library, build):
    with pytest.raises(StoreError, match="cannot be reached"):
        build("indexes", store="milvus:http://127.0.0.1:1")  # where nobody listens


@pytest.mark.parametrize(("version", "good"), [("2.2.16", False), ("v2.3.0", True), ("v2.6.1-dev", True)])
def test_a_server_of_another_version(version, good):
    if good:
        _milvus_client._require_version("http://vectors", version)
    else:
        with pytest.raises(Incompatible, match=r"is of version 2\.2\.16; this nw needs 2\.3"):
            _milvus_client._require_version("http://vectors", version)


def test_without_the_extra_it_is_said_what_to_install(nw, library, monkeypatch, tmp_path):
    monkeypatch.setattr(_milvus_client, "find_spec", lambda name: None)
    _milvus_client.forget()
    said = nw("index", "--store", f"milvus:{tmp_path / 'new.db'}", code=2).err
    assert "pip install 'newwave-cli[milvus]'" in said


def test_doctor_looks_into_the_store(nw, library, build, store):
    folder = build("home/indexes", store=store)
    assert f"sound: 12 of 12 vectors at {store}" in nw("doctor").out
    index = SongIndex(folder / "sound")
    index.vector_index.remove(index.base.keys[:1])
    assert f"sound: 11 of 12 vectors at {store}" in nw("doctor", code=2).out
