"""Two comparisons from a data set to one table; what was begun is gone on with, what is done stays.

just long-audio DATA [--on song-describer:song_describer.csv,audio] [--songs 2000000] [--seeds 0 1 2]
just first-attempt TABLE [TABLE ...]

`long-audio`: four ways to hear songs of minutes (mean over chunks, attention, transformer, stretch) from the
same weights by the recipe `clap-long`, each for as many songs heard, judged on the same held-out songs and on
what --on names. `first-attempt`: the five text systems that the first attempt had, on the same pairs of
descriptions and lyrics. Options that are not known here go to `nw train`: --set weights=FOLDER. NW_HOME and
the other settings of nw count.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from models import recipes
from models.networks.checkpoint import BEST, LAST
from models.networks.manifest import manifest_of
from newwave_cli import settings

STRATEGIES = ("mean", "attention", "transformer", "stretch")
SYSTEMS = ("bge-m3", "bge-m3-large-batch", "bge-m3-25", "minilm-full", "longformer")


def train(kind: str, recipe: str, run: str, data: Sequence[str], more: Sequence[str]) -> Path:
    """A run of that name, begun, gone on with or there already; returns its folder."""
    folder = settings.read({}).runs / run
    command = [sys.executable, "-P", "-m", "newwave_cli", "train", kind]
    command += ["--recipe", recipe, "--run", run]
    for one in data:
        command += ["--data", one]
    if (folder / LAST).is_dir():
        command.append("--resume")
    done = subprocess.run([*command, *more], check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{run} stopped with {done.returncode}; the same command goes on")
    return folder


def long_audio(given: argparse.Namespace, more: Sequence[str]) -> None:
    """Train each strategy with each seed, then the table."""
    batch = given.batch or recipes.load("clap-long")["data"]["batch"]
    steps = max(1, given.songs // batch)
    found: dict[str, list[dict[str, float]]] = {strategy: [] for strategy in STRATEGIES}
    for seed in given.seeds:
        for strategy in STRATEGIES:
            changes = {
                "strategy": strategy,
                "data.batch": batch,
                "training.steps": steps,
                "training.seed": seed,
            }
            if given.on:
                changes["judge.on"] = str(list(given.on))
            options: list[str] = []
            for name, value in changes.items():
                options += ["--set", f"{name}={value}"]
            run = f"long-{strategy}-{seed}"
            folder = train("sound", "clap-long", run, given.data, [*options, *more])
            found[strategy].append(manifest_of(folder / BEST))
    heard = f"{steps * batch:,} songs heard by each, {len(given.seeds)} seeds"
    print(f"{heard}; 95 % interval by song of each run")
    judged = [name for name in found["mean"][0] if name.endswith("mrr")]
    for name in judged:
        _show(name, found)


def _show(name: str, found: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
    """A table of one figure: a row for each strategy, over its runs."""
    set_named = name.removesuffix("mrr").strip() or "held-out"
    print(f"\n| {set_named} | MRR | over seeds | interval of each run |\n|---|---|---|---|")
    for strategy, runs in found.items():
        values = [run[name] for run in runs]
        mean = statistics.mean(values)
        spread = f"± {statistics.stdev(values):.4f}" if len(values) > 1 else "one seed"
        each = []
        for run in runs:
            low, high = run[f"{name}_low"], run[f"{name}_high"]
            each.append(f"{low:.3f} to {high:.3f}")
        print(f"| {strategy} | {mean:.4f} | {spread} | {', '.join(each)} |")


def first_attempt(given: argparse.Namespace, more: Sequence[str]) -> None:
    """Train each system, then nw's own table of them, beside the first attempt's figures."""
    runs = []
    for recipe in given.systems:
        train("words", recipe, f"first-{recipe}", given.data, more)
        runs.append(f"first-{recipe}")
    command = [sys.executable, "-P", "-m", "newwave_cli", "runs", "compare", *runs]
    sys.exit(subprocess.run(command, check=False).returncode)


def main() -> None:
    """Read what was typed, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ways = parser.add_subparsers(required=True)
    one = ways.add_parser("long-audio")
    one.add_argument("data", nargs="+")
    one.add_argument("--on", nargs="*", default=[])
    one.add_argument("--songs", type=int, default=2_000_000, help="heard by each strategy with each seed")
    one.add_argument("--batch", type=int, help="in place of the recipe's")
    one.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    one.set_defaults(run=long_audio)
    two = ways.add_parser("first-attempt")
    two.add_argument("data", nargs="+")
    two.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=SYSTEMS)
    two.set_defaults(run=first_attempt)
    given, more = parser.parse_known_args()
    given.run(given, more)


if __name__ == "__main__":
    main()
