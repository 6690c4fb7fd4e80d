"""nw ingest jamendo-api: songs by tags, played from files, credited; a server that has bad days."""

import json

import numpy as np
import pytest
import soundfile
from jamendo_server import CLIENT, Jamendo, track

from catalog.library import songs
from catalog.library.database import Catalog

pytestmark = pytest.mark.slow

AMBIENT = [track(number) for number in range(100, 105)]
ROCK = track(200, musicinfo={"tags": {"genres": ["rock"], "instruments": ["piano"], "vartags": ["fast"]}})


@pytest.fixture
def sounds(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    for place, number in enumerate([*range(100, 105), 200]):
        tone = np.sin(np.arange(3 * 22_050, dtype=np.float32) * (0.02 + 0.01 * place))
        soundfile.write(folder / f"{number}.mp3", 0.3 * tone, 22_050, format="MP3")
    return folder


@pytest.fixture
def jamendo(sounds):
    with Jamendo(sounds, [*AMBIENT, ROCK]) as server:
        yield server


@pytest.fixture
def nw(tmp_path, jamendo, monkeypatch, nw_ended):
    """Run nw: (exit code, all it printed)."""

    def run(*arguments, client=CLIENT):
        monkeypatch.setenv("NW_JAMENDO_API", f"{jamendo.url}/v3.0")
        monkeypatch.setenv("NW_JAMENDO_CLIENT_ID", client)
        code, (out, err) = nw_ended(tmp_path / "home", *arguments)
        assert CLIENT not in out + err
        return code, out + err

    return run


def taken(tmp_path):
    with Catalog.open(tmp_path / "home" / "catalog.db", read_only=True) as catalog:
        return {song.source_id: song for song in songs.iterate(catalog, light=False)}


def test_songs_with_all_tags_come_with_sound_and_credit(nw, jamendo, tmp_path):
    code, said = nw("ingest", "jamendo-api", "--tags", "ambient,piano")
    assert (code, "5 songs" in said) == (0, True)
    found = taken(tmp_path)
    assert sorted(found) == ["100", "101", "102", "103", "104"]
    song = found["103"]
    assert song.path.read_bytes() == (jamendo.folder / "103.mp3").read_bytes()
    assert (song.title, song.artist, song.year, song.source) == ("Song 103", "Sol", 2015, "jamendo")
    assert song.license == "http://creativecommons.org/licenses/by-nc-sa/3.0/"
    shown = json.loads(nw("show", str(song.id), "--format", "json")[1])
    assert "Song 103 by Sol, https://www.jamendo.com/track/103, http" in json.dumps(shown)
    assert {asked["offset"] for asked in jamendo.asked} == {"0", "3", "5"}
    assert all(CLIENT.encode() not in file.read_bytes() for file in tmp_path.glob("home/*.db*"))


def test_a_second_run_fetches_only_what_is_new(nw, jamendo, tmp_path):
    assert nw("ingest", "jamendo-api", "--tags", "ambient", "--limit", "2")[0] == 0
    assert sorted(taken(tmp_path)) == ["100", "101"]
    assert nw("ingest", "jamendo-api", "--limit", "6")[0] == 0
    assert sorted(taken(tmp_path)) == ["100", "101", "102", "103", "104", "200"]
    assert set(jamendo.downloads.values()) == {1}


def test_a_download_that_is_cut_off_goes_on_where_it_stopped(nw, jamendo, tmp_path):
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, 44_100 * 30)
    soundfile.write(jamendo.folder / "101.mp3", noise, 44_100, format="MP3")
    jamendo.trouble["cut 101"] = True
    assert nw("ingest", "jamendo-api", "--tags", "ambient")[0] == 0
    whole = (jamendo.folder / "101.mp3").read_bytes()
    assert taken(tmp_path)["101"].path.read_bytes() == whole
    assert jamendo.downloads["101"] == 2
    assert jamendo.sent["101"] < len(whole) + 100_000  # what was on its way when it was cut off


def test_what_cannot_be_had_is_said_and_the_rest_goes_on(nw, jamendo, tmp_path):
    (jamendo.folder / "102.mp3").unlink()
    (jamendo.folder / "103.mp3").write_bytes(b"<html>not today</html>" * 99)
    jamendo.tracks.append(track(300, audiodownload_allowed=False))
    jamendo.tracks.append(track("../../../etc/cron.d/x"))
    jamendo.tracks.append(track(301, audiodownload="file:///etc/passwd"))
    code, said = nw("ingest", "jamendo-api", "--tags", "ambient")
    assert (code, sorted(taken(tmp_path))) == (3, ["100", "101", "104"])
    assert "track 102" in said
    assert "103" in said
    assert "1 track was left out" in said
    assert "its id is no number" in said
    assert sorted(path.name for path in (tmp_path / "home" / "music" / "jamendo-api").iterdir()) == [
        "100.mp3",
        "101.mp3",
        "103.mp3",
        "104.mp3",
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        (429, {"Retry-After": "0"}, b"slow down"),
        (503, {}, b"<html>"),
        (200, {}, b'{"headers": {"status": "failed", "code": 6, "error_message": "limit"}, "results": []}'),
    ],
)
def test_a_busy_server_is_asked_again(nw, jamendo, tmp_path, trouble):
    jamendo.trouble["api"] = trouble
    code, said = nw("ingest", "jamendo-api", "--limit", "1")
    assert (code, "trying again" in said, len(taken(tmp_path))) == (0, True, 1)


def test_who_asks_must_be_known(nw, jamendo):
    code, said = nw("ingest", "jamendo-api", client="")
    assert (code, "devportal.jamendo.com" in said, jamendo.asked) == (2, True, [])
    code, said = nw("ingest", "jamendo-api", client="wrong-one")
    assert (code, "does not know this client id" in said, "wrong-one" in said) == (2, True, False)


def test_an_address_that_is_not_the_api(nw, jamendo):
    jamendo.trouble["api"] = (200, {}, b"<html>a login page</html>")
    code, said = nw("ingest", "jamendo-api")
    assert (code, "NW_JAMENDO_API" in said, "Traceback" in said) == (2, True, False)


def test_a_dry_run_fetches_no_sound(nw, jamendo):
    code, said = nw("ingest", "jamendo-api", "--limit", "4", "--dry-run")
    assert (code, "4 songs of jamendo-api would be" in said, sum(jamendo.downloads.values())) == (0, True, 0)


def test_offline_nothing_is_asked(nw, jamendo):
    code, said = nw("--offline", "ingest", "jamendo-api")
    assert code != 0
    assert "offline" in said
    assert jamendo.asked == []


@pytest.mark.parametrize(
    "arguments", [("jamendo-api", "--index"), ("musiccaps", "--tags", "calm"), (".", "--limit", "3")]
)
def test_options_that_would_do_nothing_are_refused(nw, jamendo, arguments):
    code, said = nw("ingest", *arguments)
    assert (code, "Traceback" in said, jamendo.asked) == (2, False, [])
