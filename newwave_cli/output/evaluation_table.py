"""How reports of `nw evaluate` and `nw runs` look."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from catalog.values.numbers import counted
from newwave_cli.output import show
from newwave_cli.output.show import Format

if TYPE_CHECKING:
    from models.evaluation.evaluate import Evaluation, Figure
    from models.evaluation.leaderboard import System
    from models.evaluation.published import Published

COLUMNS = ("system", "direction", "metric", "value", "low", "high", "protocol", "comparable", "source")
PUBLISHED = ("system", "protocol", "mrr", "recall@1", "recall@5", "recall@10", "recall@20", "median_rank")
FAILED_SHOWN = 5  # songs that a remark names


def figures(report: "Evaluation", *, output: Format | None, fields: str | None) -> None:
    """Every figure with its interval, and what others published: a table to look at, or rows to work with."""
    from models.evaluation.published import published

    others = published(report.data)
    written_as = output or show.usual_format()
    if written_as is not Format.TABLE:
        # One figure a row, as plotting and data frame libraries want it ("long" or "tidy").
        rows = list(_long(report))
        for other in others:
            rows += _published_long(other, report)
        show.rows(rows, columns=COLUMNS, output=output, fields=fields)
        return
    columns = ("metric", *report.directions)
    show.rows(_wide(report), columns=columns, output=Format.TABLE, fields=fields)
    if others:
        show.text("\npublished, text→music:")
        compared = (_published_wide(other, report) for other in others)
        columns = (*PUBLISHED, "source", "note")
        show.rows(compared, columns=columns, output=Format.TABLE)


def remarks(report: "Evaluation", run_id: str) -> None:
    """What a person should know beside the figures, on stderr."""
    show.note(f"{report.encoder} ({report.pipeline})")
    songs = counted(report.songs, "song")
    texts = counted(report.texts, "text")
    protocol = f"{report.protocol}: {report.means}"
    show.note(f"{songs}, {texts} of {report.data}; {protocol}")
    for song, why in report.failed[:FAILED_SHOWN]:
        show.note(f"left out: {song}: {why}")
    if report.failed:
        one = "song could not be used; it is"
        several = "songs could not be used; they are"
        left_out = counted(len(report.failed), one, several)
        show.note(f"{left_out} in no figure")
    show.note(f"kept as {run_id}; what went wrong: nw runs show {run_id} --queries")


def difference(ours: "Evaluation", theirs: "Evaluation", metric: str = "mrr") -> None:
    """Whether one report is better than another on the same queries, in both directions."""
    for row in differences(ours, theirs, (metric,)):
        interval = f"[{row['low']:+.4f}, {row['high']:+.4f}]"
        gain = f"{row['difference']:+.4f} against {theirs.encoder} {interval}"
        p = row["p"]
        sure = "sure" if p < 0.05 else "not sure"
        show.note(f"{row['direction']} {metric}: {gain}, p = {p:.4f}: {sure}")


def differences(
    ours: "Evaluation", theirs: "Evaluation", metrics: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Rows of a paired comparison: direction, metric, both values, difference, interval, p."""
    from models.evaluation.evaluate import compare

    for direction, own in ours.directions.items():
        for metric in metrics:
            found = compare(ours, theirs, direction=direction, metric=metric)
            others = theirs.directions[direction]
            values = {"a": own.figures[metric].value, "b": others.figures[metric].value}
            gain = {"difference": found.mean, "low": found.low, "high": found.high, "p": found.p}
            yield {"direction": direction, "metric": metric, **values, **gain}


def side_by_side(found: "list[System]") -> Iterator[dict[str, Any]]:
    """A row a run, in the order of the systems of the first attempt, whose figures go before ours."""
    from models.evaluation import leaderboard
    from models.evaluation.published import LYRICS, published

    ours = leaderboard.rows(found)
    theirs = {one.system: one for one in published(LYRICS)}
    of_theirs = [row for row in ours if row["system"] in theirs]
    of_ours_alone = [row for row in ours if row["system"] not in theirs]
    if of_theirs:  # else nothing of ours stands beside their figures
        for name, other in theirs.items():
            # The first attempt's report names systems that it gives no figure for.
            measured = f"by them, on {other.protocol}" if other.figures else "it did not train"
            yield {"system": name, "run": "first attempt", **other.figures, "measured": measured}
            yield from (row for row in of_theirs if row["system"] == name)
    yield from of_ours_alone


def _long(report: "Evaluation") -> Iterator[dict[str, Any]]:
    """A row a figure: easy to plot and to join, hard to read."""
    for name, direction in report.directions.items():
        for metric, figure in direction.figures.items():
            yield {
                "system": report.encoder,
                "direction": name,
                "metric": metric,
                "value": round(figure.value, 6),
                "low": round(figure.low, 6),
                "high": round(figure.high, 6),
                "protocol": report.protocol,
                "comparable": True,
                "source": "this run",
            }


def _published_long(other: "Published", report: "Evaluation") -> Iterator[dict[str, Any]]:
    """The same of what others published, and whether it may be compared."""
    from models.evaluation.evaluate import TEXT_TO_MUSIC

    note = _why_not(other, report)
    for metric, value in other.figures.items():
        yield {
            "system": other.system,
            "direction": TEXT_TO_MUSIC,
            "metric": metric,
            "value": value,
            "low": None,
            "high": None,
            "protocol": other.protocol,
            "comparable": not note,
            "source": other.source,
        }


def _wide(report: "Evaluation") -> Iterator[dict[str, str]]:
    """A row a metric, a column a direction: as people compare them."""
    [first, *_] = report.directions.values()
    for metric in first.figures:
        row = {"metric": metric}
        for name, direction in report.directions.items():
            row[name] = _cell(direction.figures[metric])
        yield row


def _cell(figure: "Figure") -> str:
    digits = 1 if figure.value > 1 else 3  # ranks are above 1, shares are not
    numbers = (figure.value, figure.low, figure.high)
    value, low, high = (f"{number:.{digits}f}" for number in numbers)
    return f"{value} [{low}, {high}]"


def _published_wide(other: "Published", report: "Evaluation") -> dict[str, Any]:
    figures = {}
    for metric, value in other.figures.items():
        figures[metric] = f"{value:g}"  # with the digits that were published, no more
    note = _why_not(other, report)
    head = {"system": other.system, "protocol": other.protocol}
    return {**head, **figures, "source": other.source, "note": note}


def _why_not(other: "Published", report: "Evaluation") -> str:
    from models.evaluation.published import why_not_comparable

    return why_not_comparable(
        other, data=report.data, protocol=report.protocol, songs=report.songs, captions=report.captions
    )
