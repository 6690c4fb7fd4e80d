"""What every file of a registry offers, whatever it is called: a new file is tried the moment it exists."""

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tables import in_one_test

from catalog import indexes, sources
from catalog.errors import WrongUse
from models import encoders, recipes, trainers
from models.evaluation import metrics
from models.evaluation.ranks import rank_scores

ROOT = Path(__file__).resolve().parents[1]
REGISTRIES = [encoders, sources, metrics, trainers, indexes]


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda one: one.__name__)
def test_an_unknown_name_is_refused_with_the_list(registry):
    with pytest.raises(WrongUse, match=registry.names()[0]):
        registry.load("no-such-thing")


def parameters(function):
    return [one for one in inspect.signature(function).parameters if one != "self"]


def offers(protocol, thing):
    """Whether a thing has every method of a protocol, with its parameters by name."""
    methods = inspect.getmembers(protocol, inspect.isfunction)
    wanted = {name: parameters(method) for name, method in methods if not name.startswith("_")}
    has = {name: parameters(getattr(thing, name)) for name in wanted if hasattr(thing, name)}
    return bool(wanted) and has == wanted


@pytest.mark.parametrize("name", encoders.names())
def test_an_encoder_hears_or_reads(name):
    kind = encoders.kind(name)
    assert kind.role in ("sound", "words")
    assert offers(encoders.SoundEncoder if kind.role == "sound" else encoders.WordsEncoder, kind)


def test_encoders_are_named_without_torch():
    """What their classes say, tokenizers among it, costs a command that only counts or lists nothing more."""
    program = (
        "import sys\nfrom models import encoders\n"
        "for name in encoders.names(): encoders.kind(name)\n"
        "assert not {'torch', 'transformers'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.parametrize("name", indexes.names())
def test_an_index_can_be_built_and_opened(name):
    kind = indexes.load(name)
    assert offers(indexes.KindOfStore if kind.HOLDS_VECTORS else indexes.KindOfIndex, kind)


@pytest.mark.parametrize("name", trainers.names())
def test_a_trainer_takes_what_a_run_is_given(name):
    assert offers(trainers.Trainer, trainers.load(name))


@in_one_test
@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_names_a_trainer(name):
    assert recipes.load(name)["task"] in trainers.names()


@pytest.mark.parametrize("name", metrics.names())
def test_a_metric_is_one_where_the_right_songs_lead_and_only_there(name):
    right = [[0, 1], [2, 3]]  # of four songs
    leading = np.array([[9, 8, 1, 0], [1, 0, 9, 8]], float)
    assert _summary(name, rank_scores(leading, right)) == pytest.approx(1)
    assert _summary(name, rank_scores(-leading, right)) != pytest.approx(1)


def _summary(name, ranks):
    metric = metrics.load(name)
    return metrics.summary(name, metric.score(ranks, 2) if metric.CUT else metric.score(ranks))
