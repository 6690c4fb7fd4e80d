"""Rows of `nw shards`: data sets, their shards, what was checked, what was deleted."""

from typing import TYPE_CHECKING, Any

from newwave_cli.output import show

if TYPE_CHECKING:
    from catalog.shards.files import Held
    from catalog.shards.inspection import Finding, Shelf, Spot

SHELVES = ("source", "ready", "partial", "in_use", "held", "listed", "total", "revision", "path")
SPOTS = ("name", "state", "size", "in_use", "path")
CHECKED = ("name", "rows", "intact", "why", "path")
PRUNED = ("name", "state", "size", "path")


def shelf(shelf: "Shelf", output: show.Format | None) -> dict[str, Any]:
    """A data set's folder as a row."""
    return {
        "source": shelf.source,
        "ready": shelf.ready,
        "partial": shelf.partial,
        "in_use": shelf.in_use,
        "held": _bytes(shelf.bytes_held, output),
        "listed": shelf.listed,
        "total": _bytes(shelf.bytes_listed, output),
        "revision": shelf.revision,
        "path": shelf.folder,
    }


def spot(spot: "Spot", output: show.Format | None) -> dict[str, Any]:
    """A file of a data set as a row: here, here in part, or elsewhere."""
    return {
        "name": spot.file.name,
        "state": spot.state,
        "size": _bytes(spot.file.size, output),
        "held": _bytes(spot.bytes_held, output),
        "in_use": spot.in_use,
        "digest": spot.file.digest,
        "path": spot.path if spot.state == "ready" else None,
    }


def pruned(held: "Held") -> dict[str, Any]:
    """A file that was deleted, or would be, as a row."""
    return {"name": held.path.name, "state": held.state, "size": held.present, "path": held.path}


def checked(one: "Finding") -> dict[str, Any]:
    """What was found of a file as a row."""
    return {
        "name": one.file.name,
        "rows": one.rows,
        "intact": not one.why,
        "why": one.why,
        "path": one.path,
    }


def _bytes(size: int | None, output: show.Format | None) -> int | str | None:
    """A size for a person in a table, for a program elsewhere."""
    from catalog.shards.files import size_text

    if size is None:
        return None
    written_as = output or show.usual_format()
    return size_text(size) if written_as is show.Format.TABLE else size
