"""`mtg-jamendo`: the tags of MTG-Jamendo, 55,525 tracks with genre, instrument, mood and theme; no sound.

TRACK_ID, ARTIST_ID, ALBUM_ID, PATH, DURATION, TAGS: tab-separated, and every tag is a column of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from catalog.data_sets import Place, SourceInfo, only_file, plain_id
from catalog.errors import Unreadable
from catalog.records import Clip

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
        if file.readline().rstrip("\n").split("\t")[:6] != _HEAD:
            raise Unreadable(
                f"{path} is not MTG-Jamendo's table: its first line is not {' '.join(_HEAD)}.",
                try_this=f"nw ingest mtg-jamendo FILE    (FILE is {INFO.needs})",
            )
        for number, line in enumerate(file, 2):
            yield _clip(path, number, line.rstrip("\n").split("\t"))


def _clip(path: Path, number: int, cells: list[str]) -> Clip:
    if len(cells) < 6:
        raise Unreadable(f"{path}, line {number} has {len(cells)} of 6 columns.", try_this="fetch it again")
    track, artist, album, file, duration, *labels = cells
    kinds: dict[str, list[str]] = {}
    for kind, _, tag in (label.partition("---") for label in labels):
        kinds.setdefault(kind, []).append(tag)
    tags = [tag for of_kind in kinds.values() for tag in of_kind]
    song = {
        "title": f"Jamendo {plain_id(track)}",
        "artist": artist,
        "album": album,
        "genre": ", ".join(kinds.get("genre", [])),
        "duration_s": float(duration),
        "tags": tuple(dict.fromkeys(tags)),
        "artist_id": plain_id(artist),
        "file": file,
    }
    return Clip(plain_id(track), None, (), song)
