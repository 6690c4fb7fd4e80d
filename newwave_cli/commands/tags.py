"""nw tags: what is heard in songs, by name, and kept as tags where one asks for it."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NoSuchSong, WrongUse, quoted
from catalog.library.database import Catalog
from newwave_cli import kept_tags, options
from newwave_cli.output import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.library.song_filter import SongFilter

    Named = list[tuple[str, float]]
    """Names that are heard, each with its probability."""

COLUMNS = ("title", "artist", "kind", "tag", "confidence")
KNOWN = ("id", "path", "album", "year", "genre")

Songs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SONG]...",
        help="Songs of the library (id, path, title) or any audio files; without one, all of the library.",
    ),
]
Least = Annotated[
    float, typer.Option("--min-confidence", min=0, max=100, help="Leave out what is heard less surely.")
]
Kind = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        help="Only tags of this kind: music, instrument, genre, mood, voice or no music; may be repeated.",
    ),
]
Keep = Annotated[bool, typer.Option("--keep", help="Keep them in the catalog, for --tag and --where.")]
Forget = Annotated[bool, typer.Option("--forget", help="Drop what was kept before.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be changed, without changing it.")]
Write = Annotated[
    bool, typer.Option("--write", help="Write them into the files too, as one field of their tags: NW_HEARD.")
]
Unwrite = Annotated[bool, typer.Option("--unwrite", help="Take that field out of the files again.")]


def tags(
    context: typer.Context,
    song: Songs = None,
    *,
    where: options.Where = None,
    match: options.Match = None,
    tag: options.Tag = None,
    year: options.Year = None,
    has_lyrics: options.HasLyrics = False,
    limit: options.AtMost = None,
    least: Least = 10,
    kind: Kind = None,
    keep: Keep = False,
    forget: Forget = False,
    write: Write = False,
    unwrite: Unwrite = False,
    dry_run: DryRun = False,
    output: options.Output = None,
    fields: options.Fields = None,
) -> None:
    """Say what is heard in songs: instruments, genres, moods, voices, and what is no music.

    A row for each song and tag, with its kind and a confidence of 0 to 100, from what nw index keeps. --keep
    writes to the catalog alone, with the origin "heard", and --forget takes it back. Files are changed only
    by --write, which adds one field (NW_HEARD) to their tags, and by --unwrite, which takes it out.

    nw tags "Rent Day"

    nw tags ~/Downloads/unknown.mp3

    nw tags --kind instrument --min-confidence 30

    nw tags --keep --min-confidence 50 && nw songs --tag piano

    nw tags --write --dry-run
    """
    from catalog.library.song_filter import SongFilter

    adds, drops = keep or write, forget or unwrite
    if adds and drops:
        said = "the same tags cannot be added and dropped at once."
        raise WrongUse(said, try_this="nw …    (without --forget, without --unwrite)")
    chosen = SongFilter(where, match, tuple(tag or ()), year, has_lyrics=has_lyrics)
    # --write changes the files; the next ingest sees them changed and reads what they say then.
    changes_catalog = (keep or forget) and not dry_run
    with Catalog.open(context.obj.catalog, read_only=not changes_catalog) as catalog:
        ids, files = _chosen(catalog, chosen, song or (), limit)
        if adds or drops:
            _require_library(files)
        if drops:
            kept_tags.drop(catalog, ids, in_catalog=forget, in_files=unwrite, dry_run=dry_run)
            return
        # Probabilities from here on; people are told percent.
        found, count = _shown(catalog, ids, files, least / 100, kind, output=output, fields=fields)
        kept_tags.add(catalog, _names(found), in_catalog=keep, in_files=write, dry_run=dry_run)
    if not count:
        raise typer.Exit(1)


def _chosen(
    catalog: Catalog, chosen: "SongFilter", named: "Sequence[str]", limit: int | None
) -> "tuple[Sequence[int], list[Path]]":
    """The songs (ids) that pass, only those named if any are, and files that are none of the library's."""
    from catalog.library.filters import find

    passing = chosen.sorted_ids(catalog)
    if not named:
        return passing[:limit], []
    ids, files = set(), []
    for name in named:
        try:
            ids.add(find(catalog, name).id)
        except NoSuchSong:
            if not Path(name).is_file():
                raise
            files.append(Path(name))
    named_and_passing = [song_id for song_id in passing if song_id in ids]
    return named_and_passing[:limit], files


def _shown(
    catalog: Catalog,
    ids: "Sequence[int]",
    files: "Sequence[Path]",
    least: float,
    kind: "Sequence[str] | None",
    *,
    output: show.Format | None,
    fields: str | None,
) -> "tuple[dict[int, Named], int]":
    """What is heard in each song (id), after it was written for the user, and how many rows that were."""
    from models import encoders

    tagger: Any = encoders.load(encoders.DEFAULT_SOUND)
    kinds = _known_kinds(kind)
    found = _heard(catalog, tagger, ids, least, kinds)
    of_songs = _rows(catalog, found, tagger.kinds)
    of_files = _rows_of_files(files, tagger, least, kinds)
    rows = chain(of_songs, of_files)
    count = show.rows(rows, columns=COLUMNS, output=output, fields=fields, known=KNOWN)
    if not count:
        show.note("no tag is that certain in these songs")
    return found, count


def _require_library(files: "Sequence[Path]") -> None:
    """Raise WrongUse for a file that is not in the library, for there tags are kept."""
    if files:
        path, *_ = files
        said = f"{path.name} is not in the library, where tags are kept."
        raise WrongUse(said, try_this=f"nw ingest {quoted(path)} && nw index")


def _known_kinds(kinds: "Sequence[str] | None") -> "Sequence[str]":
    """The kinds that are asked for; all where none is. Raises WrongUse for one that there is not."""
    from models.networks.audioset_kinds import KINDS

    for kind in kinds or ():
        if kind not in KINDS:
            there = ", ".join(KINDS)
            said = f"there is no kind of tag called {kind!r}; there are {there}."
            raise WrongUse(said, try_this="nw tags --kind instrument")
    return kinds or KINDS


def _heard(
    catalog: Catalog, tagger: Any, ids: "Sequence[int]", least: float, kinds: "Sequence[str]"
) -> "dict[int, Named]":
    from models.indexing.heard_tags import heard

    found = {}
    with show.progress("naming", len(ids)) as advance:
        for song_id, named in heard(catalog, tagger, ids, least=least):
            found[song_id] = _of_kinds(named, tagger.kinds, kinds)
            advance()
    return found


def _of_kinds(named: "Named", kind_of: "Mapping[str, str]", kinds: "Sequence[str]") -> "Named":
    return [(name, likely) for name, likely in named if kind_of.get(name) in kinds]


def _rows(
    catalog: Catalog, found: "Mapping[int, Named]", kind_of: "Mapping[str, str]"
) -> Iterator[dict[str, Any]]:
    from catalog.library.songs import get_many

    songs = get_many(catalog, list(found), light=True)
    of_the_song = ("title", "artist", *KNOWN)
    for song_id, named in found.items():
        song = songs[song_id]
        values = {name: getattr(song, name) for name in of_the_song}
        for name, likely in named:
            yield values | _row(name, likely, kind_of)


def _rows_of_files(
    files: "Sequence[Path]", tagger: Any, least: float, kinds: "Sequence[str]"
) -> Iterator[dict[str, Any]]:
    """Rows of files that are not in the library: they are decoded and embedded now."""
    from models.indexing.embed_source import embed_source
    from models.indexing.heard_tags import heard_in

    for path in files:
        windows = embed_source(tagger, path).windows
        of_any_kind = heard_in(windows, tagger, least=least)
        values = {"title": path.name, "path": path}
        for name, likely in _of_kinds(of_any_kind, tagger.kinds, kinds):
            yield values | _row(name, likely, tagger.kinds)


def _row(name: str, likely: float, kind_of: "Mapping[str, str]") -> dict[str, Any]:
    percent = round(100 * likely)
    return {"kind": kind_of[name], "tag": name, "confidence": percent}


def _names(found: "Mapping[int, Named]") -> dict[int, list[str]]:
    """The tags of each song without how sure they are."""
    names = {}
    for song_id, named in found.items():
        names[song_id] = [name for name, _ in named]
    return names
