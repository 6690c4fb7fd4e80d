"""The catalog's file: opened, brought up to date, and honest about what is wrong with it."""

import os
import resource
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog.errors import CatalogBusy, CatalogError, DamagedCatalog, DiskFull, NewerCatalog, NotReady
from catalog.library import migrations, songs
from catalog.library.database import Catalog, alone
from catalog.library.fulltext import keep_text
from catalog.records import Facts

SONG = [Facts("user", {"title": "kept"})]
OLD_SONG = ("Harbour Lights", "Ansel Brück", '{"composer": "Holst"}')


def test_a_new_catalog_makes_its_folders_and_opens_again(tmp_path):
    path = tmp_path / "with ? and # and %" / "ünïcode" / "catalog.db"
    with Catalog.open(path) as catalog:
        songs.add_or_update(catalog, SONG)
        assert catalog.fetch("PRAGMA journal_mode") == [("wal",)]
        assert catalog.fetch("PRAGMA foreign_keys") == [(1,)]
    with Catalog.open(path, read_only=True) as catalog:
        assert songs.count(catalog) == 1


def test_nothing_to_read_is_not_ready(tmp_path):
    with pytest.raises(NotReady, match="no catalog"):
        Catalog.open(tmp_path / "none.db", read_only=True)
    assert not (tmp_path / "none.db").exists()


def test_a_reader_cannot_write(tmp_path):
    Catalog.open(tmp_path / "c.db").close()
    with Catalog.open(tmp_path / "c.db", read_only=True) as catalog, pytest.raises(CatalogError):
        songs.add_or_update(catalog, SONG)


@pytest.mark.parametrize("version", range(len(migrations.STEPS)))
@pytest.mark.parametrize("read_only", [False, True])
def test_every_older_catalog_is_brought_up_to_date(tmp_path, monkeypatch, version, read_only):
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:version])
        patch.setattr(migrations, "LATEST", version)
        Catalog.open(path).close()
    with Catalog.open(path, read_only=read_only) as catalog:
        assert catalog.version() == migrations.LATEST
    with Catalog.open(path) as catalog:
        assert songs.get(catalog, songs.add_or_update(catalog, SONG)).title == "kept"


@pytest.mark.parametrize("version", range(1, migrations.LATEST + 1))
def test_songs_of_an_older_catalog_are_found_by_text_and_name(tmp_path, monkeypatch, version):
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:version])
        patch.setattr(migrations, "LATEST", version)
        with Catalog.open(path) as catalog:
            catalog.execute("INSERT INTO songs (title, artist, extra) VALUES (?, ?, ?)", OLD_SONG)
            if version >= migrations.DERIVED:  # from here on, whoever adds a song keeps its text
                keep_text(catalog.connection, 1)
    with Catalog.open(path) as catalog:
        found = catalog.fetch("SELECT rowid FROM songs_fts WHERE songs_fts MATCH 'lights AND holst'")
        names = catalog.fetch("SELECT kind, name FROM names ORDER BY kind")
    assert found == [(1,)]
    assert names == [("artist", "ansel bruck"), ("title", "harbour lights")]


@pytest.mark.parametrize(
    ("version", "column", "was", "becomes"),
    [
        pytest.param(7, "language", "fre", "fr", id="a code of three letters"),
        pytest.param(7, "language", "English", "en", id="a name"),
        pytest.param(7, "language", "", "", id="no language"),
        pytest.param(10, "year", "released 1999", 1999, id="text that holds a year"),
        pytest.param(10, "year", "long ago", None, id="text that holds none"),
        pytest.param(10, "year", 1999, 1999, id="a number stays"),
        pytest.param(10, "duration_s", "3:20", 200.0, id="minutes and seconds"),
        pytest.param(10, "extra", '{"gain": NaN, "key": "a"}', '{"gain": null, "key": "a"}', id="no number"),
        pytest.param(10, "extra", '{"gain": -Infinity}', '{"gain": null}', id="without end"),
        pytest.param(10, "extra", r'{"note": "x\ud800"}', '{"note": "x?"}', id="half a character"),
        pytest.param(10, "extra", '{"gain":1}', '{"gain":1}', id="sound JSON stays as it was written"),
    ],
)
def test_values_of_an_older_catalog_become_what_their_columns_hold(
    tmp_path, monkeypatch, version, column, was, becomes
):
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:version])
        patch.setattr(migrations, "LATEST", version)
        with Catalog.open(path) as catalog:
            catalog.execute(f"INSERT INTO songs (title, {column}) VALUES ('old', ?)", (was,))
    with Catalog.open(path) as catalog:
        assert catalog.fetch(f"SELECT {column} FROM songs") == [(becomes,)]


def test_tags_of_an_older_catalog_are_folded(tmp_path, monkeypatch):
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:6])
        patch.setattr(migrations, "LATEST", 6)
        with Catalog.open(path) as catalog:
            catalog.execute("INSERT INTO songs (title) VALUES ('old')")
            catalog.execute("INSERT INTO tags VALUES (1, 'FÜR Elise', 'tags')")
    with Catalog.open(path) as catalog:
        assert catalog.fetch("SELECT tag, folded FROM tags") == [("FÜR Elise", "für elise")]


def test_a_migration_that_fails_leaves_the_old_catalog(tmp_path, monkeypatch):
    path = tmp_path / "c.db"
    Catalog.open(path).close()

    def half(database):
        database["half"].create({"id": int})
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrations, "STEPS", [*migrations.STEPS, half])
    monkeypatch.setattr(migrations, "LATEST", len(migrations.STEPS))
    with pytest.raises(RuntimeError):
        Catalog.open(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    connection.close()


def test_a_newer_catalog_is_refused_untouched(tmp_path):
    path = tmp_path / "c.db"
    with Catalog.open(path) as catalog:
        catalog.execute(f"PRAGMA user_version = {migrations.LATEST + 1}")
    for read_only in (False, True):
        with pytest.raises(NewerCatalog, match="newer nw") as caught:
            Catalog.open(path, read_only=read_only)
        assert "upgrade" in caught.value.try_this


@pytest.mark.parametrize(
    "junk", [b"this is no database, it is a letter to my aunt" * 50, b"SQLite format 3\0" * 99]
)
def test_what_is_no_catalog_is_said_to_be_damaged(tmp_path, junk):
    path = tmp_path / "c.db"
    path.write_bytes(junk)
    with pytest.raises(DamagedCatalog, match="damaged, or no catalog"):
        Catalog.open(path)
    assert path.read_bytes() == junk


@pytest.mark.slow
def test_a_damaged_page_is_named_when_it_is_met(tmp_path):
    path = tmp_path / "c.db"
    with Catalog.open(path) as catalog, catalog.transaction():
        for number in range(2000):
            songs.add_or_update(catalog, [Facts("user", {"title": f"song {number}"})])
    data = bytearray(path.read_bytes())
    data[4096 * 3 :] = b"\xaa" * (len(data) - 4096 * 3)
    path.write_bytes(data)
    with pytest.raises(DamagedCatalog), Catalog.open(path) as catalog:
        list(songs.iterate(catalog))


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogError, match="cannot be made"):
        Catalog.open(tmp_path / "file" / "c.db")


def test_what_may_only_be_read_is_told_so_by_whoever_writes(tmp_path):
    with Catalog.open(tmp_path / "c.db"):
        pass
    refused = pytest.raises(CatalogError, match="it lies where you may only read")
    with Catalog.open(tmp_path / "c.db", read_only=True) as catalog, refused:
        songs.add_or_update(catalog, SONG)


def test_a_second_writer_waits_and_then_says_so(tmp_path):
    path = tmp_path / "c.db"
    with Catalog.open(path) as one, Catalog.open(path, busy_ms=50) as other, one.transaction():
        songs.add_or_update(one, SONG)
        assert songs.count(other) == 0  # readers go on, and see what was there before
        with pytest.raises(CatalogBusy, match="another process"):
            songs.add_or_update(other, SONG)


def test_a_transaction_is_all_or_nothing(catalog):
    def interrupted():
        with catalog.transaction():
            songs.add_or_update(catalog, SONG)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert songs.count(catalog) == 0
    songs.add_or_update(catalog, SONG)
    assert songs.count(catalog) == 1


def test_a_full_disk_keeps_what_was_saved(catalog):
    songs.add_or_update(catalog, SONG)
    [(pages,)] = catalog.fetch("PRAGMA page_count")
    catalog.execute(f"PRAGMA max_page_count = {pages + 5}")

    def fill():
        with catalog.transaction():
            for number in range(5000):
                songs.add_or_update(catalog, [Facts("user", {"title": f"song {number}" * 20})])

    with pytest.raises(DiskFull, match="no room left"):
        fill()
    assert songs.count(catalog) == 1
    catalog.execute(f"PRAGMA max_page_count = {1 << 30}")
    songs.add_or_update(catalog, SONG)
    assert catalog.fetch("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.slow
def test_a_limit_on_file_sizes_is_a_full_disk_too(tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from catalog.library import songs; from catalog.library.database import Catalog\n"
        "from catalog.records import Facts\n"
        "from catalog.errors import DiskFull\n"
        "catalog = Catalog.open(Path(sys.argv[1]))\n"
        "try:\n"
        "    for n in range(10**6): songs.add_or_update(catalog, [Facts('user', {'title': 'x' * 9000})])\n"
        "except DiskFull as error: print(songs.count(catalog) > 3, error.try_this)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "c.db"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000)),  # noqa: PLW1509
    )
    assert run.stdout.startswith("True free some space"), run.stderr
    with Catalog.open(tmp_path / "c.db") as catalog:
        assert songs.count(catalog) > 3
        assert catalog.fetch("PRAGMA integrity_check") == [("ok",)]


def test_two_processes_take_turns(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from catalog.library.database import alone\n"
        "with alone(Path(sys.argv[1])): print('in', flush=True); time.sleep(60)\n"
    )
    lock = tmp_path / "deep" / "lock"
    other = subprocess.Popen([sys.executable, "-c", program, lock], stdout=subprocess.PIPE, text=True)
    with other:
        assert other.stdout.readline() == "in\n"
        waited = []

        def on_wait():
            waited.append(True)
            other.kill()  # a lock goes with its process

        with alone(lock, on_wait=on_wait):
            assert waited


def test_nobody_else_can_read_a_new_library(tmp_path):
    path = tmp_path / "home" / "catalog.db"
    before = os.umask(0)
    try:
        with Catalog.open(path) as catalog:
            songs.add_or_update(catalog, SONG)
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}, modes


@pytest.fixture
def read_only(tmp_path, monkeypatch):
    """A catalog of one song in a folder where nothing can be made, as on a read-only disk."""
    path = tmp_path / "home" / "catalog.db"
    with Catalog.open(path) as catalog:
        songs.add_or_update(catalog, SONG)
    monkeypatch.setattr(os, "access", lambda *_: False)
    return path


def test_on_a_read_only_disk_it_is_read_and_nothing_is_made(read_only):
    with Catalog.open(read_only, read_only=True) as catalog:
        assert songs.count(catalog) == 1
        assert [file.name for file in read_only.parent.iterdir()] == ["catalog.db"]


@pytest.fixture
def on_a_full_disk(tmp_path):
    """Opens a catalog where no file can grow beyond 8 kB: no memory that readers and writers share."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def opened(**options):
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
        return Catalog.open(tmp_path / "c.db", **options)

    yield opened
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_it_is_read_and_cannot_be_changed(tmp_path, on_a_full_disk):
    with Catalog.open(tmp_path / "c.db") as catalog:
        songs.add_or_update(catalog, SONG)
        assert not catalog.frozen
    with on_a_full_disk(read_only=True) as catalog:
        assert songs.count(catalog) == 1
        assert catalog.frozen
    with pytest.raises(DiskFull):
        on_a_full_disk().transaction().__enter__()


def test_what_only_its_log_holds_is_read_on_a_full_disk_too(tmp_path, on_a_full_disk):
    Catalog.open(tmp_path / "c.db").close()
    # Killed before the log was brought into the file; the number stands in its first page.
    killed = (
        "import os, sqlite3, sys\n"
        "sqlite3.connect(sys.argv[1]).execute('PRAGMA application_id = 7')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", killed, tmp_path / "c.db"], check=True)
    assert (tmp_path / "c.db-wal").stat().st_size
    (tmp_path / "c.db-shm").unlink()
    with on_a_full_disk(read_only=True) as catalog:
        assert catalog.fetch("PRAGMA application_id") == [(7,)]


def test_an_older_one_on_a_read_only_disk_says_what_helps(read_only):
    connection = sqlite3.connect(read_only)
    connection.execute(f"PRAGMA user_version = {migrations.LATEST - 1}")
    connection.close()
    with pytest.raises(CatalogError, match="cannot be brought up to date") as told:
        Catalog.open(read_only, read_only=True)
    assert told.value.try_this.startswith("cp -r ")


def test_whoever_opened_it_another_thread_asks_it_too(catalog):
    with ThreadPoolExecutor(1) as another:
        assert another.submit(catalog.fetch, "SELECT count(*) FROM songs").result() == [(0,)]
