"""Listing and downloading with the real hub client from a server that has bad days."""

import hashlib
import http.server
import threading

import pytest
from hub_server import Fault, Hub

from catalog.errors import Damaged, SourceError, WrongUse
from catalog.shards import remote, transfer
from catalog.shards.find import find
from catalog.shards.listing import Listing
from catalog.shards.transfer import Patience, fetch, verify

QUICK = Patience(tries=3, first_s=0.01, longest_s=0.02)
BODY = bytes(range(256)) * 4000


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "repo" / "data"
    data.mkdir(parents=True)
    for i in range(23):
        (data / f"train-{i:05d}.parquet").write_bytes(BODY[i:])
    (tmp_path / "repo" / "README.md").write_text("hello")
    (tmp_path / "repo" / "with space.jsonl").write_text("{}\n")
    return tmp_path / "repo"


@pytest.fixture
def hub(folder):
    with Hub({"owner/songs": folder}) as hub:
        yield hub


def only(hub, name="00000"):
    found = find("owner/songs", endpoint=hub.url)
    return found.files[found.like(name)[0]]


def test_a_hub_data_set_is_listed_over_pages_and_pinned(hub):
    found = find("owner/songs", endpoint=hub.url)
    assert len(found.files) == 25
    assert [f.name for f in found.files] == sorted(f.name for f in found.files)
    assert found.revision == hub.commit("owner/songs")
    [second] = found.like(r"00001\.parquet")
    assert found.files[second].digest == f"sha256:{hashlib.sha256(BODY[1:]).hexdigest()}"
    assert sum("cursor=" in path for _, path, _ in hub.log) == 2
    assert Listing.from_json(found.to_json()) == found


def test_only_the_folder_that_is_named(hub):
    assert len(find("hf://datasets/owner/songs@main:data", endpoint=hub.url).files) == 23


@pytest.mark.parametrize(
    ("name", "content"), [("README.md", b"hello"), ("with space.jsonl", b"{}\n"), ("00003", BODY[3:])]
)
def test_files_in_lfs_and_in_git_arrive_verified(hub, tmp_path, name, content):
    file = only(hub, name)
    fetch(file, tmp_path / "part", patience=QUICK)
    verify(file, tmp_path / "part")
    assert (tmp_path / "part").read_bytes() == content


def test_the_bytes_come_by_the_redirect_and_never_by_xet(hub, tmp_path):
    fetch(only(hub), tmp_path / "part")
    paths = [path for _, path, _ in hub.log]
    assert any(path.startswith("/cdn/") for path in paths)
    assert not any("xet" in path for path in paths)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("drop", after=300_000), id="the connection drops"),
        pytest.param(Fault("short", after=300_000), id="the answer ends early and calls itself whole"),
    ],
)
def test_a_download_goes_on_where_it_stopped(hub, tmp_path, fault):
    hub.faults = lambda path, before: fault if before < 3 else None
    fetch(only(hub), tmp_path / "part", patience=QUICK)
    assert (tmp_path / "part").read_bytes() == BODY
    ranges = [asked for _, path, asked in hub.log if path.startswith("/cdn/")]
    assert ranges[0] == ""
    assert all(asked.startswith("bytes=") for asked in ranges[1:])
    assert hub.served < 1.2 * len(BODY)


def test_what_an_earlier_process_left_is_used(hub, tmp_path):
    (tmp_path / "part").write_bytes(BODY[:900_000])
    fetch(only(hub), tmp_path / "part", patience=QUICK)
    assert (tmp_path / "part").read_bytes() == BODY
    assert hub.served == len(BODY) - 900_000


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("status", 500), id="500"),
        pytest.param(Fault("status", 503), id="503"),
        pytest.param(Fault("status", 429, headers={"Retry-After": "0"}), id="429"),
        pytest.param(Fault("changed"), id="other bytes"),
        pytest.param(Fault("longer"), id="more bytes"),
        pytest.param(Fault("drop", after=0), id="nothing at all"),
    ],
)
def test_trouble_that_passes_is_no_error(hub, tmp_path, fault):
    hub.faults = lambda path, before: fault if before < 1 else None
    said = []
    fetch(only(hub), tmp_path / "part", patience=QUICK, on_trouble=said.append)
    assert (tmp_path / "part").read_bytes() == BODY
    assert len(said) == 1
    assert "00000" in said[0]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param(Fault("status", 500), "server answered 500", id="500"),
        pytest.param(Fault("status", 429), "server answered 429", id="429"),
        pytest.param(Fault("status", 404), "server answered 404", id="gone"),
        pytest.param(Fault("changed"), "checksum", id="other bytes"),
        pytest.param(Fault("longer"), "longer than", id="more bytes"),
        pytest.param(Fault("short", after=0), "ended after 0", id="empty answers"),
    ],
)
def test_trouble_that_stays_is_damage_and_says_what(hub, tmp_path, fault, says):
    hub.faults = lambda path, before: fault
    with pytest.raises(Damaged, match=says):
        fetch(only(hub), tmp_path / "part", patience=QUICK)
    assert (tmp_path / "part").stat().st_size <= len(BODY) if (tmp_path / "part").exists() else True


def test_a_range_that_is_ignored_starts_over(hub, tmp_path):
    hub.faults = lambda path, before: Fault("whole")
    (tmp_path / "part").write_bytes(b"x" * 1000)
    fetch(only(hub), tmp_path / "part", patience=QUICK)
    assert (tmp_path / "part").read_bytes() == BODY


def test_the_server_is_waited_for_as_long_as_it_asks():
    patience = Patience(first_s=1, longest_s=8)
    assert patience.pause_s(1, asked_s=7) == 7
    assert 4 <= patience.pause_s(10) <= 8
    assert patience.pause_s(1) <= 1


def test_a_stopped_download_leaves_what_it_has(hub, tmp_path):
    hub.faults = lambda path, before: Fault("slow", after=500_000)
    stop = threading.Event()
    threading.Timer(0.9, stop.set).start()
    with pytest.raises(transfer.Stopped):
        fetch(only(hub), tmp_path / "part", stop=stop)
    left = (tmp_path / "part").read_bytes()
    assert 0 < len(left) < len(BODY)
    assert BODY.startswith(left)


@pytest.mark.parametrize(
    ("source", "says", "try_this"),
    [
        pytest.param("owner/missing", "no data set owner/missing", "check the name", id="missing"),
        pytest.param("owner/songs@v9", "no such revision", "@revision", id="no such revision"),
        pytest.param("/no/such/folder", "no data set /no/such/folder", "owner/name", id="no folder"),
    ],
)
def test_what_is_not_there_says_what_to_do(hub, source, says, try_this):
    with pytest.raises(SourceError, match=says) as caught:
        find(source, endpoint=hub.url)
    assert try_this in caught.value.try_this


def test_a_gated_data_set_names_the_way_in(hub, tmp_path):
    file = only(hub)
    hub.gated.add("owner/songs")
    with pytest.raises(SourceError, match="gated") as caught:
        fetch(file, tmp_path / "part", patience=QUICK)
    assert "hf auth login" in caught.value.try_this


def test_no_network_is_said_once_and_clearly(folder, tmp_path):
    with Hub({"owner/songs": folder}) as hub:
        file = only(hub)
    with pytest.raises(SourceError, match="cannot be reached"):
        fetch(file, tmp_path / "part", patience=QUICK)
    with pytest.raises(SourceError, match="cannot be reached"):
        find("http://127.0.0.1:9/x.parquet")


def test_plain_addresses_are_counted_out_and_sized(hub):
    found = find(f"{hub.url}/files/owner/songs/data/train-000{{00..04}}.parquet")
    assert [file.size for file in found.files] == [len(BODY) - i for i in range(5)]
    assert all(file.etag for file in found.files)


def test_a_plain_file_that_was_replaced_meanwhile_is_not_mixed(hub, folder, tmp_path):
    file = find(f"{hub.url}/files/owner/songs/data/train-00000.parquet").files[0]
    (tmp_path / "part").write_bytes(BODY[:500_000])
    (folder / "data" / "train-00000.parquet").write_bytes(BODY[::-1])
    fetch(file, tmp_path / "part", patience=QUICK)
    assert (tmp_path / "part").read_bytes() == BODY[::-1]


def test_the_login_goes_to_the_hub_and_nowhere_else(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(remote, "login_headers", lambda: {"authorization": "Bearer secret"})
    seen = []
    original = remote.get_session().stream

    def stream(method, url, *, headers, timeout):
        seen.append((url, headers.get("authorization")))
        return original(method, url, headers=headers, timeout=timeout)

    monkeypatch.setattr(remote.get_session(), "stream", stream)
    fetch(only(hub), tmp_path / "a")
    fetch(find(f"{hub.url}/files/owner/songs/data/train-00000.parquet").files[0], tmp_path / "b")
    assert [secret for _, secret in seen] == ["Bearer secret", None]


def test_a_folder_without_parquet_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="no parquet"):
        find(str(tmp_path))


@pytest.mark.parametrize(
    "content", [b"<html>log in to the network</html>", b"[1, 2]", b'{"siblings": 3}', b"\xff", b""]
)
def test_a_page_in_place_of_a_listing_is_told(content):
    """A captive portal answers 200 to everything."""

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Portal) as portal:
        threading.Thread(target=portal.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{portal.server_port}"
        with pytest.raises(SourceError, match="something that is no listing"):
            remote.list_hub("a/b", "a/b", None, "", endpoint=address)
        portal.shutdown()


@pytest.mark.parametrize("address", ["http://127.0.0.1:port/a.parquet", "http://[::1"])
def test_an_address_that_is_none_is_said(address):
    with pytest.raises(SourceError, match="cannot be asked for"):
        remote.list_addresses(address, [address])


@pytest.mark.parametrize("problem", [ImportError("no socksio"), FileNotFoundError(2, "no file")])
def test_a_setting_of_the_network_that_is_wrong_is_said(problem):
    """What the client raises for a SOCKS proxy without its package, and for SSL_CERT_FILE without a file."""
    with pytest.raises(SourceError, match="setting of the network"), remote.explained("owner/name"):
        raise problem
