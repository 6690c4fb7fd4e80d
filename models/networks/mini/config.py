"""What `mini` is built by, in torch and as an ONNX graph: its sizes, and what its vectors' parts weigh."""

from collections.abc import Sequence
from dataclasses import dataclass

TRAITS_WEIGH = 0.5
"""The weight of the traits' cosine, beside that of joint embeddings."""

CLASSES_WEIGH = 0.5
"""The weight of the cosine of the classes that stand out."""

NO_MUSIC, STEEP = 0.75, 25.0
"""The share of its classes from which on a text speaks of a sound that is no music; how fast that turns."""


@dataclass(frozen=True, slots=True)
class MiniConfig:
    """How large the towers are.

    mobile: the width multiplier of a MobileNet (0: a residual network, whose own `widths` and `depths` are).
    widths: channels after each halving of the spectrogram. depths: residual blocks after each but the first.
    features: width of the sound tower's trunk. hidden: width of each head's inner layer (0: none).
    dimensions: of the joint embedding of sound and text. traits: how many both name beside it.
    classes: how many classes are predicted (0: none), kept: the numbers that hold which of them stand out.
    centered: whether what all descriptions have in common is taken from each part of a text's vector.
    """

    mobile: float = 0.0
    widths: Sequence[int] = (32, 48, 96, 192, 384)
    depths: Sequence[int] = (0, 2, 3, 3)
    features: int = 512
    sound_hidden: int = 100
    text_hidden: int = 0
    dimensions: int = 384
    sentence: int = 384
    traits: int = 0
    classes: int = 0
    kept: int = 0
    centered: bool = False

    @property
    def width(self) -> int:
        """The length of a vector: joint embedding, traits, classes, a number for what is no music."""
        return self.dimensions + self.traits + (self.kept + 1 if self.classes else 0)
