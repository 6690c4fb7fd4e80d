"""Hits as rows for the terminal, and what `--by` may say."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from catalog.errors import WrongUse
from catalog.records import Hit, Song
from newwave_cli.output import show

if TYPE_CHECKING:
    from models.search.ranking import Side
    from models.search.searcher import Way

FITS = 50
WAYS = ("sound", "words", "written", "fused", "evidence", "gate", "weighted", "rrf")
COLUMNS = ("score", "fit", "title", "artist", "duration_s", "path")
EXPLAINED = ("score", "sound", "words", "fit", "title", "artist", "moment", "line", "matched", "path")
KNOWN = (
    "query",
    "rank",
    "moment",
    "line",
    "matched",
    "sound",
    "words",
    "written",
    *(f.name for f in fields(Song)),
)


def row(hit: Hit, rank: int, query: str | None = None) -> dict[str, Any]:
    """A hit as one flat record: its scores and evidence, then what is known of the song."""
    song = {f.name: getattr(hit.song, f.name) for f in fields(Song) if f.name not in _LONG}
    return {
        **({} if query is None else {"query": query}),
        "rank": rank,
        "score": round(hit.score, 1),
        "sound": None if hit.sound is None else round(hit.sound, 1),
        "words": None if hit.words is None else round(hit.words, 1),
        "written": None if hit.written is None else round(hit.written, 1),
        "fit": "" if hit.score >= FITS else "weak",
        "moment": hit.moment and f"{show.duration(hit.moment.start_s)}–{show.duration(hit.moment.end_s)}",
        "line": hit.line and hit.line.text,
        "matched": ", ".join(hit.matched),
        **song,
    }


_LONG = {"lyrics", "captions", "extra", "origins"}


def rows(hits: Sequence[Hit], query: str = "", *, named: bool = False) -> Iterator[dict[str, Any]]:
    """All hits of one query, the best first; says so on stderr when even that one is weak.

    named: each row says which query it answers.
    """
    if weak := weakness(hits, query):
        show.note(f"note: {weak}")
    for rank, hit in enumerate(hits, start=1):
        yield row(hit, rank, query if named else None)


def weakness(hits: Sequence[Hit], query: str = "") -> str | None:
    """What to say where even the best hit is weak."""
    if not hits or hits[0].score >= FITS:
        return None
    return f"nothing fits {query or 'this'!r} well; these come nearest"


def way(by: str | None) -> "Way | None":
    """What `nw query --by` names: a side, or how to put them together; None for the default."""
    if by in (None, "both"):
        return None
    if by in WAYS:
        return by  # type: ignore[return-value]
    raise WrongUse(f"there is no {by!r} to search by.", try_this=f"--by both    (or {', '.join(WAYS)})")


def side(by: str | None) -> "Side | None":
    """What `--by` names: a side, or None for both."""
    if by in (None, "both"):
        return None
    if by == "sound" or by == "words" or by == "fused":
        return by  # type: ignore[return-value]
    raise WrongUse(f"there is no side {by!r} to search by.", try_this="--by both    (or sound, words, fused)")
