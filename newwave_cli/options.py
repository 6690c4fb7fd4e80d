"""Options that several commands share, so that they are spelled and explained alike."""

from typing import Annotated

import typer

from catalog.values.numbers import finite
from newwave_cli.output.show import Format

Output = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="How to write the answer; a terminal gets a table, a pipe TSV."),
]
Fields = Annotated[str | None, typer.Option(help="Which columns, comma-separated.")]
Where = Annotated[
    str | None,
    typer.Option(help='Only songs for which this SQL is true: "year < 1990 and duration_s > 120".'),
]
Match = Annotated[
    str | None, typer.Option(help="Only songs with these words in title, artist, album, lyrics or tags.")
]
Top = Annotated[int, typer.Option("-k", "--limit", min=1, help="How many songs.")]
TopUnlessNamed = Annotated[
    int | None,
    typer.Option(
        "-k", "--limit", min=1, help="How many songs.", show_default='10, or as many as "five songs" names'
    ),
]
AtMost = Annotated[int | None, typer.Option("-k", "--limit", min=1, help="At most this many.")]
By = Annotated[str | None, typer.Option(help="sound, words, fused or both.")]
ByWay = Annotated[
    str | None,
    typer.Option(
        help="sound, words (lyrics and captions), written (exact words), both or fused;"
        " or how to fuse: evidence, gate, weighted, rrf."
    ),
]
Tag = Annotated[list[str] | None, typer.Option(help="Only songs with this tag; may be repeated.")]
Year = Annotated[str | None, typer.Option(help="Only songs of this year, or of years like 1980-1989.")]
HasLyrics = Annotated[bool, typer.Option("--has-lyrics", help="Only songs whose lyrics are known.")]
Without = Annotated[list[str] | None, typer.Option("--not", help="Avoid songs with this: vocals, drums, ...")]
Like = Annotated[list[str] | None, typer.Option(help="More like this song (id, path or title).")]
Unlike = Annotated[list[str] | None, typer.Option(help="Less like this song.")]
More = Annotated[list[str] | None, typer.Option(help='More of this; "strings:0.5" is half as much more.')]
Diverse = Annotated[bool, typer.Option("--diverse", help="Songs that differ from one another.")]
Sequence = Annotated[
    bool, typer.Option("--sequence", help="In an order for a playlist: neighbours sound alike.")
]
First = Annotated[str | None, typer.Option("--from", help="The song that a sequence begins with.")]
Last = Annotated[str | None, typer.Option("--to", help="The song that a sequence ends with.")]
MaxPerArtist = Annotated[int | None, typer.Option(min=1, help="At most this many songs by one artist.")]


def _number(text: str) -> float:
    # float() alone takes "nan", and no score is below that or above it.
    try:
        return finite(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


MinScore = Annotated[
    float, typer.Option(parser=_number, metavar="float", help="Leave out songs below this score (0-100).")
]
Store = Annotated[
    str | None,
    typer.Option(
        metavar="milvus:ADDRESS|usearch|local",
        help="Where vectors are searched: a server, a graph by usearch, or (local) one after the other.",
    ),
]
Save = Annotated[str | None, typer.Option(help="Keep this query under a name, for nw query @NAME.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Say why: both scores, the moment and the line that fit best.")
]
