"""`musiccaps`: 5,521 clips of 10 s with a caption and a list of aspects, written by musicians (CC BY-SA 4.0).

musiccaps-public.csv: ytid, start_s, end_s, audioset_positive_labels, aspect_list, caption, author_id,
is_balanced_subset, is_audioset_eval. The sound is on YouTube alone: a folder with files named for their ytid
may be given.
"""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

from catalog.data_sets import Place, SourceInfo, only_file
from catalog.errors import Unreadable
from catalog.records import Caption, Clip

INFO = SourceInfo(
    title="MusicCaps",
    needs="musiccaps-public.csv, and a folder with the clips (YTID.wav, YTID.mp3, …) if you have them",
    protocol="plain",
    held_out="eval",
    table_head=("ytid", "aspect_list"),
)


def clips(place: Place) -> Iterator[Clip]:
    """The rows of the table. Raises Unreadable for another one."""
    path = only_file(place, "musiccaps", INFO.needs, folders=1)
    sounds = {}
    for folder in place.named[1:]:
        for file in Path(folder).rglob("*"):
            if file.is_file():
                sounds[file.stem.strip("[]")] = file  # yt-dlp names them "TITLE [ID]" or "[ID]"
    with path.open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table)
        if not {"ytid", "caption", "aspect_list"} <= set(rows.fieldnames or ()):
            raise Unreadable(
                f"{path} is not MusicCaps' table: it lacks ytid, caption or aspect_list.",
                try_this=f"nw ingest musiccaps FILE    (FILE is {INFO.needs})",
            )
        for row in rows:
            yield _clip(row, sounds.get(row["ytid"]))


def _clip(row: dict[str, str], sound: Path | None) -> Clip:
    """A row of the table as a clip."""
    start_s = float(row["start_s"])
    end_s = float(row["end_s"])
    # A list as Python prints it; literal_eval reads values and runs nothing.
    aspects = [str(aspect).strip() for aspect in ast.literal_eval(row["aspect_list"])]
    ytid = row["ytid"]
    song = {
        "title": f"YouTube {ytid} at {start_s:.0f} s",
        "duration_s": end_s - start_s,
        "license": "CC BY-SA 4.0 (caption)",
        "tags": tuple(dict.fromkeys(aspects)),
        "start_s": start_s,
        "author_id": row.get("author_id"),
        "eval": row.get("is_audioset_eval") == "True",
        "balanced": row.get("is_balanced_subset") == "True",
    }
    caption = Caption(row["caption"].strip(), origin="musiccaps")
    return Clip(ytid, sound, (caption,), song)
