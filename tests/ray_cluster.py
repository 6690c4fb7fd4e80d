"""A real Ray cluster of one machine in a session of its own, which ends with all of its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE_S = 1200


@contextmanager
def ray_cluster(place: Path, environment: Mapping[str, str], *, cores: int) -> Iterator[int]:
    """A cluster whose files lie in `place`, a short path, for it holds sockets; gives its session.

    environment: as `environment_of` makes it. Raises RuntimeError where it does not start.
    """
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--port=0"]
    command += [f"--num-cpus={cores}", "--include-dashboard=false", "--node-ip-address=127.0.0.1"]
    command += ["--object-store-memory=80000000", f"--plasma-directory={place}"]
    written, address = place / "log", place / "ray" / "ray_current_cluster"
    with written.open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        until = time.monotonic() + PATIENCE_S
        while not (address.exists() and "ray status" in written.read_text()):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(written.read_text())
            time.sleep(0.05)
        yield process.pid
    finally:
        while left := processes_of(process.pid):
            for one in left:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            process.poll()
        process.wait()


def environment_of(place: Path) -> dict[str, str]:
    """What programs that use the cluster in `place`, and it itself, are given."""
    return {**os.environ, "RAY_TMPDIR": str(place), "RAY_USAGE_STATS_ENABLED": "0"}


def processes_of(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, own = stat.read_text().rpartition(")")[2].split()[:4]
            if int(own) == session and state != "Z":  # a zombie is gone, though nobody took notice
                found.append(int(stat.parent.name))
    return found
