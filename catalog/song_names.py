"""Which song of the catalog is meant by a path, an id, a title with an artist: one alone, or none.

A song is its sound, and a name is only what someone calls it. So a name finds a song where it is the name of
that one alone, or where the folders decide; a name that many files have (`01.flac`, `audio.wav`) says nothing
where its folder is another one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from catalog.files.walk import stem_key
from catalog.library.database import Catalog
from catalog.values.text import folded

EXACT = 1_000
"""How near a name is to a song whose number or whole path it is; less is by how many folders agree."""

_COMMON = re.compile(r"(track|audio|song|sound|clip|file|music|untitled|cd\d+)?[\s.-]*\d{0,3}")
"""Stems that say nothing by themselves."""
_EXCERPT = re.compile(r"(.+)\.\d*[a-z]\w*", re.DOTALL)
"""`1004.2min`: a part of 1004."""


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the songs that a name may mean, and how near it is to them: 0 by the name alone."""

    songs: tuple[int, ...] = ()
    nearness: int = 0


NOTHING = Found()


class SongNames:
    """The songs of a catalog by all that they may be called."""

    def __init__(self, catalog: Catalog) -> None:
        self._numbers: set[str] = set()
        self._by_stem: dict[str, list[tuple[int, str]]] = {}
        self._by_id: dict[str, list[int]] = {}
        self._by_title: dict[tuple[str, str], list[int]] = {}
        # One pass for all names: names are compared folded, for which the database has no index.
        rows = catalog.rows("SELECT id, path, source_id, artist, title FROM songs")
        for song, path, source_id, artist, title in rows:
            self._numbers.add(str(song))
            if source_id:
                self._by_id.setdefault(name_key(source_id), []).append(song)
            if artist and title:
                called = name_key(artist), name_key(title)
                self._by_title.setdefault(called, []).append(song)
            if path:
                self._add_path(song, path)

    def numbered(self, numbers: Iterable[str]) -> Found:
        """The song with that number in the catalog."""
        for number in numbers:
            if number in self._numbers:
                return Found((int(number),), EXACT)
        return NOTHING

    def at(self, path: str, *, root: str = "") -> Found:
        """Songs whose file has that name, whatever its ending: those with most of its folders in their path.

        root: a folder that `path` is relative to; its names may agree too.
        """
        key = name_key(path).removeprefix("./")
        _, _, name = key.rpartition("/")
        stem = stem_key(name)
        # The whole name too: of "Mr. Blue" what looks like an ending is a part of the name.
        same = self._by_stem.get(stem) or self._by_stem.get(name) or []
        own = _folders(key)
        of_root = _folders(name_key(root) + "/")
        depths = {song: _agreeing(of_root + own, _folders(full)) for song, full in same}
        deepest = max(depths.values(), default=0)
        if not deepest and own and _COMMON.fullmatch(stem):
            return NOTHING  # 01.mp3 in a folder that is nowhere here is some other 01.mp3
        fitting = [song for song, depth in depths.items() if depth == deepest]
        return Found(tuple(fitting), deepest)

    def identified(self, name: str) -> Found:
        """Songs that a data set gave this id."""
        songs = self._by_id.get(name_key(name), ())
        return Found(tuple(songs))

    def called(self, names: Iterable[str]) -> Found:
        """Songs that a data set gave one of these ids, else whose file is called so."""
        for name in names:
            found = self.identified(name)
            if found.songs:
                return found
            same = self._by_stem.get(name_key(name), [])
            if same:
                songs = dict.fromkeys(song for song, _ in same)  # each once: two of its names may be this
                return Found(tuple(songs))
        return NOTHING

    def titled(self, artist: str, title: str) -> Found:
        """Songs of that artist with that title."""
        if not (artist and title):
            return NOTHING
        called = name_key(artist), name_key(title)
        return Found(tuple(self._by_title.get(called, ())))

    def _add_path(self, song: int, path: str) -> None:
        name = name_key(PurePath(path).name)
        stem = stem_key(name)
        excerpt = _EXCERPT.fullmatch(stem)
        whole = name_key(path)
        for key in {name, stem, excerpt[1] if excerpt else stem}:
            self._by_stem.setdefault(key, []).append((song, whole))


def name_key(name: str) -> str:
    """A name as names are compared: composed, without case, underscores as spaces.

    >>> name_key("Se\\u0301culaire_feat") == name_key("s\\u00e9culaire Feat")
    True
    """
    return folded(name.replace("_", " "))


def are_row_numbers(ids: Sequence[str]) -> bool:
    """Whether a column of ids only counts the rows, from 0 or 1, so that it names nothing.

    >>> are_row_numbers(["0", "1", "2"]), are_row_numbers(["1", "2"]), are_row_numbers(["7", "8"])
    (True, True, False)
    """
    if not ids or ids[0] not in ("0", "1"):
        return False
    first = int(ids[0])
    counted = range(first, first + len(ids))
    return list(ids) == [str(number) for number in counted]  # as text: "01", "02" are names of files


def _folders(path: str) -> list[str]:
    folders = path.split("/")[:-1]
    return [folder for folder in folders if folder not in ("", ".")]


def _agreeing(wanted: Sequence[str], there: Sequence[str]) -> int:
    """How many folders, from the file upward, are the same."""
    count = 0
    upward = zip(reversed(wanted), reversed(there), strict=False)
    for one, other in upward:
        if one != other:
            break
        count += 1
    return count
