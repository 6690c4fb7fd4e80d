"""Which songs are for judging alone: those of every evaluation data set that is known here.

Song Describer's tracks are Jamendo's too, so whoever trains on Jamendo and judges by them has to leave them
out, and their artists with them. What a training calls is `for_training`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog import sources
from catalog.data_sets import Excluded, Place, SourceInfo
from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.values.ids import track_id

_Song = tuple[str, Mapping[str, Any], str]
"""(id, what else is said of it, hash of its sound)."""


def for_training(catalog: Path | None, tables: Sequence[Path] = ()) -> Excluded:
    """All that a training must not hear: what the catalog at that path and these tables say.

    catalog: the database, None or not there for none. tables: of evaluation data sets (`song_describer.csv`).
    Raises Unreadable, WrongUse.
    """
    found = Excluded()
    for table in tables:
        found |= of_table(table)
    if catalog is not None and catalog.exists():
        with Catalog.open(catalog, read_only=True) as opened:
            found |= known_to(opened)
    return found


def known_to(catalog: Catalog) -> Excluded:
    """The songs of evaluation data sets that were taken into the catalog."""
    found = Excluded()
    for name, info in sources.infos().items():
        if info.held_out:
            rows = catalog.fetch(
                "SELECT source_id, extra, audio_hash FROM songs WHERE source = ?", (info.kept_as or name,)
            )
            songs = []
            for source_id, extra, sound in rows:
                songs.append((source_id, json.loads(extra), sound or ""))
            found |= _excluded(name, info, songs)
    return found


def of_table(path: Path) -> Excluded:
    """The songs of the evaluation data set whose table that is. Raises WrongUse for another file."""
    name = sources.of_table(path)
    source = sources.load(name) if name else None
    if source is None or not source.INFO.held_out:
        tables = []
        for info in sources.infos().values():
            if info.held_out:
                table, _, _ = info.needs.partition(",")  # "song_describer.csv, and its audio beside it"
                tables.append(table)
        raise WrongUse(
            f"{path} is no table of a data set to judge by, so it says nothing about what to leave out.",
            try_this=f"name one of: {', '.join(tables)}",
        )
    place = Place(Path(), (str(path),))
    songs = ((clip.id, clip.song, "") for clip in source.clips(place))
    return _excluded(name, source.INFO, songs)


def _excluded(name: str, info: SourceInfo, songs: Iterable[_Song]) -> Excluded:
    """What stays out of training because of one evaluation data set; nothing where it is not here."""
    whole = info.held_out == "all"
    count = 0
    tracks, artists, sounds = set(), set(), set()
    for track, about, sound in songs:
        if not whole and about.get(info.held_out) is not True:  # a field that marks the part for judging
            continue
        count += 1
        if track:
            tracks.add(track_id(track))
        # A network that has heard an artist's other songs knows the voice and the mix of this one.
        if about.get("artist_id"):
            artists.add(track_id(about["artist_id"]))
        if sound:
            sounds.add(sound)
    sets = {name: count} if count else {}
    return Excluded(frozenset(tracks), frozenset(artists), frozenset(sounds), sets)
