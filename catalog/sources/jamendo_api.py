"""`jamendo-api`: songs to play from Jamendo, by tags, over its API (version 3.0): sound, licence, credit.

https://developer.jamendo.com/v3.0/tracks says what the API takes and gives. `place.account` is the client id
that it wants of every program; it goes nowhere but into the address of a request.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

from huggingface_hub import get_session

from catalog.atomic import make_folder, put_in_place
from catalog.data_sets import Place, SourceInfo
from catalog.errors import Damaged, NewWaveError, SourceError, WrongUse
from catalog.records import Clip
from catalog.shards import remote
from catalog.shards.stream import Lost
from catalog.shards.transfer import Patience, fetch
from catalog.sources.jamendo import song_of
from catalog.values.numbers import counted

INFO = SourceInfo(
    title="Jamendo",
    needs="nothing; --tags says which",
    for_training=True,
    jamendo_ids=True,
    kept_as="jamendo",  # its ids are those of JamendoMaxCaps: a track of both is one song
    usual=50,
    as_files=True,
    by_tags=True,
    account="NW_JAMENDO_CLIENT_ID",
    endpoint="NW_JAMENDO_API",
)

ADDRESS = "https://api.jamendo.com/v3.0"
PAGE = 200
"""The most that the API gives at once."""
PAUSE_S = 0.2  # between pages, as one asks of a service that is free
PATIENCE = Patience(tries=5)
_WRONG_CLIENT, _TOO_MANY = 5, 6
"""Codes in the head of an answer."""
# status codes of a server that is busy or tired: worth asking again
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_PORTAL = (
    "read -r NW_JAMENDO_CLIENT_ID && export NW_JAMENDO_CLIENT_ID"
    "    (asks for your id, free at https://devportal.jamendo.com; then the same command)"
)


def clips(place: Place) -> Iterator[Clip]:
    """Tracks with their sound as files below `place.songs`; what lies there is not fetched again.

    A track whose sound cannot be had goes to `place.on_lost`, and the others go on. Raises WrongUse without a
    client id, SourceError where the API does not answer.
    """
    for track in tracks(place):
        path = place.songs / f"{track['id']}.mp3"
        try:
            if not path.exists():
                _download(track, path)
        except NewWaveError as problem:
            why = _hidden(str(problem), place)
            place.on_lost(Lost(f"track {track['id']}", why, 1))
        else:
            about = _about(track)
            yield Clip(str(track["id"]), path, (), about)


def tracks(place: Place) -> Iterator[dict[str, Any]]:
    """What the API says of the tracks with all of `place.tags`; those not to be downloaded are counted."""
    if not place.account:
        raise WrongUse(
            "Jamendo's API wants to know which program asks: it needs a client id.", try_this=_PORTAL
        )
    if place.limits.offline:
        raise remote.offline("what Jamendo's API offers")
    forbidden = 0
    try:
        for track in _all(place):
            if not track.get("audiodownload_allowed", True):
                forbidden += 1
                continue
            without_sound = Clip(str(track["id"]), None, (), song_of(track))
            if not place.exclude.holds(without_sound):
                yield track
    finally:  # also where the reader had enough and stopped
        if forbidden:
            one = "track was left out: its artist does"
            several = "tracks were left out: their artists do"
            place.on_note(f"{counted(forbidden, one, several)} not allow downloads")


def _all(place: Place) -> Iterator[dict[str, Any]]:
    offset = 0
    while page := _page(place, offset):
        for track in page:
            number = str(track.get("id", ""))  # it becomes the name of a file, so nothing else may be in it
            if number.isascii() and number.isdigit():
                yield track
            else:
                place.on_lost(Lost("a track", "its id is no number"))
        offset += len(page)
        time.sleep(PAUSE_S)


def _page(place: Place, offset: int) -> list[dict[str, Any]]:
    """A page of tracks, asked for until it comes. Raises SourceError."""
    asked = {
        "client_id": place.account,
        "format": "json",
        "limit": PAGE,
        "offset": offset,
        "include": "musicinfo licenses",
        "audioformat": "mp32",
    }
    if place.tags:
        asked["tags"] = " ".join(place.tags)
    failures = 0
    while True:
        answer, why, wait_s = _asked(place, asked)
        if answer is not None:
            return answer
        failures += 1
        if failures >= PATIENCE.tries:
            raise SourceError(f"Jamendo's API cannot be had: {why}.", try_this="the same command, later")
        place.on_note(f"Jamendo's API: {why}; trying again")
        time.sleep(PATIENCE.pause_s(failures, wait_s))


def _asked(place: Place, asked: Mapping[str, Any]) -> tuple[list[dict[str, Any]] | None, str, float | None]:
    """The tracks of an answer; or None, why there are none, and the seconds that the server asks for."""
    try:
        address = f"{place.endpoint or ADDRESS}/tracks/"
        session = get_session()
        answer = session.get(address, params=dict(asked), timeout=remote.TIMEOUT_S)
    except remote.HTTPError as error:
        kind = type(error).__name__
        return None, _hidden(f"{kind}: {error}", place), None
    if answer.status_code in _AGAIN:
        wait = answer.headers.get("Retry-After", "")
        wait_s = float(wait) if wait.isdigit() else None
        return None, f"it answered {answer.status_code}", wait_s
    try:
        said = answer.json()
        head, results = said["headers"], said["results"]
    except (ValueError, KeyError, TypeError):
        raise SourceError(
            f"Jamendo's API answered {answer.status_code} with something that is no answer of it.",
            try_this="check NW_JAMENDO_API, or unset it",
        ) from None
    if head.get("code") == _TOO_MANY:
        return None, "too many requests", None
    if head.get("status") != "success":
        raise _refused(head, place)
    return list(results), "", None


def _refused(head: Mapping[str, Any], place: Place) -> NewWaveError:
    said = head.get("error_message") or f"code {head.get('code')}"
    why = _hidden(str(said), place)
    if head.get("code") == _WRONG_CLIENT:
        return WrongUse(f"Jamendo does not know this client id ({why}).", try_this=_PORTAL)
    return SourceError(
        f"Jamendo's API refuses: {why}.",
        try_this="nw ingest jamendo-api --tags rock    (a tag that Jamendo has; or again later)",
    )


def _hidden(text: str, place: Place) -> str:
    """A message without the client id in it."""
    return text.replace(place.account, "...") if place.account else text


def _download(track: Mapping[str, Any], path: Path) -> None:
    """Fetch the sound aside, going on with what an earlier run left there, then put it in its place."""
    address = str(track.get("audiodownload") or track.get("audio") or "")
    if not address.startswith(("http://", "https://")):
        raise Damaged("Jamendo names no address for its sound.", try_this="leave it out")
    make_folder(path.parent)
    (file,) = remote.list_addresses(address, [address]).files
    named = replace(file, name=path.name)  # in messages: its address holds the client id
    aside = path.with_suffix(".part")
    fetch(named, aside, patience=PATIENCE, stop=Event())
    put_in_place(aside, path)


def _about(track: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a song, and how its artist wants to be named."""
    song = song_of(track)
    # What Creative Commons licences ask for: title, author, source, licence.
    title, artist = song.get("title", "untitled"), song.get("artist", "unknown")
    parts = (f"{title} by {artist}", track.get("shareurl"), song.get("license"))
    said = [str(part) for part in parts if part]
    on_one_line = [" ".join(one.split()) for one in said]
    return song | {"attribution": ", ".join(on_one_line)}
