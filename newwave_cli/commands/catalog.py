"""nw catalog: carry a catalog and its vectors elsewhere, as Parquet."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.output import show

SHOWN = 10

app = typer.Typer(no_args_is_help=True, help="Carry a catalog and its vectors elsewhere, as Parquet.")

Folder = Annotated[Path, typer.Argument(help="A folder with songs.parquet and embeddings.parquet.")]


@app.command("export")
def export_command(context: typer.Context, folder: Folder) -> None:
    """Write songs, what is said of them, and their vectors into a new folder.

    Any program that reads Parquet opens it: SELECT title, artist FROM 'FOLDER/songs.parquet'
    """
    from catalog import exchange

    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        done = exchange.export(catalog, folder)
    written = counted(done.songs, "song")
    # Two files of one recording share its vectors, so these are not as many as songs.
    embedded = counted(done.embeddings, "recording or text", "recordings and texts")
    show.note(f"{folder}: {written}, vectors of {embedded}")


@app.command("import")
def import_command(context: typer.Context, folder: Folder) -> None:
    """Merge such a folder: songs meet by their sound, so nothing is analysed twice.

    Exits with 3 where rows could not be taken in.
    """
    from catalog import exchange

    with Catalog.open(context.obj.catalog) as catalog, show.progress("merging", None) as advance:
        done = exchange.take_in(catalog, folder, progress=advance)
    read = counted(done.songs, "song")
    known = counted(done.known, "was", "were")
    new = counted(done.new, "is", "are")
    embedded = counted(done.embeddings, "recording or text", "recordings and texts")
    show.note(f"{read}: {known} here by sound, {new} new; vectors of {embedded}; next: nw index")
    for line in done.odd[:SHOWN]:
        show.note(f"left out: {line}")
    if done.odd:
        some = f", {SHOWN} are shown" if len(done.odd) > SHOWN else ""
        show.note(f"{counted(len(done.odd), 'row')} could not be taken in{some}")
        raise typer.Exit(3)
