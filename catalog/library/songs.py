"""Songs in the catalog: add, change, read, remove. Every value knows its origin."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.errors import NoSuchSong
from catalog.library import song_ids
from catalog.library.database import Catalog
from catalog.library.fulltext import keep_text
from catalog.records import Caption, Facts, Line, Song, SoundFile
from catalog.values.columns import checked
from catalog.values.languages import detected_language
from catalog.values.text import folded

FILE_ORIGINS = ("name", "tags", "sidecar")
"""Origins that are read anew whenever the file is."""

DETECTED = "detected"
"""The origin of a language that was read from the lyrics: the weakest, for it is a guess."""

FIELDS = ("title", "artist", "album", "year", "genre", "license", "language", "source", "source_id")
"""The values of a song that `Facts.values` may carry."""

# A file's name is what is left when nobody wrote tags; a person who corrects a song wins over all.
_RANKS = {DETECTED: -1, "name": 0, "tags": 1, "sidecar": 2, "user": 4}
_DATA_SET_RANK = 3  # tables too, whose origin carries their name: "table:moods.csv"
_BLANK = {"year": None, "source": "folder"}
_PLAIN = ("id", "path", *FIELDS, "duration_s", "rate_hz", "channels", "format")
_SONG_SQL = f"SELECT {', '.join(_PLAIN)}, extra, origins, missing FROM songs"
# One parameter for any number of ids: SQLite takes 32,766 of them, and 999 before 3.32.
_AMONG = " IN (SELECT value FROM json_each(?))"


def add_or_update(
    catalog: Catalog, facts: Sequence[Facts], *, file: SoundFile | None = None, song_id: int | None = None
) -> int:
    """Keep what is said about a song and return its id; a new song unless it is known already.

    It is known by `song_id`, else by the path of `file`, else by (source, source_id) among the facts.
    A stronger origin beats a weaker one, an equal one replaces. With `file`, what came from the file before
    (name, tags, sidecar) is forgotten first. Values get their column's types.
    """
    facts = [checked(fact) for fact in facts]
    with catalog.transaction():
        if song_id is None:
            song_id = _known(catalog, facts, file)
        if song_id is None:
            song_id = insert(catalog)
        if file is not None:
            _keep_file(catalog, song_id, file)
        forget = FILE_ORIGINS if file is not None else ()
        lyrics = _merge(catalog, song_id, facts, forget=forget)
        _keep_lists(catalog, song_id, facts, forget=forget)
        if lyrics is not None:
            _keep_lyrics(catalog, song_id, lyrics)
        _keep_words(catalog, song_id)
    return song_id


def get(catalog: Catalog, song_id: int) -> Song:
    """One song with everything. Raises NoSuchSong."""
    found = get_many(catalog, [song_id])
    if not found:
        raise NoSuchSong(f"there is no song {song_id} in the catalog.", try_this="nw songs    (lists them)")
    return found[song_id]


def get_many(catalog: Catalog, ids: Iterable[int], *, light: bool = False) -> dict[int, Song]:
    """The songs of these ids, in the order asked; unknown ids are left out.

    `light` leaves lyrics and captions empty.
    """
    wanted = [int(i) for i in ids]
    among = (json.dumps(wanted),)
    tags: dict[int, list[str]] = {}
    for song_id, tag in catalog.fetch(
        f"SELECT DISTINCT song_id, tag FROM tags WHERE song_id{_AMONG} ORDER BY tag", among
    ):
        tags.setdefault(song_id, []).append(tag)
    lyrics = {} if light else _lyrics(catalog, among)
    captions = {} if light else _captions(catalog, among)
    songs = {}
    for row in catalog.fetch(f"{_SONG_SQL} WHERE id{_AMONG}", among):
        song_id = row[0]
        its_lyrics, its_captions = lyrics.get(song_id, ()), captions.get(song_id, ())
        songs[song_id] = _song(row, tags.get(song_id, []), its_lyrics, its_captions)
    return {song_id: songs[song_id] for song_id in wanted if song_id in songs}


def iterate(catalog: Catalog, *, light: bool = True, batch: int = 500) -> Iterator[Song]:
    """All songs in the order of their ids, in flat memory."""
    # By the last id and not OFFSET, for which SQLite walks all rows before it; and songs may go meanwhile.
    last = -1
    while page := catalog.fetch("SELECT id FROM songs WHERE id > ? ORDER BY id LIMIT ?", (last, batch)):
        ids = [song_id for (song_id,) in page]
        last = ids[-1]
        yield from get_many(catalog, ids, light=light).values()


def count(catalog: Catalog) -> int:
    """How many songs there are."""
    return int(catalog.fetch("SELECT count(*) FROM songs")[0][0])


def texts_for_words(
    catalog: Catalog, ids: Iterable[int] | None = None
) -> Iterator[tuple[int, tuple[Line, ...], tuple[Caption, ...]]]:
    """(id, lines of the lyrics, captions) of the songs that have either; of all, or of these ids."""
    if ids is None:
        rows = catalog.fetch("SELECT id FROM songs WHERE words_hash IS NOT NULL ORDER BY id")
        ids = [song_id for (song_id,) in rows]
    wanted = [int(song_id) for song_id in ids]
    for start in range(0, len(wanted), 500):
        page = wanted[start : start + 500]
        among = (json.dumps(page),)
        all_lyrics = _lyrics(catalog, among)
        all_captions = _captions(catalog, among)
        for song_id in page:
            lyrics = all_lyrics.get(song_id, ())
            captions = all_captions.get(song_id, ())
            if lyrics or captions:
                yield song_id, lyrics, captions


def remove(catalog: Catalog, ids: Iterable[int]) -> None:
    """Take songs out of the catalog, never their files; `embeddings.forget_gone` drops their vectors."""
    as_json = json.dumps([int(song_id) for song_id in ids])
    among = (as_json,)
    with catalog.transaction():
        song_ids.note_removed(catalog, among)  # first: it reads the rows that go
        for table in ("tags", "lyrics", "captions", "copies"):
            catalog.execute(f"DELETE FROM {table} WHERE song_id{_AMONG}", among)
        catalog.execute(f"DELETE FROM songs_fts WHERE rowid{_AMONG}", among)
        catalog.execute(f"DELETE FROM songs WHERE id{_AMONG}", among)


def mark_missing(catalog: Catalog, ids: Iterable[int], *, missing: bool) -> None:
    """Note that the files of these songs are gone, or are back."""
    rows = [(missing, int(song_id)) for song_id in ids]
    with catalog.transaction():
        catalog.executemany("UPDATE songs SET missing = ? WHERE id = ?", rows)


def _known(catalog: Catalog, facts: Sequence[Facts], file: SoundFile | None) -> int | None:
    """The song that these facts are of: by its path, or by its id in a data set; None for a new one."""
    if file is not None:
        # As bytes: a path on Linux need not be UTF-8, and Python would refuse its surrogates as a parameter.
        found = catalog.fetch("SELECT id FROM songs WHERE path = CAST(? AS TEXT)", (os.fsencode(file.path),))
    else:
        said: dict[str, Any] = {}
        for fact in facts:
            said |= fact.values
        named = (said.get("source", ""), str(said.get("source_id", "")))
        found = catalog.fetch(
            "SELECT id FROM songs WHERE source = ? AND source_id = ? AND source_id <> ''", named
        )
    return int(found[0][0]) if found else None


def insert(catalog: Catalog) -> int:
    """A song of which nothing is known yet; returns its id."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    cursor = catalog.execute(
        "INSERT INTO songs (id, added_at) VALUES (?, ?)", (song_ids.next_id(catalog), now)
    )
    return int(cursor.lastrowid or 0)


def _keep_file(catalog: Catalog, song_id: int, file: SoundFile) -> None:
    """Write where a song's file lies, what it was when it was read, and what its sound is."""
    path, sidecar = os.fsencode(file.path), os.fsencode(file.sidecar)
    as_found = (path, file.size, file.mtime_ns, sidecar)
    sound = (file.audio_hash, file.duration_s, file.rate_hz, file.channels, file.format)
    catalog.execute(
        "UPDATE songs SET path = CAST(? AS TEXT), size = ?, mtime_ns = ?, sidecar = CAST(? AS TEXT),"
        " audio_hash = ?, duration_s = ?, rate_hz = ?, channels = ?, format = ?, missing = 0 WHERE id = ?",
        (*as_found, *sound, song_id),
    )


def _rank(origin: str | None) -> int:
    return -2 if origin is None else _RANKS.get(origin, _DATA_SET_RANK)


def _merge(
    catalog: Catalog, song_id: int, facts: Sequence[Facts], *, forget: Sequence[str]
) -> tuple[Line, ...] | None:
    """Settle the single values of a song; returns its lyrics where they change, else None."""
    values, origins = _values(catalog, song_id)
    # What is said again is said below; what is not was in the file before, and is not there any more.
    for name in [name for name, origin in origins.items() if origin in forget]:
        del origins[name]
        if name.startswith("extra."):
            del values[name]
        elif name == "lyrics":
            values[name] = ()
        else:
            values[name] = _BLANK.get(name, "")
    for fact in sorted(facts, key=lambda fact: _rank(fact.origin)):  # of equals the later one is kept
        strength = _rank(fact.origin)
        for name, value in _said(fact).items():
            if strength >= _rank(origins.get(name)):
                values[name] = value
                origins[name] = fact.origin
    lyrics: tuple[Line, ...] | None = values.pop("lyrics", None)
    # A language that nobody told is guessed by the lyrics, and again where those change.
    is_guess = origins.get("language", DETECTED) == DETECTED
    if is_guess and (lyrics is not None or "language" not in origins):
        sung = lyrics
        if sung is None:
            sung = _lyrics(catalog, (json.dumps([song_id]),)).get(song_id, ())
        values["language"] = detected_language(line.text for line in sung)
        origins["language"] = DETECTED
    if not values["language"]:  # nobody said it, so that whoever does may
        origins.pop("language", None)
    _keep_values(catalog, song_id, values, origins)
    return lyrics


def _values(catalog: Catalog, song_id: int) -> tuple[dict[str, Any], dict[str, str]]:
    """A song's single values by name, those of `extra` as "extra.NAME"; and who said each."""
    columns = ", ".join(FIELDS)
    rows = catalog.fetch(f"SELECT extra, origins, {columns} FROM songs WHERE id = ?", (song_id,))
    extra, origins, *fields = rows[0]
    values: dict[str, Any] = dict(zip(FIELDS, fields, strict=True))
    for key, value in json.loads(extra).items():
        values[f"extra.{key}"] = value
    return values, json.loads(origins)


def _said(fact: Facts) -> dict[str, Any]:
    """What one origin says, by the names of `_values`; an empty value says nothing."""
    nothing = (None, "")
    said = {}
    for name in FIELDS:
        value = fact.values.get(name)
        if value not in nothing:
            said[name] = value
    for key, value in fact.extra.items():
        if value not in nothing:
            said[f"extra.{key}"] = value
    if fact.lyrics:
        said["lyrics"] = fact.lyrics
    return said


def _keep_values(
    catalog: Catalog, song_id: int, values: Mapping[str, Any], origins: Mapping[str, str]
) -> None:
    """Write the values of a song and who said each; what has no column goes into `extra`."""
    extra = {}
    for name, value in values.items():
        if name.startswith("extra."):
            extra[name.removeprefix("extra.")] = value
    now = datetime.now(UTC).isoformat(timespec="seconds")
    changed = [values[name] for name in FIELDS]
    changed += [json.dumps(extra), json.dumps(origins), now]
    columns = ", ".join(f"{name} = ?" for name in (*FIELDS, "extra", "origins", "updated_at"))
    catalog.execute(f"UPDATE songs SET {columns} WHERE id = ?", [*changed, song_id])


def _keep_lists(catalog: Catalog, song_id: int, facts: Sequence[Facts], *, forget: Sequence[str]) -> None:
    """Tags and captions: those of each origin replace what it said before, and add to what others say."""
    tags, captions = [], []
    tag_origins, caption_origins = set(forget), set(forget)
    for fact in facts:
        for tag in fact.tags:
            tags.append((song_id, tag, fact.origin, folded(tag)))
            tag_origins.add(fact.origin)
        for caption in fact.captions:
            captions.append((song_id, caption.text, caption.start_s, caption.end_s, caption.origin))
            caption_origins.add(caption.origin)
    for table, origins in (("tags", tag_origins), ("captions", caption_origins)):
        gone = [(song_id, origin) for origin in origins]
        catalog.executemany(f"DELETE FROM {table} WHERE song_id = ? AND origin = ?", gone)
    catalog.executemany("INSERT OR IGNORE INTO tags (song_id, tag, origin, folded) VALUES (?, ?, ?, ?)", tags)
    catalog.executemany(
        "INSERT INTO captions (song_id, text, start_s, end_s, origin) VALUES (?, ?, ?, ?, ?)", captions
    )


def _keep_lyrics(catalog: Catalog, song_id: int, lines: Sequence[Line]) -> None:
    """Write lyrics in place of those there were: one text for full text search, times beside it."""
    catalog.execute("DELETE FROM lyrics WHERE song_id = ?", (song_id,))
    if not lines:
        return
    text = "\n".join(line.text for line in lines)
    times = [line.start_s for line in lines]
    is_timed = any(start_s is not None for start_s in times)
    starts = json.dumps(times) if is_timed else None
    catalog.execute("INSERT INTO lyrics VALUES (?, ?, ?)", (song_id, text, starts))


def _keep_words(catalog: Catalog, song_id: int) -> None:
    """Bring the hash of the words and the full text up to date."""
    among = (json.dumps([song_id]),)
    lyrics = _lyrics(catalog, among).get(song_id, ())
    captions = _captions(catalog, among).get(song_id, ())
    digest = None
    if lyrics or captions:
        # Times count: they are where a hit says that a line is sung.
        lines = [(line.text, line.start_s) for line in lyrics]
        told = [(caption.text, caption.start_s, caption.end_s) for caption in captions]
        words = json.dumps([lines, told])
        # Kept beside the vectors of the words: where it differs, they are of other words.
        digest = hashlib.blake2b(words.encode(), digest_size=16).hexdigest()
    catalog.execute("UPDATE songs SET words_hash = ? WHERE id = ?", (digest, song_id))
    keep_text(catalog.connection, song_id)


def _lyrics(catalog: Catalog, among: tuple[str]) -> dict[int, tuple[Line, ...]]:
    found = {}
    rows = catalog.fetch(f"SELECT song_id, text, starts FROM lyrics WHERE song_id{_AMONG}", among)
    for song_id, text, starts in rows:
        lines = text.split("\n")
        times = [None] * len(lines)
        if starts:
            times = json.loads(starts)
        found[song_id] = tuple(map(Line, lines, times))
    return found


def _captions(catalog: Catalog, among: tuple[str]) -> dict[int, tuple[Caption, ...]]:
    found: dict[int, tuple[Caption, ...]] = {}
    rows = catalog.fetch(
        f"SELECT song_id, text, start_s, end_s, origin FROM captions WHERE song_id{_AMONG} ORDER BY id", among
    )
    for song_id, *values in rows:
        before = found.get(song_id, ())
        found[song_id] = (*before, Caption(*values))
    return found


def _song(
    row: tuple[Any, ...], tags: list[str], lyrics: tuple[Line, ...], captions: tuple[Caption, ...]
) -> Song:
    """A row of _PLAIN and three more columns as a song."""
    plain = dict(zip(_PLAIN, row, strict=False))
    extra, origins, missing = row[len(_PLAIN) :]
    name = plain.pop("path")
    path = None if name is None else Path(name)
    return Song(
        **plain,
        path=path,
        tags=tuple(tags),
        lyrics=lyrics,
        captions=captions,
        extra=json.loads(extra),
        origins=json.loads(origins),
        missing=bool(missing),
    )
