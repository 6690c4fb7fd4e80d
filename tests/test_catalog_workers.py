"""Work in processes: all of it done, a few ahead, and one that crashes takes nobody with it."""

import os
import time
from concurrent.futures.process import BrokenProcessPool

from catalog.workers import spread


def square(number):
    return number * number


def crash_on_7(number):
    if number == 7:
        os._exit(1)  # as a decoder that crashes does
    time.sleep(0.001)
    return -number


def test_every_item_is_done_once():
    assert sorted(spread(square, range(100), jobs=2)) == [(n, n * n) for n in range(100)]


def test_only_a_few_are_ahead_of_the_caller():
    taken = []
    results = spread(square, (taken.append(n) or n for n in range(1000)), jobs=2)
    for _ in range(3):
        next(results)
    assert len(taken) <= 16
    results.close()


def test_an_item_that_crashes_is_named_and_the_others_go_on():
    results = dict(spread(crash_on_7, range(40), jobs=2))
    assert isinstance(results.pop(7), BrokenProcessPool)
    assert results == {n: -n for n in range(40) if n != 7}
