"""What the workers of a Ray cluster are told to do in tests: they hear, and one dies or waits meanwhile.

`python cluster_work.py NAME ARGUMENTS…` is `nw ARGUMENTS…` whose workers do what the function of that name
does, and which keeps every song at once.
"""

import os
import signal
import sys
import time
from pathlib import Path

from models.indexing.embed_and_drop import embed_and_drop

MARKS = "CLUSTER_TEST_MARKS"
"""The environment variable with the folder in which workers and tests leave marks for each other."""
FATAL, SLOW = "1013", "1006"


def mark(name: str) -> Path:
    return Path(os.environ[MARKS], name)


def hears(task):
    """Hear, and say so."""
    with mark("heard").open("a") as file:
        file.write(f"{task.clip.id}\n")
    return embed_and_drop(task)


def takes_its_worker_down(task):
    """The first time that one song is heard."""
    if task.clip.id == FATAL and not mark("died").exists():
        mark("died").touch()
        os.kill(os.getppid(), signal.SIGKILL)
    return hears(task)


def waits_for_the_gate(task):
    """At one song."""
    while task.clip.id == SLOW and not mark("gate").exists():
        time.sleep(0.05)
    return hears(task)


if __name__ == "__main__":
    import cluster_work  # by its name, as the workers import it

    from catalog import clip_ingest
    from models.indexing import embed_and_drop as module
    from newwave_cli import app

    module.embed_and_drop = getattr(cluster_work, sys.argv.pop(1))
    clip_ingest.KEEP_EVERY_S = 0.0
    app.main()
