"""What an index knows of chance, so that it can be said whether anything fits a request.

The best of many songs stands out further than the best of few, so no fixed line says what fits. An index
keeps the best z-score that each of some sentences about other things reaches in this library, and a linear
classifier of sentence vectors that tells requests for music from such sentences (`models.indexing.chance`
makes both).
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.index_segment import ADDED

ENGLISH = ("en",)
"""What an encoder has learned that knows no other language."""
FILE = "fitting.npz"
ABOVE = "above.npy"
"""What the songs that were added to an index reach, beside them."""
QUANTILE = {"sound": 0.5, "words": 0.95, "fused": 0.5}
"""Of what sentences about other things reach: a song fits above it. Chosen in models/EXPERIMENTS.md, "What
fits"."""
AT_LEAST = {"sound": 1.0, "words": 2.0, "fused": 2.0}
"""In a library of three songs the best by chance says little."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """What an index knows of chance.

    above: (sentences,) how far the best song stands above its own mean for sentences about other things, in
    cosines. slopes: (dimensions of a sentence vector,) and offset of the classifier: above zero a sentence is
    a request for music. languages: the ISO 639 codes of those that the encoder has learned; none where it
    knows many.
    """

    above: NDArray[np.float32]
    slopes: NDArray[np.float32]
    offset: float
    languages: tuple[str, ...] = ()

    def about_music(self, sentence: NDArray[np.float32]) -> bool:
        """Whether a sentence vector (dimensions,) is a request for music.

        >>> Fitting(np.zeros(1), np.array([1.0, -1.0]), -0.5).about_music(np.array([0.8, 0.6]))
        False
        """
        return bool(self.slopes @ sentence + self.offset > 0)

    def line(self, role: str, spread: float, *, about_music: bool) -> float:
        """The z-score from which on a song fits by a role; what is about no music must beat all of chance.

        spread: one standard deviation of the index, in cosines.

        >>> fitting = Fitting(np.array([0.1, 0.2, 0.3]), np.zeros(1), 1.0)
        >>> fitting.line("sound", 0.1, about_music=True), fitting.line("words", 0.1, about_music=False)
        (2.0, 3.0)
        """
        # 1.0 is the most that any sentence about other things reaches.
        share = QUANTILE[role] if about_music else 1.0
        z_scores = np.sort(self.above / spread)  # (sentences,)
        # As np.quantile, which loads numpy.ma when it is first called: a twentieth of the time of `nw query`.
        places = np.arange(len(z_scores))
        reached = np.interp(share * places[-1], places, z_scores)
        # Rounded, so that the same library gives the same line whichever way its scores were added up.
        return max(AT_LEAST[role], round(float(reached), 6))

    def with_more(self, above: NDArray[np.float32]) -> "Fitting":
        """The same with what songs (sentences,) that were added reach."""
        return replace(self, above=np.maximum(self.above, above))

    def save(self, content: Path) -> None:
        """Write it into the content of an index."""
        np.savez(
            content / FILE,
            above=self.above,
            slopes=self.slopes,
            offset=np.float32(self.offset),
            languages=np.array(self.languages, np.str_),
        )


def read(content: Path) -> Fitting | None:
    """What the content of an index keeps; None where an older nw made it."""
    if not (content / FILE).exists():
        return None
    with np.load(content / FILE) as kept:
        languages = tuple(map(str, kept["languages"]))
        offset = float(kept["offset"])
        fitting = Fitting(kept["above"], kept["slopes"], offset, languages)
    # The best by chance of the whole index is the best of its two parts.
    added = content / ADDED / ABOVE
    return fitting.with_more(np.load(added)) if added.exists() else fitting
