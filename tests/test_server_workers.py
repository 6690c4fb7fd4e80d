"""What strangers' sound may do to a worker, and what too many requests at once are told."""

import asyncio
import os
import time

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
from catalog.errors import Unreadable, WrongUse  # noqa: E402 - only where the extra is installed
from catalog.library import database, songs  # noqa: E402
from newwave_cli.server import library as library_module  # noqa: E402
from newwave_cli.server.errors import Busy, Gone  # noqa: E402
from newwave_cli.server.library import Library  # noqa: E402
from newwave_cli.server.workers import Workers  # noqa: E402
from newwave_cli.settings import Settings  # noqa: E402


class Asking:
    """A request whose client is there, or has gone."""

    def __init__(self, gone=False):
        self._gone = gone

    async def is_disconnected(self):
        return self._gone


def crash():
    os._exit(1)


def refuse():
    raise WrongUse("no.", try_this="yes")


@pytest.fixture(params=[60])
def call(request):
    """Call a function in the one worker process, which may take so many seconds."""
    workers = Workers(1, limit_s=request.param)

    def run(function, *given, gone=False):
        return asyncio.run(workers.call(Asking(gone), function, *given))

    yield run
    workers.close()


def test_a_worker_answers_and_stays(call):
    assert call(sorted, [3, 1, 2]) == [1, 2, 3]
    assert call(os.getpid) == call(os.getpid) != os.getpid()


def test_a_crash_takes_only_itself(call):
    with pytest.raises(Unreadable, match="crashed"):
        call(crash)
    assert call(sorted, "ba") == ["a", "b"]


@pytest.mark.parametrize("call", [2], indirect=True)
def test_what_takes_too_long_is_killed(call):
    process = call(os.getpid)
    with pytest.raises(Unreadable, match="within 2 s"):
        call(time.sleep, 600)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert call(sorted, "ba") == ["a", "b"]


def test_errors_come_back_as_they_are(call):
    with pytest.raises(WrongUse) as raised:
        call(refuse)
    assert (str(raised.value), raised.value.try_this) == ("no.", "yes")


def test_nothing_is_done_for_who_has_left(call):
    with pytest.raises(Gone):
        call(crash, gone=True)


def test_too_many_at_once_are_told_to_come_again(tmp_path, monkeypatch, catalog):
    monkeypatch.setattr(library_module, "MOST_WAITING", 3)

    async def crowd():
        library = Library(Settings(tmp_path / "home", offline=True, device="cpu", jobs=1))
        try:
            asked = [library.ask(Asking(), lambda reader: time.sleep(0.2)) for _ in range(5)]
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            library.close()

    answers = asyncio.run(crowd())
    assert [answer for answer in answers if not isinstance(answer, Exception)] == [None] * 3
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [Busy] * 2


def test_a_library_without_locks_is_opened_anew_when_it_changed(tmp_path, monkeypatch, catalog, add_song):
    """As on a read-only disk that another machine writes to: SQLite would not look at what is new."""
    monkeypatch.setattr(database, "_cannot_change", lambda path: True)
    add_song("first")
    catalog.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def looked(reader):
        return reader, songs.count(reader.catalog)

    async def before_and_after():
        library = Library(Settings(tmp_path / "home", offline=True, device="cpu", jobs=1))
        try:
            before = [await library.ask(Asking(), looked) for _ in range(2)]
            add_song("second")
            catalog.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return [*before, await library.ask(Asking(), looked)]
        finally:
            library.close()

    (first, _), (again, count), (anew, count_anew) = asyncio.run(before_and_after())
    assert first is again
    assert first is not anew
    assert (count, count_anew) == (1, 2)
