"""The fusion at the command line, on fakes: train, index, query --by fused, weights, and ways compared."""

import json

import pytest
from fakes import tone

from catalog.index_manifest import keep_weight, read_manifest
from models import encoders
from models.indexing import calibration
from models.indexing.build import build_index
from models.indexing.embed import embed_sound, embed_words

pytestmark = pytest.mark.slow

SMALL = ("learn.batch=32", "training.steps=30", "training.judge_every=10", "network.hidden=16")
SET = [part for one in (*SMALL, "data.together=60") for part in ("--set", one)]
HZ = {"low": 100, "middle": 600, "high": 2500}


@pytest.fixture(autouse=True)
def known(ears, reader, monkeypatch):
    """The fakes in the places of `mini` and `minilm`, and descriptions of nothing in their words."""
    by_name = {"mini": ears, "minilm": reader}
    monkeypatch.setattr(encoders, "load", by_name.__getitem__)
    monkeypatch.setattr(ears, "name", "mini", raising=False)
    texts = {"sound": ["low", "middle", "high", *["hum"] * 9], "words": ["sea", "robot", *["tea"] * 9]}
    texts["fused"] = texts["sound"] + texts["words"]
    monkeypatch.setattr(calibration, "descriptions", texts.__getitem__)


@pytest.fixture
def library(catalog, add_song, ears, reader, tmp_path):
    """Eight songs of each pitch, each asked for by it; two that are sung; indexed by sound and words."""
    for number in range(8):
        for word, hz in HZ.items():
            add_song(f"{word} {number}", tone(hz + number, 2), captions=[f"{word}"])
    add_song("Foghorn", tone(110, 2), lyrics="the sea\nthe sea")
    add_song("Poem", lyrics="a robot\nin winter")
    embed_sound(catalog, ears)
    embed_words(catalog, reader)
    for encoder in (ears, reader):
        build_index(catalog, encoder, tmp_path / "home" / "indexes" / encoder.role)


@pytest.fixture
def sung(tmp_path):
    """A table of songs that are only words."""
    rows = [
        {"id": f"{word} {n}", "caption": word, "lyrics": f"{word}\nand tea"}
        for n in range(8)
        for word in ("sea", "robot", "winter")
    ]
    path = tmp_path / "sung.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def trained(nw, library, sung):
    """What the training wrote."""
    return nw("train", "fusion", "--recipe", "mlp", "--data", sung, "--run", "both", *SET)


def titles(nw, lines_of, *arguments):
    return [row["title"] for row in lines_of(nw("query", *arguments, "--format", "ndjson").out)]


def test_from_captions_to_queries_by_the_fusion(nw, trained, lines_of, tmp_path, add_song, catalog, ears):
    figures = json.loads((tmp_path / "home" / "runs" / "both" / "test.json").read_text())
    assert figures["mrr"] > 0.3
    assert {"sound_mrr", "words_mrr", "gate_mrr", "gain_low"} <= figures.keys()
    said = nw("index", "--fused", "both").err
    assert "fused: 26 songs, 26 vectors by fused" in said
    assert titles(nw, lines_of, "low sea", "--by", "fused")[0] == "Foghorn"
    compared = lines_of(nw("evaluate", "--by", "gate,mlp", "--format", "ndjson").out)
    assert [row["by"] for row in compared] == ["gate", "fused"]
    assert titles(nw, lines_of, "robot", "--by", "fused", "-k", "1") == ["Poem"]
    [row] = lines_of(nw("query", "low sea", "--by", "fused", "-k", "1", "--explain", "-f", "ndjson").out)
    assert row["moment"]
    assert row["line"]
    first = read_manifest(tmp_path / "home" / "indexes" / "fused")
    assert "fused: 26 songs, 26 vectors by fused, recall@10 1.000 (up to date)" in nw("index").err
    add_song("Siren", tone(2_900, 2))
    assert "fused: 27 songs" in nw("index").err
    now = read_manifest(tmp_path / "home" / "indexes" / "fused")
    assert (now.pipeline, now.songs) == (first.pipeline, 27)
    assert "Siren" in titles(nw, lines_of, "high", "--by", "fused", "-k", "9")
    assert lines_of(nw("similar", "Siren", "--by", "fused", "-k", "1", "-f", "ndjson").out)[0]["score"]


@pytest.mark.usefixtures("trained")
def test_an_instrumental_ranks_by_its_sound(nw, lines_of):
    """Nothing low is sung about robots: the low instrumentals come before the high ones."""
    nw("index", "--fused", "both")
    found = titles(nw, lines_of, "low robot", "--by", "fused", "-k", "26")
    places = {word: [found.index(f"{word} {n}") for n in range(8)] for word in HZ}
    assert max(places["low"]) < min(places["high"])


@pytest.mark.usefixtures("trained")
def test_a_training_goes_on_under_its_name(nw, sung, tmp_path):
    folder = tmp_path / "home" / "runs" / "both"
    before = (folder / "test.json").read_text()
    nw("train", "fusion", "--recipe", "mlp", "--data", sung, "--run", "both", "--resume", *SET)
    assert (folder / "test.json").read_text() == before


@pytest.mark.usefixtures("trained")
def test_an_encoder_that_changed_is_named_and_the_other_sides_are_indexed(nw, ears, monkeypatch):
    nw("index", "--fused", "both")
    monkeypatch.setattr(type(ears), "pipeline", "ears/next")
    said = nw("--jobs", "1", "index").err  # workers would load the real encoder
    assert "the fusion was trained on vectors of ears/8 kHz/2 s/mean" in said
    assert "sound: 25 songs" in said
    assert "trained on vectors" in nw("index", "--fused", "both", code=2).err


@pytest.mark.usefixtures("library")
def test_ways_are_compared_by_the_same_questions(nw, sung, lines_of):
    written = nw("evaluate", "--by", "sound,words,weighted,both", "--format", "ndjson")
    rows = {row["by"]: row for row in lines_of(written.out)}
    assert list(rows) == ["sound", "words", "weighted", "both"]
    assert rows["sound"]["mrr"] > rows["words"]["mrr"]
    assert all(row["low"] <= row["mrr"] <= row["high"] for row in rows.values())
    assert (rows["both"]["against_both"], rows["both"]["p"]) == (0, 1)
    assert "3 captions ask for 26 songs" in written.err
    of_table = lines_of(nw("evaluate", "--by", "words,sound", "--on", sung, "-f", "ndjson").out)
    assert of_table[0]["mrr"] > of_table[1]["mrr"]
    assert "no way 'magic'" in nw("evaluate", "--by", "magic", code=2).err
    assert "no learned fusion is indexed" in nw("evaluate", "--by", "sound,mlp", code=4).err


@pytest.mark.usefixtures("library")
def test_weights_are_tuned_kept_in_the_index_and_used(nw, sung, lines_of, tmp_path):
    nw("train", "fusion", "--recipe", "weights", "--data", sung, "--run", "w", "--set", "together=40")
    figures = json.loads((tmp_path / "home" / "runs" / "w" / "test.json").read_text())
    indexes = tmp_path / "home" / "indexes"
    kept = {side: read_manifest(indexes / side).weight for side in ("sound", "words")}
    assert kept == {side: figures[side] for side in kept}
    keep_weight(indexes / "sound", 0.0)
    nw("index", "--rebuild")
    assert read_manifest(indexes / "sound").weight == 0
    keep_weight(indexes / "words", 1.0)
    assert titles(nw, lines_of, "high robot", "-k", "1") == ["Poem"]
    keep_weight(indexes / "sound", 1.0)
    keep_weight(indexes / "words", 0.0)
    assert titles(nw, lines_of, "high robot", "-k", "1")[0].startswith("high")


def test_too_few_captions_are_said(nw, catalog):
    assert "too few captions" in nw("train", "fusion", "--recipe", "mlp", code=2).err
    assert "no song that is known" in nw("evaluate", "--by", "both", code=2).err


def test_songs_of_an_evaluation_data_set_are_not_learned(nw, library, catalog, sung, tmp_path):
    """Those of the library whose source is for judging, and those of tables with the same ids."""
    catalog.execute("UPDATE songs SET source = 'song-describer', source_id = title WHERE title LIKE 'low %'")
    with sung.open("a") as table:
        table.write("\n" + json.dumps({"id": "low 3", "caption": "sea", "lyrics": "the sea"}))
    said = nw("train", "fusion", "--recipe", "mlp", "--data", sung, "--run", "clean", *SET).err
    assert "9 songs for judging left out" in said
    about = json.loads((tmp_path / "home" / "runs" / "clean" / "best" / "config.json").read_text())
    assert about["left_out_sets"] == {"song-describer": 8}
