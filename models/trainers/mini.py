"""The first stage of `mini`: distilled from music taggers, then sound and descriptions are aligned.

First the whole sound tower learns the taggers' labels, with a little contrast to captions; then its trunk is
frozen, its features are computed once, and both heads are trained on large batches, which costs next to
nothing. Last, traits are put beside the joint embedding (`models.training.mini.traits`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import normalize

from catalog.data_sets import Excluded
from catalog.errors import WrongUse
from models.encoders import minilm
from models.networks import checkpoint
from models.networks.mini.network import Mini
from models.training import contamination
from models.training.loop_config import LoopConfig, Report
from models.training.mini import traits
from models.training.mini.alignment import Alignment
from models.training.mini.material.corpus import Material, gather
from models.training.mini.tagger_distillation import TaggerDistillation
from models.training.settings import TrainSettings
from models.training.stopping import train_until_told

SILENCE = ("silence", "complete silence", "nothing can be heard", "no sound at all")


def run(
    recipe: Mapping[str, Any],
    *,
    folder: Path,
    data: Sequence[Path],
    settings: TrainSettings,
    resume: bool,
    report: Report,
) -> Mapping[str, float]:
    """Train `mini` from folders of music, texts and teachers; its weights go to `folder`/best.

    Returns the figures of the held-out songs. What was heard and rendered is kept below the home, in
    cache/mini, so that the next run starts at once.
    """
    torch.set_num_threads(settings.jobs)
    exclude = contamination.for_judging_alone(recipe, settings)
    material = _gathered(recipe["material"], data, settings, exclude, report)
    # After gathering: what is heard now, and not read from the cache, loads networks that draw numbers too.
    torch.manual_seed(recipe["material"]["seed"])
    about = {"recipe": dict(recipe), "windows": len(material.windows.song)}
    about |= contamination.described(exclude)

    def train(task: TaggerDistillation | Alignment, stage: str) -> None:
        """Train as the recipe says of this stage, and keep the best."""
        config = LoopConfig(**recipe[stage]["training"])
        best = train_until_told(task, config, folder / stage, about=about, resume=resume, report=report)
        task.restore(best)

    # 1. The sound tower is distilled from the taggers.
    distillation = TaggerDistillation(material, recipe["distil"])
    train(distillation, "distil")

    # 2. Both heads are aligned, over the frozen trunk.
    mini = distillation.mini
    alignment = Alignment(material, mini, recipe["align"])
    train(alignment, "align")

    # 3. Traits are computed, not trained.
    traits.learn(mini, material, distillation.whole.teacher, alignment.features, recipe["traits"])
    figures = dict(alignment.judge(alignment.heads))
    save(mini, folder / checkpoint.BEST, about | figures)
    return figures


def _gathered(
    plan: Mapping[str, Any], data: Sequence[Path], settings: TrainSettings, exclude: Excluded, report: Report
) -> Material:
    """What is learned from, without the songs for judging. Raises WrongUse where nothing was named."""
    if not data:
        raise WrongUse(
            "mini learns from music, and none was named.",
            try_this="nw train sound --recipe mini --data ~/Music --data ~/teachers",
        )

    def progress(what: str) -> None:
        report({"material": what})

    return gather(plan, data, settings.home / "cache" / "mini", progress, exclude)


def save(mini: Mini, folder: Path, about: Mapping[str, Any]) -> None:
    """Write the weights in f16 as the encoder reads them, the words for silence among them."""
    with torch.no_grad():
        sentences = torch.from_numpy(minilm.Encoder().encode_descriptions(SILENCE))
        silence = mini.eval().text(sentences).mean(0)  # (dimensions,)
        mini.silence.copy_(normalize(silence, dim=-1))
    halves = checkpoint.as_floats(mini.state_dict(), torch.float16)
    manifest = {**about, "encoder": "mini", "shape": asdict(mini.config)}
    checkpoint.save(folder, halves, manifest)
