"""Which songs: by name (`find`), by an SQL expression (`--where`), by full text (`--match`)."""

import difflib
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import NoSuchSong, WrongUse
from catalog.library import songs
from catalog.library.database import Catalog
from catalog.library.fulltext import match_query, words_matched
from catalog.library.where import columns, ids_fulfilling
from catalog.records import Song
from catalog.values.text import clean, folded


def find(catalog: Catalog, text: str) -> Song:
    """The song that a person means: its id, its path, its title or "artist - title".

    Raises NoSuchSong with the nearest titles, and WrongUse where several songs fit.
    """
    # From what means one song for certain to what may mean several; the first that finds any decides.
    for found_by in (_by_id, _by_path, _by_title):
        ids = found_by(catalog, text)
        if len(ids) == 1:
            return songs.get(catalog, ids[0])
        if ids:
            raise _ambiguous(catalog, text, ids)
    # Else words that are written anywhere in a song, where only one has them all.
    ids = ids_where(catalog, match=text).tolist()
    if len(ids) == 1:
        return songs.get(catalog, ids[0])
    if ids:
        raise _ambiguous(catalog, text, ids)
    raise _no_such(catalog, text)


def ids_where(
    catalog: Catalog,
    where: str | None = None,
    match: str | None = None,
    *,
    tags: Sequence[str] = (),
    years: tuple[int, int] | None = None,
    has_lyrics: bool = False,
) -> NDArray[np.int64]:
    """Ids of the songs that fulfil all conditions, ascending, int64 of shape (songs,).

    where: an SQL expression over the columns of a song, like "year < 1990 and tags like '%jazz%'" (see
    `library.where`). match: words that all occur somewhere in title, artist, album, tags, lyrics or
    captions; "a phrase", a pre* fix, -not. tags: it has each of them, whatever the case. years: from the
    first to the last. Raises WrongUse for an expression that SQLite does not take.
    """
    conditions, values = ["true"], list[Any]()
    for tag in tags:
        conditions.append("id IN (SELECT song_id FROM tags WHERE folded = ?)")
        values.append(folded(clean(tag)))
    if years is not None:
        conditions.append("year BETWEEN ? AND ?")
        values += [_bindable(year) for year in years]
    if has_lyrics:
        conditions.append("id IN (SELECT song_id FROM lyrics)")
    if where is not None and not values and not has_lyrics:
        ids = sorted(ids_fulfilling(catalog, where))  # all songs need not be listed first
        return np.asarray(_narrowed(catalog, ids, None, match), dtype=np.int64)
    condition = " AND ".join(conditions)
    ids = _passing(catalog, f"SELECT id FROM songs WHERE {condition} ORDER BY id", values)
    narrowed = _narrowed(catalog, ids, where, match)
    return np.asarray(narrowed, dtype=np.int64)


def select(
    catalog: Catalog,
    where: str | None = None,
    match: str | None = None,
    *,
    sort: str = "",
    limit: int | None = None,
) -> list[int]:
    """Ids as `ids_where`, in the order of `sort`: columns separated by commas, "-year" for descending."""
    order = _order(catalog, sort)
    ids = _passing(catalog, f"SELECT id FROM library ORDER BY {order}", [])
    return _narrowed(catalog, ids, where, match)[:limit]


def _passing(catalog: Catalog, sql: str, values: Sequence[Any]) -> list[int]:
    return [row[0] for row in catalog.fetch(sql, values)]


def _narrowed(catalog: Catalog, ids: list[int], where: str | None, match: str | None) -> list[int]:
    """Those of the ids that fulfil both, in the order they had."""
    if where is not None:
        fulfilling = ids_fulfilling(catalog, where)
        ids = [i for i in ids if i in fulfilling]
    if match is not None:
        matching = _matching(catalog, match)
        ids = [i for i in ids if i in matching]
    return ids


def _bindable(number: int) -> int:
    """A whole number as near as SQLite's 64 bits come to it."""
    least, most = -(1 << 63), (1 << 63) - 1
    return min(max(number, least), most)


def _order(catalog: Catalog, sort: str) -> str:
    """`artist,-year` as SQL. Raises WrongUse for a column that there is not."""
    known = columns(catalog)
    terms = []
    for part in sort.split(","):
        name = part.strip()
        column = name.removeprefix("-")
        if not name:
            continue
        if column not in known:  # so that only names of columns reach the statement
            raise WrongUse(
                f"songs cannot be sorted by {column!r}; there are: {', '.join(known)}.",
                try_this="nw songs --sort artist,-year",
            )
        direction = " DESC" if name.startswith("-") else ""
        terms.append(f"{column} COLLATE NOCASE{direction}")
    return ", ".join([*terms, "id"])


def _matching(catalog: Catalog, text: str) -> set[int]:
    if not (query := match_query(text)):
        return set()
    rows = catalog.fetch("SELECT rowid FROM songs_fts WHERE songs_fts MATCH ?", (query,))
    return {row[0] for row in rows}


def _by_id(catalog: Catalog, text: str) -> list[int]:
    is_number = text.isascii() and text.isdigit()
    if not is_number or len(text) >= 19:  # longer numbers do not fit SQLite's 64 bits
        return []
    rows = catalog.fetch("SELECT id FROM songs WHERE id = ?", (int(text),))
    return [song_id for (song_id,) in rows]


def _by_path(catalog: Catalog, text: str) -> list[int]:
    """Songs that lie where a text says, if it is a path."""
    if "path" in catalog.hidden:
        return []
    try:
        # As it is typed, as it is from here, and where links lead: each may be how it was ingested.
        spelled = (text, str(Path(text).absolute()), os.path.realpath(text))
        places = {os.fsencode(name) for name in spelled}
    except ValueError:  # a zero byte or half a character: no file is called so
        return []
    found: set[int] = set()
    for place in places:
        rows = catalog.fetch("SELECT id FROM songs WHERE path = CAST(? AS TEXT)", (place,))
        found.update(song_id for (song_id,) in rows)
    return sorted(found)


def _by_title(catalog: Catalog, text: str) -> list[int]:
    """Songs called so, or "artist - title", whatever the case."""
    words = words_matched(text)
    rows = catalog.fetch("SELECT id, title, artist FROM songs WHERE title = ?", (clean(text),))
    if words:
        # Full text finds the few that could be meant, in any case; what they are called is compared below.
        loose = " AND ".join(match_query(word) for word in words)
        rows += catalog.fetch(
            "SELECT id, title, artist FROM songs WHERE id IN"
            " (SELECT rowid FROM songs_fts WHERE songs_fts MATCH ?)",
            (f"{{title artist}} : ({loose})",),
        )
    wanted = folded(text)
    found = set()
    for song_id, title, artist in rows:
        names = (title, f"{artist} - {title}")
        if wanted in map(folded, names):
            found.add(song_id)
    return sorted(found)


def _letters(text: str) -> str:
    """Its words without signs between them, as names are compared that may be misspelled."""
    letters = [letter if letter.isalnum() else " " for letter in folded(text)]
    words = "".join(letters).split()
    return " ".join(words)


def _ambiguous(catalog: Catalog, text: str, ids: Sequence[int]) -> WrongUse:
    """The error for a name that several songs have: it lists some of them."""
    some = songs.get_many(catalog, ids[:5], light=True)
    shows_path = "path" not in catalog.hidden
    named = []
    for song_id, song in some.items():
        name = _named(song, shows_path=shows_path)
        named.append(f"{song_id}: {name}")
    further = len(ids) - 5
    if further > 0:
        named.append(f"and {further} more")
    listed = "; ".join(named)
    return WrongUse(
        f"{len(ids)} songs fit {text!r}: {listed}.",
        try_this=f"name one by its id: {ids[0]}",
    )


def _no_such(catalog: Catalog, text: str) -> NoSuchSong:
    near = _nearest(catalog, text)
    hint = f" Near it: {'; '.join(near)}." if near else ""
    return NoSuchSong(
        f"no song has the id, path or title {text!r}.{hint}", try_this="nw songs --match WORD    (searches)"
    )


def _nearest(catalog: Catalog, text: str, *, top: int = 3) -> list[str]:
    """Titles that a slip of the hand could have meant: same first letters, then alike as a whole."""
    words = words_matched(text)
    starts = [f'"{word[:2]}"*' for word in words if word.isalnum()]
    if not starts:
        return []
    any_start = " OR ".join(starts)
    rows = catalog.fetch(
        "SELECT s.id, s.title, s.artist FROM songs_fts f JOIN songs s ON s.id = f.rowid"
        " WHERE songs_fts MATCH ? LIMIT 5000",  # comparing each takes time, and a slip is found among fewer
        (f"{{title artist}} : ({any_start})",),
    )
    names: dict[str, tuple[int, str]] = {}  # by its letters, the song and the name as it is written
    for song_id, title, artist in rows:
        for name in (title, f"{artist} - {title}"):
            names[_letters(name)] = song_id, name
    # Twice as many: a song may be near by its title and by artist and title.
    wanted = _letters(text)
    close = difflib.get_close_matches(wanted, list(names), n=2 * top, cutoff=0.6)
    by_id = dict(names[letters] for letters in close)
    shown = islice(by_id.items(), top)
    return [f"{song_id}: {name}" for song_id, name in shown]


def _named(song: Song, *, shows_path: bool) -> str:
    name = song.title
    if song.artist:
        name = f"{song.artist} - {name}"
    if song.path and shows_path:
        name = f"{name} ({song.path})"
    return name
