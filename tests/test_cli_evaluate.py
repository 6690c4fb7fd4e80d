"""nw evaluate and nw runs: a table, the library and an index are judged; runs are kept, listed, compared."""

import json

import numpy as np
import pytest
from fakes import tone

from models import encoders
from models.indexing.build import build_index
from models.indexing.embed import embed_sound, embed_words


@pytest.fixture
def known(ears, reader, monkeypatch):
    """`ears` and `reader` as encoders that `nw` knows."""
    ears.encode_descriptions = spread(ears.encode_descriptions)
    by_name = {"ears": ears, "reader": reader}
    monkeypatch.setattr(encoders, "names", lambda: list(by_name))
    monkeypatch.setattr(encoders, "load", lambda name, **options: by_name[name])


def spread(encode):
    """Prompts of the self-check have none of the words; they must differ as for any real encoder."""

    def encoded(texts):
        vectors = encode(texts)
        unknown = vectors[:, -1] == 1
        vectors[unknown] = np.random.default_rng(0).normal(size=(int(unknown.sum()), vectors.shape[1]))
        return vectors

    return encoded


@pytest.fixture
def table(write_sound, tmp_path):
    rows = []
    for name, hz in (("low", 100), ("middle", 600), ("high", 2500)):
        write_sound(f"{name}.wav", tone(hz, 3))
        rows.append({"file": f"music/{name}.wav", "caption": name, "title": name.title()})
    rows.append({"file": "music/gone.wav", "caption": "nothing"})
    path = tmp_path / "captions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.usefixtures("known")
def test_data_of_which_no_sound_is_there_says_which_is_missing(nw, tmp_path):
    (tmp_path / "c.csv").write_text("file,caption\nmusic/gone.wav,a tone\nmusic/lost.wav,noise\n")
    said = nw("evaluate", "ears", "--on", tmp_path / "c.csv", code=2).err
    assert "2 songs could not be used" in said
    assert "gone.wav" in said


@pytest.mark.usefixtures("known")
def test_a_table_is_judged_and_the_run_kept(nw, table, lines_of):
    written = nw("evaluate", "ears", "--on", table, "--format", "ndjson", code=3)
    rows = lines_of(written.out)
    [mrr] = [row for row in rows if row["metric"] == "mrr" and row["direction"] == "text→music"]
    assert (mrr["value"], mrr["low"], mrr["high"]) == (1, 1, 1)
    assert "3 songs, 3 texts" in written.err
    assert "1 song could not be used; it is in no figure" in written.err
    [run] = lines_of(nw("runs", "list", "--format", "ndjson").out)
    assert run["kind"] == "evaluation"
    again = lines_of(nw("runs", "show", run["id"], "--format", "ndjson").out)
    assert again == rows
    queries = lines_of(nw("runs", "show", run["id"], "--queries", "--format", "ndjson").out)
    assert {query["place"] for query in queries} == {1}
    described = json.loads(nw("runs", "show", run["id"], "--format", "json").out)
    assert described["report"]["pipeline"] == "ears/8 kHz/2 s/mean"
    assert described["environment"]["versions"]


@pytest.mark.usefixtures("known")
def test_an_encoder_that_hears_nothing_is_refused_before_hours_are_spent(nw, table, ears):
    ears.encode_windows = lambda windows: np.ones((len(windows), 4), np.float32) / 2
    assert "unrelated sounds are all alike" in nw("evaluate", "ears", "--on", table, code=2).err


@pytest.mark.usefixtures("known")
def test_runs_are_compared_query_by_query(nw, table, lines_of):
    nw("evaluate", "ears", "--on", table, "--name", "one", code=3)
    written = nw("evaluate", "ears", "--on", table, "--name", "two", "--compare", "one-on", code=3)
    assert "+0.0000 against one" in written.err
    rows = lines_of(nw("runs", "compare", "one-on", "two-on", "--format", "ndjson").out)
    assert {row["p"] for row in rows} == {1}


@pytest.mark.usefixtures("known")
def test_the_library_and_an_index_are_judged(nw, catalog, add_song, ears, reader, tmp_path, lines_of):
    add_song("Deep", tone(100, 3), captions=["low"])
    add_song("Shrill", tone(2500, 3), lyrics="the sea\nin winter", captions=["high", "high tone"])
    add_song("Unheard", captions=["middle"])
    embed_sound(catalog, ears)
    embed_words(catalog, reader)
    build_index(catalog, ears, tmp_path / "home" / "indexes" / "sound")
    for what in ("ears", "sound", tmp_path / "home" / "indexes" / "sound"):
        written = nw("evaluate", what, "--format", "ndjson", code=3)
        found = {(r["direction"], r["metric"]): r["value"] for r in lines_of(written.out)}
        assert found["text→music", "mrr"] == found["music→text", "mrr"] == 1
        assert "Unheard: has no vector" in written.err
    assert "1 song, 2 texts" in nw("evaluate", "reader", "--format", "tsv", code=3).err
    ears.pipeline = "ears/2"
    assert "their scores mean nothing to each other" in nw("evaluate", "sound", code=2).err


@pytest.mark.usefixtures("known")
def test_the_table_for_a_terminal_shows_both_directions_and_what_others_published(nw, write_sound, tmp_path):
    write_sound("14/214.2min.mp3", tone(100, 2).repeat(2), 16_000)
    write_sound("15/215.2min.mp3", tone(2500, 2).repeat(2), 16_000)
    table = tmp_path / "song_describer.csv"
    table.write_text(
        "caption_id,track_id,caption,is_valid_subset,familiarity,artist_id,album_id,path,duration\n"
        "1,214,low,True,0,7,8,14/214.mp3,200\n2,215,high,True,0,7,8,15/215.mp3,200\n"
    )
    on = f"song-describer:{table},{tmp_path / 'music'}"
    written = nw("evaluate", "ears", "--on", on, "--format", "table")
    assert "1.000 [1.000, 1.000]" in written.out
    assert "AllMusicCaps" in written.out
    assert "another protocol: not comparable" in written.out
    assert "2 songs, not 547: not comparable" in written.out
    assert "sdd-valid: captions of the valid subset" in written.err
    rows = nw("evaluate", "ears", "--on", on, "--format", "csv", "--fields", "system,metric,comparable").out
    assert "CLaMP 3 saas,mrr,False" in rows.replace("false", "False")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "no run"),
        (("ears", "--on", "nowhere.csv"), "no data set and no file"),
        (("ears", "--protocol", "mine"), "there is no protocol 'mine'"),
        (("ears", "--columns", "melody=x", "--on", "t.csv"), "names melody"),
        (("ears", "--set", "pooling"), "sets nothing"),
        (("ears", "--compare", "none"), "no run"),
    ],
)
@pytest.mark.usefixtures("known", "catalog")
def test_what_means_nothing_is_said(nw, arguments, said):
    assert said in nw("evaluate", *arguments, code=2).err


def test_no_run_is_no_error(nw):
    assert "no runs yet" in nw("runs", "list", code=1).err


def test_curves_of_a_training(nw, tmp_path):
    folder = tmp_path / "home" / "runs" / "mini-1"
    folder.mkdir(parents=True)
    lines = [{"step": step, "loss": 4 / (step + 1)} for step in range(0, 100, 5)]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"step": 1')
    assert "mini-1" in nw("runs", "list").out
    drawn = nw("runs", "plot", "mini-1").out
    assert "mini-1: 4 -> 0.04167" in drawn
    assert drawn.count("\n") == 14
    nw("runs", "plot", "mini-1", "--png", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "has no 'mrr'" in nw("runs", "plot", "mini-1", "--value", "mrr", code=4).err
    assert "is a training" in nw("runs", "compare", "mini-1", "mini-1", code=2).err
    assert nw("runs", "show", "mini-1", "--format", "ndjson").out.count("\n") == 20
