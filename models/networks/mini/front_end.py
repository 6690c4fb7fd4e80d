"""Which front end, from sound to spectrograms, a network of `mini` has."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.networks.mini import coarse_mel, fine_mel
from models.networks.mini.config import MiniConfig

Floats = NDArray[np.float32]


class FrontEnd(Protocol):
    """`coarse_mel` or `fine_mel`: sound at 16 kHz to spectrograms (windows, frames, bands)."""

    BANDS: int
    LOWEST: np.float32

    def mel_power(self, sound: Floats) -> Floats:
        """Sound (samples,) to mel power (frames, bands)."""

    def level_free(self, power: Floats) -> Floats:
        """Mel power (..., frames, bands) to what the network is given."""

    def log_mels(self, windows: Floats) -> Floats:
        """Windows (windows, samples) to what the network is given (windows, frames, bands)."""


def front_end_of(config: MiniConfig) -> FrontEnd:
    """The front end of a network of these sizes."""
    return fine_mel if config.mobile else coarse_mel
