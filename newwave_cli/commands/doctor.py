"""nw doctor: look at everything that a search needs, and say what to do about what is not well."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from catalog.errors import NewWaveError
from catalog.values.numbers import counted
from newwave_cli import options, system_errors
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.index_manifest import Manifest
    from catalog.library.database import Catalog

GIB = 1 << 30
# Bytes. An index is written aside before it takes the old one's place, so for a while both need room.
ROOM = GIB

Finding = dict[str, Any]


def doctor(context: typer.Context, *, output: options.Output = None, fields: options.Fields = None) -> None:
    """Check the installation, the catalog, the weights and every index, down to their checksums."""
    settings: Settings = context.obj
    findings = [found for check in CHECKS for found in _checked(check, settings)]
    show.rows(findings, columns=("check", "state", "detail", "try"), output=output, fields=fields)
    if any(found["state"] == "bad" for found in findings):
        raise typer.Exit(2)


def _checked(check: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    try:
        return list(check(settings))
    except NewWaveError as error:
        problem = error
    except OSError as error:
        found = system_errors.explained(error)
        if found is None:
            raise
        problem = found
    # Exit code 4 stands for what was not made or fetched yet: on a new machine that is no fault.
    state = "missing" if problem.exit_code == 4 else "bad"
    name = check.__name__.removeprefix("_").replace("_", " ")
    return [_finding(name, state, str(problem), problem.try_this)]


def _finding(check: str, state: str, detail: str, try_this: str = "") -> Finding:
    return {"check": check, "state": state, "detail": detail, "try": try_this}


def _installation(_: Settings) -> Iterator[Finding]:
    from importlib.metadata import version

    versions = {"nw": version("newwave-cli"), "Python": platform.python_version()}
    # The four with compiled code, whose versions decide most reports of crashes and of odd figures.
    for name in ("torch", "onnxruntime", "usearch", "av"):
        versions[name] = version(name)
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    yield _finding("installation", "ok", listed)
    yield _finding("python", "ok", sys.executable)


def _room(settings: Settings) -> Iterator[Finding]:
    # A new library has no folder yet: the nearest one above that exists is on the disk it will be on.
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / GIB:.1f} GiB free for {settings.home}"
    if free > ROOM:
        yield _finding("room", "ok", detail)
    else:
        yield _finding("room", "bad", detail, f"free some space (df -h {folder})")


def _catalog(settings: Settings) -> Iterator[Finding]:
    """Whether the catalog's file is whole, and what was left out of it."""
    from catalog.library import overview, songs
    from catalog.library.database import Catalog

    with Catalog.open(settings.catalog, read_only=True) as catalog:
        # quick_check reads every page; integrity_check would also hold each SQL index against its table,
        # which takes far longer and finds what `nw` can live with.
        found = [str(problem) for (problem,) in catalog.fetch("PRAGMA quick_check")]
        problems = [problem for problem in found if problem != "ok"]
        if problems:
            recover = f"sqlite3 {settings.catalog} .recover"
            yield _finding("catalog", "bad", problems[0], recover)
        else:
            overview.require_sound(catalog)
            held = counted(songs.count(catalog), "song")
            yield _finding("catalog", "ok", f"{held} in {settings.catalog}")
        yield from _failed_before(catalog)


def _failed_before(catalog: "Catalog") -> Iterator[Finding]:
    """What was left out of the library, or of its indexes, and is not tried again by itself."""
    from catalog.library import embeddings, failures, unembedded

    failed = len(failures.failures(catalog))
    if failed:
        yield _finding("files", "warn", f"{failed} could not be read", "nw ingest --retry-failed")
    unheard = 0
    for pipeline, *_ in embeddings.pipelines(catalog):
        unheard += len(unembedded.reasons(catalog, pipeline))
    if unheard:
        yield _finding("sound", "warn", f"{unheard} could not be analysed", "nw index --retry-failed")


def _weights(_: Settings) -> Iterator[Finding]:
    from models import encoders

    for name in (encoders.DEFAULT_SOUND, encoders.DEFAULT_WORDS):
        encoder = encoders.load(name)
        yield _finding("weights", "ok", encoder.pipeline)


def _indexes(settings: Settings) -> Iterator[Finding]:
    """Whether each index is whole and its store, if it has one, holds all of it."""
    from catalog.index_manifest import made, read_manifest, verify
    from catalog.indexes import load

    folders = made(settings.indexes)
    if not folders:
        yield _finding("indexes", "missing", f"nothing is indexed in {settings.indexes}", "nw index")
    for folder in folders:
        manifest = read_manifest(folder)
        broken = verify(folder)
        held = counted(manifest.songs, "song")
        detail = f"{folder.name}: {held} by {manifest.pipeline}"
        if broken:
            changed = ", ".join(broken)
            yield _finding("index", "bad", f"{detail}; changed: {changed}", "nw index --rebuild")
        else:
            yield _finding("index", "ok", f"{detail}, recall@10 {manifest.recall_at_10:.3f}")
        if load(manifest.kind).HOLDS_VECTORS:  # in a store, which may have lost some since
            yield _store(folder, manifest)


def _store(folder: Path, manifest: "Manifest") -> Finding:
    """Whether the vectors that are elsewhere are there. Raises StoreError, Damaged."""
    from catalog.indexes import load

    kind = load(manifest.kind)
    stored = kind.open_file(folder / manifest.content / kind.FILE)
    there = len(stored)
    expected = counted(manifest.vectors, "vector")
    detail = f"{folder.name}: {there:,} of {expected} at {manifest.store}"
    if there == manifest.vectors:
        return _finding("store", "ok", detail)
    return _finding("store", "bad", detail, "nw index --rebuild")


CHECKS = (_installation, _room, _catalog, _weights, _indexes)
