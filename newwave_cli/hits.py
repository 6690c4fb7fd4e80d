"""Hits as rows for the terminal, and what `--by` may say."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from catalog.errors import WrongUse
from catalog.records import Hit, Song
from newwave_cli import show

if TYPE_CHECKING:
    from models.search import Side

FITS = 50
COLUMNS = ("score", "fit", "title", "artist", "duration_s", "path")
EXPLAINED = ("score", "sound", "words", "fit", "title", "artist", "moment", "line", "path")
KNOWN = ("query", "rank", "moment", "line", "sound", "words", *(f.name for f in fields(Song)))


def row(hit: Hit, rank: int, query: str | None = None) -> dict[str, Any]:
    """A hit as one flat record: its scores and evidence, then what is known of the song."""
    song = {f.name: getattr(hit.song, f.name) for f in fields(Song) if f.name not in _LONG}
    return {
        **({} if query is None else {"query": query}),
        "rank": rank,
        "score": round(hit.score, 1),
        "sound": None if hit.sound is None else round(hit.sound, 1),
        "words": None if hit.words is None else round(hit.words, 1),
        "fit": "" if hit.score >= FITS else "weak",
        "moment": hit.moment and f"{show.duration(hit.moment.start_s)}–{show.duration(hit.moment.end_s)}",
        "line": hit.line and hit.line.text,
        **song,
    }


_LONG = {"lyrics", "captions", "extra", "origins"}


def rows(hits: Iterable[Hit], query: str | None = None) -> Iterator[dict[str, Any]]:
    """All hits of one query, the best first; says so on stderr when even that one is weak."""
    for rank, hit in enumerate(hits, start=1):
        if rank == 1 and hit.score < FITS:
            show.note(f"note: nothing fits {query or 'this'!r} well; these come nearest")
        yield row(hit, rank, query)


def side(by: str | None) -> "Side | None":
    """What `--by` names: a side, or None for both."""
    if by in (None, "both"):
        return None
    if by == "sound" or by == "words":
        return by  # type: ignore[return-value]
    raise WrongUse(f"there is no side {by!r} to search by.", try_this="--by sound, --by words or --by both")
