"""nw tags: what is heard in songs, by name, and kept as tags where one asks for it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NewWaveError, WrongUse
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli import options
from newwave_cli.output import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.records import Song

COLUMNS = ("title", "artist", "kind", "tag", "confidence")
KNOWN = ("id", "path", "album", "year", "genre")

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

    nw tags --match "Rent Day"

    nw tags --kind instrument --min-confidence 30

    nw tags --keep --min-confidence 50 && nw songs --tag piano

    nw tags --write --dry-run
    """
    from catalog.library.song_filter import SongFilter
    from models import encoders

    if (keep or write) and (forget or unwrite):
        raise WrongUse("the same tags cannot be added and dropped at once.", try_this="nw tags --forget")
    chosen = SongFilter(where, match, tuple(tag or ()), year, has_lyrics=has_lyrics)
    # --write changes the files; the next ingest sees them changed and reads what they say then.
    changes_catalog = (keep or forget) and not dry_run
    with Catalog.open(context.obj.catalog, read_only=not changes_catalog) as catalog:
        ids = chosen.sorted_ids(catalog)[:limit]
        if forget or unwrite:
            _take_back(catalog, ids, forget=forget, unwrite=unwrite, dry_run=dry_run)
            return
        tagger: Any = encoders.load(encoders.DEFAULT_SOUND)
        found = _heard(catalog, tagger, ids, least / 100, _known_kinds(kind))
        _show(catalog, found, tagger.kinds, output=output, fields=fields)
        if keep:
            _keep(catalog, found, dry_run=dry_run)
        if write:
            _write_fields(catalog, _names(found), dry_run=dry_run)
    if not any(found.values()):
        raise typer.Exit(1)


def _known_kinds(kinds: "Sequence[str] | None") -> "Sequence[str]":
    """The kinds that are asked for; all where none is. Raises WrongUse for one that there is not."""
    from models.networks.audioset_kinds import KINDS

    for kind in kinds or ():
        if kind not in KINDS:
            raise WrongUse(
                f"there is no kind of tag called {kind!r}; there are {', '.join(KINDS)}.",
                try_this="nw tags --kind instrument",
            )
    return kinds or KINDS


def _heard(
    catalog: Catalog, tagger: Any, ids: "Sequence[int]", least: float, kinds: "Sequence[str]"
) -> "dict[int, list[tuple[str, float]]]":
    from models.indexing.heard_tags import heard

    found: dict[int, list[tuple[str, float]]] = {}
    with show.progress("naming", len(ids)) as advance:
        for song_id, named in heard(catalog, tagger, ids, least=least):
            found[song_id] = []
            for name, likely in named:
                if tagger.kinds.get(name) in kinds:
                    found[song_id].append((name, likely))
            advance()
    return found


def _show(
    catalog: Catalog,
    found: "Mapping[int, list[tuple[str, float]]]",
    kinds: "Mapping[str, str]",
    *,
    output: show.Format | None,
    fields: str | None,
) -> None:
    from catalog.library.songs import get_many

    songs = get_many(catalog, list(found), light=True)
    rows = _rows(found, songs, kinds)
    if not show.rows(rows, columns=COLUMNS, output=output, fields=fields, known=KNOWN):
        show.note("no tag is that certain in these songs")


def _rows(
    found: "Mapping[int, list[tuple[str, float]]]", songs: "Mapping[int, Song]", kinds: "Mapping[str, str]"
) -> Iterator[dict[str, Any]]:
    for song_id, named in found.items():
        song = songs[song_id]
        values = {name: getattr(song, name) for name in ("title", "artist", *KNOWN)}
        for name, likely in named:
            yield {**values, "kind": kinds[name], "tag": name, "confidence": round(100 * likely)}


def _keep(catalog: Catalog, found: "Mapping[int, list[tuple[str, float]]]", *, dry_run: bool) -> None:
    from catalog.library import heard

    for song_id, named in found.items():
        if not dry_run:
            heard.keep(catalog, song_id, [name for name, _ in named])
    count = sum(len(named) for named in found.values())
    are = _are(count, dry_run=dry_run)
    songs = counted(len(found), "song")
    show.note(f"{counted(count, 'tag')} of {songs} {are} kept in the catalog")


def _are(count: int, *, dry_run: bool) -> str:
    """The verb for so many things, of what was done or would be."""
    if dry_run:
        return "would be"
    return "is" if count == 1 else "are"


def _names(found: "Mapping[int, list[tuple[str, float]]]") -> dict[int, list[str]]:
    """The tags of each song without how sure they are."""
    names = {}
    for song_id, named in found.items():
        names[song_id] = [name for name, _ in named]
    return names


def _take_back(catalog: Catalog, ids: "Sequence[int]", *, forget: bool, unwrite: bool, dry_run: bool) -> None:
    if forget:
        _forget(catalog, ids, dry_run=dry_run)
    if unwrite:
        _write_fields(catalog, dict.fromkeys(ids, ()), dry_run=dry_run)  # no names: the field goes


def _forget(catalog: Catalog, ids: "Sequence[int]", *, dry_run: bool) -> None:
    from catalog.library import heard

    if dry_run:
        show.note(f"tags that were heard in {counted(len(ids), 'song')} would be dropped")
        return
    dropped = heard.forget(catalog, ids)
    tags = counted(dropped, "tag that was heard is", "tags that were heard are")
    show.note(f"{tags} dropped")


def _write_fields(catalog: Catalog, named: "Mapping[int, Sequence[str]]", *, dry_run: bool) -> None:
    """Have each song's file say these names. Leaves with 3 where a file could not be changed."""
    from catalog.files import heard_field
    from catalog.library.songs import get_many

    changed, failed = 0, []
    songs = get_many(catalog, list(named), light=True)
    with show.progress("writing", len(named)) as advance:
        for song_id, names in named.items():
            path = songs[song_id].path
            try:
                if path is not None and heard_field.would_change(path, names):
                    if not dry_run:
                        heard_field.write(path, names)
                    changed += 1
            except (NewWaveError, OSError) as problem:  # a read-only or damaged file does not stop the others
                failed.append(f"{path}: {problem}")
            advance()
    for said in failed:
        show.note(f"failed: {said}")
    are = _are(changed, dry_run=dry_run)
    show.note(f"{counted(changed, 'file')} {are} changed")
    if failed:
        raise typer.Exit(3)
