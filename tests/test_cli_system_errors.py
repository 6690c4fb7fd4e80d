"""What the system refuses is one sentence and a command that works; what nobody expected stays a fault."""

import errno
import os
import shlex
import subprocess
import sys

import pytest

from catalog.errors import Damaged
from newwave_cli import app


@pytest.fixture
def said(monkeypatch, capsys):
    """What `nw` says, as (error, command), where the system refuses something with this number."""

    def ask(number, name=None, typed="songs"):
        def refused():
            raise OSError(number, os.strerror(number), *([] if name is None else [str(name)]))

        monkeypatch.setattr(app, "app", refused)
        monkeypatch.setattr("sys.argv", ["nw", *shlex.split(typed)])
        with pytest.raises(SystemExit) as ended:
            app.main()
        assert ended.value.code == 2
        error, try_this = capsys.readouterr().err.splitlines()
        return error.removeprefix("error: "), try_this.removeprefix("  try: ")

    return ask


@pytest.mark.parametrize(
    ("number", "error", "command"),
    [
        pytest.param(errno.EROFS, "the system refuses it", "ls -ld", id="a read-only disk"),
        pytest.param(errno.EACCES, "the system refuses it", "ls -ld", id="of another user"),
        pytest.param(errno.ENOSPC, "there is no room left", "df -h", id="a full disk"),
    ],
)
def test_a_file_is_named_with_the_folder_that_can_be_looked_at(said, tmp_path, number, error, command):
    home = tmp_path / "some home"
    home.mkdir()
    for name in (home / "index.lock", home / "not" / "there" / "index.lock"):
        sentence, try_this = said(number, name)
        assert error in sentence
        assert str(name) in sentence
        assert try_this.partition("    ")[0] == f"{command} '{home}'"


def test_another_home_helps_where_nobody_named_the_place(said, tmp_path):
    name = tmp_path / "lists" / "rain.m3u8"
    assert "--home DIR" in said(errno.EACCES, name)[1]
    assert "--home DIR" not in said(errno.EACCES, name, f"playlist write {tmp_path}/lists")[1]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOENT, errno.EIO])
def test_what_nw_knows_nothing_of_is_its_fault(said, number):
    sentence, try_this = said(number, "/some/home/index.lock")
    assert sentence.startswith("nw stumbled: ")
    assert try_this.partition("    ")[0] == "nw -vv songs"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        pytest.param("playlist write a-file", "a-file", id="as it was typed"),
        pytest.param("playlist write a-file/lists", "a-file", id="above it"),
        pytest.param("stats --report=a-file/x.html", "a-file/x.html", id="behind an option"),
        pytest.param("playlist write /music/lists", "/music/lists/rain.m3u8", id="below it"),
    ],
)
def test_a_place_that_was_typed_and_is_none_is_no_fault_of_nw(said, typed, name):
    sentence, try_this = said(errno.ENOTDIR, name, typed)
    assert sentence == f"{name} is no place for this: not a directory."
    assert try_this.startswith("ls -ld ")


def test_what_is_written_aside_is_named_by_its_folder(said):
    sentence, _ = said(errno.ENOENT, "/proc/.nw-1f2e.part", "catalog export /proc/songs")
    assert sentence == "/proc is no place for this: no such file or directory."


@pytest.mark.parametrize("number", [errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EEXIST])
def test_what_stands_in_the_way_is_named_whoever_chose_the_place(said, number):
    sentence, _ = said(number, "/some/home/indexes")
    assert sentence == f"/some/home/indexes is no place for this: {os.strerror(number).lower()}."


def test_output_without_room_is_one_sentence(said):
    assert said(errno.ENOSPC)[0].startswith("there is no room left")


def test_a_folder_that_is_gone_under_the_shell_is_told(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    program = (
        "import os, sys; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]);"
        "sys.argv = ['nw', '--home', sys.argv[2], 'ingest', 'music'];"
        "from newwave_cli import app; app.main()"
    )
    command = [sys.executable, "-c", program, str(gone), str(tmp_path / "home")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "is not there any more" in run.stderr
    assert "  try: cd    (" in run.stderr


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_what_could_not_be_opened_for_too_many_are_open_is_not_damaged(said, monkeypatch, capsys, number):
    """An index of which a file was one too many was "of no use", and to be written anew."""
    sentence, command = said(number, "/some/home/keys.npy")
    assert os.strerror(number) in sentence
    assert command.startswith("ulimit -n ")

    def stopped():
        try:
            raise OSError(number, os.strerror(number), "/some/home/keys.npy")
        except OSError as problem:
            raise Damaged("it cannot be read.", try_this="nw index --rebuild") from problem

    monkeypatch.setattr(app, "app", stopped)
    with pytest.raises(SystemExit):
        app.main()
    assert capsys.readouterr().err.splitlines() == [f"error: {sentence}", f"  try: {command}"]


def test_errors_that_were_raised_from_each_other_are_told(monkeypatch, capsys):
    """As pymilvus does when a server is not ready: nw looked behind them without end."""

    def stopped():
        told, behind = Damaged("the store is away.", try_this="nw index"), ValueError("no server")
        told.__cause__, behind.__cause__ = behind, told
        raise told

    monkeypatch.setattr(app, "app", stopped)
    with pytest.raises(SystemExit):
        app.main()
    assert capsys.readouterr().err.startswith("error: the store is away.")


def test_ctrl_c_behind_an_error_is_no_error(monkeypatch, capsys):
    """As pybind11 tells of a module that was being loaded, and nw of a file that it could not read then."""

    def interrupted():
        try:
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as stop:
                raise ImportError("initialization failed") from stop
        except ImportError as error:
            raise Damaged("the text encoder cannot be read.", try_this="nw index --rebuild") from error

    monkeypatch.setattr(app, "app", interrupted)
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == ""
