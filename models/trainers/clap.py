"""`nw train sound --recipe clap-long`: from a recipe and a data set to a run of the loop."""

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
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
from models.networks.clap.network import ClapNetwork, describe
from models.networks.device import chosen
from models.training import contamination
from models.training.clap.batches import Feed, Lengths
from models.training.clap.front import BYTES_A_CHUNK, WORKERS
from models.training.clap.held_out import HeldOut
from models.training.clap.held_out import take as held_out_of
from models.training.clap.task import ClapTask, Validation, keep_tokenizer
from models.training.distributed import on_this_machine, processes
from models.training.loop import LoopConfig, Report
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
    network, tokenizer = encoder.network, encoder.tokenizer_file
    last = dict(_logged(folder)) if resume else {}
    exclude = contamination.for_judging_alone(recipe, settings)

    def told(line: Mapping[str, Any]) -> None:
        last.update(line)
        report(line)

    with (
        processes(device) as (rank, world),
        _data(recipe, [str(one) for one in data], settings, exclude, report, rank, world) as stream,
    ):
        told({"pairs_per_step": recipe["data"]["batch"] * world, "processes": world})
        task = _task(recipe, network, stream, encoder, folder, settings, report, rank)
        report({"note": _memory_wanted(task.feed)})
        if rank == 0:
            keep_tokenizer(tokenizer, folder)
        named = [str(one) for one in data]
        about = {**describe(network), "recipe": dict(recipe), "data": named}
        about |= contamination.described(exclude)
        config = LoopConfig(**recipe["training"], judge_first=True)
        with closing(task):
            train_until_told(task, config, folder, about=about, resume=resume, report=told, writes=rank == 0)
        left_out, untold = len(stream.left_out), task.feed.untold
        report({"note": f"{counted(left_out, 'song')} for judging left out, {untold:,} had no words"})
    return {name: last[name] for name in ("step", "loss", "mrr", "recall@10") if name in last}


def _memory_wanted(feed: Feed) -> str:
    """What batches take of the host's memory where songs are longest."""
    chunks = math.ceil(max(feed.lengths.seconds) / WINDOW_S)
    gib = feed.size * chunks * BYTES_A_CHUNK[feed.mel] / 2**30
    return (
        f"a batch takes {gib:.2g} GiB of this machine's memory at most, and three are held for each process"
    )


def _who_makes_mel(wanted: str) -> str:
    """`workers` or `card`. Raises WrongUse for anything else."""
    if wanted not in BYTES_A_CHUNK:
        raise WrongUse(
            f"memory.mel says {wanted!r}, and log-mel is made by: {', '.join(BYTES_A_CHUNK)}.",
            try_this="--set memory.mel=workers",
        )
    return wanted


def _logged(folder: Path) -> Iterator[tuple[str, float]]:
    """The latest figures of a run that is gone on with: there may be nothing left to do."""
    for line in runs.metrics(folder):
        yield from line.items()


def _task(
    recipe: Mapping[str, Any],
    network: ClapNetwork,
    stream: DataSet,
    encoder: clap.Encoder,
    folder: Path,
    settings: TrainSettings,
    report: Report,
    rank: int,
) -> ClapTask:
    held_out = held_out_of(stream, recipe["judge"]["held_out"], with_sound=rank == 0)
    validations = _validations(recipe["judge"], held_out, settings)
    network.checkpointing = recipe["memory"]["checkpointing"]
    feed = Feed(
        stream,
        _lengths(recipe, encoder.max_tokens),
        recipe["data"]["batch"],
        encoder.token_ids,
        seed=recipe["training"]["seed"],
        stretched=network.strategy == "stretch",
        jobs=settings.jobs if settings.jobs > 1 else 0,
        mel=_who_makes_mel(recipe["memory"].get("mel", WORKERS)),
        held_out=held_out,
        on_lost=lambda lost: _say_lost(lost, report),
        on_note=lambda note: report({"note": note}),
    )
    stream.stream.on_lost = feed.lose  # a shard or a group of rows, on the way to a batch
    troubles = "failed_batch.json" if rank == 0 else f"failed_batch-{rank}.json"
    return ClapTask(
        network,
        feed,
        encoder.tokenizer_file,
        memory_s=recipe["memory"]["seconds"],
        rates=recipe["rates"],
        precision=recipe["memory"]["precision"],
        validations=validations,
        troubles=folder / troubles,
    )


@contextmanager
def _data(
    recipe: Mapping[str, Any],
    named: Sequence[str],
    settings: TrainSettings,
    exclude: Excluded,
    report: Report,
    rank: int,
    world: int,
) -> Iterator[DataSet]:
    """The data set as a stream, without the tracks and artists of evaluation data sets that are known."""
    if not named:
        raise WrongUse("no data was named to train on.", try_this="nw train … --data jamendo")
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
    seed = recipe["training"]["seed"]
    with sources.load_streamed(name or sources.ANY).opened(
        place, seed=seed, rank=rank, world=world
    ) as stream:
        yield stream


def _validations(judge: Mapping[str, Any], held_out: HeldOut, settings: TrainSettings) -> list[Validation]:
    """The held-out songs, and what else the recipe names."""
    sets: list[Validation] = []
    if held_out.clips:
        sets.append(("held-out", lambda: iter(held_out.clips)))
    place = Place(settings.shards, limits=Limits(offline=settings.offline))
    for on in judge["on"]:
        clips = functools.partial(datasets.clips, on, place)
        sets.append((datasets.named(on), clips))
    return sets


def _lengths(recipe: Mapping[str, Any], most_tokens: int) -> Lengths:
    schedule = recipe["schedule"]
    first, last = schedule["seconds"]
    tokens = tuple(min(int(count), most_tokens) for count in schedule["tokens"])
    batches = schedule["steps_per_second"] * (last - first) * recipe["training"]["accumulate"]
    return Lengths((first, last), (tokens[0], tokens[1]), math.ceil(batches), schedule["shape"])


def _say_lost(lost: Lost, report: Report) -> None:
    report({"lost": lost.place, "why": lost.why})
