"""What `nw query` was asked, from options or from a saved query, and its answer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from catalog.errors import WrongUse
from newwave_cli import saved_queries
from newwave_cli.output import hits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from catalog.library.database import Catalog
    from catalog.records import Hit
    from models.search.searcher import Searcher
    from models.search.steering import Steer
    from newwave_cli.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with everything that changes its answer; what is kept of a saved one."""

    text: str = ""
    k: int = 10
    by: str | None = None
    where: str | None = None
    match: str | None = None
    tag: list[str] = field(default_factory=list)
    year: str | None = None
    has_lyrics: bool = False
    without: list[str] = field(default_factory=list)
    like: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    diverse: bool = False
    max_per_artist: int | None = None
    min_score: float = 0

    def over_saved(self, settings: "Settings") -> "Asked":
        """For `@name` the saved question, changed by what was typed now; else itself."""
        if not self.text.startswith("@"):
            return self
        kept = Asked(**saved_queries.get(settings, self.text[1:]))
        typed = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "text"}
        plain = asdict(Asked())
        return replace(kept, **{name: value for name, value in typed.items() if value != plain[name]})

    def as_kept(self) -> dict[str, Any]:
        """Only what differs from a plain question."""
        plain = asdict(Asked())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}


def answer(
    searcher: "Searcher",
    catalog: "Catalog",
    asked: Asked,
    lines: Iterable[str],
    *,
    explain: bool,
    steers: "Sequence[Steer]" = (),
) -> Iterator[tuple[str, "list[Hit]"]]:
    """Each line with its hits, best first; pushed by `steers` too."""
    within = allowed(catalog, asked)
    steers = [*steers, *_steers(catalog, asked)]
    for line in lines:
        found = searcher.search(
            line,
            by=hits.way(asked.by),
            k=asked.k,
            within=within,
            min_points=asked.min_score,
            explain=explain,
            steers=steers,
            diverse=asked.diverse,
            max_per_artist=asked.max_per_artist,
        )
        yield line, found


def allowed(catalog: "Catalog", asked: Asked) -> "NDArray[np.int64] | None":
    """Ids of the songs that pass all filters; None without any."""
    from catalog.library.filters import ids_where

    years = _years(asked.year) if asked.year else None
    if not (asked.where or asked.match is not None or asked.tag or years or asked.has_lyrics):
        return None
    return ids_where(
        catalog, asked.where or None, asked.match, tags=asked.tag, years=years, has_lyrics=asked.has_lyrics
    )


def _years(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    try:
        return int(first), int(last if dash else first)
    except ValueError:
        raise WrongUse(f"{text!r} is no year.", try_this="--year 1984    (or 1980-1989)") from None


def _steers(catalog: "Catalog", asked: Asked) -> "list[Steer]":
    from catalog.library.filters import find
    from models.search.steering import Steer

    return [
        *(Steer(text=text, forbidden=True) for text in asked.without),
        *(Steer(1.0, song=find(catalog, song).id) for song in asked.like),
        *(Steer(-1.0, song=find(catalog, song).id) for song in asked.unlike),
        *(Steer(weight, text) for text, weight in map(_weighted, asked.more)),
    ]


def _weighted(text: str) -> tuple[str, float]:
    """ "strings:0.5" is half as much as "strings"."""
    what, colon, number = text.rpartition(":")
    if not colon:
        return text, 1.0
    try:
        return what, float(number)
    except ValueError:
        raise WrongUse(f"{number!r} in {text!r} is no number.", try_this=f'--more "{what}:0.5"') from None
