"""Cells that hold several texts, in each form that tables have them."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.values import vocabulary
from catalog.values.nested import DEEPEST, split_tags, texts_of


def parquet_cell(folder, cells, kind):
    path = folder / "table.parquet"
    pq.write_table(pa.table({"cell": pa.array(cells, kind)}), path)
    return pq.read_table(path).to_pylist()[0]["cell"]


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        pytest.param({"en": "calm", "de": "ruhig"}, ["calm", "ruhig"], id="an object by language"),
        pytest.param({"Text": "calm", "model": "x"}, ["calm"], id="an object that names its text"),
        pytest.param({"short": "calm", "score": 0.9, "ok": True}, ["calm"], id="numbers beside it are none"),
        pytest.param({"captions": ["calm", {"text": "slow"}]}, ["calm", "slow"], id="lists in it"),
        pytest.param([["calm"], ["slow"]], ["calm", "slow"], id="lists in a list"),
        pytest.param({"en": None, "de": " "}, [], id="nothing in it"),
        pytest.param('["calm, slow", "soft"]', ["calm, slow", "soft"], id="a list as JSON"),
        pytest.param("['calm, slow', \"it's soft\"]", ["calm, slow", "it's soft"], id="a list as Python"),
        pytest.param('{"en": "calm"}', ["calm"], id="an object as JSON"),
        pytest.param('[{"text": "calm"}]', ["calm"], id="objects as JSON"),
        pytest.param("[Verse] calm", ["[Verse] calm"], id="brackets alone are no list"),
        pytest.param('"calm" and [slow]', ['"calm" and [slow]'], id="quotation marks are no list"),
        pytest.param('{"calm": ', ['{"calm":'], id="JSON that is cut"),
        pytest.param('["' + "[" * 90_000 + '"]', ["[" * 90_000], id="brackets in a text"),
    ],
)
def test_texts_of_a_cell(cell, texts):
    assert texts_of(cell) == texts
    captions = vocabulary.captions({"caption": cell}, "table")
    assert [caption.text for caption in captions] == texts


def test_what_is_too_deep_is_no_text():
    cell = "calm"
    for _ in range(DEEPEST):
        cell = [cell]
    assert texts_of(cell[0]) == ["calm"]
    assert texts_of(cell) == []
    assert texts_of("[" * 50_000 + '"calm"' + "]" * 50_000) != ["calm"]


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        (pa.map_(pa.string(), pa.string()), [("en", "calm"), ("de", "ruhig")]),
        (pa.struct([("en", pa.string()), ("de", pa.string())]), {"en": "calm", "de": "ruhig"}),
        (pa.list_(pa.struct([("text", pa.string())])), [{"text": "calm"}, {"text": "ruhig"}]),
    ],
)
def test_cells_of_parquet(tmp_path, kind, cell):
    read = parquet_cell(tmp_path, [cell], kind)
    assert texts_of(read) == ["calm", "ruhig"]
    assert split_tags(read) == ["calm", "ruhig"]
    assert vocabulary.lyrics({"lyrics": read}) == "calm\nruhig"


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        pytest.param({"rock": 0.9, "pop": 0.0, "jazz": None}, ["rock"], id="weights by tag"),
        pytest.param([("rock", 1), ("pop", 0)], ["rock"], id="a map of weights"),
        pytest.param({"rock": True, "pop": False}, ["rock"], id="whether it is that"),
        pytest.param('{"genre": ["rock", "pop"]}', ["rock", "pop"], id="an object as JSON"),
        pytest.param("[rock, pop]", ["rock", "pop"], id="a bare list"),
    ],
)
def test_tags_of_a_cell(cell, tags):
    assert split_tags(cell) == tags


@pytest.mark.parametrize(
    ("cell", "lyrics"),
    [
        pytest.param(
            [{"text": "one", "start": 1.0}, {"line": "two"}], "one\ntwo", id="lines with their time"
        ),
        pytest.param({"text": "one\ntwo", "language": "en"}, "one\ntwo", id="an object with all lines"),
        pytest.param(["one", None, "two"], "one\n\ntwo", id="a blank line"),
        pytest.param("[Verse]\n'one'", "[Verse]\n'one'", id="text as it is"),
    ],
)
def test_lyrics_of_a_cell(cell, lyrics):
    assert vocabulary.lyrics({"lyrics": cell}) == lyrics
