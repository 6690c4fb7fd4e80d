"""Whether a word is another one with a slip of the hand, or as it sounds: "nirvanna", "sox"."""

import functools
import string
from collections.abc import Iterator
from itertools import groupby

LETTERS_A_SLIP = 5
"""One slip is forgiven for every so many letters ..."""
SHORTEST_STRANGE = 4
"""... and one in a word of so many that is no word of a language: "qeen"."""
LONG_ENOUGH = 6
"""Letters of a word in which two may have changed places: "quite" is a word and no "quiet"."""
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("qu", "kw"),
    ("x", "ks"),
    ("c", "k"),
    ("q", "k"),
    ("y", "i"),
    ("z", "s"),
)
"""Ways to write one sound, in this order."""

_SAME_SOUND = ("ck", "sz", "fv")
"""Letters that a word may begin with instead of one another."""


def alike(word: str, own: str, *, is_strange: bool = False) -> bool:
    """Whether a slip or two make one of the other, or they sound alike. is_strange: it is no known word.

    >>> alike("matias", "mattias"), alike("wesnoht", "wesnoth"), alike("calm", "cale"), alike("sox", "socks")
    (True, True, False, True)
    """
    if sound(word) == sound(own):
        return True
    shorter = min(len(word), len(own))
    allowed = shorter // LETTERS_A_SLIP
    if is_strange and shorter >= SHORTEST_STRANGE:
        allowed = max(allowed, 1)
    if allowed == 1:
        may_change_places = is_strange or shorter >= LONG_ENOUGH
        if is_one_slip(word, own, may_change_places=may_change_places):
            return True
        # "Steven" is "stefen" with another letter.
        return shorter >= LONG_ENOUGH and is_one_slip(sound(word), sound(own))
    return slips(word, own) <= allowed


def is_one_slip(word: str, own: str, *, may_change_places: bool = True) -> bool:
    """Whether one letter at most is wrong, missing or too many, or two are in each other's place.

    >>> [is_one_slip("queen", other) for other in ("qeen", "queem", "quene", "quinn")]
    [True, True, True, False]
    """
    if abs(len(word) - len(own)) > 1:  # most words, for which nothing need be loaded
        return False
    if may_change_places:
        return slips(word, own) <= 1
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(word, own) <= 1


def slips(word: str, own: str) -> int:
    """How many letters are wrong, missing, too many or, two at a time, in each other's place.

    Optimal string alignment: Levenshtein 1966, with neighbours that changed places as one (Damerau 1964).

    >>> slips("nirvna", "nirvana"), slips("naxstack", "maxstack"), slips("wesnoht", "wesnoth")
    (1, 1, 1)
    """
    from rapidfuzz.distance import OSA

    return OSA.distance(word, own)


def sound(word: str) -> str:
    """A word as it sounds, roughly: one way to write each sound, no letter twice in a row.

    >>> sound("sox") == sound("socks"), sound("supertuxcart") == sound("supertuxkart"), sound("abbba")
    (True, True, 'aba')
    """
    plain = word
    for written, sounds in _SOUNDS:
        plain = plain.replace(written, sounds)
    return "".join(letter for letter, _ in groupby(plain))


def sounding_beginnings(word: str) -> list[str]:
    """The first two letters of a word, and those of words that begin as it sounds.

    >>> sounding_beginnings("kolegium"), sounding_beginnings("ice")
    (['ko', 'co'], ['ic'])
    """
    first, second = word[:1], word[1:2]
    found = [first + second]
    for pair in _SAME_SOUND:
        if first in pair:
            found += [other + second for other in pair if other != first]
    return found


@functools.lru_cache(maxsize=1_000)  # a word stands in many spans of a request
def beginnings(word: str) -> tuple[str, ...]:
    """The word as it would be without one slip in its first two letters.

    >>> "maxstack" in beginnings("naxstack"), "queen" in beginnings("ueen"), "muse" in beginnings("umse")
    (True, True, True)
    """
    return tuple(dict.fromkeys(_beginnings(word)))


def _beginnings(word: str) -> Iterator[str]:
    """How a word may begin with one slip: two letters swapped, one missing, wrong or too many."""
    # Slices and no indexes: a word may have one letter.
    first, second, rest = word[:1], word[1:2], word[2:]
    third, after_third = rest[:1], rest[1:]
    yield second + first + rest
    yield first + third + second + after_third
    yield second + rest
    yield first + rest
    for letter in string.ascii_lowercase:
        yield letter + second + rest
        yield first + letter + rest
        yield letter + word
        yield first + letter + second + rest
