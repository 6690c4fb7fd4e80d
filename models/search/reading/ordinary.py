"""Words of a language, which name nothing where they are only nearly a name: "rain" is no artist Raine."""

import functools
import re
from collections.abc import Callable, Sequence

from catalog.library.fulltext import words_of
from catalog.values.spelling import is_one_slip, slips, sound
from models.search.reading.common_words import DESCRIBES, GENERIC
from models.search.reading.music_words import ENGLISH, SOUNDS, WORDS
from models.search.reading.numbers import NUMBERS

Knows = Callable[[str], bool]
"""Whether an encoder has a word whole in its vocabulary."""
_ENDINGS = ("s", "es", "er", "est", "ed", "d", "ing", "y", "ly", "ish", "less", "ness", "ful")
_SHORTEST_STEM = 3
_WORD = re.compile(r"[^\W\d_]+")
_FOR_SOUNDS = sorted((DESCRIBES | ENGLISH) - GENERIC)
_ANY_SOUND = (DESCRIBES | SOUNDS) - GENERIC
_VOWELS = frozenset("aeiou")
_FAINT_VOWEL = re.compile(r"(?:le|[aeiou]l)$")
""" "Classicle" sounds like "classical"."""
_FOR_READING = ("with", "without", "except", "nothing", "something", "anything", "instead", "music", "please")
"""Words that a request is read by."""
_SHORTEST_MISSPELLED = 5
"""Letters of a word for a sound that may be misspelled itself."""
_SHORTEST_HEARD, _SHORTEST_TURNED = 3, 4
"""Letters of one that may be written as it sounds, and of one of which two may have changed places."""
_LONG_ENOUGH = 7
"""Letters of one that may have a wrong letter."""
_LONG_FOR_TWO = 8
"""Letters of one that may have two slips."""


def knows_none(word: str) -> bool:
    """Of no encoder: no word is known."""
    return False


def is_sound(word: str) -> bool:
    """Whether a word describes a sound, in one of six languages, or several of it.

    >>> is_sound("lullabies"), is_sound("Geige".lower()), is_sound("friend")
    (True, True, False)
    """
    singular = (word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("ies") + "y")
    return not _ANY_SOUND.isdisjoint((word, *singular))


def is_ordinary(word: str, knows: Knows) -> bool:
    """Whether a word is one that describes, or is nearly one that describes a sound: "paino".

    >>> [is_ordinary(word, {"calm", "groove"}.__contains__) for word in ("calmer", "paino", "nirvanna")]
    [True, True, False]
    """
    if _is_known(word, knows):
        return True
    # "Paino" is a piano rather than an artist called Paine.
    return len(word) >= _SHORTEST_MISSPELLED and _nearly_describes(word)


@functools.lru_cache(maxsize=10_000)  # each word is asked about again and again while a request is read
def _nearly_describes(word: str) -> bool:
    return any(is_one_slip(word, one) for one in DESCRIBES)


def readably_spelled(text: str, knows: Knows, is_written: Callable[[str], bool]) -> str:
    """A text whose misspelled "without", "except" and the like are put right; see `rightly_spelled`.

    >>> readably_spelled("musci wihtout drums", {"drums"}.__contains__, set().__contains__)
    'music without drums'
    """
    right, _ = _put_right(text, _FOR_READING, knows, is_written)
    return right


def rightly_spelled(
    text: str, knows: Knows, is_written: Callable[[str], bool]
) -> tuple[str, tuple[str, ...]]:
    """A text whose misspelled words for sounds are put right, and how that is said.

    An encoder takes "paino" for a kind of pain. is_written: whether a word stands in some song, for then it
    is meant.

    >>> rightly_spelled("calm paino", {"calm"}.__contains__, set().__contains__)
    ('calm piano', ('“piano” for “paino”',))
    """
    return _put_right(text, _FOR_SOUNDS, knows, is_written)


def _put_right(
    text: str, words: Sequence[str], knows: Knows, is_written: Callable[[str], bool]
) -> tuple[str, tuple[str, ...]]:
    said: list[str] = []

    def put_right(match: re.Match[str]) -> str:
        written = match[0]
        meant = _word_meant(written.lower(), words, knows)
        if meant is None or is_written(written):
            return written
        said.append(f"“{meant}” for “{written}”")
        return meant

    return _WORD.sub(put_right, text), tuple(said)


def _is_known(word: str, knows: Knows) -> bool:
    if word in NUMBERS or not WORDS.isdisjoint((word, *words_of(word))) or knows(word):
        return True
    if {word, word.removesuffix("s"), f"{word}s", word.removesuffix("ies") + "y"} & DESCRIBES:
        return True
    # Vocabularies of 30,000 words lack many forms: MiniLM's has "calm" and no "calmer".
    stems = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
    return any(len(stem) >= _SHORTEST_STEM and (knows(stem) or knows(stem + "e")) for stem in stems)


def _word_meant(word: str, words: Sequence[str], knows: Knows) -> str | None:
    """Which of some words a misspelled one is meant to be; None where it may be two."""
    if _is_known(word, knows):
        return None
    for is_near in (_may_be_meant, _sounds_like, _may_be_meant_by_two_slips):
        for ending in ("", "s"):
            stem = word.removesuffix(ending)
            if not word.endswith(ending) or len(stem) < _SHORTEST_HEARD:
                continue
            near = [one for one in words if is_near(stem, one)]
            # "Orchestrl" lacks a letter of "orchestral" rather than ending in a wrong one of "orchestra".
            likely = [one for one in near if not _has_a_wrong_letter(stem, one)] or near
            if len(likely) == 1:
                return likely[0] + ending
    return None


def _sounds_like(word: str, one: str) -> bool:
    """Whether a word is another as it sounds, a missing letter aside in a long one; in a short one no letter
    may be another: "func" is no funk.

    >>> _sounds_like("agresive", "aggressive"), _sounds_like("gitarr", "guitar"), _sounds_like("jaz", "jazz")
    (True, True, True)
    """
    heard, meant = (_FAINT_VOWEL.sub("l", sound(each)) for each in (word, one))
    if heard == meant:
        return len(word) >= _SHORTEST_MISSPELLED or set(word) == set(one)
    long_enough = len(heard) >= _SHORTEST_MISSPELLED
    return long_enough and len(heard) != len(meant) and _may_be_meant(heard, meant)


def _may_be_meant_by_two_slips(word: str, one: str) -> bool:
    """Whether a long word lacks two letters of another one, has two too many, or has four in others' places.

    >>> _may_be_meant_by_two_slips("orcestal", "orchestral")
    True
    >>> _may_be_meant_by_two_slips("reloading", "relaxing")
    False
    """
    if min(len(word), len(one)) < _LONG_FOR_TWO or word[0] != one[0]:
        return False
    by_number_or_place = abs(len(word) - len(one)) == 2 or sorted(word) == sorted(one)
    return by_number_or_place and slips(word, one) == 2


def _may_be_meant(word: str, one: str) -> bool:
    """Whether a word is another one with a slip that people make: seldom in its first letter.

    A wrong letter makes other words ("dreary", "terse") more often than one that is missing or too many, or
    a vowel for another ("piono").
    """
    if word[0] != one[0] or not is_one_slip(word, one):
        return False
    if len(word) < _SHORTEST_MISSPELLED:
        return len(word) >= _SHORTEST_TURNED and sorted(word) == sorted(one)
    return len(word) >= _LONG_ENOUGH or not _has_a_wrong_letter(word, one) or _has_another_vowel(word, one)


def _has_a_wrong_letter(word: str, one: str) -> bool:
    """Whether a word that is one slip from another has one letter in place of another."""
    return len(word) == len(one) and sorted(word) != sorted(one)


def _has_another_vowel(word: str, one: str) -> bool:
    """Whether a word of the same length has another vowel in one place: as it sounds to some."""
    others = {letter for pair in zip(word, one, strict=True) for letter in pair if pair[0] != pair[1]}
    return others <= _VOWELS
