"""A real `nw serve` over a small library of real files, for the tests of its endpoints and of its page."""

import csv
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import library_of_tones

LOADED = "loaded.txt"
"""In the folder of the library: top-level modules that `nw index` had loaded at its end."""
HOSTILE = "<img src=x onerror=alert(1)> <b>Whistle</b>"


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}


def nw(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "newwave_cli", "--home", str(folder / "home"), *arguments]
    return subprocess.run(command, env=environment(folder), check=True, capture_output=True, text=True)


def make_library(folder: Path) -> None:
    """Eight indexed pieces in folder/home, one of them with HTML for a title, one with a cover."""
    library_of_tones.make(folder / "music")
    facts = folder / "music" / "facts.csv"
    rows = [*csv.DictReader(facts.read_text().splitlines()), {"file": "Whistle.wav", "title": HOSTILE}]
    with facts.open("w", newline="") as opened:
        table = csv.DictWriter(opened, ["file", "title", "artist", "year", "tags"], restval="")
        table.writeheader()
        table.writerows(rows)
    nw(folder, "ingest", str(folder / "music"), "--table", str(facts))
    _index(folder)


def _index(folder: Path) -> None:
    """`nw index`, which writes down what it loaded."""
    program = (
        "import atexit, pathlib, sys\n"
        "def told():\n"
        "    names = sorted({name.split('.')[0] for name in sys.modules})\n"
        f"    pathlib.Path({str(folder / LOADED)!r}).write_text('\\n'.join(names))\n"
        "atexit.register(told)\n"
        f"sys.argv = ['nw', '--home', {str(folder / 'home')!r}, 'index']\n"
        "from newwave_cli.app import main\n"
        "main()"
    )
    subprocess.run([sys.executable, "-c", program], env=environment(folder), check=True, capture_output=True)


def copy_library(source: Path, folder: Path, *, indexed: bool = True) -> Path:
    """The library of `source` once more in `folder`, its catalog too says that the music lies there."""
    left_out = None if indexed else shutil.ignore_patterns("indexes")
    shutil.copytree(source, folder, ignore=left_out, copy_function=_copy, dirs_exist_ok=True)
    with closing(sqlite3.connect(folder / "home" / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE songs SET path = replace(path, ?, ?)", [str(source), str(folder)])
    return folder


def _copy(source: str, target: str) -> None:
    """A file once more; weights, of 110 MB, under a second name, for nobody writes into them."""
    copy = os.link if source.endswith(".weights") else shutil.copy2
    copy(source, target)


@contextmanager
def serving(folder: Path, *options: str, token: str | None = None) -> Iterator[tuple[str, subprocess.Popen]]:
    """(address, process) of a server over folder/home; SIGTERM ends it, and it must say that all is well."""
    command = [sys.executable, "-m", "newwave_cli", "--home", str(folder / "home"), "serve", "--port", "0"]
    given = environment(folder) | ({} if token is None else {"NW_TOKEN": token})
    log = folder / f"serve-{time.monotonic_ns()}.log"
    with log.open("w") as written:
        process = subprocess.Popen([*command, *options], env=given, stdout=written, stderr=written)
    try:
        yield _address(process, log), process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


def _address(process: subprocess.Popen, log: Path) -> str:
    for _ in range(600):
        if found := re.search(r"http://\S+:\d+/", log.read_text()):
            return found.group()
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
