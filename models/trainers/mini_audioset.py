"""The second stage of `mini`: a MobileNet is distilled from an AudioSet tagger and the previous network.

It hears mixtures of many kinds of sound, and learns what the tagger makes of them, and what a network does
that music taggers taught; then the layers for AudioSet's classes are computed, for sound and for texts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from catalog.errors import NotReady
from models.encoders.mini import WEIGHTS
from models.networks import checkpoint
from models.networks.device import chosen, is_card
from models.networks.mini.config import MiniConfig
from models.networks.mini.front_end import front_end_of
from models.networks.mini.network import Mini
from models.trainers.mini import save
from models.training.loop_config import LoopConfig, Report
from models.training.mini import classes, traits
from models.training.mini.batches import BatchSource, LabelledWindows, StoredBatches
from models.training.mini.classes import LabelledCaptions, Material
from models.training.mini.distillation import Distillation, outputs_of, previous_outputs
from models.training.mini.material import words
from models.training.mini.material.audioset import AudioSet
from models.training.mini.mixtures import gathering, labelling
from models.training.mini.on_device.batches import FreshBatches
from models.training.mini.on_device.mixing import Mixer
from models.training.mini.on_device.pool import Pool
from models.training.mini.on_device.teachers import Teachers
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
) -> Mapping[str, float]:
    """Train from the weights that the recipe starts from; the new ones go to `folder`/best.

    data: see `mixtures.gathering.gather`; MusicCaps' table lies below one of the folders too. What was
    fetched, rendered and labelled is kept below the home, in cache/mini-audioset. Returns the shares of the
    teacher's variance that are explained in held-out sounds of each kind.
    """
    cache = settings.home / "cache" / "mini-audioset"
    torch.set_num_threads(settings.jobs)
    device = torch.device(chosen(settings.device))

    def progress(what: str) -> None:
        report({"material": what})

    kinds = gathering.gather(recipe["material"], data, cache, progress)
    mini, previous, started = _start(recipe)
    labelled = cache / gathering.LABELLED
    learned, real = _learned(labelled)
    networks = mini, previous
    if is_card(str(device)):
        plan = _on_card(recipe["distil"])
        batches: BatchSource = _fresh(recipe["material"], plan, networks, data, kinds, cache, device)
    else:
        plan = recipe["distil"]
        batches = _stored(plan, networks, learned, device)
    task = Distillation(mini, batches, _judged(labelled), plan, device)
    config = LoopConfig(**plan["training"])
    best = train_until_told(
        task, config, folder / "distil", about={"recipe": dict(recipe)}, resume=resume, report=report
    )
    task.restore(best)
    teacher = AudioSet(gathering.teacher_in(data))
    captions = _captions(data, teacher, cache)
    _solve(task, learned, real, captions, recipe["classes"])
    figures = task.judge(task.model)
    about = {"recipe": recipe["name"], "start": started, "classes": teacher.names, **figures}
    save(mini, folder / checkpoint.BEST, about)
    return figures


def _fresh(
    material: Mapping[str, Any],
    plan: Mapping[str, Any],
    networks: tuple[Mini, Mini],
    data: Sequence[Path],
    kinds: Mapping[str, Sequence[str]],
    cache: Path,
    device: torch.device,
) -> FreshBatches:
    """Windows that are mixed anew for each step, from all of the bank that is not for judging.

    networks: the one that learns, and the previous one.
    """
    mini, previous = networks
    bank = gathering.learned_bank(material, kinds, cache)
    mixer = Mixer(Pool.of(bank, device), material["shares"])
    taggers = words.taggers(data) if plan["tagged"] else None
    teachers = Teachers(gathering.teacher_in(data), taggers, device)
    seed = plan["training"]["seed"]
    return FreshBatches(mixer, teachers, mini.config, previous.to(device), plan, seed)


def _stored(
    plan: Mapping[str, Any], networks: tuple[Mini, Mini], learned: LabelledWindows, device: torch.device
) -> StoredBatches:
    """Windows that were labelled before, with what the previous network makes of them."""
    mini, previous = networks
    known = previous_outputs(previous, learned, device)
    seed = plan["training"]["seed"]
    return StoredBatches(learned, front_end_of(mini.config), known, plan, seed, device)


def _solve(
    task: Distillation,
    learned: LabelledWindows,
    real: int,
    captions: LabelledCaptions,
    recipe: Mapping[str, float],
) -> None:
    """Set all layers that are solved for, not trained: on the processor, in one piece.

    real: how many parts of the windows, the last ones, are of real music as it is.
    """
    mini = task.mini.eval()
    front_end = front_end_of(mini.config)
    features = outputs_of(mini.sound.wide, learned, front_end, torch.device("cpu"))
    material = Material(
        features=features.numpy(),
        logits=learned.logits.astype(np.float32),
        real=real * labelling.PART,
        together=gathering.WINDOWS,
    )
    traits.standardize(mini, material.real_features(mini.config.features), material.together)
    classes.learn(mini, material, task.teacher(), captions, recipe)


def _on_card(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe of distillation where there is a card: what its part `card` says, and else as without."""
    card = plan["card"]
    training = {**plan["training"], **card["training"]}
    return {**plan, **card, "training": training}


def _start(recipe: Mapping[str, Any]) -> tuple[Mini, Mini, str]:
    """The network that learns, with room for classes, the one before, and that one's checksum.

    What both have in the same size, the text tower above all, begins with the weights before.
    """
    start = Path(recipe["start"]) if recipe["start"] else WEIGHTS
    kept, manifest = checkpoint.load(start)
    tensors = checkpoint.as_floats(kept, torch.float32)
    torch.manual_seed(recipe["material"]["seed"])
    wanted = recipe["classes"]
    config = MiniConfig(**manifest["shape"])
    previous = Mini(config)
    previous.load_state_dict(tensors)
    wide = replace(config, classes=wanted["count"], kept=wanted["kept"], centered=True)
    mini = Mini(replace(wide, **recipe["network"]))
    state = mini.state_dict()
    for name, fresh in state.items():
        # A layer that is new, or of another number of classes, begins anew.
        known = tensors.get(name, fresh)
        if known.shape == fresh.shape:
            state[name] = known
    mini.load_state_dict(state)
    return mini, previous, manifest["sha256"]


def _learned(labelled: Path) -> tuple[LabelledWindows, int]:
    """All windows to learn from, and how many of their parts, the last ones, are of real music as it is."""
    mixed, real = _numbered(labelled, "mixed"), _numbered(labelled, "real")
    return LabelledWindows.read([*mixed, *real]), len(real)


def _numbered(labelled: Path, name: str) -> list[Path]:
    """The parts of that name in order: `real-10` comes after `real-9`."""

    def number(path: Path) -> int:
        _, _, digits = path.stem.rpartition("-")
        return int(digits)

    return sorted(labelled.glob(f"{name}-*.npz"), key=number)


def _judged(labelled: Path) -> dict[str, LabelledWindows]:
    """Held-out windows by kind."""
    judged = {}
    for path in sorted(labelled.glob("judge-*.npz")):
        kind = path.stem.removeprefix("judge-")
        judged[kind] = LabelledWindows.read([path])
    return judged


def _captions(data: Sequence[Path], teacher: AudioSet, cache: Path) -> LabelledCaptions:
    """Captions with classes, and the classes' names, as sentence vectors. Raises NotReady without them."""
    table = words.find(data, words.CAPTIONS)
    if table is None:
        raise NotReady(
            f"there is no {words.CAPTIONS} below --data, and it says which classes people name.",
            try_this="nw train sound --recipe mini-audioset --data FOLDER    (that holds the table)",
        )
    captions, labels = classes.labels_of(table, teacher.mids)
    names = [name.lower() for name in teacher.names]
    vectors = words.vectors([*captions, *names], cache)
    of_captions, of_names = np.split(vectors, [len(captions)])
    return LabelledCaptions(of_captions, labels, of_names)
