"""Jamendo's API on 127.0.0.1: /v3.0/tracks/ with its paging, codes and limits, and files.

`Jamendo(folder, tracks)` serves the tracks, whose sound is FOLDER/ID.mp3. `trouble` names what goes wrong.
"""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENT = "a1b2c3d4"
PAGE = 3
"""Tracks of an answer at most (200 at the real one): small, so that paging is always used."""


def track(number, **more):
    """A track object as the API gives it with include=musicinfo+licenses."""
    return {
        "id": str(number),
        "name": f"Song {number}",
        "duration": 12,
        "artist_id": "7",
        "artist_name": "Sol",
        "album_name": "Days",
        "releasedate": "2015-02-03",
        "license_ccurl": "http://creativecommons.org/licenses/by-nc-sa/3.0/",
        "shareurl": f"https://www.jamendo.com/track/{number}",
        "audiodownload_allowed": True,
        "musicinfo": {"tags": {"genres": ["ambient"], "instruments": ["piano"], "vartags": []}},
    } | more


class Jamendo:
    """The running server. `asked` lists the questions to the API, `sent` counts bytes of sound by id."""

    def __init__(self, folder, tracks, trouble=()):
        self.folder, self.tracks, self.trouble = folder, tracks, dict(trouble)
        self.asked, self.sent, self.downloads = [], Counter(), Counter()
        handler = type("Handler", (_Handler,), {"at": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked):
        """(status, headers, body) to a question."""
        self.asked.append(asked)
        if wrong := self.trouble.pop("api", None):
            return wrong
        if asked.get("client_id") != CLIENT:
            message = f"Your credential is not authorized: {asked.get('client_id')}"
            return 200, {}, _said([], status="failed", code=5, error_message=message)
        wanted = set(asked.get("tags", "").split())
        found = [one for one in self.tracks if wanted <= _tags(one)]
        start, limit = int(asked["offset"]), min(int(asked["limit"]), PAGE)
        page = found[start : start + limit]
        return 200, {}, _said([{"audiodownload": f"{self.url}/download/{one['id']}/"} | one for one in page])


def _tags(one):
    return {tag for tags in one["musicinfo"]["tags"].values() for tag in tags}


def _said(results, **head):
    head = {"status": "success", "code": 0, "error_message": "", "results_count": len(results)} | head
    return json.dumps({"headers": head, "results": results}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    at: Jamendo

    def do_HEAD(self):
        self.reply(405, {}, b"")

    def do_GET(self):
        place = urlsplit(self.path)
        if place.path == "/v3.0/tracks/":
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            return self.reply(*self.at.answer(asked))
        number = place.path.split("/")[2]
        file = self.at.folder / f"{number}.mp3"
        if not file.exists():
            return self.reply(404, {}, b"no such track")
        return self.sound(number, file.read_bytes())

    def sound(self, number, sound):
        """Bytes from the place that Range names; "cut" ends the first download of a track half way."""
        bounds = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        start, end = int(bounds[0]), int(bounds[2] or len(sound) - 1)
        part = sound[start : end + 1]
        self.at.downloads[number] += end > 0
        cut = end > 0 and self.at.trouble.pop(f"cut {number}", False)
        headers = {"Content-Range": f"bytes {start}-{end}/{len(sound)}", "ETag": '"one"'}
        self.at.sent[number] += len(part[: len(part) // 2] if cut else part)
        if cut:
            self.reply(206, headers | {"Content-Length": str(len(part))}, part[: len(part) // 2])
            self.close_connection = True
        else:
            self.reply(206, headers, part)

    def reply(self, status, headers, body):
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
