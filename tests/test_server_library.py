"""Songs, tags, numbers, playlists and files over HTTP; nothing that is not in the catalog."""

import json
import os
import shutil

import httpx
import pytest
import soundfile
from served import HOSTILE, copy_library, nw, serving
from tables import in_one_test

pytest.importorskip("fastapi", reason="needs the extra serve")


@pytest.fixture(scope="module")
def http(address):
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def ids(http):
    return {song["title"]: song["id"] for song in http.get("api/songs").json()["songs"]}


@pytest.fixture
def copied(tones, tmp_path):
    """A library of its own, not indexed, for tests that change it."""
    return copy_library(tones, tmp_path, indexed=False)


def test_songs_a_page_at_a_time(http):
    first = http.get("api/songs", params={"limit": 3, "sort": "title"}).json()
    rest = http.get("api/songs", params={"offset": 3, "sort": "title"}).json()
    assert first["total"] == rest["total"] == 8
    titles = [song["title"] for song in first["songs"] + rest["songs"]]
    assert titles == sorted(titles, key=str.casefold)
    assert HOSTILE in titles
    assert http.get("api/songs", params={"match": "robot"}).json()["total"] == 1
    assert http.get("api/songs", params={"where": "year > 1990"}).json()["total"] == 2


def test_a_song_has_all_that_is_known_but_its_path(http, ids, tones):
    answer = http.get(f"api/songs/{ids['Rivets']}")
    song = answer.json()
    assert (song["title"], song["artist"], song["year"]) == ("Rivets", "The Cogs", 1984)
    assert song["lyrics"][0] == {"text": "I am a robot made of steel", "start_s": 0.0}
    assert str(tones) not in answer.text
    assert http.get("api/songs/999").status_code == 404
    assert http.get("api/songs/x").status_code == 400


def test_tags_and_numbers(http):
    assert http.get("api/tags").json()["tags"][0] == {"tag": "guitar", "songs": 2}
    stats = http.get("api/stats").json()
    assert (stats["songs"], stats["with_file"], stats["with_lyrics"]) == (8, 8, 4)
    assert [index["side"] for index in stats["indexes"]] == ["sound", "words"]
    assert http.get("api/health").json()["ready"] is True


def test_playlists_are_the_saved_queries_of_the_command_line(http, tones):
    name = "at sea"
    assert http.put(f"api/playlists/{name}", json={"query": "x"}).status_code == 400  # cannot be typed
    kept = {"query": "sailing the sea", "by": "words", "k": 1, "tag": ["folk"]}
    assert http.put("api/playlists/sea", json=kept).status_code == 200
    assert http.get("api/playlists").json() == {"playlists": [{"name": "sea", **kept}]}
    assert "Harbour" in nw(tones, "query", "@sea").stdout
    assert "Harbour.wav" in http.get("api/playlists/sea.m3u8").text
    assert http.get("api/search", params={"q": "@sea"}).json()["hits"][0]["title"] == "Harbour"
    assert http.delete("api/playlists/sea").status_code == 200
    assert http.get("api/playlists/sea.m3u8").status_code == 404
    assert http.delete("api/playlists/sea").status_code == 404


def test_audio_is_served_whole_and_in_parts(http, ids, tones):
    whole = (tones / "music" / "Frost.wav").read_bytes()
    answer = http.get(f"audio/{ids['Frost']}")
    assert answer.content == whole
    assert answer.headers["content-type"] == "audio/wav"
    part = http.get(f"audio/{ids['Frost']}", headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == whole[1000:2000]
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"
    assert http.get(f"audio/{ids['Frost']}", headers={"Range": "bytes=99999999-"}).status_code == 416


def test_a_waveform_has_the_shape_of_the_song(http, ids):
    drawn = http.get(f"api/waveform/{ids['Frost']}").json()
    assert drawn["duration_s"] == pytest.approx(12, abs=0.1)
    assert len(drawn["peaks"]) == 600
    assert max(drawn["peaks"]) == pytest.approx(0.4 * 255, abs=2)
    assert http.get(f"api/waveform/{ids['Frost']}").json() == drawn


@pytest.mark.slow
def test_a_cover_comes_from_beside_the_song(copied):
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
    (copied / "music" / "cover.png").write_bytes(picture)
    with serving(copied) as (address, _), httpx.Client(base_url=address) as http:
        answer = http.get("cover/1")
        assert answer.content == picture
        assert answer.headers["content-type"] == "image/png"
        (copied / "music" / "cover.png").unlink()
        assert http.get("cover/1").status_code == 204


@pytest.mark.slow
def test_tags_that_take_their_reader_down_are_a_song_without_a_picture(copied, tmp_path, monkeypatch):
    """Every process loads `sitecustomize` first: by it the parser of tags crashes, as on strangers' files."""
    fatal = "import mutagen, os\nmutagen.File = lambda *given: os.abort()\n"
    (tmp_path / "sitecustomize.py").write_text(fatal)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serving(copied) as (address, _), httpx.Client(base_url=address) as http:
        assert [http.get("cover/1").status_code for _ in range(2)] == [204, 204]


@in_one_test
@pytest.mark.parametrize(
    "path",
    ["audio/../../etc/passwd", "audio/..%2f..%2fetc%2fpasswd", "audio/%2fetc%2fpasswd", "audio/0", "audio/-1",
     "audio/99", "audio/1.5", "audio/1%00", "web/../commands/serve.py", "web/%2e%2e/app.py",
     "web/..%5capp.py", "cover/99", "api/waveform/99", "audio/99999999999999999999", "nothing"],
)  # fmt: skip
def test_nothing_else_can_be_read(address, path):
    """Sent as they stand: a client library would tidy the path up first."""
    import http.client
    from urllib.parse import urlsplit

    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port)
    connection.request("GET", f"/{path}")
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status in (400, 404)
    assert json.loads(text)["error"]
    assert "root:" not in text
    connection.close()


@pytest.mark.slow
def test_a_link_that_was_put_in_a_songs_place_is_not_followed(copied, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    song = copied / "music" / "Anvil.wav"
    with serving(copied) as (address, _), httpx.Client(base_url=address) as http:
        listed = http.get("api/songs", params={"match": "Anvil"}).json()["songs"]
        place = f"audio/{listed[0]['id']}"
        assert http.get(place).status_code == 200
        moved = song.rename(tmp_path / "moved.wav")
        song.symlink_to(moved)
        assert http.get(place).status_code == 200  # the very file that was read
        song.unlink()
        song.symlink_to(secret)
        for address in (place, place.replace("audio", "cover"), place.replace("audio", "api/waveform")):
            answer = http.get(address)
            assert answer.status_code == 404
            assert "another file" in answer.json()["error"]
        song.unlink()
        os.mkfifo(song)
        assert http.get(place).status_code == 404
        song.unlink()
        assert http.get(place).status_code == 404


@pytest.mark.slow
def test_what_is_ingested_and_indexed_meanwhile_is_seen(copied):
    with serving(copied) as (address, _), httpx.Client(base_url=address, timeout=60) as http:
        before = http.get("api/search", params={"q": "drums"})
        assert before.status_code == 503
        assert before.json()["try_this"] == "nw index"
        assert http.get("api/health").status_code == 503
        nw(copied, "index")
        assert len(http.get("api/search", params={"q": "drums"}).json()["hits"]) == 8
        sound, rate = soundfile.read(copied / "music" / "Anvil.wav")
        soundfile.write(copied / "music" / "Second Anvil.wav", sound[::-1], rate)
        nw(copied, "ingest", str(copied / "music"))
        assert http.get("api/stats").json()["songs"] == 9
        nw(copied, "index")
        assert len(http.get("api/search", params={"q": "drums"}).json()["hits"]) == 9
        shutil.rmtree(copied / "home" / "indexes")
        assert http.get("api/search", params={"q": "drums"}).status_code == 503
