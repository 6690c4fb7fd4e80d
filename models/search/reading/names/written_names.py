"""Artists whose name is written in another way than the catalog has it: "Holm, Ida", "I. Holm", "Holm I."."""

import re
from collections.abc import Iterator

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.otherwise import name_with_initials, turned_names
from models.search.reading.common_words import GENERIC
from models.search.reading.names.narrowing import MOST_WORDS
from models.search.reading.ordinary import Knows, is_ordinary
from models.search.reading.patterns import pattern

_PIECE = re.compile(r"\S+")
_INITIAL = r"(?<![\w.'’])[^\W\d_]\."
_INITIALS = rf"(?P<initials>{_INITIAL}(?:[ ]?[^\W\d_]\.){{0,2}})"
_SURNAME = r"(?P<surname>[^\W\d_][\w'’-]+)"
_BEFORE = pattern(rf"{_INITIALS} ?{_SURNAME}")
_BEHIND = pattern(rf"{_SURNAME},? {_INITIALS}")
_MARKS = ",;:.!?"


def with_names_as_known(text: str, catalog: Catalog, knows: Knows) -> str:
    """A text in which such names stand as the catalog has them."""
    if "." in text:
        for form in (_BEFORE, _BEHIND):
            text = form.sub(lambda match: _in_full(match, catalog), text)
    words = words_of(text)[:MOST_WORDS]
    if len(words) < 2:
        return text
    for (start, end), name in turned_names(catalog, words).items():
        span = _written(text, start, end)
        if span is not None and _is_a_name(span[0], knows):
            # One at a time: what follows stands elsewhere now.
            at, last = span[1]
            return text[:at] + name + with_names_as_known(text[last:], catalog, knows)
    return text


def _in_full(match: re.Match[str], catalog: Catalog) -> str:
    initials = words_of(match["initials"].replace(".", " "))
    [surname, *_] = words_of(match["surname"]) or [""]
    return name_with_initials(catalog, initials, surname) or match[0]


def _written(text: str, start: int, end: int) -> tuple[str, tuple[int, int]] | None:
    """Words [start, end) as they stand in a text, and where; None where they begin or end inside another."""
    # Marks alone hold no word, and begin and end nothing.
    places = [piece for piece, first, last in pieces(text) if start <= first < last <= end]
    if not places:
        return None
    first, last = places[0].start(), places[-1].end()
    whole = text[first:last].rstrip(_MARKS)
    return (whole, (first, first + len(whole))) if len(words_of(whole)) == end - start else None


def pieces(text: str) -> Iterator[tuple[re.Match[str], int, int]]:
    """What stands between blanks in a text, each with the words [start, end) of `words_of` that it holds.

    >>> [(piece[0], start, end) for piece, start, end in pieces("AC/DC - now")]
    [('AC/DC', 0, 2), ('-', 2, 2), ('now', 2, 3)]
    """
    start = 0
    for piece in _PIECE.finditer(text):
        end = start + len(words_of(piece[0]))
        yield piece, start, end
        start = end


def _is_a_name(written: str, knows: Knows) -> bool:
    """Whether words name somebody: each with a capital, or one that is no word of a language.

    "Night silent" turns round no artist called Silent Night.
    """
    words = written.split()
    if all(word[0].isupper() for word in words):
        return True
    return any(word not in GENERIC and not is_ordinary(word, knows) for word in words_of(written))
