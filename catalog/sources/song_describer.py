"""`song-describer`: 706 tracks of Jamendo with 1,106 captions by people (arXiv 2311.10057). For judging only.

song_describer.csv: caption_id, track_id, caption, is_valid_subset, familiarity, artist_id, album_id, path,
duration. A path says NN/ID.mp3, the sound is NN/ID.2min.mp3, and `duration` is the whole track's.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.data_sets import Place, SourceInfo, only_file
from catalog.errors import Unreadable
from catalog.records import Caption, Clip
from catalog.values.ids import plain_id

VALID, OTHER = "song-describer:valid", "song-describer"
"""Origins of captions: those of the `valid` subset, and the rest."""
INFO = SourceInfo(
    title="Song Describer",
    needs="song_describer.csv, and the folder with its sound (audio.zip unpacked) if you have it;"
    " Zenodo 10072001",
    protocol="sdd-valid",
    held_out="all",
    jamendo_ids=True,
    mirror="renumics/song-describer-dataset",
    other_captions=OTHER,
    table_head=("caption_id", "is_valid_subset"),
)


def clips(place: Place) -> Iterator[Clip]:
    """One clip a track with all its captions; `valid` is true where one of them is of the valid subset."""
    path = only_file(place, "song-describer", INFO.needs, folders=1)
    named = [Path(name) for name in place.named[1:]]
    folders = named or [path.parent / "audio", path.parent]
    by_track: dict[str, list[dict[str, str]]] = {}
    for row in _rows(path):
        track = plain_id(row["track_id"])
        by_track.setdefault(track, []).append(row)
    for track, rows in by_track.items():
        yield _clip(track, rows, folders)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"track_id", "caption"} <= set(rows.fieldnames or ()):
            raise Unreadable(
                f"{path} is not Song Describer's table: it lacks track_id or caption.",
                try_this=f"nw ingest song-describer FILE    (FILE is {INFO.needs})",
            )
        yield from rows


def _clip(track: str, rows: list[dict[str, str]], folders: Iterable[Path]) -> Clip:
    """A track with all of its captions as a clip."""
    first = rows[0]
    captions = []
    for row in rows:
        origin = VALID if _valid(row) else OTHER
        captions.append(Caption(row["caption"].strip(), origin=origin))
    artist_id = plain_id(first.get("artist_id", ""))
    duration = first.get("duration")
    song = {
        "title": f"Jamendo {track}",
        "artist": f"artist {artist_id}",  # the table gives numbers alone
        "duration_s": float(duration) if duration else None,
        "artist_id": artist_id or None,
        "valid": any(caption.origin == VALID for caption in captions),
    }
    sound = _sound(track, first.get("path") or "", folders)
    return Clip(track, sound, tuple(captions), song)


def _valid(row: dict[str, str]) -> bool:
    told = row.get("is_valid_subset", "").strip().casefold()
    return told in ("true", "1", "1.0", "yes")


def _sound(track: str, path: str, folders: Iterable[Path]) -> Path | None:
    """The 2-minute file of a track, or the one that the table names."""
    usual = f"{track[-2:]}/{track}.mp3"
    relative = Path(path or usual)
    for folder in folders:
        # What was published are two minutes of each track, under a name that the table does not have.
        for name in (relative.with_suffix(".2min.mp3"), relative):
            if (folder / name).is_file():
                return folder / name
    return None
