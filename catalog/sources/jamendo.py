"""`jamendo`: JamendoMaxCaps (arXiv 2502.07461), 362 k tracks, 1.1 TB, joined with captions and metadata.

The sound is in parquet shards (column `audio`, whose path names the track's id); captions of 30 s each in
`final_caption30sec.jsonl`; what Jamendo says of a track in `YYYY-MM-DD.jsonl`, in several of them for some.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.data_sets import DataSet, Place, SourceInfo, clips_of, opened_store
from catalog.records import Caption, Clip
from catalog.shards.lines_by_id import LinesById
from catalog.shards.local_store import ShardStore
from catalog.shards.stream import Row, Stream
from catalog.sources.shards import sound_in
from catalog.values import vocabulary
from catalog.values.ids import plain_id
from catalog.values.numbers import counted

INFO = SourceInfo(
    title="JamendoMaxCaps",
    needs="nothing, or a copy of the data set: a folder, or owner/name on the hub",
    protocol="plain",
    for_training=True,
    jamendo_ids=True,
    shards="amaai-lab/JamendoMaxCaps",
)
_CAPTIONS = r"(^|/)final_caption\w*\.jsonl$"
_METADATA = r"(^|/)\d{4}-\d\d-\d\d\.jsonl$"
_TAGS = ("genres", "instruments", "vartags")


def clips(place: Place) -> Iterator[Clip]:
    """Every track with its captions and metadata, but those that `place.exclude` names."""
    yield from clips_of(opened(place), place)


@contextmanager
def opened(place: Place, *, seed: int | None = None, rank: int = 0, world: int = 1) -> Iterator[DataSet]:
    """The data set as a stream; its tables are fetched first, and stay. Raises SourceError."""
    [source, *_] = place.named or (INFO.shards,)
    with opened_store(source, place) as store:
        # By id from the disk: the tables are gigabytes, of which each shard needs a thousand lines.
        captions = _table(store, _CAPTIONS)
        metadata = _table(store, _METADATA)
        stream = Stream(store, columns=("audio",), seed=seed, rank=rank, world=world, on_lost=place.on_lost)
        _say(place, stream, captions, metadata)

        def clip(row: Row) -> Clip:
            cells = vocabulary.plain(row.values)
            audio, name, trouble = sound_in(cells)
            track = plain_id(name) if name else row.place  # a sound without a name is known by where it lies
            about = _newest(metadata.find(track))
            return replace(_clip(track, audio, captions, about), trouble=trouble)

        yield DataSet(stream, clip, place.exclude)


def _table(store: ShardStore, pattern: str) -> LinesById:
    places = store.listing.like(pattern)
    return LinesById([store.fetch_now(place) for place in places])


def _say(place: Place, stream: Stream, captions: LinesById, metadata: LinesById) -> None:
    shards = counted(len(stream.shards), "shard")
    texts = counted(len(captions), "caption")
    records = counted(len(metadata), "record")
    place.on_note(f"{shards}, {texts}, {records} of metadata")
    if not place.exclude:
        place.on_note(
            "no test set is left out, though Song Describer's tracks are Jamendo's too: nw ingest"
            " song-describer song_describer.csv makes them known"
        )


def _newest(records: list[dict[str, Any]]) -> dict[str, Any]:
    """All that is said of a track; where the files differ, the last that says anything."""
    merged: dict[str, Any] = {}
    for record in records:
        for name, value in record.items():
            if value not in (None, "", [], {}):
                merged[name] = value
    return merged


def _clip(track: str, audio: bytes | Path | None, captions: LinesById, about: Mapping[str, Any]) -> Clip:
    texts = []
    for record in captions.find(track):
        if record.get("caption"):
            start_s, end_s = _seconds(record, "start_time"), _seconds(record, "end_time")
            texts.append(Caption(record["caption"], start_s, end_s, "jamendo"))
    texts.sort(key=lambda text: text.start_s or 0.0)
    return Clip(track, audio, tuple(texts), song_of(about))


def _seconds(record: Mapping[str, Any], name: str) -> float | None:
    try:
        return float(record[name])
    except (KeyError, TypeError, ValueError):
        return None


# Our fields that the API only calls otherwise: of a track object, and of its `musicinfo`.
_OF_TRACK = {
    "title": "name",
    "artist": "artist_name",
    "album": "album_name",
    "license": "license_ccurl",
}
_OF_MUSIC = {"language": "lang", "speed": "speed", "vocalinstrumental": "vocalinstrumental"}


def song_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """A track object of Jamendo's API (version 3) as fields of a song."""
    info = about.get("musicinfo") or {}
    by_kind = info.get("tags") or {}
    tags: list[str] = []
    for kind in _TAGS:
        tags += by_kind.get(kind) or ()
    song = {field: about.get(name) for field, name in _OF_TRACK.items()}
    song |= {field: info.get(name) for field, name in _OF_MUSIC.items()}
    song["year"] = _year(about.get("releasedate"))
    song["duration_s"] = _seconds(about, "duration")
    genres = by_kind.get("genres") or [""]
    song["genre"] = genres[0]  # the first is the main one, all of them are tags
    artist_id = about.get("artist_id")
    if artist_id:
        song["artist_id"] = plain_id(artist_id)
    told = {field: value for field, value in song.items() if value not in (None, "")}
    told["tags"] = tuple(dict.fromkeys(tags))
    return told


def _year(date: object) -> int | None:
    text = str(date or "")[:4]  # Jamendo writes 0000-00-00 where it does not know
    return int(text) if text.isdigit() and text != "0000" else None
