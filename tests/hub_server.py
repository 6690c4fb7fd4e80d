"""A small hub on 127.0.0.1: the endpoints, headers, redirects and range requests that huggingface_hub uses.

`Hub({"owner/name": folder})` serves the files of a folder as one commit of a data set or a model, and plain
files under /files/owner/name/…; `faults` decides, request by request, what goes wrong.
Alone, for other tools:

    python tests/hub_server.py owner/name=FOLDER --faults 7
"""

import argparse
import contextlib
import hashlib
import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

PAGE = 10
"""Entries of a page of the tree (1,000 on the real hub): small, so that paging is always used."""
LARGE = {".parquet", ".safetensors", ".bin"}
"""What lies in LFS."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one download: a status, or what happens to the bytes.

    kind: "status", "drop" (the connection ends after `after` bytes), "short" (so does the answer, which calls
    itself complete), "changed" (other bytes), "longer" (more bytes), "slow" (`after` bytes a second),
    "whole" (the range is ignored).
    """

    kind: str
    status: int = 500
    after: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


Faults = Callable[[str, int], Fault | None]
"""(path of the file, how many downloads of it came before) to what goes wrong."""


def no_faults(_path: str, _before: int) -> Fault | None:
    return None


def random_faults(seed: int, share: float = 0.5) -> Faults:
    """Different troubles for about this share of the downloads, the same for the same seed."""

    def pick(path: str, before: int) -> Fault | None:
        draw = random.Random(f"{seed} {path} {before}")
        if draw.random() > share:
            return None
        return draw.choice(
            [
                Fault("status", 500),
                Fault("status", 503),
                Fault("status", 429, headers={"Retry-After": "0"}),
                Fault("drop", after=draw.randrange(1, 5_000_000)),
                Fault("drop", after=0),
                Fault("short", after=draw.randrange(1, 5_000_000)),
                Fault("whole"),
            ]
        )

    return pick


class Hub:
    """The running server. `log` lists (method, path, Range) of every request; `gated` holds data sets.

    revisions: the commit of those whose name is not to follow from their files.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        *,
        faults: Faults = no_faults,
        port: int = 0,
        revisions: Mapping[str, str] | None = None,
    ) -> None:
        self.folders, self.revisions = dict(folders), dict(revisions or {})
        self.faults = faults
        self.gated: set[str] = set()
        self.log: list[tuple[str, str, str]] = []
        self.downloads: Counter[str] = Counter()
        self.served = 0
        self.connections: set[socket.socket] = set()
        self._digests: dict[tuple[Path, int], tuple[str, str]] = {}
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def is_asked_here(self, monkeypatch: Any) -> None:
        """In this process, which has read HF_ENDPOINT already: another one reads it when it starts."""
        from huggingface_hub import constants

        template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, self.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "ENDPOINT", self.url)

    def __enter__(self):
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def files(self, name: str) -> list[Path]:
        return sorted(path for path in self.folders[name].rglob("*") if path.is_file())

    def commit(self, name: str) -> str:
        if name in self.revisions:
            return self.revisions[name]
        listing = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in self.files(name)]
        return hashlib.sha1(json.dumps(listing).encode()).hexdigest()

    def digests(self, path: Path) -> tuple[str, str]:
        """(sha256, git blob id) of a file."""
        key = (path, path.stat().st_mtime_ns)
        with self._lock:
            if key not in self._digests:
                whole, blob = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % path.stat().st_size)
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        whole.update(block)
                        blob.update(block)
                self._digests[key] = (whole.hexdigest(), blob.hexdigest())
            return self._digests[key]

    def count(self, path: str) -> int:
        with self._lock:
            self.downloads[path] += 1
            return self.downloads[path] - 1

    def entry(self, name: str, path: Path) -> dict[str, object]:
        """A file as the tree lists it; large ones lie in LFS, the rest in git."""
        sha256, blob = self.digests(path)
        size = path.stat().st_size
        entry = {"type": "file", "path": str(path.relative_to(self.folders[name])), "size": size, "oid": blob}
        if path.suffix in LARGE:
            entry |= {"lfs": {"oid": sha256, "size": size, "pointerSize": 134}}
        if path.suffix == ".parquet":
            entry["xetHash"] = sha256
        return entry


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"
    routes = (
        (re.compile(r"/api/(?:datasets|models)/([\w.-]+/[\w.-]+)(?:/revision/([^/]+))?"), "_info"),
        (re.compile(r"/api/(?:datasets|models)/([\w.-]+/[\w.-]+)/tree/([^/]+)/?(.*)"), "_tree"),
        (re.compile(r"(?:/datasets)?/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)"), "_resolve"),
        (re.compile(r"/(?:cdn|files)/([\w.-]+/[\w.-]+)/(.+)"), "_bytes"),
    )

    def setup(self):
        super().setup()
        self.hub.connections.add(self.connection)

    def finish(self):
        self.hub.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_GET(self):
        self._route()

    def do_HEAD(self):
        self._route()

    def log_message(self, *_):
        pass

    def _route(self):
        url = urlsplit(self.path)
        self.hub.log.append((self.command, self.path, self.headers.get("Range", "")))
        for pattern, method in self.routes:
            if (match := pattern.fullmatch(unquote(url.path))) is not None:
                if match[1] not in self.hub.folders:
                    return self._answer(401, headers={"X-Error-Code": "RepoNotFound"})
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    getattr(self, method)(*match.groups(), query=parse_qs(url.query))
                return None
        return self._answer(404)

    def _answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def _json(self, value, headers=()):
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json", **dict(headers)})

    def _info(self, name, revision, query):
        commit = self.hub.commit(name)
        if revision not in (None, "main", commit):
            return self._answer(404, headers={"X-Error-Code": "RevisionNotFound"})
        siblings = [{"rfilename": str(p.relative_to(self.hub.folders[name]))} for p in self.hub.files(name)]
        return self._json(
            {"id": name, "sha": commit, "private": False, "gated": False, "tags": [], "siblings": siblings}
        )

    def _tree(self, name, revision, folder, query):
        if revision != self.hub.commit(name):
            return self._answer(404, headers={"X-Error-Code": "RevisionNotFound"})
        inside = [p for p in self.hub.files(name) if (self.hub.folders[name] / folder) in (p, *p.parents)]
        if not inside:
            return self._answer(404, headers={"X-Error-Code": "EntryNotFound"})
        start = int(query.get("cursor", ["0"])[0])
        page = [self.hub.entry(name, path) for path in inside[start : start + PAGE]]
        following = f"{self.hub.url}{urlsplit(self.path).path}?recursive=True&cursor={start + PAGE}"
        link = {"Link": f'<{following}>; rel="next"'} if start + PAGE < len(inside) else {}
        return self._json(page, link)

    def _resolve(self, name, revision, path, query):
        file = self.hub.folders[name] / path
        if name in self.hub.gated:
            return self._answer(
                403, headers={"X-Error-Code": "GatedRepo", "X-Error-Message": "Access needed"}
            )
        if not file.is_file():
            return self._answer(404, headers={"X-Error-Code": "EntryNotFound"})
        if revision not in ("main", self.hub.commit(name)):
            return self._answer(404, headers={"X-Error-Code": "RevisionNotFound"})
        sha256, blob = self.hub.digests(file)
        headers = {
            "X-Repo-Commit": revision,
            "X-Linked-Size": str(file.stat().st_size),
            "X-Linked-ETag": f'"{sha256 if file.suffix in LARGE else blob}"',
            "ETag": f'"{blob}"',
            "Location": f"{self.hub.url}/cdn/{name}/{quote(path)}?signature=1",
        }
        if self.path.startswith("/datasets"):
            headers["X-Xet-Hash"] = sha256
        else:  # huggingface_hub's downloads follow a redirect within one host and would miss these headers
            headers["Location"] = headers["Location"].replace("127.0.0.1", "localhost")
        return self._answer(302, b"Found", headers)

    def _bytes(self, name, path, query):
        file = self.hub.folders[name] / path
        if not file.is_file():
            return self._answer(404)
        etag = f'"{self.hub.digests(file)[0]}"'
        if self.command == "HEAD":
            return self._head(file.stat().st_size, etag, 0, 200)
        fault = self.hub.faults(path, self.hub.count(path)) or Fault("none")
        if fault.kind == "status":
            return self._answer(fault.status, b"trouble", fault.headers)
        return self._send(file, etag, fault)

    def _head(self, size, etag, start, status):
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.send_header("ETag", etag)
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()

    def _send(self, file, etag, fault):
        size = file.stat().st_size
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        fresh = self.headers.get("If-Range", etag) == etag
        start = int(wanted[1]) if wanted and fresh and fault.kind != "whole" else 0
        if start >= size:
            return self._answer(416, headers={"Content-Range": f"bytes */{size}"})
        total = min(size, start + fault.after) if fault.kind == "short" else size
        total += 1000 if fault.kind == "longer" else 0
        self._head(total, etag, start, 206 if start else 200)
        self._pump(file, start, total, fault)
        if fault.kind == "drop":
            self.close_connection = True
            self.connection.close()
        return None

    def _pump(self, file, start, end, fault):
        left = min(fault.after, end - start) if fault.kind == "drop" else end - start
        with file.open("rb") as source:
            source.seek(start)
            while left > 0:
                block = source.read(min(left, 1 << 16)) or b"\0" * min(left, 1000)
                if fault.kind == "changed":
                    block = bytes(255 - block[0] for _ in block[:1]) + block[1:]
                self.hub.served += len(block)  # before the reader can ask how many there were
                self.wfile.write(block)
                left -= len(block)
                if fault.kind == "slow":
                    time.sleep(len(block) / max(fault.after, 1))
        self.wfile.flush()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="owner/name=FOLDER")
    parser.add_argument("--faults", type=int, metavar="SEED")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    folders = {name: Path(folder) for name, folder in (one.split("=", 1) for one in given.sets)}
    faults = no_faults if given.faults is None else random_faults(given.faults)
    with Hub(folders, faults=faults, port=given.port) as hub, contextlib.suppress(KeyboardInterrupt):
        print(f"HF_ENDPOINT={hub.url}", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    _main()
