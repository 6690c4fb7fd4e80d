"""Judging: what counts as right under each protocol, both directions, failures counted, runs compared."""

import json

import numpy as np
import pytest
from fakes import tone

from catalog.errors import Damaged, WrongUse
from catalog.records import Caption, Clip
from models.evaluation import datasets, published, runs
from models.evaluation.candidates import checkpoint_of
from models.evaluation.datasets import Columns
from models.evaluation.evaluate import MUSIC_TO_TEXT, TEXT_TO_MUSIC, Answered, Direction, compare, evaluate
from models.evaluation.gallery import Gallery, embedded
from models.evaluation.protocols import PROTOCOLS, Qrel, default, protocol
from models.networks import selfcheck
from models.networks.manifest import MANIFEST

MRR = ("report", "directions", TEXT_TO_MUSIC, "figures", "mrr")
"""Where a figure stands in run.json."""
ROWS = [Qrel(0, "sad piano"), Qrel(0, "slow"), Qrel(1, "slow"), Qrel(2, "odd", valid=False)]


def test_a_song_is_one_candidate_and_equal_captions_are_one_query():
    pairing = PROTOCOLS["sdd-valid"].pair(ROWS)
    assert pairing.texts == ["sad piano", "slow"]
    assert pairing.songs == [0, 1]
    assert pairing.relevant == [[0], [0, 1]]
    assert pairing.turned == [[0, 1], [1]]


def test_the_full_set_asks_every_caption_for_its_one_song():
    pairing = PROTOCOLS["sdd-full"].pair(ROWS)
    assert pairing.texts == ["sad piano", "slow", "slow", "odd"]
    assert pairing.relevant == [[0], [0], [1], [2]]


def test_the_first_attempts_protocol_sets_row_against_row():
    pairing = PROTOCOLS["first-attempt"].pair(ROWS)
    assert pairing.songs == [0, 0, 1]
    assert pairing.relevant == [[0], [1], [2]]


def test_the_first_attempts_ceiling_shows():
    """A perfect encoder does not reach Recall@1 of 1 where a song stands in the gallery twice."""
    data = judged_with(np.eye(2, dtype=np.float32), [Qrel(0, "a"), Qrel(0, "b"), Qrel(1, "c")])
    texts = {"a": [1, 0], "b": [1, 0], "c": [0, 1]}
    report = evaluate(data, encode(texts), PROTOCOLS["first-attempt"], encoder="x", pipeline="x")
    assert report.directions[TEXT_TO_MUSIC].figures["recall@1"].value == pytest.approx(1 / 3)


def judged_with(vectors, rows, starts=None):
    ids = [f"song {i}" for i in range(len(starts if starts is not None else vectors))]
    return Gallery(
        "data", ids, vectors, np.arange(len(vectors)) if starts is None else np.array(starts), rows, []
    )


def encode(texts):
    return lambda wanted: np.array([texts[text] for text in wanted], np.float32)


@pytest.fixture
def report():
    data = judged_with(np.eye(3, dtype=np.float32), [Qrel(0, "first"), Qrel(1, "second"), Qrel(2, "third")])
    texts = {"first": [1, 0, 0], "second": [0.9, 0.4, 0], "third": [0, 0.2, 0.9]}
    return evaluate(data, encode(texts), protocol("plain"), encoder="by hand", pipeline="hand/1")


def test_both_directions_stand_apart(report):
    asked, heard = report.directions[TEXT_TO_MUSIC], report.directions[MUSIC_TO_TEXT]
    assert [q.places for q in asked.queries] == [[1.0], [2.0], [1.0]]
    assert asked.figures["mrr"].value == pytest.approx((1 + 0.5 + 1) / 3)
    assert heard.figures["recall@1"].value == 1.0
    assert asked.worst(1)[0].query == "second"
    assert (asked.worst(1)[0].right, asked.worst(1)[0].first) == (["song 1"], "song 0")


@pytest.mark.parametrize(
    ("places", "worst"),
    [
        pytest.param([[1], [3], [2]], [1, 2, 0], id="the furthest behind first"),
        pytest.param([[1, 9], [2, 3]], [1, 0], id="by the first right answer, not the last"),
        pytest.param([[2], [5], [2]], [1, 0, 2], id="equals as they were asked"),
    ],
)
def test_the_worst_queries(places, worst):
    queries = [Answered(str(number), list(map(float, one)), [], "") for number, one in enumerate(places)]
    direction = Direction(9, {}, queries)
    assert [int(one.query) for one in direction.worst(9)] == worst
    assert [int(one.query) for one in direction.worst(1)] == worst[:1]


def test_a_collapsed_encoder_scores_at_chance():
    songs = 101
    data = judged_with(np.ones((songs, 4), np.float32) / 2, [Qrel(i, f"text {i}") for i in range(songs)])
    report = evaluate(
        data,
        lambda texts: np.ones((len(texts), 4), np.float32) / 2,
        protocol("plain"),
        encoder="",
        pipeline="",
    )
    assert report.directions
    for direction in report.directions.values():
        assert direction.figures["median_rank"].value == (songs + 1) / 2
        assert direction.figures["recall@10"].value == 0


def test_a_song_of_several_parts_counts_as_in_a_search():
    """Mean of the whole (its first part) and the best part."""
    parts = np.array([[0.6, 0.8], [1, 0], [0.9, 0.436]], np.float32)  # a song of two parts, a song of one
    data = judged_with(parts, [Qrel(0, "x"), Qrel(1, "x")], starts=[0, 2])
    report = evaluate(data, encode({"x": [1, 0]}), PROTOCOLS["plain"], encoder="", pipeline="")
    assert report.directions[TEXT_TO_MUSIC].queries[0].first == "song 1"  # 0.9 against (0.6 + 1) / 2


def test_no_caption_left_says_what_to_do():
    with pytest.raises(WrongUse, match="no caption is left"):
        PROTOCOLS["sdd-valid"].pair([Qrel(0, "odd", valid=False)])
    with pytest.raises(WrongUse, match="sdd-full"):
        protocol("mine")
    assert (default("song-describer:a.csv"), default("t.csv")) == ("sdd-valid", "plain")


def test_reports_of_one_second_are_both_kept(report, tmp_path, monkeypatch):
    """Two processes may find the same name free."""
    taken = runs.store(report, tmp_path, config={})
    names = iter([taken, f"{taken}-2"])
    monkeypatch.setattr(runs, "_free", lambda *_: next(names))
    assert runs.store(report, tmp_path, config={}) == f"{taken}-2"
    assert {folder.name for folder in tmp_path.iterdir()} == {taken, f"{taken}-2"}


def test_a_report_is_kept_and_read_again(report, tmp_path):
    first = runs.store(report, tmp_path, config={"what": "by hand"})
    again = runs.store(report, tmp_path, config={})
    assert first != again
    assert runs.read(tmp_path / first) == report
    described = runs.described(tmp_path / first)
    assert described["config"] == {"what": "by hand"}
    assert described["environment"]["versions"]["numpy"] == np.__version__
    assert described["hashes"] == runs.described(tmp_path / again)["hashes"]
    assert [run.id for run in runs.listed(tmp_path)] == [first, again]


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        pytest.param((), [], id="all of it is a list"),
        pytest.param(("report",), ["mini"], id="the report is a list"),
        pytest.param(("report", "directions"), ["text"], id="the directions are a list"),
        pytest.param(("report", "directions", TEXT_TO_MUSIC), 3, id="a direction is a number"),
        pytest.param(
            ("report", "directions", TEXT_TO_MUSIC, "figures", "mrr"), "high", id="a figure is a word"
        ),
        pytest.param(
            ("report", "directions", TEXT_TO_MUSIC, "figures", "mrr", "value"),
            "high",
            id="its value is a word",
        ),
        pytest.param(("report", "failed"), [1], id="a failure is a number"),
    ],
)
def test_a_run_of_another_shape_is_damaged_and_no_other_suffers(report, tmp_path, path, instead):
    broken, whole = (runs.store(report, tmp_path, config={}) for _ in range(2))
    file = tmp_path / broken / runs.RUN
    values = {"": json.loads(file.read_text())}
    *above, last = ("", *path)
    at = values
    for name in above:
        at = at[name]
    at[last] = instead
    file.write_text(json.dumps(values[""]))
    with pytest.raises(Damaged, match="cannot be read"):
        runs.read(tmp_path / broken)
    assert whole in [run.id for run in runs.listed(tmp_path)]


def test_what_a_run_says_of_itself_is_an_object_or_damaged(report, tmp_path):
    broken = runs.store(report, tmp_path, config={})
    (tmp_path / broken / runs.RUN).write_text("[1, 2]")
    with pytest.raises(Damaged, match="holds no object"):
        runs.described(tmp_path / broken)


def test_a_run_is_found_by_a_part_of_its_name_unless_two_have_it(report, tmp_path):
    one = runs.store(report, tmp_path, config={})
    assert runs.find(tmp_path, "by-hand") == tmp_path / one
    runs.store(report, tmp_path, config={})
    with pytest.raises(WrongUse, match="2 runs"):
        runs.find(tmp_path, "by-hand")
    with pytest.raises(WrongUse, match="no run"):
        runs.find(tmp_path, "elsewhere")


def test_a_broken_run_says_so_and_spoils_no_list(report, tmp_path):
    one = runs.store(report, tmp_path, config={})
    (tmp_path / one / "run.json").write_text('{"report": ')
    assert list(runs.listed(tmp_path)) == []
    with pytest.raises(Damaged):
        runs.read(tmp_path / one)


def test_only_the_same_queries_are_compared(report):
    assert compare(report, report, direction=TEXT_TO_MUSIC).mean == 0
    data = judged_with(np.eye(2, dtype=np.float32), [Qrel(0, "a"), Qrel(1, "b")])
    other = evaluate(
        data, encode({"a": [1, 0], "b": [0, 1]}), protocol("plain"), encoder="other", pipeline="other"
    )
    with pytest.raises(WrongUse, match="not by the same queries"):
        compare(report, other, direction=TEXT_TO_MUSIC)


def test_hearing_joins_captions_and_counts_what_fails(ears, write_sound, tmp_path):
    low, high = write_sound("low.wav", tone(100, 3)), write_sound("high.wav", tone(2000, 5))
    (tmp_path / "broken.wav").write_bytes(b"RIFF nothing")
    clips = [
        Clip("1", low, (Caption("low"),), {"title": "Low"}),
        Clip("2", high, (Caption("high"),)),
        Clip("1", low, (Caption("low low"),)),
        Clip("3", tmp_path / "broken.wav", (Caption("middle"),)),
        Clip("4", None, (Caption("silent"),)),
    ]
    found = embedded(ears, iter(clips), "clips")
    assert found.ids == ["Low", "2"]
    assert [(row.song, row.text) for row in found.qrels] == [(0, "low"), (1, "high"), (0, "low low")]
    assert [song for song, _ in found.failed] == ["3", "4"]
    report = evaluate(found, ears.encode_descriptions, protocol("plain"), encoder="ears", pipeline="")
    assert report.directions[TEXT_TO_MUSIC].figures["recall@1"].value == 1
    assert report.failed == found.failed


def test_a_table_of_captions_by_the_usual_names_or_ones_own(tmp_path):
    table = tmp_path / "t.jsonl"
    rows = [{"file": "a.ogg", "caption": "calm"}, {"file": "b.ogg", "caption": ["x", "y"]}, {"file": "c.ogg"}]
    rows.append({"caption": "of nothing that can be heard or read"})
    table.write_text("\n".join(map(json.dumps, rows)))
    found = list(datasets.table(table))
    assert [clip.audio for clip in found] == [tmp_path / "a.ogg", tmp_path / "b.ogg"]
    assert [[text.text for text in clip.texts] for clip in found] == [["calm"], ["x", "y"]]
    verses = tmp_path / "v.csv"
    verses.write_text("Title,Verse\nSea,waves and wind\n")
    [clip] = datasets.table(verses, Columns(texts=("title",), lyrics=("verse",)))
    assert (clip.texts[0].text, clip.song["lyrics"]) == ("Sea", "waves and wind")
    with pytest.raises(WrongUse, match="title, verse"):
        list(datasets.table(verses))


def test_words_are_judged_by_lyrics(reader):
    clips = [
        Clip("1", None, (Caption("sea"),), {"lyrics": "the sea\nthe sea"}),
        Clip("2", None, (Caption("robot"),), {"lyrics": "robot\nwinter"}),
        Clip("3", None, (Caption("winter"),), {"lyrics": ""}),
    ]
    found = embedded(reader, iter(clips), "pairs")
    assert [song for song, _ in found.failed] == ["3"]
    report = evaluate(found, reader.encode_descriptions, protocol("plain"), encoder="", pipeline="")
    assert report.directions[TEXT_TO_MUSIC].figures["mrr"].value == 1


class Collapsed:
    role, pipeline = "words", "collapsed/1"

    def encode_descriptions(self, texts):
        vectors = np.ones((len(texts), 8), np.float32)
        return vectors + np.random.default_rng(0).normal(0, 0.02, vectors.shape)


def test_a_dead_text_tower_is_refused():
    with pytest.raises(Damaged, match="all alike"):
        selfcheck.require_alive(Collapsed())


def test_vectors_that_are_not_finite_are_refused(reader):
    reader.encode_descriptions = lambda texts: np.full((len(texts), 4), np.nan, np.float32)
    with pytest.raises(Damaged, match="not finite"):
        selfcheck.require_alive(reader)


def test_a_living_encoder_passes(ears):
    asked = []

    def one_axis_each(texts):
        asked.extend(texts)
        return np.eye(len(texts), dtype=np.float32)

    ears.encode_descriptions = one_axis_each
    selfcheck.require_alive(ears)
    assert len(set(asked)) == len(asked) > 1  # several texts that differ, or nothing would be compared


def test_a_name_means_the_best_weights_of_a_run_else_its_last_or_that_very_folder(tmp_path, monkeypatch):
    for kept in ("judged/best", "judged/last", "begun/last"):
        (tmp_path / kept).mkdir(parents=True)
        (tmp_path / kept / MANIFEST).touch()
    assert checkpoint_of("judged", tmp_path) == tmp_path / "judged" / "best"
    assert checkpoint_of("begun", tmp_path) == tmp_path / "begun" / "last"
    monkeypatch.chdir(tmp_path / "judged")
    assert checkpoint_of("last", tmp_path) == tmp_path / "judged" / "last"


def test_published_figures_stand_beside_ours_under_the_same_protocol_alone():
    rows = published.published("song-describer")
    ours = {"data": "song-describer", "protocol": "sdd-valid", "songs": 547, "captions": 746}
    same = {row.system for row in rows if not published.why_not_comparable(row, **ours)}
    assert same == {
        "random",
        "LAION-CLAP music checkpoint",
        "CLaMP 3 (saas)",
        "TTMR++",
        "AllMusicCaps, all layers",
    }
    assert not published.published("own table")
    assert all(row.source for row in rows)


@pytest.mark.parametrize(
    ("ours", "why"),
    [
        pytest.param({"songs": 22}, "22 songs, not 547", id="a part of the songs"),
        pytest.param({"captions": 700}, "700 captions, not 746", id="a part of the captions"),
        pytest.param({"protocol": "sdd-full"}, "another protocol", id="another protocol"),
        pytest.param({"data": "own table"}, "other data", id="other data"),
    ],
)
def test_a_figure_stands_beside_ours_only_on_the_same_songs_and_captions(ours, why):
    on_songs = published.published("song-describer")
    [record] = [row for row in on_songs if row.system == "AllMusicCaps, all layers"]
    same = {"data": "song-describer", "protocol": "sdd-valid", "songs": 547, "captions": 746}
    assert published.why_not_comparable(record, **same) == ""
    assert why in published.why_not_comparable(record, **{**same, **ours})
    musiccaps, *_ = published.published("musiccaps")
    its_own = {**same, "data": "musiccaps", "protocol": musiccaps.protocol}
    assert "not known" in published.why_not_comparable(musiccaps, **its_own)
