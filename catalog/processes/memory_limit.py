"""How much memory a worker process may take for one item."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT_BYTES = 1 << 30
"""What one item may take beyond what its process takes before: a song takes a tenth of it."""


def allow_memory(more: int) -> None:
    """Let this process take so many bytes more than it does now, where the system can hold it to that."""
    try:
        import resource

        # The sixth number is "data + stack" (proc_pid_statm(5)), which is about what RLIMIT_DATA counts;
        # RLIMIT_AS would count what is mapped and never touched too, and torch maps tens of GB.
        statm = Path("/proc/self/statm").read_text().split()
        now = int(statm[5]) * resource.getpagesize()  # it counts in pages
        soft = now + more
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)  # above which only root may go
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    except (ImportError, OSError, ValueError, IndexError):
        return


@contextmanager
def without_memory_limit() -> Iterator[None]:
    """For what a worker loads once and keeps: it is no part of what an item takes."""
    try:
        import resource
    except ImportError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    try:
        yield
    finally:
        if soft != resource.RLIM_INFINITY:
            allow_memory(LIMIT_BYTES)
