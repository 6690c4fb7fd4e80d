"""How many threads numpy's matrix products get."""

import os


def use_one_thread() -> None:
    """One thread for BLAS, unless the environment says another number. Call it before numpy is imported.

    A search multiplies so little that more threads cost more than they do: making them takes a seventh of a
    whole `nw query`, and searches that run beside one another wait for each other's cores.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
