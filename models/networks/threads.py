"""Results that do not depend on how many cores a machine has."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """torch on one thread, for the thread that runs the block.

    A sum that is shared out among threads is added up in another order, which changes its last bits: the
    same file would have other vectors on a machine with more cores. Several songs at once use them as well.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        # Part of the setting is the process's: a thread among others must not change it under their hands.
        if threading.current_thread() is threading.main_thread():
            torch.set_num_threads(before)


def stay_on_one_core() -> None:
    """The same for the rest of this thread's life; nothing where torch is not loaded."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
