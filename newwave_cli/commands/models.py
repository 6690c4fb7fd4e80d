"""nw models: the encoders there are, and which can be used on this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from catalog.errors import NewWaveError, NoModel, NotReady
from catalog.values.numbers import counted
from newwave_cli import options, settings
from newwave_cli.output import show

if TYPE_CHECKING:
    from catalog.index_manifest import Manifest

COLUMNS = ("encoder", "role", "ready", "indexed", "pipeline")


def models_command(
    context: typer.Context, *, output: options.Output = None, fields: options.Fields = None
) -> None:
    """List the encoders, whether their weights are on this machine, and what is indexed with them.

    Nothing is fetched for it. An encoder that nw train made is listed once there is an index of it.
    """
    settings.stay_offline()  # a list must not fetch gigabytes
    show.rows(_rows(context), columns=COLUMNS, output=output, fields=fields, known=("dimensions", "note"))


def _rows(context: typer.Context) -> Iterator[dict[str, Any]]:
    """A row an encoder, then one for each index of an encoder that is not among them."""
    from models import encoders

    used = _indexed(context)
    for name in encoders.names():
        try:
            encoder = encoders.load(name)
        except NewWaveError as problem:
            _say_why_not(name, problem)
            yield {"encoder": name, "ready": "no", "note": str(problem)}
            continue
        manifest = used.pop(encoder.pipeline, None)
        yield {
            "encoder": name,
            "role": encoder.role,
            "ready": "yes",
            "indexed": _songs(manifest),
            "pipeline": encoder.pipeline,
            "dimensions": encoder.dimensions,
        }
    # What is left was indexed by trained checkpoints, or by an encoder of another version of nw.
    for pipeline, manifest in used.items():
        folder = Path(manifest.encoder)  # runs/RUN/checkpoint, where a run made it
        of_a_run = folder.is_relative_to(context.obj.runs)
        name = folder.parent.name if of_a_run else manifest.encoder
        ready = "yes" if folder.is_dir() else "no"
        yield {
            "encoder": name,
            "role": manifest.role,
            "ready": ready,
            "indexed": _songs(manifest),
            "pipeline": pipeline,
            "dimensions": manifest.dimensions,
        }


def _say_why_not(name: str, problem: NewWaveError) -> None:
    if isinstance(problem, NoModel):
        show.note(f"{name}: not on this machine; its first use fetches it")
    else:
        show.passed_over(name, problem)


def _songs(manifest: "Manifest | None") -> str:
    return counted(manifest.songs, "song") if manifest else ""


def _indexed(context: typer.Context) -> "dict[str, Manifest]":
    """What is indexed, by pipeline."""
    from catalog.index_manifest import made, read_manifest

    found = {}
    for folder in made(context.obj.indexes):
        try:
            manifest = read_manifest(folder)
        except NotReady:
            continue  # it was rebuilt or removed since the folder was listed
        except NewWaveError as problem:
            show.passed_over(f"index {folder.name}", problem)
            continue
        found[manifest.pipeline] = manifest
    return found
