"""How two data sets differ in what they say: a model that learns on one is judged on the other."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.statistics.summary import Summary
from catalog.statistics.words import SMALL

TELLING = 20  # words that are shown of each kind
PRIOR_WORDS = 1000.0
"""How many words the prior of the log-odds counts for."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A word that tells two sets apart: z above 0 for the second; its rate a million words in both."""

    word: str
    z: float
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """From the first set (learned on) to the second (judged on).

    shared_words, only_first, only_second: of the vocabulary. unseen: the share of the second's running words
    that the first does not have; unseen_back the other way. divergence: Jensen-Shannon, 0 to 1 bit.
    running_second: all words of the second, repeated ones too.
    telling: the words most typical of the first, then of the second. shared_songs: by Jamendo's id.
    """

    shared_words: int
    only_first: int
    only_second: int
    unseen: float
    unseen_back: float
    unseen_words: tuple[tuple[str, int], ...]
    running_second: int
    divergence: float
    telling: tuple[Telling, ...]
    shared_songs: int

    def typical(self) -> tuple[list[str], list[str]]:
        """The telling words of the first and of the second set, the surest first."""
        of_first = [one.word for one in self.telling if one.z < 0]
        of_second = [one.word for one in self.telling if one.z > 0]
        return of_first, of_second


def compare(first: Summary, second: Summary) -> Comparison:
    """Vocabulary, frequencies and tags of two sets beside each other."""
    one = _words(first)
    other = _words(second)
    unseen = _unseen(other, one)
    unseen_back = _unseen(one, other)
    # Of words equally frequent the first by letters, so that two runs say the same.
    commonest = sorted(unseen.items(), key=lambda pair: (-pair[1], pair[0]))
    unseen_words = tuple(commonest[:TELLING])
    shared_words = one.keys() & other.keys()
    shared_songs = first.jamendo_ids & second.jamendo_ids
    return Comparison(
        shared_words=len(shared_words),
        only_first=len(unseen_back),
        only_second=len(unseen),
        unseen=_share(unseen, other),
        unseen_back=_share(unseen_back, one),
        unseen_words=unseen_words,
        running_second=sum(other.values()),
        divergence=divergence(one, other),
        telling=telling_words(one, other),
        shared_songs=len(shared_songs),
    )


def _unseen(words: Mapping[str, int], known: Mapping[str, int]) -> dict[str, int]:
    """The words that are not among the known ones, with their counts."""
    return {word: count for word, count in words.items() if word not in known}


def telling_words(one: Mapping[str, int], other: Mapping[str, int]) -> tuple[Telling, ...]:
    """Words whose log-odds differ most surely, with an informative Dirichlet prior from both sets together.

    Monroe, Colaresi and Quinn 2008, "Fightin' Words", equations 16 and 22. Small words are left out.
    """
    sums = sum(one.values()), sum(other.values())
    vocabulary = one.keys() | other.keys()
    # Odds are against all other words, of which there are none where both sets say a single one.
    if not all(sums) or len(vocabulary) == 1:
        return ()
    both = sum(sums)
    found = []
    for word in vocabulary - SMALL:
        counts = one.get(word, 0), other.get(word, 0)
        # What both sets say of the word, as if it had been read in PRIOR_WORDS words before.
        prior = PRIOR_WORDS * sum(counts) / both
        odds, rates, variance = [], [], 0.0
        for count, size in zip(counts, sums, strict=True):
            with_prior = count + prior
            others = size + PRIOR_WORDS - count - prior
            odds.append(math.log(with_prior / others))
            rates.append(1e6 * count / size)  # in a million words
            variance += 1 / with_prior
        difference = odds[1] - odds[0]
        z = difference / math.sqrt(variance)
        found.append(Telling(word, z, *rates))
    found.sort(key=lambda telling: (telling.z, telling.word))
    lowest, highest = found[:TELLING], found[-TELLING:]
    of_first = [telling for telling in lowest if telling.z < 0]
    of_second = [telling for telling in highest if telling.z > 0]
    return (*of_first, *reversed(of_second))


def divergence(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The Jensen-Shannon divergence of two distributions of words in bits: 0 for equal, 1 for disjoint.

    >>> divergence({"a": 2}, {"a": 1}), divergence({"a": 1}, {"b": 1})
    (0.0, 1.0)
    """
    sums = sum(one.values()), sum(other.values())
    if not all(sums):
        return 1.0
    total = 0.0
    for word in one.keys() | other.keys():
        counts = one.get(word, 0), other.get(word, 0)
        shares = [count / size for count, size in zip(counts, sums, strict=True)]
        middle = sum(shares) / 2
        for share in filter(None, shares):  # 0 log 0 is 0
            total += share * math.log2(share / middle)
    return max(0.0, total / 2)


def _words(summary: Summary) -> Mapping[str, int]:
    return summary.texts.words if summary.texts else {}


def _share(some: Mapping[str, int], words: Mapping[str, int]) -> float:
    """Of running words: one that occurs a hundred times counts a hundred times."""
    running = sum(words.values())
    return sum(some.values()) / max(running, 1)
