"""Fixtures: a catalog, encoders that can be read, and real sound to try them on."""

import fcntl
import functools
import gc
import hashlib
import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import captioned_shards
import pytest
import served
import soundfile
from fakes import RATE, Ears, Reader
from huggingface_hub import constants
from hypothesis import HealthCheck, settings

from catalog.indexes import _milvus_client
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Caption, Facts, Line, SoundFile
from newwave_cli import app

pytest.register_assert_rewrite("written_requests")

# Hundreds of tests start `nw`: where images of CI forbid bytecode, each would compile all of it again, and
# each worker rewrite the assertions of all tests at every run.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# No example may fail because a machine is busy.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# A shell has its background jobs ignore Ctrl-C, and all that the tests start would ignore it too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    """Before the workers of pytest-xdist start: together they have one thread a core, and not each of them.

    Threads of torch that wait for a core spin meanwhile, and take it from those that compute.
    """
    workers = len(config.getoption("tx", None) or ())
    if workers > 1:
        threads = max(1, (os.cpu_count() or 1) // workers)
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What torch and its like load is never garbage: to look through it again and again takes seconds."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


def pytest_collection_modifyitems(items):
    """Files with slow tests come first, so that at the end of a run short ones keep all workers busy."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(autouse=True)
def _process_as_it_was(monkeypatch):
    """Every test starts online, whoever runs it; a command within this process may go offline for good."""
    before = dict(os.environ)
    for name in ("HF_HUB_OFFLINE", "NW_OFFLINE"):
        os.environ.pop(name, None)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield
    if os.environ != before:
        os.environ.clear()
        os.environ.update(before)
    threads = os.environ.get("OMP_NUM_THREADS")
    if threads and "torch" in sys.modules:  # some trainings take as many as there are cores
        sys.modules["torch"].set_num_threads(int(threads))


@pytest.fixture
def ears():
    return Ears()


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory):
    """One without songs: a thousand tests need it, and to make it takes a twentieth of a second."""
    path = tmp_path_factory.mktemp("empty") / "catalog.db"
    Catalog.open(path).close()
    assert [file.name for file in path.parent.iterdir()] == ["catalog.db"], "all of it is in that file"
    return path


@pytest.fixture
def catalog(tmp_path, empty_catalog):
    path = tmp_path / "home" / "catalog.db"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():  # what another fixture made is the one
        shutil.copyfile(empty_catalog, path)
    with Catalog.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def read_catalog(tmp_path_factory, empty_catalog):
    """One that the tests of a file fill once and then only read."""
    path = tmp_path_factory.mktemp("read") / "catalog.db"
    shutil.copyfile(empty_catalog, path)
    with Catalog.open(path) as opened:
        yield opened


@pytest.fixture
def store_file(tmp_path):
    """A store of vectors for `--store` in a local file of milvus-lite."""
    pytest.importorskip("pymilvus")
    lite = pytest.importorskip("milvus_lite.server_manager")
    path = tmp_path / "vectors.db"
    yield f"milvus:{path}"
    lite.server_manager_instance.release_server(str(path))
    _milvus_client.forget()


@pytest.fixture
def store(request):
    """A store of vectors: the Milvus server that NW_TEST_MILVUS names (it is emptied), or a local file."""
    server = os.environ.get("NW_TEST_MILVUS")
    if not server:
        yield request.getfixturevalue("store_file")
        return
    yield f"milvus:{server}"
    client = _milvus_client.connected(server)
    for collection in client.list_collections():
        client.drop_collection(collection)
    _milvus_client.forget()


@pytest.fixture
def write_sound(tmp_path):
    """Write sound (samples,) to a file below the music folder and return its path."""

    def write(name: str, sound, rate: int = RATE) -> Path:
        path = tmp_path / "music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound, rate)
        return path

    return write


@pytest.fixture
def add_song(catalog, write_sound):
    """Put a song into the catalog as `nw ingest` would: perhaps with sound, lyrics, captions."""

    def add(title: str, sound=None, lyrics: str = "", captions: Sequence[str] = ()) -> int:
        file = None
        if sound is not None:
            path = write_sound(f"{title}.wav", sound)
            state = path.stat()
            content = hashlib.sha256(sound.tobytes()).hexdigest()
            file = SoundFile(
                path, state.st_size, state.st_mtime_ns, content, len(sound) / RATE, RATE, 1, "WAV"
            )
        facts = Facts(
            "tags",
            {"title": title},
            lyrics=tuple(Line(line) for line in lyrics.splitlines()),
            captions=tuple(Caption(text) for text in captions),
        )
        return songs.add_or_update(catalog, [facts], file=file)

    return add


@pytest.fixture
def lines_of():
    """Parse what a command wrote with --format ndjson."""
    return lambda text: [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def nw_ended(monkeypatch, capfd):
    """Run `nw` on the library in a folder, in this process; its exit code and what it wrote (out, err)."""

    def run(home, *arguments):
        monkeypatch.setattr(sys, "argv", ["nw", "--home", str(home), *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            app.main()
        return left.value.code or 0, capfd.readouterr()

    return run


@pytest.fixture
def nw_in(nw_ended):
    """The same where the exit code is known; returns what it wrote (out, err)."""

    def run(home, *arguments, code=0):
        ended, written = nw_ended(home, *arguments)
        assert ended == code, written.err
        return written

    return run


@pytest.fixture
def nw(tmp_path, nw_in):
    """`nw_in` the library of `catalog`."""
    return functools.partial(nw_in, tmp_path / "home")


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """A folder with an indexed library of eight real pieces in `home`, of this process alone."""
    made = made_once(tmp_path_factory, "tones", served.make_library)
    return served.copy_library(made, tmp_path_factory.mktemp("tones"))


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process of this run makes and the other workers of pytest-xdist share."""
    run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        run = run.parent
    folder = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "is-whole").exists():
            folder.mkdir()  # what another worker left half made is an error, as its test says
            make(folder)
            (folder / "is-whole").touch()
    return folder


@pytest.fixture(scope="session")
def shards(tmp_path_factory):
    """A folder of `captioned_shards`, to be read only."""
    return captioned_shards.write(tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="session")
def address(tones):
    """Where `nw serve` answers over that library."""
    pytest.importorskip("fastapi", reason="needs the extra serve")
    with served.serving(tones) as (address, _):
        yield address
