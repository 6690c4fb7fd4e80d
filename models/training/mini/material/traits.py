"""What texts name and sound has: the taggers' tags, and the instruments of rendered scores."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.training.mini.material.words import Text

Bools = NDArray[np.bool_]
OFTEN = 10
"""Scores that an instrument must play in to be learned."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is known of traits, tags before instruments.

    tagged: (tags,) which labels are tags. plays: (rendered windows, instruments). texts: (texts,) rows of
    sentences. named: (texts, tags + instruments) whether the words of a trait stand in a text.
    """

    tagged: Sequence[int]
    plays: Bools
    texts: NDArray[np.int64]
    named: Bools

    @property
    def count(self) -> int:
        """How many traits there are; none where no text names any."""
        return self.named.shape[1] if len(self.texts) else 0


def played_often(lineups: Sequence[Sequence[str]]) -> tuple[list[str], Bools]:
    """The instruments that are played often, and who plays them (scores, instruments)."""
    # Not a set: its order would be another in each process, and with it that of the traits.
    counts = Counter(name for lineup in lineups for name in dict.fromkeys(lineup))
    names = [name for name, count in counts.items() if count >= OFTEN]
    plays = np.zeros((len(lineups), len(names)), bool)
    for column, name in enumerate(names):
        plays[:, column] = [name in lineup for lineup in lineups]
    return names, plays


def whole(text: Text) -> str:
    """A description and its aspects as one text."""
    return " ".join((text.description, *text.aspects))


def named(texts: Sequence[str], traits: Sequence[str]) -> Bools:
    """Whether the words of each trait, or their plural, stand in a text: (texts, traits).

    >>> named(["Two Guitars and a choir, no drums"], ["guitar", "choir", "drum", "rock"]).tolist()
    [[True, True, True, False]]
    """
    found = np.zeros((len(texts), len(traits)), bool)
    for column, trait in enumerate(traits):
        word = re.compile(rf"\b{re.escape(trait.lower())}s?\b")
        found[:, column] = [word.search(text.lower()) is not None for text in texts]
    return found
