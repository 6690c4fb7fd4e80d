"""nw playlist: saved queries as playlists that are up to date whenever they are written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.atomic import clear_leftovers, written_aside
from catalog.errors import NewWaveError
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli import options, saved_queries
from newwave_cli.output import formats, hits, show
from newwave_cli.search_request import saved_under

if TYPE_CHECKING:
    from models.search.searcher import Searcher

NOTHING_SAVED = 'no query is saved yet: nw query --save rain "rainy sunday"'

app = typer.Typer(no_args_is_help=True, help="Saved queries, and playlists that follow them.")


@app.command("list")
def list_saved(context: typer.Context, *, output: options.Output = None) -> None:
    """List the saved queries."""
    saved = saved_queries.all_of(context.obj)
    rows = ({"name": name, **query} for name, query in saved.items())
    if not show.rows(rows, columns=("name", "text"), output=output):
        show.note(NOTHING_SAVED)
        raise typer.Exit(1)


@app.command()
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The name of a saved query.")]
) -> None:
    """Forget a saved query."""
    # With the sign or without: nw query wants it, a list of names has none.
    saved_queries.drop(context.obj, name.removeprefix("@"))


@app.command()
def write(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the playlists go, NAME.m3u8 each.")],
    names: Annotated[list[str] | None, typer.Argument(help="Which saved queries (default: all).")] = None,
) -> None:
    """Write saved queries as playlists of what the library holds now; again, to bring them up to date."""
    from models.search.searcher import Searcher

    named = [one.removeprefix("@") for one in names or ()]
    chosen = named or list(saved_queries.all_of(context.obj))
    if not chosen:
        show.note(NOTHING_SAVED)
        raise typer.Exit(1)
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    # For all of them one catalog and one searcher: an encoder takes seconds to load.
    failed = 0
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        searcher = Searcher(context.obj.indexes, catalog)
        for name in chosen:
            try:
                count = _write(context, searcher, name, folder)
            except (NewWaveError, OSError) as problem:  # one that cannot be written does not stop the others
                failed += 1
                show.note(f"not written: {name}: {problem}")
            else:
                songs = counted(count, "song")
                show.note(f"{folder / name}.m3u8: {songs}")
    if failed:
        raise typer.Exit(3)


def _write(context: typer.Context, searcher: "Searcher", name: str, folder: Path) -> int:
    """Write one playlist; returns how many songs it has."""
    request = saved_under(context.obj, name)
    answer = searcher.search(request)
    rows = list(hits.rows(answer, request.text))
    playlist = "".join(formats.playlist(rows))
    with written_aside(folder / f"{name}.m3u8") as aside:
        # Paths are bytes to Linux: surrogateescape writes those that are not UTF-8 back as they were.
        aside.write_text(playlist, encoding="utf-8", errors="surrogateescape")
    return len(rows)
