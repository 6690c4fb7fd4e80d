"""Where the time of a training goes, and the memory that it takes: seconds a step, busy share, GiB."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import torch

GIB = 2**30


class Meter:
    """Time between two lines of the log, split in waiting for data and computing.

    data_s: seconds a step that the loop waited for its batch. step_s: seconds a step of everything after
    that. busy: the share of step_s in both, 1 where the batch was always ready.
    """

    def __init__(self) -> None:
        self._data_s = self._step_s = 0.0  # since the last reading
        self._steps = 0
        self._mark = time.monotonic()

    def start(self) -> None:
        """A step begins: from here on data are waited for."""
        self._mark = time.monotonic()

    def got_batch(self) -> None:
        """The batch is there."""
        now = time.monotonic()
        self._data_s += now - self._mark
        self._mark = now

    def done(self) -> None:
        """The step is done."""
        self._step_s += time.monotonic() - self._mark
        self._steps += 1

    def read(self) -> dict[str, float]:
        """The figures since they were read last, a mean over the steps, and the memory of now."""
        steps = max(self._steps, 1)
        data_s = self._data_s / steps
        step_s = self._step_s / steps
        busy = step_s / max(data_s + step_s, 1e-9)
        self._data_s = self._step_s = 0.0
        self._steps = 0
        times = {"data_s": round(data_s, 4), "step_s": round(step_s, 4)}
        times["busy"] = round(busy, 3)
        return {**times, **memory()}


TIMES = ("seconds", "rows_per_s", "data_s", "step_s", "busy", "host_gib", "card_gib")
"""What of a line of the log depends on the machine and on the hour."""


def memory() -> dict[str, float]:
    """GiB: `host_gib` of this process and those that it started, `card_gib` the most since the last call."""
    found = {"host_gib": round(host_bytes() / GIB, 3)}
    if torch.cuda.is_available():
        found["card_gib"] = round(torch.cuda.max_memory_allocated() / GIB, 3)
        torch.cuda.reset_peak_memory_stats()
    return found


def host_bytes() -> int:
    """Memory of this process and of its children; where the system does not tell, the most of this one."""
    own = Path("/proc/self")
    if not (own / "statm").exists():
        # ru_maxrss is in bytes on macOS, and in KiB elsewhere (getrusage(2)).
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return sum(_resident(process) for process in [own, *descendants(own)])


def memory_bytes() -> int:
    """Memory that this machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def descendants(process: Path) -> Iterator[Path]:
    """The processes that one started, and those that these started, as folders of /proc."""
    with suppress(OSError):  # a thread or a child that ended meanwhile
        for task in (process / "task").iterdir():
            for child in (task / "children").read_text().split():
                started = Path("/proc", child)
                yield started
                yield from descendants(started)


def _resident(process: Path) -> int:
    """Bytes of a process in memory; 0 for one that ended."""
    try:
        sizes = (process / "statm").read_text().split()
        pages = int(sizes[1])  # resident; see proc(5)
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize()
