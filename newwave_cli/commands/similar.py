"""nw similar: songs like a song, or like a file that is not in the library."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import NoSuchSong, WrongUse, quoted
from catalog.library.database import Catalog
from newwave_cli import blas, options
from newwave_cli.output import hits, show

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.search.request import SearchRequest
    from models.search.searcher import Searcher

    Vector = NDArray[np.float32]


def similar(
    context: typer.Context,
    song: Annotated[str, typer.Argument(help="A song of the library (id, path, title) or any audio file.")],
    *,
    k: options.Top = 10,
    by: options.By = "sound",
    where: options.Where = None,
    match: options.Match = None,
    tag: options.Tag = None,
    year: options.Year = None,
    has_lyrics: options.HasLyrics = False,
    sequence: options.Sequence = False,
    first: options.First = None,
    last: options.Last = None,
    explain: options.Explain = False,
    output: options.Output = None,
    fields: options.Fields = None,
) -> None:
    """Find songs like a song of the library, or like any audio file.

    Scores say how much nearer a song is than the rest of the library.

    nw similar "Code Monkey"

    nw similar ~/Downloads/unknown.mp3 -k 5

    nw similar "Code Monkey" -k 20 --from "Code Monkey" --to "Ikea"
    """
    blas.use_one_thread()
    from models.search.request import SearchRequest

    request = SearchRequest(
        k=k, by=hits.role(by), where=where, match=match, tag=tuple(tag or ()), year=year,
        has_lyrics=has_lyrics, explain=explain, sequence=sequence, first=first, last=last,
    )  # fmt: skip
    _write(context, song, request, output=output, fields=fields)


def _write(
    context: typer.Context,
    song: str,
    request: "SearchRequest",
    *,
    output: show.Format | None,
    fields: str | None,
) -> None:
    """Write the songs that are like one of the library, else like a file."""
    from catalog.library.filters import find
    from models.search.searcher import Searcher

    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        searcher = Searcher(context.obj.indexes, catalog)
        try:
            answer = searcher.similar(find(catalog, song).id, request)
        except NoSuchSong:
            # The library is asked first: its song has vectors already, a file would be decoded and embedded.
            if not Path(song).is_file():
                raise
            embedding = _embedding_of(searcher, Path(song), request.by)
            answer = searcher.similar_to({"sound": embedding}, request)
        columns = hits.EXPLAINED if request.explain else hits.COLUMNS
        rows = hits.rows(answer)
        count = show.rows(rows, columns=columns, output=output, fields=fields, known=hits.KNOWN)
    if not count:
        show.note("nothing matched")
        raise typer.Exit(1)


def _embedding_of(searcher: "Searcher", path: Path, by: str | None) -> "Vector":
    """The track embedding of a file that is not in the library, by the encoder that made the index."""
    from models import encoders
    from models.encoders import same_pipeline
    from models.indexing.embed_source import embed_source

    if by == "words":
        said = f"{path.name} is not in the library, so nobody knows its words."
        raise WrongUse(said, try_this=f"nw ingest {quoted(path)}")
    manifest = searcher.indexes.index("sound").manifest
    encoder = same_pipeline(encoders.load(manifest.encoder), manifest)
    return embed_source(encoder, path).track
