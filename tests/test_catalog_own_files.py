"""What is no file in the place of a file of nw's own: it is said, and nobody waits for it."""

import os
import shutil
import socket

import pytest
import served

from catalog.own_files import NoFile, own_file, own_place


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.fixture
def home(tones, tmp_path):
    return served.copy_library(tones, tmp_path) / "home"


def put(path, make):
    """In place of what is at `path`, if anything, something that `make` makes."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    make(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(os.mkfifo, "it is a pipe and no file", id="a pipe"),
        pytest.param(os.mkdir, "it is a folder and no file", id="a folder"),
        pytest.param(a_socket, "it is a socket and no file", id="a socket"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "it is a device and no file", id="a device"),
    ],
)
def test_what_is_no_file_is_named(tmp_path, monkeypatch, make, said):
    monkeypatch.chdir(tmp_path)  # the name of a socket has a hundred letters at most
    make(tmp_path.relative_to(tmp_path) / "state")
    for look in (own_file, own_place):
        with pytest.raises(NoFile) as raised:
            look(tmp_path / "state")
        assert str(raised.value) == said
        assert raised.value.filename == str(tmp_path / "state")


def test_a_file_is_read_and_where_nothing_is_one_can_be_written(tmp_path):
    path = tmp_path / "state"
    assert own_place(path) == path
    with pytest.raises(FileNotFoundError):
        own_file(path)
    path.write_text("{}")
    assert own_file(path) == own_place(path) == path


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize(
    ("place", "command"),
    [
        ("catalog.db", ["query", "piano"]),
        ("catalog.db", ["songs"]),
        ("catalog.db", ["ingest", "."]),
        ("catalog.db", ["index"]),
        ("catalog.db", ["doctor"]),
        ("catalog.db.ingest-lock", ["ingest", "."]),
        ("queries.json", ["playlist", "list"]),
        ("queries.json", ["query", "@rain"]),
        ("indexes/sound/.lock", ["index"]),
        ("indexes/sound/manifest.json", ["query", "piano"]),
        ("indexes/sound/manifest.json", ["doctor"]),
    ],
)
def test_a_command_that_needs_the_file_says_what_is_there(home, nw_in, make, place, command):
    put(home / place, make)
    written = nw_in(home, *command, code=2)
    said = written.out + written.err
    kind = "pipe" if make is os.mkfifo else "folder"
    assert f"it is a {kind} and no file" in said
    assert str(home / place) in said
    assert "stumbled" not in said


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_proof_that_is_no_file_is_none(home, nw_in, make):
    put(home / "indexes" / "sound" / "proof.json", make)
    assert nw_in(home, "query", "piano", "-k", "1").out


@pytest.mark.slow
def test_an_index_is_written_in_place_of_a_pipe(home, nw_in):
    put(home / "indexes" / "sound" / "manifest.json", os.mkfifo)
    nw_in(home, "index", "--encoder", "mini")
    assert nw_in(home, "query", "piano", "-k", "1").out


@pytest.mark.slow
def test_a_folder_in_the_place_of_the_manifest_is_named(home, nw_in):
    put(home / "indexes" / "sound" / "manifest.json", os.mkdir)
    error = nw_in(home, "index", "--encoder", "mini", code=2).err
    assert f"{home}/indexes/sound/manifest.json is no place for this: is a directory." in error


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to(path.name)])
def test_a_folder_of_indexes_that_nobody_can_look_at_is_not_called_empty(home, nw_in, make):
    put(home / "indexes", make)
    for command in (["query", "piano"], ["models"], ["doctor"]):
        written = nw_in(home, *command, code=2)
        assert f"{home}/indexes cannot be looked at" in written.out + written.err, command
    assert "is no place for this" in nw_in(home, "index", code=2).err
