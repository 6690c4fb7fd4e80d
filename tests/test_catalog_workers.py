"""Work in processes: all of it done, a few ahead, and what crashes, stalls or swells costs itself alone."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest
from waiting import any_alive, wait_for

from catalog.errors import Unreadable
from catalog.processes import worker, workers
from catalog.processes.workers import ItemLost, Worker, borrowed, spread


def square(number):
    return number * number


def crash_on_7(number):
    if number == 7:
        os.kill(os.getpid(), signal.SIGSEGV)  # as a decoder that crashes does
    time.sleep(0.001)
    return -number


def stall_on_7(number):
    if number == 7:
        time.sleep(600)
    return -number


def swell_on_7(number):
    return len(bytearray(6 << 30)) if number == 7 else -number


def refuse_7(number):
    if number == 7:
        raise Unreadable("no sound", try_this="another file")
    return -number


def stumble_on_7(number):
    return 1 // (number - 7) and -number


def count_to(number):
    yield from range(number)


def break_at(number):
    yield from range(number)
    raise Unreadable("no more", try_this="another file")


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_item_is_done_once(jobs):
    assert sorted(spread(square, range(100), jobs=jobs)) == [(n, n * n) for n in range(100)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_in_order_where_that_is_asked(jobs):
    assert list(spread(square, range(50), jobs=jobs, ordered=True)) == [(n, n * n) for n in range(50)]


@pytest.mark.parametrize("ordered", [False, True])
def test_only_a_few_are_ahead_of_the_caller(ordered):
    taken = []
    results = spread(square, (taken.append(n) or n for n in range(1000)), jobs=2, ordered=ordered)
    for _ in range(3):
        next(results)
    assert len(taken) <= 16
    results.close()


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("function", "error"),
    [
        pytest.param(crash_on_7, "the decoder crashed on it (SIGSEGV)", id="it crashes"),
        pytest.param(stall_on_7, "it was not done within 2 s", id="it stalls"),
        pytest.param(swell_on_7, "it takes more than 1,024 MB of memory", id="it swells"),
        pytest.param(stumble_on_7, "ZeroDivisionError: integer division or modulo by zero", id="it stumbles"),
        pytest.param(refuse_7, "no sound", id="it cannot be read"),
    ],
)
def test_one_item_costs_itself(function, error, jobs):
    results = dict(spread(function, range(20), jobs=jobs, limit_s=lambda item: 2 if item == 7 else 600))
    problem = results.pop(7)
    assert isinstance(problem, Unreadable if function is refuse_7 else ItemLost)
    assert str(problem) == error
    assert set(results) == set(range(20)) - {7}
    if function is not stumble_on_7:
        assert all(result == -n for n, result in results.items())


@pytest.mark.slow
def test_crashes_one_after_the_other_cost_themselves():
    before = set(active_children())  # that rest since other tests
    results = list(spread(crash_on_7, [7] * 6, jobs=3))
    assert [type(result) for _, result in results] == [ItemLost] * 6
    left = set(active_children()) - before
    for child in left:
        child.join(10)
    assert not [child for child in left if child.is_alive()]


def test_a_worker_that_died_while_it_rested_costs_nothing():
    with borrowed() as one:
        os.kill(one.call(os.getpid), signal.SIGKILL)
        one._process.join()
        assert one.call(square, 3) == 9


def test_a_killed_process_is_said_to_lack_memory():
    with borrowed() as one, pytest.raises(ItemLost, match="most likely because memory ran out"):
        one.call(signal.raise_signal, signal.SIGKILL)


def test_parts_come_one_after_the_other():
    with borrowed() as one:
        assert list(one.stream(count_to, 5)) == [0, 1, 2, 3, 4]
        with pytest.raises(Unreadable, match="no more"):
            list(one.stream(break_at, 2))
        parts = one.stream(count_to, 10**9)
        assert [next(parts), next(parts)] == [0, 1]
        parts.close()
        assert one.call(square, 3) == 9


def test_arrays_come_as_they_were():
    with borrowed() as one:
        for array in (np.arange(3_000_000, dtype=np.float32), np.zeros((0, 5)), np.arange(10)[::2]):
            assert np.array_equal(one.call(np.copy, array), array)


def test_a_worker_that_rests_is_used_again():
    with borrowed() as one:
        first = one.call(os.getpid)
    with borrowed() as one:
        assert one.call(os.getpid) == first


def test_larger_files_have_more_time(tmp_path):
    path = tmp_path / "song.wav"
    path.write_bytes(bytes(3_000_000))
    assert workers.patience_s(path) == workers.patience_s(bytes(3_000_000)) == worker.LIMIT_S + 3
    assert workers.patience_s(tmp_path / "none") == worker.LIMIT_S


def test_a_worker_ends_in_silence_where_its_line_was_collected_before_it():
    """As garbage in a circle is, in any order: a stream of sounds that nobody reads to its end."""
    worker = workers.Worker()
    assert worker.call(os.getpid) != os.getpid()
    worker.line.__del__()
    worker.end()
    assert not worker.is_alive()


def test_a_program_without_a_guard_is_told_what_python_says_of_it(tmp_path):
    """What starts processes is run again in each, so it has to stand behind `__name__ == "__main__"`."""
    program = tmp_path / "program.py"
    program.write_text("from catalog.processes.workers import spread\nlist(spread(abs, [(-1,)], jobs=1))\n")
    run = subprocess.run([sys.executable, program], capture_output=True, text=True, check=False)
    assert 'if __name__ == "__main__":' in run.stderr.replace("'", '"')
    assert "AttributeError" not in run.stderr


PARENT = """
import os, signal, time
from catalog.processes.workers import Worker

resting, at_work = Worker(), Worker()
print(resting.call(os.getpid), at_work.call(os.getpid), flush=True)
at_work.send(time.sleep, 600)
signal.pause()
"""


def test_workers_end_with_a_parent_that_was_killed():
    """Those that wait for something to do, and those that are at something which takes long."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        pids = parent.stdout.readline().split()
        assert len(set(pids)) == 2
        parent.kill()
    wait_for(lambda: not any_alive(parent.pid))


class Forgotten(Worker):
    """Its process is forgotten by another thread as soon as it was looked at."""

    held = None

    @property
    def _process(self):
        process, self.held = self.held, None
        return process

    @_process.setter
    def _process(self, process):
        self.held = process


@pytest.mark.parametrize("end", [Worker.kill, Worker.end])
def test_a_worker_may_be_ended_while_another_thread_forgets_it(end):
    known = Worker()
    assert known.call(square, 3) == 9
    forgotten = Forgotten()
    forgotten._line, forgotten._process = known.line, known._process
    end(forgotten)
    known._process.join(60)
    assert not known.is_alive()
    known.end()


def content_of(path):
    return path.read_text()


def test_a_path_means_the_same_file_to_a_worker_that_rested_in_another_folder(tmp_path, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "words").write_text(name)
    for name in ("first", "second"):
        monkeypatch.chdir(tmp_path / name)
        with borrowed() as one:
            assert one.call(content_of, Path("words")) == name
