"""Words of a language, which name nothing where they are only nearly a name: "rain" is no artist Raine."""

from collections.abc import Callable

from catalog.values.spelling import is_one_slip
from models.search.reading.common_words import DESCRIBES
from models.search.reading.music_words import WORDS
from models.search.reading.numbers import NUMBERS

Knows = Callable[[str], bool]
"""Whether an encoder has a word whole in its vocabulary."""
_ENDINGS = ("s", "es", "er", "est", "ed", "d", "ing", "y", "ly", "ish", "less", "ness", "ful")
_SHORTEST_STEM = 3
_SHORTEST_MISSPELLED = 5
"""Letters of a word for a sound that may be misspelled itself."""


def is_ordinary(word: str, knows: Knows) -> bool:
    """Whether a word is one that describes, or is nearly one that describes a sound: "paino".

    >>> [is_ordinary(word, {"calm", "groove"}.__contains__) for word in ("calmer", "paino", "nirvanna")]
    [True, True, False]
    """
    if word in DESCRIBES or word in NUMBERS or word in WORDS or knows(word):
        return True
    # Vocabularies of 30,000 words lack many forms: MiniLM's has "calm" and no "calmer".
    stems = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
    if any(len(stem) >= _SHORTEST_STEM and (knows(stem) or knows(stem + "e")) for stem in stems):
        return True
    # "Paino" is a piano rather than an artist called Paine.
    return len(word) >= _SHORTEST_MISSPELLED and any(is_one_slip(word, one) for one in DESCRIBES)
