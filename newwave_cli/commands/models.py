"""nw models: the encoders there are, and which can be used on this machine."""

from collections.abc import Iterator
from typing import Any

import typer

from catalog.errors import NewWaveError, NotReady
from newwave_cli import options, show

COLUMNS = ("encoder", "role", "ready", "indexed", "pipeline")


def models_command(
    context: typer.Context, *, output: options.Output = None, fields: options.Fields = None
) -> None:
    """List the encoders, whether their weights are on this machine, and what is indexed with them."""
    show.rows(_rows(context), columns=COLUMNS, output=output, fields=fields, known=("dimensions", "note"))


def _rows(context: typer.Context) -> Iterator[dict[str, Any]]:
    from models import encoders

    used = _indexed(context)
    for name in encoders.names():
        try:
            encoder = encoders.load(name)
        except NewWaveError as problem:
            show.note(f"{name}: {problem}  (try: {problem.try_this})")
            yield {"encoder": name, "ready": "no", "note": str(problem)}
            continue
        yield {
            "encoder": name,
            "role": encoder.role,
            "ready": "yes",
            "indexed": used.get(encoder.pipeline, ""),
            "pipeline": encoder.pipeline,
            "dimensions": encoder.dimensions,
        }


def _indexed(context: typer.Context) -> dict[str, str]:
    """Pipeline of each index to how many songs it holds."""
    from catalog.song_index import read_manifest

    found = {}
    for folder in context.obj.indexes.glob("*/manifest.json"):
        try:
            manifest = read_manifest(folder.parent)
        except NotReady:
            continue
        found[manifest.pipeline] = f"{manifest.songs} songs"
    return found
