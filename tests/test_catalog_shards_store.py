"""The disk budget holds at every instant, what is used goes, what was begun is finished."""

import os
import subprocess
import sys
import threading
import time

import pytest
from hub_server import Fault, Hub, random_faults
from waiting import wait_for

from catalog.errors import Damaged, SourceError, Unreadable
from catalog.shards import files
from catalog.shards.find import find
from catalog.shards.local_store import Limits
from catalog.shards.store import Store
from catalog.shards.transfer import Patience

QUICK = Patience(tries=4, first_s=0.01, longest_s=0.02)
SIZE = 200_000
BOOKS = 10_000


@pytest.fixture
def hub(tmp_path):
    folder = tmp_path / "repo"
    folder.mkdir()
    for i in range(12):
        (folder / f"{i:02}.parquet").write_bytes(os.urandom(SIZE))
    with Hub({"owner/songs": folder}) as hub:
        yield hub


@pytest.fixture
def found(hub):
    return find("owner/songs", endpoint=hub.url)


class Watch:
    """Looks at the size of a folder all the time and keeps the largest."""

    def __init__(self, root):
        self.root, self.peak, self._stop = root, 0, threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _look(self):
        while not self._stop.is_set():
            self.peak = max(self.peak, files.on_disk(self.root))
            time.sleep(0.001)


def use_all(store, plan, source, pause_s=0.0):
    store.begin(plan)
    for shard in plan:
        assert store.take(shard).read_bytes() == source[shard].read_bytes()
        time.sleep(pause_s)
        store.release(shard)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("room", [1.2, 2.5, 4])
def test_the_budget_holds_at_every_instant(hub, found, tmp_path, room, keep):
    hub.faults = random_faults(5)
    limits = Limits(budget=int(room * SIZE) + BOOKS, keep=keep)
    source = hub.files("owner/songs")
    with Watch(tmp_path / "s") as watch, Store(found, tmp_path / "s", limits, patience=QUICK) as store:
        use_all(store, list(range(12)), source, pause_s=0.01)
        use_all(store, [3, 3, 1, 2, 3, 11], source)
    assert watch.peak <= limits.budget
    assert watch.peak >= SIZE


def test_used_shards_are_pruned_at_once(found, tmp_path):
    with Store(found, tmp_path / "s", Limits(budget=3 * SIZE)) as store:
        store.begin([0, 1])
        path = store.take(0)
        assert path.exists()
        store.release(0)
        assert not path.exists()


def test_kept_shards_stay_while_there_is_room_and_are_not_fetched_again(hub, found, tmp_path):
    for _ in range(2):
        with Store(found, tmp_path / "s", Limits(budget=5 * SIZE, keep=True)) as store:
            use_all(store, [0, 1, 2], hub.files("owner/songs"))
    assert hub.served == 3 * SIZE
    assert [h.state for h in files.holdings(tmp_path / "s" / "owner--songs")] == ["ready"] * 3


def test_the_next_shards_arrive_while_one_is_used(found, tmp_path):
    with Store(found, tmp_path / "s", Limits(budget=10 * SIZE, ahead=2)) as store:
        store.begin(list(range(6)))
        store.take(0)
        wait_for(lambda: store.has(2))
        assert store.has(1)
        assert not store.has(3)


def test_a_shard_larger_than_the_budget_says_so(found, tmp_path):
    limits = Limits(budget=SIZE // 2)
    with (
        Store(found, tmp_path / "s", limits) as store,
        pytest.raises(SourceError, match="can never fit into the disk budget") as caught,
    ):
        store.begin([0])
    assert "--disk-budget '500 kB'" in caught.value.try_this


def test_a_budget_shared_by_processes_is_split(found, tmp_path):
    limits = Limits(budget=3 * SIZE, processes=4)
    with (
        Store(found, tmp_path / "s", limits) as store,
        pytest.raises(SourceError, match="shared by 4 processes"),
    ):
        store.begin([0])


def test_another_data_set_that_fills_the_budget_is_named(found, tmp_path):
    other = tmp_path / "s" / "other--set"
    other.mkdir(parents=True)
    (other / "a.parquet").write_bytes(bytes(2 * SIZE))
    with Store(found, tmp_path / "s", Limits(budget=int(2.5 * SIZE))) as store:
        store.begin([0])
        with pytest.raises(SourceError, match="taken by other data sets") as caught:
            store.take(0)
    assert "nw shards prune" in caught.value.try_this


def test_a_broken_shard_is_told_and_the_rest_goes_on(hub, found, tmp_path):
    hub.faults = lambda path, before: Fault("changed") if path.startswith("01") else None
    with Store(found, tmp_path / "s", Limits(budget=3 * SIZE), patience=QUICK) as store:
        store.begin([0, 1, 2])
        store.release(0) if store.take(0) else None
        with pytest.raises(Damaged, match=r"01\.parquet .* checksum"):
            store.take(1)
        store.release(1)
        assert store.take(2).exists()


def test_no_network_ends_the_wait_with_the_reason(hub, found, tmp_path):
    hub.__exit__()
    with Store(found, tmp_path / "s", patience=QUICK) as store:
        store.begin([0])
        with pytest.raises(SourceError, match="cannot be reached"):
            store.take(0)


def test_offline_uses_what_is_there_and_asks_for_nothing(hub, found, tmp_path):
    with Store(found, tmp_path / "s", Limits(keep=True)) as store:
        use_all(store, [4], hub.files("owner/songs"))
    files.pinned("owner/songs", tmp_path / "s", endpoint=hub.url)
    asked = len(hub.log)
    assert files.pinned("owner/songs", tmp_path / "s", offline=True) == found
    with Store(found, tmp_path / "s", Limits(offline=True, keep=True)) as store:
        store.begin([4, 5])
        assert store.take(4).exists()
        with pytest.raises(SourceError, match="offline"):
            store.take(5)
    assert len(hub.log) == asked


def test_an_unknown_source_offline_says_how_to_know_it(tmp_path):
    with pytest.raises(SourceError, match="offline") as caught:
        files.pinned("owner/unknown", tmp_path, offline=True)
    assert "nw shards fetch owner/unknown" in caught.value.try_this


def test_a_plan_that_is_left_early_lets_go_of_what_it_held(hub, found, tmp_path):
    source = hub.files("owner/songs")
    limits = Limits(budget=3 * SIZE + BOOKS)
    with Watch(tmp_path / "s") as watch, Store(found, tmp_path / "s", limits) as store:
        store.begin(list(range(6)))
        # The budget is full, and of these none was released.
        held = [store.take(shard) for shard in (0, 1, 2)]
        store.begin([8, 9, 10, 11, 0])
        assert not any(path.exists() for path in held)
        use_all(store, [8, 9, 10, 11, 0], source)
    assert watch.peak <= limits.budget
    left = [path.name for path in (tmp_path / "s").rglob("*.parquet*")]
    assert left == []


def test_a_file_for_the_whole_run_stays_and_counts(hub, found, tmp_path):
    limits = Limits(budget=3 * SIZE + BOOKS)
    with Watch(tmp_path / "s") as watch, Store(found, tmp_path / "s", limits) as store:
        extra = store.fetch_now(11)
        use_all(store, list(range(8)), hub.files("owner/songs"))
        assert extra.exists()
    assert watch.peak <= limits.budget


def test_what_is_partly_there_after_a_kill_is_finished(hub, found, tmp_path):
    root = tmp_path / "s"
    file = found.files[0]
    path = files.folder_of(root, "owner/songs") / file.key
    path.parent.mkdir(parents=True)
    files.part_of(path, file).write_bytes(hub.files("owner/songs")[0].read_bytes()[:150_000])
    assert files.used(root) == SIZE
    with Store(found, root, Limits(budget=3 * SIZE)) as store:
        use_all(store, [0], hub.files("owner/songs"))
    assert hub.served == 50_000


READER = """
import sys, time
from pathlib import Path
from catalog.shards.find import find
from catalog.shards.local_store import Limits
from catalog.shards.store import Store
found = find("owner/songs", endpoint=sys.argv[1])
with Store(found, Path(sys.argv[2]), Limits(budget=int(sys.argv[3]), processes=2)) as store:
    store.begin(range(12))
    for shard in range(12):
        assert store.take(shard).stat().st_size == 200_000
        time.sleep(0.01)
        store.release(shard)
"""


@pytest.mark.slow
def test_two_processes_on_one_folder_keep_one_budget_and_both_finish(hub, tmp_path):
    budget = 4 * SIZE + BOOKS
    arguments = [sys.executable, "-c", READER, hub.url, str(tmp_path / "s"), str(budget)]
    with Watch(tmp_path / "s") as watch:
        both = [subprocess.Popen(arguments) for _ in range(2)]
        assert [one.wait(60) for one in both] == [0, 0]
    assert watch.peak <= budget


@pytest.mark.parametrize("text", ["", "twenty", "-3GB", "0", "5 miles"])
def test_a_size_that_means_nothing_is_refused(text):
    with pytest.raises(Unreadable, match="no size") as caught:
        files.parse_size(text)
    assert "--disk-budget" in caught.value.try_this
