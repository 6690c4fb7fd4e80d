"""Songs for training a fusion: which of them teach, judge and test, and how many are made up of each."""

from types import SimpleNamespace

import numpy as np
import pytest

from catalog.errors import WrongUse
from models.training.fusion import data


class Songs:
    """Five works; the shares that they belong to are told."""

    def shares(self, count, seed):
        assert (count, seed) == (5, 7)
        return np.array([2, 0, 1, 4, 0])

    def only(self, rows):
        return SimpleNamespace(rows=rows, and_also=lambda made_up: (rows, made_up))


def test_one_share_judges_another_tests_and_the_rest_teaches(monkeypatch):
    monkeypatch.setattr(data, "put_together", lambda part, count, seed: (part.rows, count, seed))
    parts = data.split(Songs(), {"held_out": 5, "together": 20}, seed=7)
    assert parts == {
        "train": ([0, 3], ([0, 3], 20, 7)),
        "judge": ([1, 4], ([1, 4], 4, 7)),
        "test": ([2], ([2], 4, 7)),
    }


@pytest.mark.parametrize("asked", [(2, 2, 2), (2, 1, 2), (0, 9, 9)])
def test_each_part_needs_two_questions(asked):
    parts = {
        name: SimpleNamespace(queries=["?"] * count)
        for name, count in zip(("train", "judge", "test"), asked, strict=True)
    }
    if min(asked) >= 2:
        data.require_enough(parts)
        return
    with pytest.raises(WrongUse, match=f"{asked[0]} to train by, {asked[1]} to judge by"):
        data.require_enough(parts)
