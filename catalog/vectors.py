"""The type of vectors; apart from the other nouns, for they need no numpy and commands start without it."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 of shape (rows, dimensions), each row of length 1 unless said otherwise."""
