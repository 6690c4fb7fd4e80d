"""Do several `nw serve` over one store serve as many times the users as there are of them, as fast?

    python benchmarks/search/serve_store.py [SONGS] [USERS] [SECONDS] [--server URI]

First one process with a local index and USERS users who never pause, then one process over a store, then four
over the same store with four times the users. The store is a Milvus server that runs (--server), or else
`milvus-lite server`, a process of its own: it needs no installation, and is not as fast.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cold_query import make_library
from serve_load import ask, described, load, wait_for

PROCESSES = 4
STORE, FIRST = 8941, 8951
BACK = ["index", "--store", "local"]
"""So that a server that goes on keeps nothing."""


def serving(home: str, ports: list[int], users: int, seconds: float) -> str:
    """Start a server on each port, spread the users over them, say what they waited and how many answers."""
    nw = [sys.executable, "-m", "newwave_cli", "--home", home, "serve", "--port"]
    servers = [subprocess.Popen([*nw, str(port)], stderr=subprocess.DEVNULL) for port in ports]
    took, failures = [], []
    try:
        for port in ports:
            wait_for(port)
            ask(port, port, time.monotonic() + 60, most=5)

        def one(port: int) -> None:
            mine, failed = load(port, users // len(ports), seconds)
            took.extend(mine)
            failures.append(failed)

        threads = [threading.Thread(target=one, args=(port,)) for port in ports]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for server in servers:
            server.terminate()
            server.wait()
    rate = len(took) / seconds
    return f"{described(took)}, {rate:.1f}/s, {sum(failures)} errors"


def main() -> None:
    """Build the library, then serve it in three ways."""
    parser = argparse.ArgumentParser()
    for name, usual in (("count", 10_000), ("users", 10), ("seconds", 30)):
        parser.add_argument(name, nargs="?", type=int, default=usual)
    parser.add_argument("--server")
    given = parser.parse_args()
    users, seconds = given.users, given.seconds
    with tempfile.TemporaryDirectory() as folder:
        home = str(Path(folder, "home"))
        make_library(Path(home), given.count)
        print(f"local index, one process, {users} users:", serving(home, [FIRST], users, seconds))
        with running(given.server, Path(folder)) as server:
            moved = ["index", "--store", f"milvus:{server}"]
            subprocess.run([sys.executable, "-m", "newwave_cli", "--home", home, *moved], check=True)
            print(f"store, one process, {users} users:", serving(home, [FIRST], users, seconds))
            ports = [FIRST + number for number in range(PROCESSES)]
            many = PROCESSES * users
            print(f"store, {PROCESSES} processes, {many} users:", serving(home, ports, many, seconds))
            if given.server:
                subprocess.run([sys.executable, "-m", "newwave_cli", "--home", home, *BACK], check=True)


@contextmanager
def running(server: str | None, folder: Path) -> Iterator[str]:
    """The address of a server that runs already, or of one of milvus-lite for as long as it is needed."""
    if server:
        yield server
        return
    lite = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", f"{folder}/vectors"]
    store = subprocess.Popen([*lite, "--port", str(STORE)], stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{STORE}"
    finally:
        store.terminate()
        store.wait()


if __name__ == "__main__":
    main()
