"""The gate: does a description speak of how music sounds, of what it says, or of both? Loads no torch."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import write_text

FILE = Path(__file__).parents[1] / "weights" / "gate" / "gate.json"
CLASSES = ("sound", "words", "both")

# With 0 an instrumental could never answer a request that mentions a topic.
FLOOR = 0.35
"""What the role that a description does not speak of counts where no gate was trained."""
# "a song about the sea", "lyrics in which she leaves", "singing of home"; "about robots" at the start.
_ASKS_FOR_WORDS = re.compile(
    r"\b(?:songs?|lyrics?|ballads?|verses?|text|words?|singer) (?:that |which )?(?:\w+ )?"
    r"(?:about|in which|where)\b"
    r"|\b(?:sings?|singing|sung|tells?|telling) (?:about|of)\b|\blyrics?\b|^about ",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gate:
    """A linear classifier over the sentence vectors of one encoder of words.

    slopes: (3, dimensions) and offsets: (3,), a row for each of CLASSES. floor: what the role that a
    description does not speak of still counts, so that a song with that role alone can be found. sentences:
    the pipeline whose vectors it was trained on; those of another mean nothing to it.
    """

    slopes: NDArray[np.float32]
    offsets: NDArray[np.float32]
    floor: float
    sentences: str = ""

    def knows(self, pipeline: str) -> bool:
        """Whether it was trained on sentence vectors of that pipeline."""
        return pipeline == self.sentences

    def probabilities(self, sentence: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely a sentence vector (dimensions,) speaks of sound, words, both: (3,), together 1."""
        logits = self.slopes @ sentence + self.offsets
        # The largest is taken away so that no exponential overflows; the shares stay the same.
        raised = np.exp(logits - logits.max())
        likely: NDArray[np.float32] = raised / raised.sum()
        return likely

    def weights(self, sentence: NDArray[np.float32]) -> dict[str, float]:
        """What each role counts for that sentence: between `floor` and 1."""
        sound, words, _ = self.probabilities(sentence).tolist()
        # What a sentence surely speaks of takes from the other role, down to the floor.
        given_up = 1 - self.floor
        of_sound = 1 - given_up * words
        of_words = 1 - given_up * sound
        return {"sound": of_sound, "words": of_words}

    @staticmethod
    @functools.cache
    def load(path: Path = FILE) -> "Gate":
        """The gate that ships with this nw."""
        content = json.loads(path.read_text())
        return Gate(
            slopes=np.array(content["slopes"], np.float32),
            offsets=np.array(content["offsets"], np.float32),
            floor=float(content["floor"]),
            sentences=content.get("sentences", ""),
        )

    def save(self, path: Path, about: Mapping[str, object]) -> None:
        """Write the gate as JSON of 10 KB, with what there is to know about it."""

        def short(row: NDArray[np.float32]) -> Sequence[float]:
            # Four digits keep the file small, for it is part of the package.
            return [round(value, 4) for value in row.tolist()]

        content = {
            "sentences": self.sentences,
            **about,
            "classes": CLASSES,
            "floor": self.floor,
            "offsets": short(self.offsets),
            "slopes": [short(row) for row in self.slopes],
        }
        write_text(path, json.dumps(content) + "\n")


def asks_for_words(text: str) -> bool:
    """Whether a request says that it asks for what is sung.

    >>> asks_for_words("a song about the sea"), asks_for_words("music for studying")
    (True, False)
    """
    return bool(_ASKS_FOR_WORDS.search(text))


def weights_by_text(text: str, *, about_music: bool) -> dict[str, float]:
    """What each role counts, for encoders of words that no gate was trained for.

    A request for words says so; what is about no music can only be meant as a topic.

    >>> weights_by_text("a song about the sea", about_music=True)
    {'sound': 0.35, 'words': 1.0}
    >>> weights_by_text("music for studying", about_music=True)
    {'sound': 1.0, 'words': 0.35}
    """
    if asks_for_words(text) or not about_music:
        return {"sound": FLOOR, "words": 1.0}
    return {"sound": 1.0, "words": FLOOR}
