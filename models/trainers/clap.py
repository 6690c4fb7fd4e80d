"""`nw train sound --recipe clap-long`: from a recipe and a data set to a run of the loop."""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
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
from models.networks.clap.log_mel import WINDOW_S
from models.networks.clap.network import describe
from models.networks.device import chosen, is_card
from models.training import contamination
from models.training.clap.batches import Feed, Lengths
from models.training.clap.feed_process import FeedProcess, OpenData, Opening
from models.training.clap.front import AUTO, BYTES_A_CHUNK, CARD, WORKERS
from models.training.clap.held_out import HeldOut
from models.training.clap.held_out import take as held_out_of
from models.training.clap.task import ClapTask, Validation, keep_tokenizer
from models.training.distributed import on_this_machine, processes
from models.training.loop import LoopConfig, Report
from models.training.meter import memory_bytes
from models.training.prefetch import Prefetch
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told


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

    with ExitStack() as stack:
        rank, world = stack.enter_context(processes(device))
        name, place = _data(recipe, named, settings, exclude, report)
        open_data = _share_of(name, recipe["training"]["seed"], rank, world)
        stream = stack.enter_context(open_data(place))
        told({"pairs_per_step": recipe["data"]["batch"] * world, "processes": world})
        feed = _feed(recipe, stream, encoder, device, settings.jobs, report, rank)
        apart = is_fed_apart(device)
        report({"note": _memory_wanted(feed, FeedProcess.HELD if apart else Prefetch.HELD)})
        batches = FeedProcess(feed, Opening(open_data, place)) if apart else feed
        task = _task(recipe, batches, feed.held_out, encoder, folder, settings, rank)
        if rank == 0:
            keep_tokenizer(encoder.tokenizer_file, folder)
        about = {**describe(encoder.network), "recipe": dict(recipe), "data": named}
        about |= contamination.described(exclude)
        config = LoopConfig(**recipe["training"], judge_first=True)
        with closing(task):
            train_until_told(task, config, folder, about=about, resume=resume, report=told, writes=rank == 0)
        report({"note": _unused(feed)})
    return {name: last[name] for name in ("step", "loss", "mrr", "recall@10") if name in last}


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


def _feed(
    recipe: Mapping[str, Any],
    stream: DataSet,
    encoder: clap.Encoder,
    device: str,
    jobs: int,
    report: Report,
    rank: int,
) -> Feed:
    """The feed of batches from a stream, and what of it is held out."""
    # The first process judges for all, so the others need no sound of what is held out.
    held_out = held_out_of(stream, recipe["judge"]["held_out"], with_sound=rank == 0)
    size = recipe["data"]["batch"]
    lengths = _lengths(recipe, encoder.max_tokens)
    mel = who_makes_mel(recipe["memory"].get("mel", AUTO), device, size, lengths)
    feed = Feed(
        stream,
        lengths,
        size,
        functools.partial(clap.token_ids, encoder.tokenizer_file),
        seed=recipe["training"]["seed"],
        stretched=encoder.network.strategy == "stretch",
        jobs=jobs if jobs > 1 else 0,
        mel=mel,
        held_out=held_out,
        on_lost=lambda lost: _say_lost(lost, report),
        on_note=lambda note: report({"note": note}),
    )
    stream.stream.on_lost = feed.lose  # a shard or a group of rows, on the way to a batch
    return feed


def _task(
    recipe: Mapping[str, Any],
    batches: Feed | FeedProcess,
    held_out: HeldOut,
    encoder: clap.Encoder,
    folder: Path,
    settings: TrainSettings,
    rank: int,
) -> ClapTask:
    """What is trained, on batches, and judged on what is held out."""
    network = encoder.network
    network.checkpointing = recipe["memory"]["checkpointing"]
    troubles = "failed_batch.json" if rank == 0 else f"failed_batch-{rank}.json"
    return ClapTask(
        network,
        batches,
        encoder.tokenizer_file,
        memory_s=recipe["memory"]["seconds"],
        rates=recipe["rates"],
        precision=recipe["memory"]["precision"],
        validations=_validations(recipe["judge"], held_out, settings),
        troubles=folder / troubles,
    )


def _share_of(name: str, seed: int, rank: int, world: int) -> OpenData:
    """What opens this process's share of a data set as a stream."""
    source = sources.load_streamed(name)
    return functools.partial(source.opened, seed=seed, rank=rank, world=world)


def _data(
    recipe: Mapping[str, Any],
    named: Sequence[str],
    settings: TrainSettings,
    exclude: Excluded,
    report: Report,
) -> tuple[str, Place]:
    """The data set to train on, and where it lies; what evaluation data sets hold stays out.

    Raises WrongUse where none is named.
    """
    if not named:
        raise WrongUse("no data was named to train on.", try_this="nw train … --data jamendo")
    # `jamendo` or `jamendo:FOLDER` names a data set; anything else is a place of one that is any.
    name, files = sources.split(named[0])
    places = (*files, *named[1:]) if name else named
    limits = Limits(
        parse_size(recipe["data"]["disk_budget"]),
        processes=on_this_machine(),
        offline=settings.offline,
    )
    place = Place(
        settings.shards,
        tuple(places),
        limits,
        on_lost=lambda lost: _say_lost(lost, report),
        exclude=exclude,
        on_note=lambda note: report({"note": note}),
    )
    return name or sources.ANY, place


def _validations(judge: Mapping[str, Any], held_out: HeldOut, settings: TrainSettings) -> list[Validation]:
    """The held-out songs, and what else the recipe names."""
    sets: list[Validation] = []
    if held_out.clips:
        sets.append(("held-out", lambda: iter(held_out.clips)))
    place = Place(settings.shards, limits=Limits(offline=settings.offline))
    for on in judge["on"]:
        name = datasets.named(on)
        clips = functools.partial(datasets.clips, on, place)  # opened anew by each judgement
        sets.append((name, clips))
    return sets


def _lengths(recipe: Mapping[str, Any], most_tokens: int) -> Lengths:
    """The schedule of crops and texts, in batches: the recipe counts steps of the optimizer."""
    schedule = recipe["schedule"]
    first, last = schedule["seconds"]
    fewest, most = schedule["tokens"]
    tokens = min(int(fewest), most_tokens), min(int(most), most_tokens)
    steps = schedule["steps_per_second"] * (last - first)
    batches = math.ceil(steps * recipe["training"]["accumulate"])
    return Lengths((first, last), tokens, batches, schedule["shape"])


def _say_lost(lost: Lost, report: Report) -> None:
    report({"lost": lost.place, "why": lost.why})
