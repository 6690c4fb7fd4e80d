"""Who may ask `nw serve`: the token, the names of this machine, pages elsewhere; how it starts and ends."""

import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest
from served import environment, serving
from waiting import PATIENCE_S

from catalog.errors import WrongUse
from newwave_cli.commands.serve import _origin

pytest.importorskip("fastapi", reason="needs the extra serve")
TOKEN = "correct horse battery"


@pytest.fixture(scope="module")
def guarded(tones):
    with serving(tones, "--cors", "https://friend.example", token=TOKEN) as (address, _):
        yield address


def refused(folder, *options, token=None):
    command = [sys.executable, "-m", "newwave_cli", "--home", str(folder / "home"), "serve", *options]
    given = environment(folder) | ({"NW_TOKEN": token} if token else {})
    ended = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    return ended.stderr


def test_other_addresses_need_a_token(tmp_path):
    said = refused(tmp_path, "--host", "0.0.0.0")
    assert "could read the whole library" in said
    assert "--token" in said
    assert "soon guessed" in refused(tmp_path, "--token", "short")


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        pytest.param("https://friend.example", "https://friend.example", id="as browsers write it"),
        pytest.param("friend.example", "https://friend.example", id="as the help has it"),
        pytest.param(
            "https://Friend.Example/", "https://friend.example", id="another case, and a path of none"
        ),
        pytest.param("http://localhost:3000", "http://localhost:3000", id="with its port"),
        pytest.param("localhost:3000", "https://localhost:3000", id="a port alone"),
        pytest.param("https://friend.example:443", "https://friend.example", id="the usual port is left out"),
        pytest.param(
            "http://friend.example:443", "http://friend.example:443", id="of another scheme it is not"
        ),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="a number as a host"),
    ],
)
def test_an_origin_is_what_browsers_send(typed, origin):
    assert _origin(typed) == origin


@pytest.mark.parametrize(
    "typed", ["*", "", "https://", "https://a/b", "https://a?b", "http://a b", "a:x", "u@a"]
)
def test_what_is_no_origin_is_refused(typed):
    with pytest.raises(WrongUse, match="is no origin"):
        _origin(typed)


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"nw cannot listen on 127.0.0.1 port {port}" in refused(tmp_path, "--port", port)


@pytest.mark.parametrize("place", ["", "docs", "openapi.json", "api/search?q=x", "audio/1", "web/app.js"])
def test_everything_asks_for_the_token(guarded, place):
    answer = httpx.get(guarded + place)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]
    assert httpx.get(guarded + place, headers={"Authorization": "Bearer wrong"}).status_code == 401
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(guarded + place, headers=right, timeout=60).status_code == 200


def test_the_page_keeps_the_token_out_of_the_address(guarded):
    with httpx.Client() as client:
        answer = client.get(guarded, params={"token": TOKEN, "q": "sea"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "./?q=sea"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert client.get(f"{guarded}api/stats").json()["songs"] == 8
    assert httpx.get(f"{guarded}api/tags", params={"token": TOKEN}).status_code == 200


def test_pages_elsewhere_may_ask_only_where_they_were_let_in(guarded, address):
    right = {"Authorization": f"Bearer {TOKEN}"}
    friend = httpx.get(f"{guarded}api/tags", headers=right | {"Origin": "https://friend.example"})
    assert friend.headers["access-control-allow-origin"] == "https://friend.example"
    asked = {"Origin": "https://friend.example", "Access-Control-Request-Method": "PUT"}
    assert httpx.options(f"{guarded}api/playlists/x", headers=asked).status_code == 200
    stranger = httpx.get(f"{guarded}api/tags", headers=right | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers
    assert "access-control-allow-origin" not in httpx.get(f"{address}api/tags", headers=asked).headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[::1", "localhost", ""])
def test_an_origin_that_is_none_of_ours_reads_nothing(address, origin):
    for path in ("api/songs", "audio/1", "cover/1"):
        answer = httpx.get(address + path, headers={"Origin": origin})
        assert answer.status_code == 403
        assert "Whistle" not in answer.text
    assert httpx.get(f"{address}api/tags", headers={"Origin": address.rstrip("/")}).status_code == 200


def test_a_page_elsewhere_changes_nothing(address):
    evil = {"Origin": "https://evil.example"}
    assert httpx.put(f"{address}api/playlists/x", json={"query": "x"}, headers=evil).status_code == 403
    assert httpx.post(f"{address}api/similar", content=b"x", headers=evil).status_code == 403
    assert httpx.get(f"{address}api/playlists").json() == {"playlists": []}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost@evil.example", ""])
def test_another_name_for_this_machine_is_not_answered(address, host):
    """A page elsewhere can point its own name at 127.0.0.1."""
    answer = httpx.get(f"{address}api/songs", headers={"Host": host})
    assert answer.status_code in (400, 403)
    assert "Whistle" not in answer.text


def test_browsers_are_told_to_load_nothing_from_elsewhere(address):
    headers = httpx.get(address).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_it_ends_cleanly_in_the_middle_of_a_request(tones, number):
    """`serving` looks at the exit code and for tracebacks."""
    with serving(tones) as (address, process):
        answered = threading.Event()
        slow = threading.Thread(target=_search_on, args=(address, answered))
        slow.start()
        assert answered.wait(PATIENCE_S)  # the next request is on its way
        process.send_signal(number)
        process.wait(20)
        slow.join()


def _search_on(address, answered):
    with httpx.Client(base_url=address, timeout=20) as http:
        try:
            while True:
                http.get("api/search", params={"q": "drums"})
                answered.set()
        except httpx.HTTPError:
            return


@pytest.mark.slow
def test_a_client_that_leaves_disturbs_nobody(tones):
    with serving(tones) as (address, process):
        place = httpx.URL(address)
        for _ in range(20):
            with socket.create_connection((place.host, place.port)) as left:
                left.sendall(b"GET /api/search?q=drums HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with socket.create_connection((place.host, place.port)) as left:
                left.sendall(b"POST /api/similar HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab")
        assert len(httpx.get(f"{address}api/search?q=drums", timeout=60).json()["hits"]) == 8
        assert process.poll() is None


def test_every_address_of_the_page_is_described(address):
    paths = httpx.get(f"{address}openapi.json").json()["paths"]
    assert {"/api/search", "/api/similar", "/api/songs/{song}", "/audio/{song}"} <= set(paths)
    assert "/search/combined" in paths
