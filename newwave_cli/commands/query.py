"""nw query: find songs by describing how they sound or what they say."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.database import Catalog
from newwave_cli import hits, options, show

if TYPE_CHECKING:
    pass


def query(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help='What you look for, in your own words; "-" reads one a line.')],
    *,
    k: options.Top = 10,
    by: options.By = None,
    where: options.Where = None,
    match: options.Match = None,
    min_score: Annotated[float, typer.Option(help="Leave out songs below this score (0-100).")] = 0,
    explain: options.Explain = False,
    output: options.Output = None,
    fields: options.Fields = None,
) -> None:
    """Find songs by describing how they sound or what they say.

    Scores run from 0 to 100; from 50 on a song fits well, what lies below is marked weak.

    nw query "calm piano at night"

    nw query -k 20 --format m3u8 "rainy sunday" > rainy.m3u8

    nw query "a song about robots" --by words --explain
    """
    from models.search import Searcher

    side = hits.side(by)
    many = text == "-"
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        searcher = Searcher(context.obj.indexes, catalog)
        within = options.allowed_songs(catalog, where, match)

        def found() -> Iterator[dict[str, Any]]:
            for line in _lines() if many else [text]:
                answer = searcher.search(
                    line, by=side, k=k, within=within, min_points=min_score, explain=explain
                )
                yield from (_without_query(r, many) for r in hits.rows(answer, line))

        columns = hits.EXPLAINED if explain else hits.COLUMNS
        count = show.rows(
            found(),
            columns=("query", *columns) if many else columns,
            output=output,
            fields=fields,
            known=hits.KNOWN,
        )
    if not count:
        show.note("nothing matched")
        raise typer.Exit(1)


def _lines() -> Iterator[str]:
    return (line.strip() for line in sys.stdin if line.strip())


def _without_query(record: dict[str, Any], many: bool) -> dict[str, Any]:
    return record if many else {name: value for name, value in record.items() if name != "query"}
