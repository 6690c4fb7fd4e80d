"""Batches from a process of their own: those of the feed itself, and nobody waits for one that died."""

import functools
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
import tiny_clap
from captioned_shards import BROKEN
from test_models_clap_training import RATES, key, network
from waiting import is_running, wait_for

from catalog import sources
from catalog.data_sets import Place
from catalog.errors import Incompatible, SourceError, TrainingFailed
from models.networks.clap.tokens import token_ids
from models.training.clap import front, held_out
from models.training.clap.feed import Feed, Lengths
from models.training.clap.feed_process import FeedProcess, Opening
from models.training.clap.task import ClapTask
from models.training.meter import descendants


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tiny_clap.tokenizer().save(str(file))
    return file


@pytest.fixture
def feeds(shards, tokenizer, tmp_path):
    """A feed of batches of three, and one that a process makes, which is ended after the test."""

    def pair(**options):
        place = Place(tmp_path / "store", (str(shards),))
        open_data = functools.partial(sources.load("jamendo").opened, seed=options.pop("order", 0))
        data = opened.enter_context(open_data(place))
        if options.pop("held_out", False):
            options["held_out"] = held_out.take(data, 3)
        lengths = Lengths((10, 20), (8, 16), steps=10)
        feed = Feed(data, lengths, 3, functools.partial(token_ids, tokenizer), jobs=1, **options)
        apart = FeedProcess(feed, Opening(open_data, place))
        opened.callback(apart.close)
        return feed, apart

    with ExitStack() as opened:
        yield pair


@pytest.mark.slow
@pytest.mark.parametrize("mel", [front.WORKERS, front.CARD])
def test_batches_are_those_of_the_feed_itself(feeds, mel):
    _, apart = feeds(mel=mel, held_out=True)
    feed, _ = feeds(mel=mel, held_out=True)
    theirs = [apart.next(step) for step in range(5)]
    ours = [feed.next(step) for step in range(5)]
    assert [key(batch) for batch in theirs] == [key(batch) for batch in ours]
    assert [batch.after for batch in theirs] == [batch.after for batch in ours]
    assert theirs[0].sound[0].dtype == ours[0].sound[0].dtype


@pytest.mark.slow
def test_it_goes_on_where_a_state_says(feeds):
    feed, _ = feeds()
    batches = [feed.next(step) for step in range(4)]
    _, again = feeds()
    again.resume(batches[1].after)
    assert [key(again.next(step)) for step in (2, 3)] == [key(batch) for batch in batches[2:]]
    _, other = feeds(order=1)
    with pytest.raises(Incompatible, match="seed"):
        other.resume(batches[1].after)


@pytest.mark.slow
def test_what_is_lost_is_told_here(feeds):
    lost = []
    _, apart = feeds(on_lost=lost.append)
    batches = [apart.next(step) for step in range(4)]
    assert any(BROKEN in one.place for one in lost)
    assert any(BROKEN in one.place for batch in batches for one in batch.lost)


@pytest.mark.slow
def test_what_ends_the_data_is_raised_here(feeds, shards):
    feed, apart = feeds()
    feed.held_out.leave_out(feed.data)
    feed.tokenize = refuse
    with pytest.raises(SourceError, match="cannot be read"):
        apart.next(0)


def refuse(text):
    """A tokenizer that fails, in whichever process."""
    raise SourceError("the text cannot be read.", try_this="another text")


@pytest.mark.slow
def test_a_training_whose_batches_die_says_how_to_go_on(feeds):
    _, apart = feeds()
    task = ClapTask(network(), apart, Path(), memory_s=960, rates=RATES)
    task.batch(0)
    os.kill(apart._worker._process.pid, signal.SIGKILL)
    with pytest.raises(TrainingFailed, match="memory ran out") as failed:
        [task.batch(step) for step in range(1, 9)]  # some may be here already
    assert "--resume" in failed.value.try_this
    task.close()


@pytest.mark.slow
def test_its_workers_end_with_it(feeds):
    _, apart = feeds()
    apart.next(0)
    process = Path("/proc", str(apart._worker._process.pid))
    workers = list(descendants(process))
    assert workers
    apart.close()
    wait_for(lambda: not any(is_running(worker) for worker in workers))
