"""`mtg-jamendo`: the tags of MTG-Jamendo, 55,525 tracks with genre, instrument, mood and theme; no sound.

TRACK_ID, ARTIST_ID, ALBUM_ID, PATH, DURATION, TAGS: tab-separated, and every tag is a column of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from catalog.data_sets import Place, SourceInfo, only_file
from catalog.errors import Unreadable
from catalog.records import Clip
from catalog.values.ids import plain_id

INFO = SourceInfo(
    title="MTG-Jamendo",
    needs="autotagging.tsv (of github.com/MTG/mtg-jamendo-dataset, data/)",
    jamendo_ids=True,
    table_head=("TRACK_ID\tARTIST_ID",),
)
_HEAD = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]


def clips(place: Place) -> Iterator[Clip]:
    """The tracks of the table; ids are Jamendo's, as plain numbers. Raises Unreadable for another table."""
    path = only_file(place, "mtg-jamendo", INFO.needs)
    with path.open(encoding="utf-8") as file:
        if _cells(file.readline())[:6] != _HEAD:
            head = " ".join(_HEAD)
            raise Unreadable(
                f"{path} is not MTG-Jamendo's table: its first line is not {head}.",
                try_this=f"nw ingest mtg-jamendo FILE    (FILE is {INFO.needs})",
            )
        for number, line in enumerate(file, 2):
            yield _clip(path, number, _cells(line))


def _cells(line: str) -> list[str]:
    # Not by the csv module: a quotation mark is a letter of this table, and rows differ in length.
    return line.rstrip("\n").split("\t")


def _clip(path: Path, number: int, cells: list[str]) -> Clip:
    """A line of the table as a clip. Raises Unreadable."""
    if len(cells) < 6:
        why = f"{path}, line {number} has {len(cells)} of 6 columns."
        raise Unreadable(why, try_this="fetch it again")
    track, artist, album, file, duration, *labels = cells
    kinds: dict[str, list[str]] = {}
    for label in labels:  # genre---rock, mood/theme---dark
        kind, _, tag = label.partition("---")
        kinds.setdefault(kind, []).append(tag)
    tags: list[str] = []
    for of_kind in kinds.values():
        tags += of_kind
    number_of_track = plain_id(track)
    genres = kinds.get("genre", [])
    song = {
        "title": f"Jamendo {number_of_track}",
        "artist": artist,
        "album": album,
        "genre": ", ".join(genres),
        "duration_s": float(duration),
        "tags": tuple(dict.fromkeys(tags)),
        "artist_id": plain_id(artist),
        "file": file,
    }
    return Clip(number_of_track, None, (), song)
