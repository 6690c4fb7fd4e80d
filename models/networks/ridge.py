"""Ridge regression: linear layers that are solved for, not trained."""

import numpy as np
from numpy.typing import NDArray


def ridge_weights(
    inputs: NDArray[np.floating],
    targets: NDArray[np.floating],
    ridge: float,
    counts: NDArray[np.floating] | None = None,
) -> NDArray[np.floating]:
    """The weights (inputs, ...) of a ridge regression to targets (rows, ...): (X'CX + ridge I)^-1 X'CY.

    inputs: (rows, inputs), centered, for there is no intercept. ridge: added to the diagonal. counts: (rows,)
    how much each row counts, all alike without them.

    >>> ridge_weights(np.array([[1.0], [-1.0]]), np.array([3.0, -3.0]), 0).tolist()
    [3.0]
    >>> ridge_weights(np.array([[1.0], [-1.0]]), np.array([3.0, -3.0]), 4).tolist()
    [1.0]
    >>> ridge_weights(np.array([[1.0], [1.0]]), np.array([3.0, 0.0]), 0, np.array([2.0, 1.0])).tolist()
    [2.0]
    """
    counted = inputs if counts is None else counts[:, None] * inputs  # (rows, inputs)
    diagonal = ridge * np.eye(inputs.shape[1])
    gram = inputs.T @ counted + diagonal  # (inputs, inputs)
    weights: NDArray[np.floating] = np.linalg.solve(gram, counted.T @ targets)
    return weights
