"""nw playlist: saved queries as playlists that are up to date whenever they are written."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.atomic import written_aside
from catalog.library.database import Catalog
from newwave_cli import options, saved_queries
from newwave_cli.output import formats, hits, show
from newwave_cli.search_request import saved_under

app = typer.Typer(no_args_is_help=True, help="Saved queries, and playlists that follow them.")


@app.command("list")
def list_saved(context: typer.Context, *, output: options.Output = None) -> None:
    """List the saved queries."""
    rows = ({"name": name, **query} for name, query in saved_queries.all_of(context.obj).items())
    if not show.rows(rows, columns=("name", "text"), output=output, known=("name", "text")):
        show.note('no query is saved yet: nw query --save rain "rainy sunday"')
        raise typer.Exit(1)


@app.command()
def remove(context: typer.Context, name: Annotated[str, typer.Argument(help="Of a saved query.")]) -> None:
    """Forget a saved query."""
    saved_queries.drop(context.obj, name.removeprefix("@"))


@app.command()
def write(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the playlists go, NAME.m3u8 each.")],
    names: Annotated[list[str] | None, typer.Argument(help="Which saved queries (default: all).")] = None,
) -> None:
    """Write saved queries as playlists of what the library holds now; again, to bring them up to date."""
    from models.search.searcher import Searcher

    folder.mkdir(parents=True, exist_ok=True)
    queries = saved_queries.all_of(context.obj)
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        searcher = Searcher(context.obj.indexes, catalog)
        for name in [one.removeprefix("@") for one in names or ()] or queries:
            request = saved_under(context.obj, name)
            rows = list(hits.rows(searcher.search(request).hits, request.text))
            text = "".join(formats.playlist(rows))
            with written_aside(folder / f"{name}.m3u8") as aside:
                aside.write_text(text, encoding="utf-8", errors="surrogateescape")
            show.note(f"{folder / name}.m3u8: {len(rows)} songs")
