"""Files and folders written aside: whole or not at all, and what a kill leaves is cleared by the next run."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from catalog import atomic
from catalog.errors import DiskFull


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    return path


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "folder"
    place.mkdir()
    (place / "old").write_text("old")
    return place


def test_a_file_is_old_until_it_is_new(file):
    with atomic.written_aside(file) as aside:
        aside.write_text("new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert names(file.parent) == ["file"]


def test_an_error_leaves_the_old_file_and_nothing_else(file):
    def half(aside):
        aside.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), atomic.written_aside(file) as aside:
        half(aside)
    assert file.read_text() == "old"
    assert names(file.parent) == ["file"]


@pytest.mark.parametrize("length", [1, 255], ids=["short", "as long as a name can be"])
def test_a_name_of_any_length_in_a_folder_that_is_not_there_yet(tmp_path, length):
    path = tmp_path / "new" / ("é" * (length // 2) + "n" * (length % 2))
    atomic.write_text(path, "Été")
    assert path.read_bytes() == "Été".encode()


def test_what_a_umask_allows_it_has(tmp_path):
    before = os.umask(0o077)
    try:
        atomic.write_text(tmp_path / "mine", "")
    finally:
        os.umask(before)
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600


def test_a_folder_replaces_another_whole(folder):
    with atomic.folder_written_aside(folder, replace=True) as aside:
        (aside / "new").write_text("new")
        assert names(folder) == ["old"]
    assert names(folder) == ["new"]
    assert names(folder.parent) == ["folder"]


def test_a_folder_that_must_be_new_leaves_the_one_that_is_there(folder):
    with pytest.raises(FileExistsError, match="folder"), atomic.folder_written_aside(folder) as aside:
        (aside / "new").write_text("new")
    assert names(folder) == ["old"]
    assert names(folder.parent) == ["folder"]


def test_a_kill_between_the_two_renames_is_mended_by_the_next_reader(folder):
    folder.rename(folder.with_name(".folder.old"))
    atomic.finish_swap(folder)
    assert names(folder) == ["old"]


@pytest.mark.parametrize("writer", ["written_aside", "folder_written_aside"])
def test_what_a_kill_left_is_cleared_and_what_is_being_written_stays(tmp_path, writer):
    program = (
        "import sys, pathlib, catalog.atomic as atomic\n"
        f"with atomic.{writer}(pathlib.Path(sys.argv[1])):\n"
        "    print(flush=True)\n"
        "    sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "place")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        atomic.clear_leftovers(tmp_path)
        assert len(names(tmp_path)) == 1  # its writer lives
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(names(tmp_path)) == 1
    atomic.clear_leftovers(tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_one_sentence(tmp_path, number):
    with pytest.raises(DiskFull, match="for a song") as said, atomic.room_for("a song", tmp_path, again="nw"):
        raise OSError(number, os.strerror(number))
    assert "then nw" in said.value.try_this


def test_another_error_is_not_called_a_full_disk(tmp_path):
    with pytest.raises(PermissionError), atomic.room_for("a song", tmp_path, again="nw"):
        raise PermissionError(errno.EACCES, "no")
