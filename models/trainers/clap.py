"""`nw train sound --recipe clap-long`: from a recipe and a data set to a run of the loop."""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from catalog import sources
from catalog.data_sets import DataSet, Excluded, Place
from catalog.errors import WrongUse
from catalog.shards.files import parse_size
from catalog.shards.local_store import Limits
from catalog.shards.stream import Lost
from catalog.values.numbers import counted
from models.encoders import clap
from models.evaluation import datasets, runs
from models.networks.clap import WINDOW_S
from models.networks.clap.network import describe
from models.networks.clap.tokens import token_ids
from models.networks.device import chosen, is_card
from models.training import contamination
from models.training.clap.feed import Feed, Lengths
from models.training.clap.feed_process import FeedProcess, OpenData, Opening
from models.training.clap.front import AUTO, BYTES_A_CHUNK, CARD, WORKERS
from models.training.clap.held_out import HeldOut
from models.training.clap.held_out import take as held_out_of
from models.training.clap.task import ClapTask, Validation, keep_tokenizer
from models.training.distributed import on_this_machine, processes
from models.training.loop_config import LoopConfig, Report
from models.training.meter import memory_bytes
from models.training.prefetch import Prefetch
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told


@dataclass(frozen=True, slots=True)
class _Process:
    """This process of those that train together: what it was told, and what it trains on which device."""

    recipe: Mapping[str, Any]
    settings: TrainSettings
    folder: Path
    encoder: clap.Encoder
    device: str
    report: Report
    rank: int  # among them
    world: int  # how many they are

    @property
    def is_first(self) -> bool:
        """Whether it judges and writes for all of them."""
        return self.rank == 0

    def note(self, words: str) -> None:
        """Tell whoever watches."""
        self.report({"note": words})

    def lose(self, lost: Lost) -> None:
        """Tell what could not be used."""
        self.report({"lost": lost.place, "why": lost.why})


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool = False,
    report: Report = lambda line: None,
) -> dict[str, float]:
    """Train by the recipe on the shards that `data` names, and return the last figures.

    data: `jamendo` (perhaps followed by a copy of it), or a folder of shards, or a name on the hub. settings:
    shards, offline, device, jobs. SIGTERM and Ctrl-C end the step in hand, leave a checkpoint and raise
    KeyboardInterrupt. Raises WrongUse, NoModel, SourceError, TrainingFailed.
    """
    device = chosen(settings.device)
    torch.manual_seed(recipe["training"]["seed"])  # what pools long songs starts by chance
    encoder = clap.Encoder(recipe["weights"], pooling=recipe["strategy"], device=device)
    exclude = contamination.for_judging_alone(recipe, settings)
    named = [str(one) for one in data]
    last = dict(_logged(folder)) if resume else {}

    def told(line: Mapping[str, Any]) -> None:
        last.update(line)
        report(line)

    with processes(device) as (rank, world):
        process = _Process(recipe, settings, folder, encoder, device, told, rank, world)
        _train(process, named, exclude, resume=resume)
    return {name: last[name] for name in ("step", "loss", "mrr", "recall@10") if name in last}


def _train(process: _Process, named: Sequence[str], exclude: Excluded, *, resume: bool) -> None:
    """Train in this process, together with the others, on its share of the data."""
    training = process.recipe["training"]
    name, place = _data(process, named, exclude)
    open_data = _share_of(name, training["seed"], process.rank, process.world)
    with open_data(place) as stream:
        pairs = process.recipe["data"]["batch"] * process.world
        process.report({"pairs_per_step": pairs, "processes": process.world})
        feed = _feed(process, stream)
        batches = _batches(process, feed, Opening(open_data, place))
        task = _task(process, batches, feed.held_out)
        if process.is_first:
            keep_tokenizer(process.encoder.tokenizer_file, process.folder)
        about = {**describe(process.encoder.network), "recipe": dict(process.recipe), "data": named}
        about |= contamination.described(exclude)
        config = LoopConfig(**training, judge_first=True)
        with closing(task):
            train_until_told(
                task,
                config,
                process.folder,
                about=about,
                resume=resume,
                report=process.report,
                writes=process.is_first,
            )
        process.note(_unused(feed))


def is_fed_apart(device: str) -> bool:
    """Whether another process makes the batches: where Python has a card to keep busy meanwhile."""
    return is_card(device)


def _unused(feed: Feed) -> str:
    """How many rows of the data were not trained on, and why."""
    left_out = counted(len(feed.data.left_out), "song")
    return f"{left_out} for judging left out, {feed.untold:,} had no words"


def _memory_wanted(feed: Feed, held: int) -> str:
    """What batches take of the host's memory where songs are longest, and that so many are held."""
    gib = _batch_bytes(feed.size, feed.lengths, feed.mel) / 2**30
    batches = counted(held, "is held", "are held")
    return f"a batch takes {gib:.2g} GiB of this machine's memory at most, and {batches} for each process"


def _batch_bytes(size: int, lengths: Lengths, mel: str) -> int:
    """Of a batch whose songs are as long as they become."""
    chunks = math.ceil(max(lengths.seconds) / WINDOW_S)
    return size * chunks * BYTES_A_CHUNK[mel]


def who_makes_mel(wanted: str, device: str, size: int, lengths: Lengths) -> str:
    """`workers` or `card`: `auto` is the card where there is one and the host has room for such batches.

    Raises WrongUse for anything else.
    """
    if wanted == AUTO:
        on_card = FeedProcess.HELD * _batch_bytes(size, lengths, CARD)
        has_room = on_card * on_this_machine() < memory_bytes() / 2
        return CARD if is_card(device) and has_room else WORKERS
    if wanted not in BYTES_A_CHUNK:
        raise WrongUse(
            f"memory.mel says {wanted!r}, and log-mel is made by: {', '.join(BYTES_A_CHUNK)}.",
            try_this="--set memory.mel=auto",
        )
    return wanted


def _logged(folder: Path) -> Iterator[tuple[str, float]]:
    """The latest figures of a run that is gone on with: there may be nothing left to do."""
    for line in runs.metrics(folder):
        yield from line.items()


def _feed(process: _Process, stream: DataSet) -> Feed:
    """The feed of batches from a stream, and what of it is held out."""
    recipe, encoder = process.recipe, process.encoder
    # The first process judges for all, so the others need no sound of what is held out.
    held_out = held_out_of(stream, recipe["judge"]["held_out"], with_sound=process.is_first)
    size = recipe["data"]["batch"]
    lengths = _lengths(recipe, encoder.max_tokens)
    wanted = recipe["memory"].get("mel", AUTO)  # recipes of an older nw do not say
    jobs = process.settings.jobs
    mel = who_makes_mel(wanted, process.device, size, lengths)
    workers = jobs if jobs > 1 else 0  # one job is this process itself
    tokens = functools.partial(token_ids, encoder.tokenizer_file)
    feed = Feed(
        stream,
        lengths,
        size,
        tokens,
        seed=recipe["training"]["seed"],
        stretched=encoder.network.strategy == "stretch",
        jobs=workers,
        mel=mel,
        held_out=held_out,
        on_lost=process.lose,
        on_note=process.note,
    )
    stream.stream.on_lost = feed.lose  # a shard or a group of rows, on the way to a batch
    return feed


def _batches(process: _Process, feed: Feed, opening: Opening) -> Feed | FeedProcess:
    """Who makes the batches, after a word on the memory that they take."""
    if not is_fed_apart(process.device):
        process.note(_memory_wanted(feed, Prefetch.HELD))
        return feed
    process.note(_memory_wanted(feed, FeedProcess.HELD))
    return FeedProcess(feed, opening)


def _task(process: _Process, batches: Feed | FeedProcess, held_out: HeldOut) -> ClapTask:
    """What is trained, on batches, and judged on what is held out."""
    encoder, memory = process.encoder, process.recipe["memory"]
    network = encoder.network
    network.checkpointing = memory["checkpointing"]
    # A file for each process: two that fail at once would write into one.
    troubles = "failed_batch.json" if process.is_first else f"failed_batch-{process.rank}.json"
    return ClapTask(
        network,
        batches,
        encoder.tokenizer_file,
        memory_s=memory["seconds"],
        rates=process.recipe["rates"],
        precision=memory["precision"],
        validations=_validations(process, held_out),
        troubles=process.folder / troubles,
    )


def _share_of(name: str, seed: int, rank: int, world: int) -> OpenData:
    """What opens this process's share of a data set as a stream."""
    source = sources.load_streamed(name)
    return functools.partial(source.opened, seed=seed, rank=rank, world=world)


def _data(process: _Process, named: Sequence[str], exclude: Excluded) -> tuple[str, Place]:
    """The data set to train on, and where it lies; what evaluation data sets hold stays out.

    Raises WrongUse where none is named.
    """
    if not named:
        raise WrongUse("no data was named to train on.", try_this="nw train … --data jamendo")
    # `jamendo` or `jamendo:FOLDER` names a data set; anything else is a place of one that is any.
    name, files = sources.split(named[0])
    places = (*files, *named[1:]) if name else named
    budget = parse_size(process.recipe["data"]["disk_budget"])
    limits = Limits(budget, processes=on_this_machine(), offline=process.settings.offline)
    place = Place(
        process.settings.shards,
        tuple(places),
        limits,
        on_lost=process.lose,
        exclude=exclude,
        on_note=process.note,
    )
    return name or sources.ANY, place


def _validations(process: _Process, held_out: HeldOut) -> list[Validation]:
    """The held-out songs, and what else the recipe names."""
    sets: list[Validation] = []
    if held_out.clips:
        sets.append(("held-out", lambda: iter(held_out.clips)))
    limits = Limits(offline=process.settings.offline)
    place = Place(process.settings.shards, limits=limits)
    for on in process.recipe["judge"]["on"]:
        name = datasets.named(on)
        clips = functools.partial(datasets.clips, on, place)  # opened anew by each judgement
        sets.append((name, clips))
    return sets


def _lengths(recipe: Mapping[str, Any], most_tokens: int) -> Lengths:
    """The schedule of crops and texts, in batches: the recipe counts steps of the optimizer."""
    schedule = recipe["schedule"]
    first, last = schedule["seconds"]
    fewest, most = schedule["tokens"]
    tokens = int(min(fewest, most_tokens)), int(min(most, most_tokens))
    steps = schedule["steps_per_second"] * (last - first)
    batches = math.ceil(steps * recipe["training"]["accumulate"])
    return Lengths((first, last), tokens, batches, schedule["shape"])
