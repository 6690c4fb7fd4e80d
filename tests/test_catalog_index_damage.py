"""An index proves itself: whatever happens to its files, it is told with what mends it, and never answers."""

import json
import os
import random
from dataclasses import asdict, replace

import numpy as np
import pytest

from catalog import indexes
from catalog.errors import Damaged, Incompatible, NoIndex
from catalog.index_manifest import PROOF, Manifest, keep_weight, prove, publish, read_manifest, verify
from catalog.indexes import PART_BITS
from catalog.song_index import SongIndex

SONGS, WIDE = 300, 16
TOLD = (Damaged, Incompatible, NoIndex)


@pytest.fixture(scope="module", params=["hnsw", "sketch"])
def folder(tmp_path_factory, request):
    """An index of 300 random songs."""
    kind = indexes.load(request.param)
    place = tmp_path_factory.mktemp("indexes") / "sound"
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(SONGS, WIDE)).astype(np.float32)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    keys = np.arange(1, SONGS + 1, dtype=np.int64) << PART_BITS

    def write(aside):
        kind.build(keys, vectors).save(aside / kind.FILE)
        np.save(aside / "keys.npy", keys)
        np.save(aside / "vectors.npy", vectors)
        np.save(aside / "background.npy", np.ones((SONGS, 2), np.float32))

    manifest = Manifest("sound", "ears", "ears/1", WIDE, SONGS, SONGS, 1.0, library="a", kind=request.param)
    publish(place, manifest, write)
    return place


def answers(folder):
    query = np.linspace(-1, 1, WIDE, dtype=np.float32)
    index = SongIndex(folder)
    near = index.nearest(query, 5)
    return near.tolist(), index.score(query, near).tolist()


def damage(content, moments):
    """Bytes as a bad disk, a half copy or another program leaves them."""
    changed = bytearray(content)
    at = moments.randrange(len(changed))
    kind = moments.choice(["bit", "block", "cut", "longer", "moved", "head", "empty"])
    if kind == "bit":
        changed[at] ^= 1 << moments.randrange(8)
    elif kind == "block":
        changed[at : at + 512] = moments.randbytes(len(changed[at : at + 512]))
    elif kind == "cut":
        del changed[at:]
    elif kind == "longer":
        changed += moments.randbytes(moments.randrange(1, 4096))
    elif kind == "moved":
        changed = changed[at:] + changed[:at]
    elif kind == "head":
        changed[: min(at, 64)] = moments.randbytes(min(at, 64))
    else:
        changed.clear()
    return bytes(changed)


def meets_damage(folder, path, moments):
    """Whether what was done to the file is told, or was nothing; the file is put back afterwards."""
    whole, times = path.read_bytes(), path.stat()
    before = answers(folder)
    path.write_bytes(changed := damage(whole, moments))
    if moments.random() < 0.5:  # by something that puts the time back
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    try:
        return answers(folder) == before and (changed == whole or path.name == PROOF)
    except TOLD as told:
        return "nw" in told.try_this
    finally:
        path.write_bytes(whole)


GRAPHS = [pytest.param(16, id="a few"), pytest.param(240, id="all", marks=pytest.mark.slow)]
FILES = [pytest.param(24, id="a few"), pytest.param(400, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("tries", GRAPHS)
def test_no_damaged_graph_or_sketch_answers_or_crashes(folder, tries):
    moments = random.Random(14)
    manifest = read_manifest(folder)
    path = folder / manifest.content / indexes.load(manifest.kind).FILE
    assert all([meets_damage(folder, path, moments) for _ in range(tries)])


@pytest.mark.parametrize("tries", FILES)
def test_no_damaged_file_answers(folder, tries):
    moments = random.Random(15)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    assert all([meets_damage(folder, moments.choice(paths), moments) for _ in range(tries)])


@pytest.fixture
def manifest(folder):
    """The path of a manifest that may be changed."""
    path = folder / "manifest.json"
    whole = path.read_bytes()
    yield path
    path.write_bytes(whole)


@pytest.mark.parametrize(
    "content",
    [
        "[]", "null", "3", '"text"', "{}", "[" * 100_000, '{"format": "2"}', '{"format": null}',
        '{"format": 2}', '{"format": true}', "\ufeff{}", "NaN",
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_told(manifest, folder, content):
    manifest.write_text(content[:200_000])
    with pytest.raises((Damaged, Incompatible)) as told:
        SongIndex(folder)
    assert "nw index --rebuild" in told.value.try_this


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dimensions", "16"), ("dimensions", 17), ("dimensions", True), ("songs", 2.5),
        ("files", ["keys.npy"]), ("files", {"k": 1}), ("files", {"../../keys.npy": "a"}), ("files", {}),
        ("content", "../sound"), ("content", ""), ("content", 7), ("content", "."), ("role", None),
        ("recall_at_10", "1"), ("window_s", []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("seal", ["", "kept"], ids=["of an older nw", "sealed"])
def test_values_of_a_manifest_are_checked(manifest, folder, name, value, seal):
    values = json.loads(manifest.read_text()) | {name: value}
    manifest.write_text(json.dumps(values if seal else values | {"seal": ""}))
    with pytest.raises(Damaged) as told:
        SongIndex(folder)
    assert "nw index --rebuild" in told.value.try_this


def test_an_index_of_an_older_nw_is_used(manifest, folder):
    """Without seal and library, and without a proof beside it."""
    before = answers(folder)
    values = {k: v for k, v in json.loads(manifest.read_text()).items() if k not in ("seal", "library")}
    manifest.write_text(json.dumps(values))
    (folder / PROOF).unlink()
    assert answers(folder) == before
    assert (folder / PROOF).exists()
    read_manifest(folder).require(role="sound", library="any", folder=folder)


def test_a_file_that_did_not_change_is_not_hashed_again(folder, monkeypatch):
    prove(folder, read_manifest(folder))
    monkeypatch.setattr("catalog.index_manifest._checksum", lambda path: pytest.fail(f"hashed {path}"))
    prove(folder, read_manifest(folder))


def test_where_nothing_can_be_written_it_is_hashed_and_used(folder, monkeypatch):
    before = answers(folder)
    (folder / PROOF).unlink()
    monkeypatch.setattr(
        "catalog.index_manifest.write_text", lambda *_: (_ for _ in ()).throw(OSError(30, ""))
    )
    assert answers(folder) == before
    assert not (folder / PROOF).exists()


def test_a_weight_keeps_the_seal(folder):
    keep_weight(folder, 0.5)
    assert read_manifest(folder).weight == 0.5
    keep_weight(folder, 1.0)
    assert verify(folder) == []


@pytest.mark.parametrize(
    ("role", "library", "says"),
    [("words", "a", "holds the index of sound"), ("sound", "b", "made from another catalog")],
)
def test_an_index_of_something_else_is_refused(folder, role, library, says):
    with pytest.raises(Incompatible, match=says) as told:
        read_manifest(folder).require(role=role, library=library, folder=folder)
    assert "nw index" in told.value.try_this


def test_every_value_is_under_the_seal(folder):
    manifest = read_manifest(folder)
    assert set(asdict(manifest)) == set(asdict(replace(manifest, seal="")))
    assert len(manifest.seal) == 64
