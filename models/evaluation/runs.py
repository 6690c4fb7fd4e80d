"""Runs on the disk: trainings and evaluations, each a folder that says how it was made and what came out.

An evaluation is `run.json` (config, environment, hashes, figures) and `queries.ndjson` (every query, one a
line). A training is what `models.training.loop` writes: `metrics.jsonl`, `last/`, `best/`.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from catalog.atomic import clear_leftovers, folder_written_aside
from catalog.errors import Damaged, WrongUse
from catalog.own_files import own_file
from models.evaluation.evaluate import Answered, Direction, Evaluation, Figure
from models.networks.checkpoint import LAST, METRICS
from models.networks.manifest import manifest_of

RUN, QUERIES = "run.json", "queries.ndjson"
_WRONG_SHAPE = (KeyError, TypeError, AttributeError)
"""What comes of JSON that is none of ours: a list in the place of an object, a word in that of a number."""
_PACKAGES = ("newwave-cli", "torch", "transformers", "numpy", "onnxruntime", "soxr", "soundfile", "av")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as a list shows it. figures: its main ones by name; title: what was trained or judged."""

    id: str
    kind: Literal["evaluation", "training"]
    title: str
    made_at: str
    figures: Mapping[str, float]
    folder: Path


def store(report: Evaluation, runs: Path, *, config: Mapping[str, Any]) -> str:
    """Keep a report below `runs`; returns the id it is known by. A kill leaves all of it or nothing."""
    now = datetime.now(UTC)
    what = f"{_slug(report.encoder)}-on-{_slug(report.data)}"
    name = f"{now:%Y%m%d-%H%M%S}-{what}"
    clear_leftovers(runs)  # what an earlier kill left half written
    while True:
        run_id = _free(runs, name)
        with suppress(FileExistsError):  # of an evaluation that ended in the same second
            _write(report, runs / run_id, config, now)
            return run_id


def _write(report: Evaluation, folder: Path, config: Mapping[str, Any], now: datetime) -> None:
    with folder_written_aside(folder) as aside:
        described = {
            "kind": "evaluation",
            "made_at": now.isoformat(timespec="seconds"),
            "config": dict(config),
            "environment": environment(),
            "hashes": {"queries": _hash_of_queries(report)},
            "report": _without_queries(report),
        }
        (aside / RUN).write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n")
        with (aside / QUERIES).open("w", encoding="utf-8") as file:
            for row in _query_rows(report):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _query_rows(report: Evaluation) -> Iterator[dict[str, Any]]:
    """Every query of both directions; `read` takes them apart again."""
    for name, direction in report.directions.items():
        for query in direction.queries:
            yield {"direction": name, **asdict(query)}


def read(folder: Path) -> Evaluation:
    """The report of an evaluation, with every query. Raises Damaged."""
    try:
        return _read(folder)
    except (OSError, ValueError, *_WRONG_SHAPE) as error:
        raise _damaged(folder, error) from error


def _read(folder: Path) -> Evaluation:
    values = json.loads(own_file(folder / RUN).read_text(encoding="utf-8"))["report"]
    queries: dict[str, list[Answered]] = {name: [] for name in values["directions"]}
    with own_file(folder / QUERIES).open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            queries[row.pop("direction")].append(Answered(**row))
    directions = {}
    for name, one in values["directions"].items():
        figures = {metric: _figure(numbers) for metric, numbers in one["figures"].items()}
        directions[name] = Direction(one["candidates"], figures, queries[name])
    failed = [(song, why) for song, why in values["failed"]]
    return Evaluation(**{**values, "directions": directions, "failed": failed})


def _figure(numbers: Mapping[str, Any]) -> Figure:
    """A metric as it was kept. Raises ValueError or TypeError for what are no numbers."""
    return Figure(**{name: float(number) for name, number in numbers.items()})


def _damaged(folder: Path, error: Exception) -> Damaged:
    why = f"the run in {folder} cannot be read ({error})."
    return Damaged(why, try_this="nw runs list    (shows the others)")


def described(folder: Path) -> dict[str, Any]:
    """All that a run says about itself but its queries, or its checkpoint does. Raises Damaged."""
    if not (folder / RUN).exists():
        return manifest_of(folder / LAST)
    try:
        values: Any = json.loads(own_file(folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder, error) from error
    if not isinstance(values, dict):
        raise _damaged(folder, TypeError(f"{RUN} holds no object"))
    return values


def listed(runs: Path) -> Iterator[Run]:
    """Every run that can be read, oldest first."""
    if not runs.exists():
        return
    found = []
    for folder in sorted(runs.iterdir()):
        is_hidden = folder.name.startswith(".")  # what a kill left aside
        run = _as_run(folder) if folder.is_dir() and not is_hidden else None
        if run is not None:
            found.append(run)
    yield from sorted(found, key=lambda run: run.made_at)


def find(runs: Path, name: str) -> Path:
    """The folder of a run: by its id, an unambiguous part of it, or its path. Raises WrongUse."""
    if (runs / name).is_dir() and name:
        return runs / name
    if _is_run(Path(name)):
        return Path(name)
    fitting = [run.id for run in listed(runs) if name in run.id]
    if not fitting:
        raise WrongUse(f"{name!r} names no run in {runs}.", try_this="nw runs list")
    if len(fitting) > 1:
        some = ", ".join(fitting[:5])
        raise WrongUse(f"{name!r} names {len(fitting)} runs: {some}.", try_this="nw runs list")
    return runs / fitting[0]


def metrics(folder: Path) -> list[dict[str, Any]]:
    """The log of a training, a line a dictionary; a line that is none, cut off by a kill say, is left out."""
    path = folder / METRICS
    if not path.exists():
        return []
    lines: list[dict[str, Any]] = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with suppress(ValueError):
            line = json.loads(text)
            if isinstance(line, dict):
                lines.append(line)
    return lines


def environment() -> dict[str, Any]:
    """What a figure may depend on beside its config: versions, source, machine."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    system = f"{platform.system()} {platform.machine()}"
    return {
        "versions": versions,
        "git": source_state(),
        "python": platform.python_version(),
        "machine": f"{system}, {os.cpu_count()} cores",
    }


def _without_queries(report: Evaluation) -> dict[str, Any]:
    values = asdict(report)
    for direction in values["directions"].values():
        del direction["queries"]
    return values


def _hash_of_queries(report: Evaluation) -> str:
    """Of what was asked and what was right: equal hashes can be compared."""
    asked = []
    for name, direction in report.directions.items():
        queries = [(query.query, query.right) for query in direction.queries]
        asked.append((name, queries))
    written = json.dumps(asked, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _as_run(folder: Path) -> Run | None:
    try:
        if (folder / RUN).exists():
            return _evaluation(folder)
        return _training(folder) if _is_run(folder) else None
    except (OSError, ValueError, *_WRONG_SHAPE, Damaged):
        return None  # a list of runs is no place to fail for one of them


def _evaluation(folder: Path) -> Run:
    values = json.loads(own_file(folder / RUN).read_text(encoding="utf-8"))
    report = values["report"]
    [first, *_] = report["directions"].values()
    figures = first["figures"]
    main = {name: float(figures[name]["value"]) for name in ("mrr", "recall@10", "median_rank")}
    title = f"{report['encoder']} on {report['data']} ({report['protocol']})"
    return Run(folder.name, "evaluation", title, str(values["made_at"]), main, folder)


def _training(folder: Path) -> Run:
    """A training by the latest figures of its log, whose time is when it was made."""
    last: dict[str, float] = {}  # the latest value of every figure
    for line in metrics(folder):
        for name, value in line.items():
            if isinstance(value, int | float):
                last[name] = float(value)
    main = {}
    for name in ("step", "loss", "mrr"):
        if name in last:
            main[name] = last[name]
    written_at = datetime.fromtimestamp((folder / METRICS).stat().st_mtime, UTC)
    made_at = written_at.isoformat(timespec="seconds")
    return Run(folder.name, "training", folder.name, made_at, main, folder)


def _is_run(folder: Path) -> bool:
    return (folder / RUN).exists() or (folder / METRICS).exists()


def _free(runs: Path, name: str) -> str:
    """The name, or with a number where two runs began in one second."""
    taken = {folder.name for folder in runs.iterdir()} if runs.exists() else set()
    free = name
    number = 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _slug(text: str) -> str:
    """A text as a part of a folder's name."""
    letters = [letter if letter.isalnum() or letter in "._" else "-" for letter in text]
    plain = "".join(letters).strip("-")
    return plain[:40] or "x"  # names end at 255 bytes, and two of these stand in one


def source_state() -> str:
    """The state of the source; "" where it is no checkout, or git is not there."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return described.stdout.strip()
