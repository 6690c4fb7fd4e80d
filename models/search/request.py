"""What can be asked: one frozen request, built by the command line, by HTTP and by a saved query."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Damaged, WrongUse
from catalog.library.song_filter import SongFilter
from catalog.records import Role
from models.search.score_fusion import Method

Way = Role | Literal["written"] | Method
"""One role alone, exact words alone, or a method that fuses all that are indexed."""
WAYS: tuple[Way, ...] = ("sound", "words", "written", "fused", *get_args(Method))
# How an answer is shown is said each time; a clip is gone when its search is over.
_NOT_SAVED = {"page", "explain", "clip"}


def way_named(by: str | None) -> Way | None:
    """What `--by` names. Raises WrongUse for what there is not.

    >>> way_named("both"), way_named("sound")
    (None, 'sound')
    """
    if by is None or by == "both":
        return None
    for way in WAYS:
        if way == by:
            return way
    ways = ", ".join(WAYS)
    raise WrongUse(f"there is no {by!r} to search by.", try_this=f"--by both    (or {ways})")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Everything that changes which songs answer, in which order, and how.

    k: how many songs; None for as many as the text names ("five songs"), else `page`.
    by: one of WAYS, or "both" or None for the default. where, match, tag, year, has_lyrics narrow (see
    SongFilter). without: descriptions of what must not be heard. like, unlike: songs of the library by id,
    path or title. more: descriptions, "strings:0.5" for half as much. min_score: 0-100. explain: say which
    moment and line fit. sequence: in an order whose neighbours sound alike; first, last: songs of the library
    that begin and end it, which ask for it too. clip: the track embedding (dimensions,) of a sound that
    the songs should be like.
    Raises WrongUse for a `by` or a year that there is not.
    """

    text: str = ""
    k: int | None = None
    page: int = 10
    by: str | None = None
    where: str | None = None
    match: str | None = None
    tag: tuple[str, ...] = ()
    year: str | None = None
    has_lyrics: bool = False
    without: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    diverse: bool = False
    max_per_artist: int | None = None
    min_score: float = 0
    explain: bool = False
    sequence: bool = False
    first: str | None = None
    last: str | None = None
    clip: NDArray[np.float32] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        # Both raise WrongUse: a request that exists can be answered.
        way_named(self.by)
        _ = self.songs  # which knows what years there are

    @property
    def way(self) -> Way | None:
        """How to search; None is the default of this nw."""
        return way_named(self.by)

    @property
    def amount(self) -> int:
        """How many songs are shown at most."""
        return self.k or self.page

    def limited(self, named: int | None) -> "SearchRequest":
        """The same request for as many songs as its text names; what `k` says comes before that.

        >>> SearchRequest("five songs").limited(5).amount, SearchRequest(k=3).limited(5).amount
        (5, 3)
        """
        return self if self.k or not named else replace(self, k=named)

    @property
    def songs(self) -> SongFilter:
        """Which songs may answer."""
        return SongFilter(self.where, self.match, self.tag, self.year, has_lyrics=self.has_lyrics)

    @property
    def in_sequence(self) -> bool:
        """Whether the songs are put in an order whose neighbours sound alike."""
        return self.sequence or self.first is not None or self.last is not None

    @property
    def feeds_back(self) -> bool:
        """Whether anything pushes the answer away from or nearer to something."""
        return bool(self.without or self.like or self.unlike or self.more or self.clip is not None)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "SearchRequest":
        """A request from values by name; lists become tuples. Raises Damaged for a name that it has not.

        >>> SearchRequest.of({"text": "rain", "tag": ["piano"]}).tag
        ('piano',)
        """
        names = {one.name for one in fields(cls)}
        if unknown := sorted(set(given) - names):
            raise Damaged(
                f"a search knows no {', '.join(unknown)}, so this one cannot be made.",
                try_this="nw playlist list    (what is saved; nw query --save writes one anew)",
            )
        values: dict[str, Any] = {}
        for name, value in given.items():
            values[name] = tuple(value) if isinstance(value, list) else value  # JSON has no tuples
        return cls(**values)

    def saved(self) -> dict[str, Any]:
        """What a saved query keeps: only what differs from a plain request.

        >>> SearchRequest("rain", by="sound", tag=("piano",)).saved()
        {'text': 'rain', 'by': 'sound', 'tag': ['piano']}
        """
        kept = {}
        for name, value in self._differing().items():
            kept[name] = list(value) if isinstance(value, tuple) else value  # as JSON has it
        return kept

    def changed_by(self, typed: "SearchRequest") -> "SearchRequest":
        """This saved request with all that differs from a plain one in what was typed now, but its text."""
        changes = typed._differing()
        # The text that was typed is "@NAME", which this request stands for; what is never saved is as typed.
        changes |= {"text": self.text, "explain": typed.explain, "page": typed.page, "clip": typed.clip}
        return replace(self, **changes)

    def _differing(self) -> dict[str, Any]:
        """What differs from a plain request, of what is saved."""
        found = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name not in _NOT_SAVED and value != getattr(_PLAIN, one.name):
                found[one.name] = value
        return found


_PLAIN = SearchRequest()
