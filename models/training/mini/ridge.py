"""Ridge regression, by which the layers of `mini` are set that are not trained."""

import numpy as np
from numpy.typing import NDArray


def ridge_weights(
    inputs: NDArray[np.float64], targets: NDArray[np.floating], ridge: float
) -> NDArray[np.floating]:
    """The weights (inputs, targets) of a ridge regression over centered rows: (X'X + ridge I)^-1 X'Y."""
    diagonal = ridge * np.eye(inputs.shape[1])
    gram = inputs.T @ inputs + diagonal  # (inputs, inputs)
    weights: NDArray[np.floating] = np.linalg.solve(gram, inputs.T @ targets)
    return weights
