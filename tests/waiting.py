"""Waiting for a state, never for a time: a machine that is three times as slow comes to it too."""

import os
import subprocess
import time
from pathlib import Path

PATIENCE_S = 300


def wait_for(state, process=None):
    """Wait until `state()` holds, as long as the process lives that is to bring it about."""
    until = time.monotonic() + PATIENCE_S
    while not state():
        assert process is None or process.poll() is None, "it ended too early"
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)


def children_of(process):
    """How many processes it has started that live."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return len(found.stdout.split())


def any_alive(group):
    """Whether a process of a group lives, or is not waited for yet."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def is_running(process: Path):
    """Whether a process of /proc lives: one that ended is a zombie until its parent has asked."""
    try:
        state = (process / "stat").read_text()
    except OSError:
        return False
    # After the name, which stands in brackets and may hold any.
    return state.rpartition(")")[2].split()[0] != "Z"
