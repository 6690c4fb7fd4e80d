"""Descriptions, one after another, to their statistics; memory grows with the vocabulary, not the texts."""

import hashlib
import random
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from catalog.statistics.spread import Spread, share_above, spread
from catalog.statistics.words import SMALL, language_of, words_of

Meter = Callable[[Sequence[str]], Sequence[int]]
"""Texts to how many tokens each has for an encoder."""
LIMITS = (77, 256, 512)  # tokens at which CLIP and CLAP, MiniLM, and BERT and RoBERTa cut
SAMPLE = 600  # texts that are picked to be compared by meaning
_BATCH = 512  # texts whose tokens are counted together
_SHOWN = 40  # words that a report names


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of texts for one encoder; `over` is the share of texts longer than each of `LIMITS`."""

    spread: Spread
    over: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Texts:
    """What descriptions are like. `kind`: "captions", or "tags" where a song's tags stand for one.

    different: how many are unlike all before. once: words that occur once. telling: content words with the
    share of texts that hold them. sample: texts picked evenly. words: every word's count.
    """

    kind: str
    count: int
    different: int
    length: Spread
    tokens: Mapping[str, Tokens]
    running_words: int
    vocabulary: int
    once: int
    telling: tuple[tuple[str, float], ...]
    languages: Mapping[str, int]
    repeated: tuple[tuple[str, int], ...]
    sample: tuple[str, ...]
    words: Mapping[str, int]


@dataclass(slots=True)
class Gathering:
    """Collects texts; `finished` gives their statistics."""

    kind: str
    meters: Mapping[str, Meter] = field(default_factory=dict)
    count: int = 0
    _lengths: "array[int]" = field(default_factory=lambda: array("l"))
    _tokens: "dict[str, array[int]]" = field(default_factory=dict)
    _waiting: list[str] = field(default_factory=list)
    _words: Counter[str] = field(default_factory=Counter)
    _texts_with: Counter[str] = field(default_factory=Counter)
    _languages: Counter[str] = field(default_factory=Counter)
    _seen: Counter[bytes] = field(default_factory=Counter)
    _again: dict[bytes, str] = field(default_factory=dict)
    _sample: list[str] = field(default_factory=list)
    _random: random.Random = field(default_factory=lambda: random.Random(0))

    def add(self, text: str) -> None:
        """Take one text into account."""
        words = words_of(text)
        self.count += 1
        self._lengths.append(len(words))
        self._words.update(words)
        self._texts_with.update(set(words) - SMALL)  # once a text, however often it says the word
        self._languages[language_of(words)] += 1
        self._note(text)
        self._waiting.append(text)
        if len(self._waiting) >= _BATCH:
            self._measure()

    def _note(self, text: str) -> None:
        """Remember whether it was there before, and pick texts so that each has the same chance."""
        plain = " ".join(text.casefold().split())
        # Eight bytes a text: a million texts are remembered in 100 MB, whatever their length.
        key = hashlib.blake2b(plain.encode(), digest_size=8).digest()
        self._seen[key] += 1
        if self._seen[key] > 1:
            self._again.setdefault(key, text)
            return
        # Reservoir sampling (Vitter 1985): the n-th text takes a place with a chance of SAMPLE / n.
        if len(self._sample) < SAMPLE:
            self._sample.append(text)
            return
        place = self._random.randrange(len(self._seen))
        if place < SAMPLE:
            self._sample[place] = text

    def _measure(self) -> None:
        for name, meter in self.meters.items():
            # A batch at once: tokenizers spread it over the cores.
            counted = self._tokens.setdefault(name, array("l"))
            counted.extend(map(int, meter(self._waiting)))
        self._waiting = []

    def finished(self) -> Texts | None:
        """The statistics, None where there was no text."""
        self._measure()
        length = spread(self._lengths)
        if length is None:
            return None

        def most_texts_first(word: str) -> tuple[int, str]:
            # Of words equally frequent the first by letters, so that two runs say the same.
            return -self._texts_with[word], word

        often = nsmallest(_SHOWN, self._texts_with, key=most_texts_first)
        telling = [(word, self._texts_with[word] / self.count) for word in often]
        most_repeated = sorted(self._again, key=lambda key: -self._seen[key])[:10]
        repeated = [(self._again[key], self._seen[key]) for key in most_repeated]
        times = list(self._words.values())
        tokens = {name: _tokens(counts) for name, counts in self._tokens.items()}
        return Texts(
            kind=self.kind,
            count=self.count,
            different=len(self._seen),
            length=length,
            tokens=tokens,
            running_words=sum(times),
            vocabulary=len(times),
            once=times.count(1),
            telling=tuple(telling),
            languages=dict(self._languages.most_common()),
            repeated=tuple(repeated),
            sample=tuple(self._sample),
            words=self._words,
        )


def _tokens(counts: "array[int]") -> Tokens:
    found = spread(counts)
    assert found is not None
    over = {limit: share_above(counts, limit) for limit in LIMITS}
    return Tokens(found, over)
