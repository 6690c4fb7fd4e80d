"""What `nw query` is asked: typed options, or a saved query changed by them, and the answers to each line."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from newwave_cli import saved_queries

if TYPE_CHECKING:
    from models.search.request import SearchRequest
    from models.search.searcher import Answer, Searcher
    from newwave_cli.settings import Settings


def saved_under(settings: "Settings", name: str) -> "SearchRequest":
    """The request that was saved under a name. Raises WrongUse where there is none, Damaged."""
    from models.search.request import SearchRequest

    return SearchRequest.of(saved_queries.get(settings, name))


def over_saved(request: "SearchRequest", settings: "Settings") -> "SearchRequest":
    """For the text `@name` the saved request, changed by what was typed now; else the request itself."""
    if not request.text.startswith("@"):
        return request
    return saved_under(settings, request.text[1:]).changed_by(request)


def answers(
    searcher: "Searcher", request: "SearchRequest", lines: Iterable[str]
) -> "Iterator[tuple[str, Answer]]":
    """Each line with its answer, asked as `request` says."""
    for line in lines:
        yield line, searcher.search(replace(request, text=line))
