"""nw show: everything that is known of one song, and where it comes from."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.records import Song
from catalog.values.numbers import counted
from newwave_cli.output import show as terminal
from newwave_cli.output.show import Format

ORIGINS = {
    "name": "file name",
    "sidecar": "lyrics file",
    "user": "you",
    "heard": "heard by nw",
}
PLAIN = ("title", "artist", "album", "year", "genre", "license", "language")


def show(
    context: typer.Context,
    song: Annotated[str, typer.Argument(help='Its id, path, title or "artist - title".')],
    *,
    output: Annotated[
        Format | None, typer.Option("--format", "-f", help="json for a program; text otherwise.")
    ] = None,
) -> None:
    """Show all that is known of a song: each value with its origin, lyrics, captions, vectors."""
    from catalog.library.embeddings import embedded_by
    from catalog.library.filters import find

    if output not in (None, Format.TABLE, Format.JSON, Format.NDJSON):
        raise WrongUse(f"a song cannot be shown as {output}.", try_this="nw show SONG --format json")
    with Catalog.open(context.obj.catalog, read_only=True) as catalog:
        found = find(catalog, song)
        vectors = embedded_by(catalog, found.id)
    if output in (Format.JSON, Format.NDJSON):
        document = asdict(found)
        names = ("pipeline", "role", "parts")
        document["vectors"] = [dict(zip(names, values, strict=True)) for values in vectors]
        terminal.document(document)
        return
    for line in _lines(found, vectors):
        terminal.text(line)


def _lines(song: Song, vectors: Any) -> Iterator[str]:
    """Everything about a song, a line each."""
    by = f"{song.artist} - " if song.artist else ""
    yield f"{song.id}: {by}{song.title}"
    gone = "  (gone)" if song.missing else ""
    yield f"  path       {song.path or 'none: only its vectors are kept'}{gone}"
    yield f"  sound      {_sound(song)}"
    yield from _values(song)
    for name, role, parts in vectors:
        yield f"  vectors    {role}: {parts} by {name}"
    if not vectors:
        yield "  vectors    none yet: nw index"
    for caption in song.captions:
        text = _indented(caption.text)
        if caption.start_s is not None:  # else it is about the whole song
            span = _span(caption.start_s, caption.end_s)
            text = f"{span} {text}"
        yield f"  caption    {text}  [{_origin(caption.origin)}]"
    if song.lyrics:
        yield f"  lyrics     [{_said_by(song, 'lyrics')}]"
    for line in song.lyrics:
        start = terminal.duration(line.start_s)  # "" where the lyrics have no times
        yield f"    {start:>7}  {line.text}"


def _values(song: Song) -> Iterator[str]:
    """The single values, each with its origin."""
    for name in PLAIN:
        value = getattr(song, name)
        if value not in (None, ""):
            said_by = _said_by(song, name)
            yield f"  {name:<10} {value}  [{said_by}]"
    if song.source_id:
        yield f"  source     {song.source} {song.source_id}"
    if song.tags:
        yield f"  tags       {', '.join(song.tags)}"
    for name, value in song.extra.items():
        text = _indented(str(value))
        said_by = _said_by(song, f"extra.{name}")
        yield f"  {name:<10} {text}  [{said_by}]"


def _said_by(song: Song, value: str) -> str:
    return _origin(song.origins.get(value, song.source))


def _origin(name: str) -> str:
    """Who said it, in words; data sets go by their names."""
    return ORIGINS.get(name, name)


def _sound(song: Song) -> str:
    parts = [terminal.duration(song.duration_s), song.format]
    if song.rate_hz:
        parts.append(f"{song.rate_hz} Hz")
    if song.channels:
        parts.append(counted(song.channels, "channel"))
    return ", ".join(part for part in parts if part) or "not read yet"


def _span(start_s: float, end_s: float | None) -> str:
    start = terminal.duration(start_s)
    return start if end_s is None else f"{start}–{terminal.duration(end_s)}"


def _indented(text: str) -> str:
    return text.replace("\n", "\n             ")
