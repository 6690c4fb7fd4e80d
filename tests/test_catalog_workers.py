"""Work in processes: all of it done, a few ahead, and one that crashes takes nobody with it."""

import os
import time
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children

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


def test_a_crash_while_workers_are_still_being_started_ends_all_of_them():
    def slowly():
        for number in [7] * 24:
            yield number
            time.sleep(0.01)

    results = list(spread(crash_on_7, slowly(), jobs=12))
    assert [type(result) for _, result in results] == [BrokenProcessPool] * 24
    for child in active_children():
        child.join(10)
    assert active_children() == []
