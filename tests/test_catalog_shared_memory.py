"""What is handed to a worker: large contents by shared memory, and all of it whatever there is room for."""

import hashlib
import os
import signal

import numpy as np
import pytest

from catalog.processes import shared_memory
from catalog.processes.shared_memory import LARGE_BYTES, SLOT_BYTES, SLOTS
from catalog.processes.workers import ItemLost, spread


def digest(content):
    return hashlib.blake2b(content).hexdigest()


def digests(contents):
    return [digest(content) for content in contents]


def crash_on_short(content):
    if len(content) == LARGE_BYTES:
        os.kill(os.getpid(), signal.SIGSEGV)
    return digest(content)


def counted_up(size):
    """Two arrays that only this size has, together as large."""
    first = np.full(size // 2, size % 251, np.uint8)
    return [first, np.arange(size - size // 2, dtype=np.uint8)], {"size": size}


def contents(*sizes):
    """Bytes of these sizes, no two alike."""
    return [os.urandom(16) + bytes(size - 16) for size in sizes]


@pytest.fixture(params=[True, False], ids=["shared", "no shared memory"])
def maybe_shared(request, monkeypatch):
    """With shared memory, and as on a system that has none."""
    if not request.param:
        monkeypatch.setattr(shared_memory, "_anonymous_file", lambda size: None)


@pytest.mark.usefixtures("maybe_shared")
def test_every_content_arrives_as_it_was_given():
    given = contents(*[LARGE_BYTES - 1, LARGE_BYTES, 3 * LARGE_BYTES] * 8, SLOT_BYTES, SLOT_BYTES + 1)
    found = spread(digest, given, jobs=2, ordered=True)
    assert [result for _, result in found] == [digest(content) for content in given]


@pytest.mark.usefixtures("maybe_shared")
def test_more_contents_in_one_item_than_there_are_slots():
    given = contents(*[LARGE_BYTES] * (SLOTS + 2))
    [(_, found)] = spread(digests, [given], jobs=1)
    assert found == digests(given)


def test_what_waits_behind_a_crash_arrives_too():
    given = contents(*[2 * LARGE_BYTES] * 3, LARGE_BYTES, *[2 * LARGE_BYTES] * 6)
    found = [result for _, result in spread(crash_on_short, given, jobs=1, ordered=True)]
    assert isinstance(found.pop(3), ItemLost)
    assert found == [digest(content) for content in given if len(content) > LARGE_BYTES]


def test_slots_are_used_again():
    shelf = shared_memory.Shelf()
    for content in contents(*[LARGE_BYTES] * 5 * SLOTS):
        packed, slots = shelf.pack(content)
        assert len(slots) == 1
        assert len(packed) < LARGE_BYTES  # the content is not in it
        shelf.free(slots)
    shelf.close()


@pytest.mark.usefixtures("maybe_shared")
def test_every_answer_comes_back_as_it_was():
    sizes = [LARGE_BYTES - 1, LARGE_BYTES, 3 * LARGE_BYTES + 1] * 4 * SLOTS + [SLOT_BYTES, SLOT_BYTES + 1]
    found = list(spread(counted_up, sizes, jobs=2, ordered=True))  # all kept: none may change behind us
    for size, (arrays, named) in found:
        wanted, _ = counted_up(size)
        assert named == {"size": size}
        assert all((ours == theirs).all() for ours, theirs in zip(arrays, wanted, strict=True))


@pytest.mark.usefixtures("maybe_shared")
def test_views_arrive_as_bytes():
    given = contents(LARGE_BYTES - 1, 2 * LARGE_BYTES)
    found = spread(digest, [memoryview(content) for content in given], jobs=1, ordered=True)
    assert [result for _, result in found] == [digest(content) for content in given]


def kind_and_digest(content):
    return type(content).__name__, digest(content)


def test_a_large_view_is_a_view_in_the_worker_too():
    """Which need not be copied, for a crop of ten seconds reads a twentieth of a song."""
    given = contents(*[2 * LARGE_BYTES] * 3 * SLOTS)
    views = [memoryview(content) for content in given]
    found = [result for _, result in spread(kind_and_digest, [*views, *given], jobs=1, ordered=True)]
    wanted = [("memoryview", digest(content)) for content in given]
    assert found == wanted + [("bytes", digest(content)) for content in given]


def test_a_worker_gets_of_an_item_what_it_needs():
    items = [("one", {}), ("two", lambda: "cannot be sent")]
    found = list(spread(len, items, jobs=1, ordered=True, given=lambda item: item[0] * 2))
    assert found == [(items[0], 6), (items[1], 6)]
