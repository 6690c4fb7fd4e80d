"""nw shards: the downloaded pieces of data sets: what is there, fetch, prune, verify."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import NewWaveError, SourceError, WrongUse, quoted
from catalog.values.numbers import counted
from newwave_cli.inputs import data_sets
from newwave_cli.options import Fields, Output
from newwave_cli.output import shards_table, show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.shards.inspection import Finding as Checked
    from catalog.shards.inspection import Spot
    from catalog.shards.listing import Listing

app = typer.Typer(no_args_is_help=True, help="Downloaded pieces of data sets: status, fetch, prune, verify.")

Source = Annotated[
    str | None, typer.Argument(help="jamendo, owner/name on the hub, an address, a folder (./jamendo).")
]
One = Annotated[str, typer.Argument(help="jamendo, owner/name on the hub, an address, a folder (./jamendo).")]
Pieces = Annotated[int | None, typer.Option("-k", "--limit", min=1, help="At most this many shards.")]
Refresh = Annotated[bool, typer.Option("--refresh", help="Ask the source again what it has.")]


@app.command()
def status(
    context: typer.Context, source: Source = None, *, output: Output = None, fields: Fields = None
) -> None:
    """Show what is downloaded of which data set; with a data set, each of its files.

    Exits with 1 where nothing is downloaded. Never uses the network.
    """
    from catalog.shards import inspection
    from catalog.shards.files import on_disk, size_text

    settings: Settings = context.obj
    if source is not None:
        spots = inspection.spots(_listing(settings, source, offline=True), settings.shards)
        rows = (shards_table.spot(spot, output) for spot in spots)
        show.rows(rows, columns=shards_table.SPOTS, output=output, fields=fields, known=("held", "digest"))
        return
    shelves = inspection.shelves(settings.shards)
    rows = (shards_table.shelf(shelf, output) for shelf in shelves)
    if not show.rows(rows, columns=shards_table.SHELVES, output=output, fields=fields):
        show.note("no shards are downloaded; nw ingest jamendo --limit 100 fetches what it needs")
        raise typer.Exit(1)
    taken = size_text(on_disk(settings.shards))
    show.note(f"{taken} in {settings.shards}")


@app.command()
def fetch(
    context: typer.Context,
    source: One,
    *,
    limit: Pieces = None,
    disk_budget: data_sets.DiskBudget = "20GB",
    refresh: Refresh = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be fetched.")] = False,
) -> None:
    """Download the first shards of a data set and keep them: as many as the disk budget holds.

    Stopped, it goes on where it was; exits with 3 where some could not be had.
    """
    from catalog.shards.files import parse_size, size_text
    from catalog.shards.inspection import room_for, that_fit

    settings: Settings = context.obj
    budget = parse_size(disk_budget)
    listing = _listing(settings, source, offline=settings.offline, refresh=refresh, budget=budget)
    if listing.local:
        show.note(f"{listing.source} is on this machine already")
        return
    listed = listing.shards()
    plan = listed[:limit]
    room = room_for(listing, settings.shards, budget)
    fitting = that_fit(listing, plan, room)
    size = sum(listing.files[place].size for place in fitting)
    of_all = f"{len(fitting):,} of {counted(len(listed), 'shard')}"
    show.note(f"{of_all}, {size_text(size)}, at {_revision(listing)}")
    left_out = len(plan) - len(fitting)
    if left_out:
        show.note(f"{left_out} more do not fit into {disk_budget}: --disk-budget")
    if not fitting:
        raise SourceError("there is no room for a single shard.", try_this=_more_room(listing, plan, budget))
    if not dry_run and _download(settings, listing, fitting, budget):
        raise typer.Exit(3)


def _more_room(listing: "Listing", plan: list[int], budget: int) -> str:
    """What helps where no shard fits: a larger budget, or less that lies there."""
    from catalog.shards.files import size_text

    sizes = [listing.files[place].size for place in plan]
    smallest = min(sizes, default=0)
    if smallest > budget:
        # Two and a half: one is read while the next comes, and shards differ a little in size.
        return f"--disk-budget '{size_text(2.5 * smallest)}'    (room for two)"
    return "nw shards prune    (deletes what no process uses; or a larger --disk-budget)"


@app.command()
def prune(
    context: typer.Context,
    source: Source = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted.")] = False,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Delete downloaded shards that no process uses; they can be fetched again."""
    from catalog.shards import files, inspection

    settings: Settings = context.obj
    name = _source_of(source) if source else None
    shelves = inspection.shelves(settings.shards)
    chosen = [one for one in shelves if name in (None, one.source)]
    if name and not chosen:
        raise WrongUse(f"nothing of {name} is downloaded.", try_this="nw shards status")
    rows: list[dict[str, Any]] = []
    for shelf in chosen:
        for held in inspection.unused(shelf.folder):
            # Another process may have begun to read it since: then it is not dropped, and not listed.
            if dry_run or files.drop(held.path):
                rows.append(shards_table.pruned(held))
    show.rows(rows, columns=shards_table.PRUNED, output=output, fields=fields)
    freed = sum(row["size"] for row in rows)
    deleted = "would be deleted" if dry_run else "were deleted"
    in_use = sum(shelf.in_use for shelf in chosen)
    kept = ""
    if in_use:
        kept = f"; {counted(in_use, 'is', 'are')} in use"
    files_gone = counted(len(rows), "file")
    show.note(f"{files_gone}, {files.size_text(freed)}, {deleted}{kept}")


@app.command("verify")
def verify_command(
    context: typer.Context,
    source: Source = None,
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Read every row too.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave damaged shards where they are.")] = False,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Check shards that are here: size, checksum, and that they open. Damaged downloads are deleted.

    Exits with 3 where one is damaged. A folder of your own is only read.
    """
    settings: Settings = context.obj
    bad = 0
    for name in _to_check(settings, source):
        # By the listing of when they were fetched: the data set may have changed since, and they are whole.
        listing = _listing(settings, name, offline=True)
        spots = _spots(settings, listing)
        found = _check(spots, deep=deep)
        rows = map(shards_table.checked, found)
        show.rows(rows, columns=shards_table.CHECKED, output=output, fields=fields)
        damaged = [one for one in found if one.why]
        bad += len(damaged)
        if not keep and not listing.local:  # a folder of one's own is not ours to delete from
            _drop(damaged)
        intact = len(found) - len(damaged)
        show.note(f"{listing.source}: {intact} intact, {len(damaged)} damaged")
    if bad:
        raise typer.Exit(3)


def _drop(damaged: "list[Checked]") -> None:
    from catalog.shards import files

    for one in damaged:
        dropped = files.drop(one.path)
        done = "deleted; it is fetched again when it is needed" if dropped else "in use"
        show.note(f"{one.file.name}: {done}")


def _check(spots: "list[Spot]", *, deep: bool) -> "list[Checked]":
    from catalog.shards.inspection import check

    with show.progress("checking", len(spots)) as advance:
        return list(check(spots, deep=deep, progress=advance))


def _spots(settings: Settings, listing: "Listing") -> "list[Spot]":
    from catalog.shards.inspection import READY, spots

    here = spots(listing, settings.shards)
    return [spot for spot in here if spot.state == READY]


def _to_check(settings: Settings, source: str | None) -> list[str]:
    from catalog.shards.inspection import shelves

    if source is not None:
        return [source]
    # A folder whose listing is lost has no checksums to check by.
    listed = [shelf for shelf in shelves(settings.shards) if shelf.listed is not None]
    if not listed:
        show.note("no shards are downloaded")
        raise typer.Exit(1)
    return [shelf.source for shelf in listed]


def _download(settings: Settings, listing: "Listing", plan: list[int], budget: int) -> int:
    """Fetch these shards and leave them; return how many could not be had."""
    from catalog.errors import Damaged
    from catalog.shards.local_store import Limits
    from catalog.shards.store import Store

    failed = 0
    limits = Limits(budget, keep=True, offline=settings.offline)
    with (
        Store(listing, settings.shards, limits, on_trouble=show.note) as store,
        show.progress("fetching", len(plan)) as advance,
    ):
        store.begin(plan)
        for place in plan:
            try:
                store.take(place)
            except Damaged as problem:  # the others may still be had
                failed += 1
                show.note(f"failed: {problem}")
            store.release(place)  # a shard in use is never deleted to make room, nor by `nw shards prune`
            advance(1, listing.files[place].name)
    here = counted(len(plan) - failed, "shard is", "shards are")
    not_had = f", {failed} could not be had" if failed else ""
    show.note(f"{here} here{not_had}")
    return failed


def _source_of(name: str) -> str:
    """The data set that a short name stands for."""
    from catalog import sources

    data_set, files = sources.split(name)
    if not data_set:
        return name
    if files:
        return files[0]
    source = sources.load(data_set).INFO.shards
    if not source:
        one, *_ = [one for one, info in sources.infos().items() if info.shards]
        raise WrongUse(f"{name} is a table and has no shards.", try_this=f"nw shards status {one}")
    return source


def _listing(
    settings: Settings, name: str, *, offline: bool, refresh: bool = False, budget: int | None = None
) -> "Listing":
    """What a data set has; offline as it was when it was last asked. Raises SourceError."""
    from catalog.shards.files import pinned

    source = _source_of(name)
    try:
        return pinned(source, settings.shards, budget=budget, offline=offline, refresh=refresh)
    except NewWaveError:
        if offline and not settings.offline:  # the command itself never asks the network
            said = f"nothing of {source} was ever fetched here."
            raise SourceError(said, try_this=f"nw shards fetch {quoted(name)}") from None
        raise


def _revision(listing: "Listing") -> str:
    if not listing.revision:
        return "no pinned revision"
    return f"revision {listing.revision[:12]}"
