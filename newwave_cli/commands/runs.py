"""nw runs: trainings and evaluations that were kept: list, show, compare, plot."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NotReady, quoted
from newwave_cli.options import AtMost, Fields, Output
from newwave_cli.output import evaluation_table, show, training_curves

if TYPE_CHECKING:
    from models.evaluation.evaluate import Evaluation

COLUMNS = ("id", "kind", "title", "mrr", "recall@10", "median_rank", "step", "loss", "made_at")
DISPENSABLE = ("title", "kind", "made_at", "median_rank")
"""What a list leaves out, one after the other, where there is no room for all."""
LOGGED = (
    "step",
    "loss",
    "accuracy",
    "mrr",
    "recall@10",
    "sound_s",
    "tokens",
    "busy",
    "data_s",
    "step_s",
    "seconds",
)
"""What of a log is shown first where there is no room for all."""
QUERIES = ("direction", "place", "query", "right", "first")
SIDE_BY_SIDE = (
    *("system", "run", "mrr", "mrr_low", "mrr_high", "recall@1", "recall@5", "recall@10", "recall@20"),
    *("queries", "difference", "p", "measured"),
)
COMPARED = ("direction", "metric", "a", "b", "difference", "low", "high", "p")

app = typer.Typer(no_args_is_help=True, help="Trainings and evaluations that were kept.")

One = Annotated[str, typer.Argument(help="A run: its id, a part of it, or its folder.")]


@app.command("list")
def list_runs(context: typer.Context, *, output: Output = None, fields: Fields = None) -> None:
    """List the runs, oldest first."""
    from models.evaluation import runs

    rows = list(map(_listed, runs.listed(context.obj.runs)))
    columns = list(COLUMNS)
    width = _terminal_width(output)  # 0 in a pipe: a program gets every column
    for name in DISPENSABLE:
        if width and _table_width(rows, columns) > width:
            columns.remove(name)
    known = (*COLUMNS, "path")
    if not show.rows(rows, columns=columns, output=output, fields=fields, known=known):
        show.note("there are no runs yet; nw evaluate and nw train make them")
        raise typer.Exit(1)


@app.command("show")
def show_run(
    context: typer.Context,
    run: One,
    *,
    queries: Annotated[bool, typer.Option("--queries", help="Every query, the worst first.")] = False,
    limit: AtMost = None,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Show the figures of an evaluation, the log of a training, or how it was made (--format json)."""
    from models.evaluation import runs

    folder = runs.find(context.obj.runs, run)
    if output is show.Format.JSON and not queries:  # a program wants the settings and hashes too
        show.document(runs.described(folder))
    elif (folder / runs.RUN).exists():
        report = runs.read(folder)
        if queries:
            rows = _queries(report, limit)
            show.rows(rows, columns=QUERIES, output=output, fields=fields, known=("places",))
            return
        evaluation_table.figures(report, output=output, fields=fields)
    else:
        lines = runs.metrics(folder)
        newest = lines if limit is None else lines[-limit:]
        _log(newest, output=output, fields=fields)
        _say_where_time_went(lines)


def _say_where_time_went(lines: list[dict[str, Any]]) -> None:
    """How the time of the steps is split, and the most memory that was taken."""
    timed = [line for line in lines if "data_s" in line and "step_s" in line]
    if not timed:
        return
    data_s = fmean(line["data_s"] for line in timed)
    step_s = fmean(line["step_s"] for line in timed)
    busy = step_s / max(data_s + step_s, 1e-9)  # a step of a tiny test takes 0.0 s as logged
    memory = []
    for name, where in (("host_gib", "host"), ("card_gib", "card")):
        used = [line[name] for line in timed if name in line]
        if used:  # a run without a GPU logs none of its memory
            memory.append(f"{max(used):.1f} GiB of the {where}")
    computes = f"a step computes for {step_s:.3g} s"
    waits = f"waits {data_s:.3g} s for its batch"
    most = " and ".join(memory)
    show.note(f"{computes} and {waits}: busy {busy:.0%}; at most {most}")


def _log(lines: list[dict[str, Any]], *, output: show.Format | None, fields: str | None) -> None:
    """The log of a training; a terminal shows as much of it as has room, what matters most first."""
    # Lines differ: figures of a validation stand only in those of the steps that had one.
    known = list(dict.fromkeys(chain.from_iterable(lines)))
    columns = known
    width = 0 if fields else _terminal_width(output)
    if width and _table_width(lines, known) > width:
        columns = _with_room(lines, known, width)
    show.rows(lines, columns=columns, output=output, fields=fields, known=known)
    left_out = [name for name in known if name not in columns]
    if left_out:
        show.note(f"no room for {', '.join(left_out)}; see --fields")


def _with_room(lines: list[dict[str, Any]], known: list[str], width: int) -> list[str]:
    """The columns that a terminal of that width has room for; one that is too wide lets later ones in."""
    columns: list[str] = []
    important_first = [name for name in LOGGED if name in known]
    for name in dict.fromkeys((*important_first, *known)):
        if _table_width(lines, [*columns, name]) <= width:
            columns.append(name)
    return columns


def _terminal_width(output: show.Format | None) -> int:
    """How many columns of text there are for a table; 0 where rows are not written as one."""
    is_table = output in (None, show.Format.TABLE)
    if not is_table or not sys.stdout.isatty():
        return 0
    return shutil.get_terminal_size().columns


def _table_width(rows: list[dict[str, Any]], columns: list[str]) -> int:
    """How wide a table of them is, two spaces between its columns."""
    total = -2  # none after the last
    for name in columns:
        cells = [_text(row.get(name)) for row in rows]
        if any(cells):  # an empty column is not shown
            widest = max((name, *cells), key=len)
            total += len(widest) + 2
    return total


@app.command("compare")
def compare_runs(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Runs (default: all trainings of words).")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every metric of two evaluations.")] = False,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Compare runs: MRR and recall in one table, each against the first one where the queries are the same.

    Two evaluations are compared in every direction: difference A - B, 95 % interval, p of a randomization
    test. Trainings of words stand beside the first attempt's systems of that name, which had another test.
    """
    from models.evaluation import leaderboard, runs

    home = context.obj.runs
    folders = [runs.find(home, name) for name in names or ()]
    evaluations = [folder for folder in folders if (folder / runs.RUN).exists()]
    # Two evaluations are compared in every direction; of more, or of trainings, there is a row for each.
    if len(folders) == len(evaluations) == 2:
        ours, theirs = map(runs.read, evaluations)
        _two(ours, theirs, every=every, output=output, fields=fields)
        return
    if not names:
        kept = [run.folder for run in runs.listed(home)]
        folders = [folder for folder in kept if leaderboard.is_tested(folder)]
    found = [leaderboard.of(folder) for folder in folders]
    rows = evaluation_table.side_by_side(found) if found else []
    if not show.rows(rows, columns=SIDE_BY_SIDE, output=output, fields=fields, known=("low", "high")):
        show.note("no training of words has been tested yet; nw train words makes one")
        raise typer.Exit(1)
    show.note(f"difference and p: of MRR against {found[0].run}, query by query")


def _two(
    ours: "Evaluation",
    theirs: "Evaluation",
    *,
    every: bool,
    output: show.Format | None,
    fields: str | None,
) -> None:
    """Two evaluations, metric by metric and query by query."""
    [direction, *_] = ours.directions.values()
    main = ("mrr", "recall@1", "recall@10", "ndcg@10")
    metrics = tuple(direction.figures) if every else main
    rows = evaluation_table.differences(ours, theirs, metrics)
    show.rows(map(_rounded, rows), columns=COMPARED, output=output, fields=fields)


@app.command("plot")
def plot_runs(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Trainings, one or several.")],
    *,
    value: Annotated[str, typer.Option(help="What of the log: loss, mrr, seconds ...")] = "loss",
    png: Annotated[Path | None, typer.Option(help="Write the curves there (needs matplotlib).")] = None,
) -> None:
    """Draw the curves of trainings in the terminal, or as PNG."""
    from models.evaluation import runs

    curves: dict[str, training_curves.Points] = {}
    for name in names:
        folder = runs.find(context.obj.runs, name)
        curves[folder.name] = _curve(folder, value)
    if png is not None:
        training_curves.save(curves, png, value=value)
        show.note(f"drawn to {png}")
        return
    for line in training_curves.draw(curves):
        show.text(line)


def _curve(folder: Path, value: str) -> training_curves.Points:
    """(step, value) of each line of a training's log that has both. Raises NotReady where none has."""
    from models.evaluation import runs

    curve = []
    for logged in runs.metrics(folder):
        if value in logged and "step" in logged:
            step = float(logged["step"])
            curve.append((step, float(logged[value])))
    if not curve:
        said = f"the log of {folder.name} has no {value!r} to draw."
        raise NotReady(said, try_this=f"nw runs show {quoted(folder.name)}")
    return curve


def _listed(run: Any) -> dict[str, Any]:
    named = {"id": run.id, "kind": run.kind, "title": run.title}
    return {**named, "made_at": run.made_at, "path": run.folder, **_rounded(run.figures)}


def _queries(report: "Evaluation", top: int | None) -> Iterator[dict[str, Any]]:
    """Every query of an evaluation, the worst of each direction first."""
    for name, direction in report.directions.items():
        for query in direction.worst(top or len(direction.queries)):
            best, *_ = query.places
            only_one = len(query.right) == 1  # a list of one is hard to read in a table
            right = query.right[0] if only_one else query.right
            answer = {"right": right, "first": query.first, "places": query.places}
            yield {"direction": name, "place": best, "query": query.query, **answer}


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    rounded = dict(row)
    for name, value in row.items():
        if isinstance(value, float):
            rounded[name] = round(value, 4)
    return rounded


def _text(value: object) -> str:
    """A value as the table shows it, to know how wide it is."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)
