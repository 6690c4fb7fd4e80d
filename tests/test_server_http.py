"""What every address of `nw serve` does right whatever a client sends: heads, bodies, origins, paths."""

import io
import json
import logging
import socket
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from tables import in_one_test

pytest.importorskip("fastapi", reason="needs the extra serve")

import soundfile
import uvicorn
from starlette.testclient import TestClient

from catalog.errors import DiskFull
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Facts, SoundFile
from newwave_cli.server import connections, http_rules, log, uploads
from newwave_cli.server.app import build
from newwave_cli.server.errors import Busy
from newwave_cli.settings import Settings

FRIEND = "https://friend.example"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A library of one song that is not indexed."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "music").mkdir()
    soundfile.write(folder / "music" / "tone.wav", np.sin(np.arange(8_000) / 9), 8_000)
    with Catalog.open(folder / "home" / "catalog.db") as catalog:
        status = (folder / "music" / "tone.wav").stat()
        file = SoundFile(folder / "music" / "tone.wav", status.st_size, status.st_mtime_ns, "a" * 32)
        songs.add_or_update(catalog, [Facts("tags", {"title": "tone"})], file=file)
        songs.add_or_update(catalog, [Facts("tags", {"title": "tone", "source_id": "2"})])
    return Settings(folder / "home", offline=True, device="cpu", jobs=1)


@pytest.fixture(scope="module")
def http(settings):
    app = build(settings, origins=(FRIEND,))
    with TestClient(app, "http://localhost", raise_server_exceptions=False) as client:
        yield client


ADDRESSES = [
    "/",
    "/docs",
    "/openapi.json",
    "/api/songs",
    "/api/songs/1",
    "/api/tags",
    "/api/stats",
    "/audio/1",
]
ADDRESSES += ["/api/playlists", "/api/health", "/cover/1", "/web/app.js", "/nothing", "/api/songs/99"]


@in_one_test
@pytest.mark.parametrize("place", ADDRESSES)
def test_head_is_get_without_its_body(http, place):
    whole, head = http.get(place), http.head(place)
    assert head.status_code == whole.status_code
    assert head.content == b""
    assert head.headers.get("content-length") == whole.headers.get("content-length")
    assert head.headers.get("content-type") == whole.headers.get("content-type")


@pytest.mark.parametrize("place", ["/", "/api/songs", "/api/songs/1", "/api/tags", "/audio/1", "/web/app.js"])
def test_what_has_not_changed_is_not_sent_again(http, place):
    first = http.get(place)
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = http.get(place, headers=[("If-None-Match", '"first"'), ("If-None-Match", known)])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "content-length" not in again.headers
    assert http.get(place, headers={"If-None-Match": '"other"'}).content == first.content


def test_the_time_counts_where_no_tag_is_given(http):
    changed = http.get("/audio/1").headers["last-modified"]
    assert http.get("/audio/1", headers={"If-Modified-Since": changed}).status_code == 304
    for since in ("Mon, 01 Jan 1990 00:00:00 GMT", "yesterday", ""):
        assert http.get("/audio/1", headers={"If-Modified-Since": since}).status_code == 200
    both = {"If-Modified-Since": changed, "If-None-Match": '"other"'}
    assert http.get("/audio/1", headers=both).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=0-3", 206),
        ("bytes=-4", 206),
        ("items=0-3", 200),
        ("seconds", 200),
        ("bytes=99999999-", 416),
        ("bytes=0-3, 99999999-", 206),
        ("bytes=99999999-, 88888888-", 416),
        ("bytes=-0", 416),
        ("bytes=\xb2-3", 400),
        ("bytes=5-4", 400),
    ],
)
def test_ranges(http, asked, status):
    answer = http.get("/audio/1", headers={"Range": asked.encode("latin-1")})
    assert answer.status_code == status
    if status >= 400:
        assert set(answer.json()) == {"error", "try_this"}


@pytest.mark.parametrize("place", ["/", "/api/songs", "/audio/1", "/web/app.js"])
def test_what_has_changed_is_not_sent_where_only_the_old_is_wanted(http, place):
    first = http.get(place)
    tag = first.headers["etag"]
    for wanted in (tag, f'"other", {tag}', "*"):
        assert http.get(place, headers={"If-Match": wanted}).content == first.content
    for wanted in ('"other"', f"W/{tag}"):  # a weak tag is none that is the same byte for byte
        refused = http.get(place, headers={"If-Match": wanted, "Range": "bytes=0-3"})
        assert (refused.status_code, set(refused.json())) == (412, {"error", "try_this"})
        assert http.head(place, headers={"If-Match": wanted}).status_code == 412


def test_a_part_is_wanted_of_what_has_not_changed_since(http):
    changed = http.get("/audio/1").headers["last-modified"]
    for until, status in ((changed, 206), ("Mon, 01 Jan 1990 00:00:00 GMT", 412), ("tomorrow", 206)):
        asked = {"If-Unmodified-Since": until, "Range": "bytes=0-3"}
        assert http.get("/audio/1", headers=asked).status_code == status


@pytest.mark.parametrize(
    "host", ["[::1", "[", "localhost:port", "localhost:99999", "local host", "a@localhost", "]"]
)
def test_a_host_that_is_none_is_refused(http, host):
    answer = http.get("/api/songs", headers={"Host": host})
    assert answer.status_code == 400
    assert "Host" in answer.json()["error"]


@pytest.mark.parametrize("origin", ["https://[", "null", "//", "\xff", "https://evil.example"])
def test_an_origin_that_is_none_changes_nothing(http, origin):
    answer = http.put("/api/playlists/x", json={"query": "x"}, headers={"Origin": origin.encode("latin-1")})
    assert answer.status_code == 403
    assert http.get("/api/playlists").json() == {"playlists": []}


@in_one_test
@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
@pytest.mark.parametrize("place", ADDRESSES)
def test_a_page_elsewhere_reads_nothing(http, site, place):
    image = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert http.get(place, headers=image).status_code == 403
    assert http.get(place, headers=image | {"Referer": "https://[", "Origin": "https://["}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": FRIEND}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Referer": f"{FRIEND}/page"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Referer": f"{FRIEND}.evil.example/"}, 403),
    ],
)
def test_whoever_was_let_in_reads(http, headers, status):
    assert http.get("/api/songs", headers=headers).status_code == status


def test_a_link_opens_the_page_and_asks_nothing(http):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert http.get("/", headers=link).status_code == 200
    assert http.get("/?q=x", headers=link).status_code == 403
    assert http.get("/api/songs?where=1", headers=link).status_code == 403


@pytest.mark.parametrize("cookie", ["=", "a=b; ;;", 'nw_token="', "\x01=\x02", "expires=x;a"])
def test_a_cookie_that_is_none_is_no_fault(settings, cookie):
    with TestClient(build(settings, token="correct horse"), "http://localhost") as client:
        assert client.get("/api/songs", headers={"Cookie": cookie}).status_code == 401


def test_a_body_has_an_end(http, monkeypatch):
    monkeypatch.setattr(http_rules, "MOST_BYTES", 1_000)

    def pieces():
        for _ in range(20):
            yield b"x" * 100

    assert http.put("/api/playlists/x", content=b"x" * 1_001).status_code == 413
    assert http.put("/api/playlists/x", content=pieces()).status_code == 413
    assert http.request("DELETE", "/api/playlists/x", content=b"x" * 1_001).status_code == 413
    assert (
        http.post("/api/similar", content=b"x" * 1_001).status_code == 503
    )  # its own bound; nothing is indexed


def test_a_clip_that_says_it_is_too_large_is_refused_at_once(http):
    answer = http.post("/api/similar", content=b"x", headers={"Content-Length": "99999999999"})
    assert answer.status_code == 413


def test_so_many_uploads_at_once_and_their_files_go(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "nw-clip-left"
    left.write_text("by a server that was killed")
    places = uploads.Uploads()
    assert not left.exists()
    taken = [places.place() for _ in range(uploads.MOST_AT_ONCE)]
    files = [place.__enter__() for place in taken]
    uploads.Uploads()  # another server begins
    assert len(list(tmp_path.iterdir())) == len(files)
    with pytest.raises(Busy), places.place():
        pass
    for place in taken:
        place.__exit__(None, None, None)
    assert not list(tmp_path.iterdir())
    with places.place():
        pass


@in_one_test
@pytest.mark.parametrize(
    "place",
    [
        "/api/search?q=x", "/api/health", "/api/similar?song=1", "/api/songs?where=path%20like%20'/%25'",
        "/api/songs?where=nothing", "/api/songs?sort=path", "/api/similar?song=tone", "/api/waveform/1",
        "/api/songs/1", "/api/songs?match=tone", "/api/search?q=&where=path+is+not+null",
    ],
)  # fmt: skip
def test_no_answer_says_where_anything_lies(http, settings, place):
    said = http.get(place).text
    assert str(settings.home.parent) not in said
    assert "tmp" not in json.dumps(said)


def test_a_full_disk_is_told_as_such(http, monkeypatch):
    def full(*_given, **_more):
        raise DiskFull("there is no room left.", try_this="df -h")

    monkeypatch.setattr("newwave_cli.saved_queries.put", full)
    answer = http.put("/api/playlists/x", json={"query": "calm"})
    assert (answer.status_code, answer.json()["try_this"]) == (507, "df -h")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_what_is_no_number_is_refused(http, value):
    for place in (f"/api/search?q=x&min_score={value}", f"/api/search?q=x&k={value}"):
        assert http.get(place).status_code == 400


@pytest.fixture
def place(settings, monkeypatch):
    """Where a real server listens that waits a fifth of a second for a head."""
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    config = uvicorn.Config(build(settings), port=0, http=connections.Connection, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize(
    ("begun", "answers"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: loc", 0, id="half a head"),
        pytest.param(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\nGET /", 1, id="half a second head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx", 1, id="half a body"),
    ],
)
def test_a_head_that_does_not_come_ends_its_connection(place, begun, answers):
    heard = b""
    with socket.create_connection(place) as slow:
        slow.settimeout(30)  # a connection that does not end is an error then
        slow.sendall(begun)
        with suppress(ConnectionResetError):
            while more := slow.recv(1 << 16):
                heard += more
    assert heard.count(b"HTTP/1.1 ") == answers


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        pytest.param(
            "http://localhost:1/api/songs/1?x=http://a/b", "localhost", 200, id="as a proxy sends it"
        ),
        pytest.param("HTTP://localhost", "evil.example", 200, id="the address counts, not the Host"),
        pytest.param("http://evil.example/api/songs/1", "localhost", 403, id="of another host"),
        pytest.param("http://[::1/api/songs/1", "localhost", 400, id="of no host"),
        pytest.param("ftp://localhost/api/songs/1", "localhost", 404, id="of another scheme"),
        pytest.param("/http://localhost/api/songs/1", "localhost", 404, id="a path that looks like it"),
    ],
)
def test_a_request_may_name_its_whole_address(place, address, host, status):
    with socket.create_connection(place) as client:
        client.sendall(f"GET {address} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(1 << 16).startswith(f"HTTP/1.1 {status} ".encode())


def test_what_may_be_done_is_told_with_head(http):
    for address in ("/", "/api/songs", "/audio/1"):
        assert http.request("DELETE", address).headers["allow"] == "GET, HEAD"


@pytest.fixture
def stream():
    """What the log was written to."""
    before = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    log.set_up(stream)
    yield stream
    logging.root.handlers[:] = before[0]
    logging.root.setLevel(before[1])


def test_an_entry_of_the_log_cannot_be_forged(stream):
    logging.getLogger("any").warning("asked for %s", "x\nERROR: all is lost\r\x1b[2J\u202e\x9b")
    expected = "WARNING: asked for x\n    ERROR: all is lost\\x0d\\x1b[2J\\x202e\\x9b\n"
    assert stream.getvalue() == expected


def test_the_log_is_not_flooded(stream, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(log.time, "monotonic", lambda: now)
    for number in range(1_000):
        logging.getLogger("any").warning("bad request %d", number)
    assert len(stream.getvalue().splitlines()) == log.MOST_A_MINUTE
    now += 60
    logging.getLogger("any").warning("another")
    left_out = 1_000 - log.MOST_A_MINUTE
    last = stream.getvalue().splitlines()[-1]
    assert last == f"WARNING: ({left_out} entries of the minutes before were left out) another"
