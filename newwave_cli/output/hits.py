"""Hits as rows for the terminal, and what `--by` may say."""

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from catalog.errors import WrongUse
from catalog.records import ALONE, Hit, Moment, Role, Song
from newwave_cli.output import show

if TYPE_CHECKING:
    from models.search.searcher import Answer

FITS = 50  # points: by chance, few sentences about other things reach as many in this library
_OF_SONG = tuple(field.name for field in fields(Song))
_LONG = {"lyrics", "captions", "extra", "origins"}
_SHORT = tuple(name for name in _OF_SONG if name not in _LONG)
"""What of a song has room in a row: a hit is not read for its lyrics (`nw show` has them)."""
COLUMNS = ("score", "fit", "title", "artist", "duration_s", "path")
EXPLAINED = ("score", "sound", "words", "fit", "title", "artist", "moment", "line", "matched", "path")
KNOWN = ("query", "rank", "wish", "moment", "line", "matched", "sound", "words", "written", *_OF_SONG)


def columns(*, explained: bool, is_table: bool) -> tuple[str, ...]:
    """What is shown of hits where nobody says. In a table, which leaves out what is empty, which of "piano or
    harp" a song answers as well: their songs take turns, so scores go up and down.
    """
    shown = EXPLAINED if explained else COLUMNS
    return ("score", "wish", *shown[1:]) if is_table else shown


def row(hit: Hit, rank: int, query: str | None = None) -> dict[str, Any]:
    """A hit as one flat record: its scores and evidence, then what is known of the song."""
    named = {} if query is None else {"query": query}  # from a file of queries, each row says whose it is
    scores = {name: _points(getattr(hit, name)) for name in ("score", "sound", "words", "written")}
    evidence = {
        "fit": "" if hit.score >= FITS else "weak",
        "moment": hit.moment and _span(hit.moment),
        "line": hit.line and hit.line.text,
        "matched": ", ".join(hit.matched),
        "wish": hit.wish,
    }
    song = {name: getattr(hit.song, name) for name in _SHORT}
    return {**named, "rank": rank, **scores, **evidence, **song}


def _points(value: float | None) -> float | None:
    """A score to one decimal; one below the line is never written as if it were on it.

    >>> _points(49.97), _points(50.04), _points(None)
    (49.9, 50.0, None)
    """
    if value is None:
        return None
    rounded = round(value, 1)
    return FITS - 0.1 if value < FITS <= rounded else rounded


def _span(moment: Moment) -> str:
    start = show.duration(moment.start_s)
    return f"{start}–{show.duration(moment.end_s)}"


def rows(answer: "Answer", query: str = "", *, named: bool = False) -> Iterator[dict[str, Any]]:
    """All hits of one query, the best first; says so on stderr when even that one is weak.

    named: each row says which query it answers.
    """
    if weak := weakness(answer, query):
        show.note(f"note: {weak}")
    for rank, hit in enumerate(answer.hits, start=1):
        yield row(hit, rank, query if named else None)


def fits(answer: "Answer") -> bool:
    """Whether any song fits; a sequence begins with any."""
    return any(hit.score >= FITS for hit in answer.hits)


def weakness(answer: "Answer", query: str = "") -> str | None:
    """What to say where something that was asked for is not here, or even the best hit is weak, and why."""
    nearest = "; these come nearest" if answer.hits else ""
    if answer.query.absent:
        missing = " or ".join(answer.query.absent)
        return f"nothing here is {missing}{nearest}"
    if not answer.hits or fits(answer):
        return None
    asked = repr(query) if query else "this"
    if answer.limits.doubt == "unread":
        unknown = "it is in no language or script that the encoder knows, and no name in the library has it"
        return f"{asked} cannot be read: {unknown}"
    if answer.limits.doubt == "no music":
        return f"nothing fits {asked}: it does not seem to describe music{nearest}"
    return f"nothing fits {asked} well{nearest}"


def role(by: str | None) -> Role | None:
    """What `nw similar --by` names, or None for sound and words together. Raises WrongUse."""
    for one in ALONE:
        if one == by:
            return one
    if by in (None, "both"):
        return None
    raise WrongUse(f"there is no {by!r} to search by.", try_this="--by both    (or sound, words, fused)")
