"""What `nw tags` changes: tags of the catalog (--keep, --forget) and of files (--write, --unwrite).

Every note says what was done, or with --dry-run what would be.
"""

from collections.abc import Mapping, Sequence

import typer

from catalog.errors import NewWaveError
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.output import show


def add(
    catalog: Catalog,
    names: Mapping[int, Sequence[str]],
    *,
    in_catalog: bool,
    in_files: bool,
    dry_run: bool,
) -> None:
    """Keep the tags of each song (id): in the catalog with the origin "heard", in files as a field.

    Raises typer.Exit(3) where a file could not be changed.
    """
    if in_catalog:
        _keep(catalog, names, dry_run=dry_run)
    if in_files:
        _write(catalog, names, dry_run=dry_run)


def _keep(catalog: Catalog, names: Mapping[int, Sequence[str]], *, dry_run: bool) -> None:
    from catalog.library import heard

    count = 0
    for song_id, tags in names.items():
        count += len(tags)
        if not dry_run:
            heard.keep(catalog, song_id, tags)
    tags_kept = counted(count, "tag")
    songs = counted(len(names), "song")
    show.note(f"{tags_kept} of {songs} {_are(count, dry_run=dry_run)} kept in the catalog")


def drop(catalog: Catalog, ids: Sequence[int], *, in_catalog: bool, in_files: bool, dry_run: bool) -> None:
    """Drop what `add` kept of these songs. Raises typer.Exit(3) as it does."""
    if in_catalog:
        _forget(catalog, ids, dry_run=dry_run)
    if in_files:
        no_tags: Mapping[int, Sequence[str]] = dict.fromkeys(ids, ())
        _write(catalog, no_tags, dry_run=dry_run)


def _forget(catalog: Catalog, ids: Sequence[int], *, dry_run: bool) -> None:
    from catalog.library import heard

    if dry_run:
        songs = counted(len(ids), "song")
        show.note(f"tags that were heard in {songs} would be dropped")
        return
    dropped = heard.forget(catalog, ids)
    tags = counted(dropped, "tag that was heard is", "tags that were heard are")
    show.note(f"{tags} dropped")


def _write(catalog: Catalog, names: Mapping[int, Sequence[str]], *, dry_run: bool) -> None:
    """Have each song's file say its tags; of a song without any the field goes."""
    from catalog.files import heard_field
    from catalog.library.songs import get_many

    changed, failed = 0, []
    songs = get_many(catalog, list(names), light=True)
    with show.progress("writing", len(names)) as advance:
        for song_id, tags in names.items():
            path = songs[song_id].path
            try:
                if path is not None and heard_field.would_change(path, tags):
                    if not dry_run:
                        heard_field.write(path, tags)
                    changed += 1
            except (NewWaveError, OSError) as problem:  # a read-only or damaged file does not stop the others
                said = str(problem)
                failed.append(said if str(path) in said else f"{path}: {said}")
            advance()
    for said in failed:
        show.note(f"failed: {said}")
    files = counted(changed, "file")
    show.note(f"{files} {_are(changed, dry_run=dry_run)} changed")
    if failed:
        raise typer.Exit(3)


def _are(count: int, *, dry_run: bool) -> str:
    """The verb for so many things, of what was done or would be."""
    if dry_run:
        return "would be"
    return "is" if count == 1 else "are"
