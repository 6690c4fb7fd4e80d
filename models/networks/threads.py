"""Results that do not depend on how many cores a machine has."""

import sys


def stay_on_one_core() -> None:
    """torch on one thread for the rest of this thread's life; nothing where torch is not loaded.

    A sum that is shared out among threads is added up in another order, which changes its last bits: the
    same file would have other vectors on a machine with more cores. Several songs at once use them as well.
    """
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
