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

_RANKS = {DETECTED: -1, "name": 0, "tags": 1, "sidecar": 2, "user": 4}
_DATA_SET_RANK = 3
_BLANK = {"year": None, "source": "folder"}
_PLAIN = ("id", "path", *FIELDS, "duration_s", "rate_hz", "channels", "format")
_SONG_SQL = f"SELECT {', '.join(_PLAIN)}, extra, origins, missing FROM songs"
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
        lyrics = _merge(catalog, song_id, facts, forget=FILE_ORIGINS if file is not None else ())
        _keep_lists(catalog, song_id, facts, forget=FILE_ORIGINS if file is not None else ())
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
    songs = {
        row[0]: _song(row, tags.get(row[0], []), lyrics.get(row[0], ()), captions.get(row[0], ()))
        for row in catalog.fetch(f"{_SONG_SQL} WHERE id{_AMONG}", among)
    }
    return {i: songs[i] for i in wanted if i in songs}


def iterate(catalog: Catalog, *, light: bool = True, batch: int = 500) -> Iterator[Song]:
    """All songs in the order of their ids, in flat memory."""
    last = -1
    while page := catalog.fetch("SELECT id FROM songs WHERE id > ? ORDER BY id LIMIT ?", (last, batch)):
        last = page[-1][0]
        yield from get_many(catalog, [row[0] for row in page], light=light).values()


def count(catalog: Catalog) -> int:
    """How many songs there are."""
    return int(catalog.fetch("SELECT count(*) FROM songs")[0][0])


def texts_for_words(
    catalog: Catalog, ids: Iterable[int] | None = None
) -> Iterator[tuple[int, tuple[Line, ...], tuple[Caption, ...]]]:
    """(id, lines of the lyrics, captions) of the songs that have either; of all, or of these ids."""
    if ids is None:
        ids = [
            row[0] for row in catalog.fetch("SELECT id FROM songs WHERE words_hash IS NOT NULL ORDER BY id")
        ]
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        among = (json.dumps([int(i) for i in wanted[start : start + 500]]),)
        lyrics, captions = _lyrics(catalog, among), _captions(catalog, among)
        for song_id in wanted[start : start + 500]:
            if song_id in lyrics or song_id in captions:
                yield song_id, lyrics.get(song_id, ()), captions.get(song_id, ())


def remove(catalog: Catalog, ids: Iterable[int]) -> None:
    """Take songs out of the catalog, never their files; `embeddings.forget_gone` drops their vectors."""
    among = (json.dumps([int(i) for i in ids]),)
    with catalog.transaction():
        song_ids.note_removed(catalog, among)
        for table in ("tags", "lyrics", "captions", "copies"):
            catalog.execute(f"DELETE FROM {table} WHERE song_id{_AMONG}", among)
        catalog.execute(f"DELETE FROM songs_fts WHERE rowid{_AMONG}", among)
        catalog.execute(f"DELETE FROM songs WHERE id{_AMONG}", among)


def mark_missing(catalog: Catalog, ids: Iterable[int], *, missing: bool) -> None:
    """Note that the files of these songs are gone, or are back."""
    with catalog.transaction():
        catalog.executemany("UPDATE songs SET missing = ? WHERE id = ?", [(missing, int(i)) for i in ids])


def _known(catalog: Catalog, facts: Sequence[Facts], file: SoundFile | None) -> int | None:
    if file is not None:
        found = catalog.fetch("SELECT id FROM songs WHERE path = CAST(? AS TEXT)", (os.fsencode(file.path),))
    else:
        said = {name: value for fact in facts for name, value in fact.values.items()}
        found = catalog.fetch(
            "SELECT id FROM songs WHERE source = ? AND source_id = ? AND source_id <> ''",
            (said.get("source", ""), str(said.get("source_id", ""))),
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
    catalog.execute(
        "UPDATE songs SET path = CAST(? AS TEXT), size = ?, mtime_ns = ?, audio_hash = ?, duration_s = ?,"
        " rate_hz = ?, channels = ?, format = ?, sidecar = CAST(? AS TEXT), missing = 0 WHERE id = ?",
        (os.fsencode(file.path), file.size, file.mtime_ns, file.audio_hash, file.duration_s)
        + (file.rate_hz, file.channels, file.format, os.fsencode(file.sidecar), song_id),
    )  # fmt: skip


def _rank(origin: str | None) -> int:
    return -2 if origin is None else _RANKS.get(origin, _DATA_SET_RANK)


def _merge(
    catalog: Catalog, song_id: int, facts: Sequence[Facts], *, forget: Sequence[str]
) -> tuple[Line, ...] | None:
    """Settle the single values of a song; returns its lyrics where they change, else None."""
    row = catalog.fetch(f"SELECT {', '.join(FIELDS)}, extra, origins FROM songs WHERE id = ?", (song_id,))[0]
    values: dict[str, Any] = dict(zip(FIELDS, row, strict=False))
    extra, origins = json.loads(row[-2]), json.loads(row[-1])
    values |= {f"extra.{key}": value for key, value in extra.items()}
    for name in [name for name, origin in origins.items() if origin in forget]:
        del origins[name]
        values[name] = () if name == "lyrics" else _BLANK.get(name, "")
        if name.startswith("extra."):
            del values[name]
    for fact in sorted(facts, key=lambda fact: _rank(fact.origin)):
        for name, value in _said(fact).items():
            if _rank(fact.origin) >= _rank(origins.get(name)):
                values[name], origins[name] = value, fact.origin
    lyrics: tuple[Line, ...] | None = values.pop("lyrics", None)
    if origins.get("language", DETECTED) == DETECTED and (lyrics is not None or "language" not in origins):
        sung = _lyrics(catalog, (json.dumps([song_id]),)).get(song_id, ()) if lyrics is None else lyrics
        values["language"] = detected_language(line.text for line in sung)
        origins |= {"language": DETECTED}
    if not values["language"]:
        origins.pop("language", None)
    _keep_values(catalog, song_id, values, origins)
    return lyrics


def _said(fact: Facts) -> dict[str, Any]:
    said = {name: fact.values[name] for name in FIELDS if fact.values.get(name) not in (None, "")}
    said |= {f"extra.{key}": value for key, value in fact.extra.items() if value not in (None, "")}
    return said | ({"lyrics": fact.lyrics} if fact.lyrics else {})


def _keep_values(
    catalog: Catalog, song_id: int, values: Mapping[str, Any], origins: Mapping[str, str]
) -> None:
    extra = {name.removeprefix("extra."): v for name, v in values.items() if name.startswith("extra.")}
    catalog.execute(
        f"UPDATE songs SET {', '.join(f'{name} = ?' for name in FIELDS)}, extra = ?, origins = ?,"
        " updated_at = ? WHERE id = ?",
        [
            *(values[name] for name in FIELDS),
            json.dumps(extra),
            json.dumps(origins),
            datetime.now(UTC).isoformat(timespec="seconds"),
            song_id,
        ],
    )


def _keep_lists(catalog: Catalog, song_id: int, facts: Sequence[Facts], *, forget: Sequence[str]) -> None:
    tag_origins = {*forget, *(fact.origin for fact in facts if fact.tags)}
    captions = [caption for fact in facts for caption in fact.captions]
    caption_origins = {*forget, *(caption.origin for caption in captions)}
    catalog.executemany(
        "DELETE FROM tags WHERE song_id = ? AND origin = ?", [(song_id, o) for o in tag_origins]
    )
    catalog.executemany(
        "DELETE FROM captions WHERE song_id = ? AND origin = ?", [(song_id, o) for o in caption_origins]
    )
    catalog.executemany(
        "INSERT OR IGNORE INTO tags (song_id, tag, origin, folded) VALUES (?, ?, ?, ?)",
        [(song_id, tag, fact.origin, folded(tag)) for fact in facts for tag in fact.tags],
    )
    catalog.executemany(
        "INSERT INTO captions (song_id, text, start_s, end_s, origin) VALUES (?, ?, ?, ?, ?)",
        [(song_id, c.text, c.start_s, c.end_s, c.origin) for c in captions],
    )


def _keep_lyrics(catalog: Catalog, song_id: int, lines: Sequence[Line]) -> None:
    catalog.execute("DELETE FROM lyrics WHERE song_id = ?", (song_id,))
    if lines:
        timed = any(line.start_s is not None for line in lines)
        text = "\n".join(line.text for line in lines)
        starts = json.dumps([line.start_s for line in lines]) if timed else None
        catalog.execute("INSERT INTO lyrics VALUES (?, ?, ?)", (song_id, text, starts))


def _keep_words(catalog: Catalog, song_id: int) -> None:
    """Bring the hash of the words and the full text up to date."""
    among = (json.dumps([song_id]),)
    lyrics = _lyrics(catalog, among).get(song_id, ())
    captions = _captions(catalog, among).get(song_id, ())
    words = json.dumps(
        [[(li.text, li.start_s) for li in lyrics], [(c.text, c.start_s, c.end_s) for c in captions]]
    )
    digest = hashlib.blake2b(words.encode(), digest_size=16).hexdigest() if lyrics or captions else None
    catalog.execute("UPDATE songs SET words_hash = ? WHERE id = ?", (digest, song_id))
    keep_text(catalog.connection, song_id)


def _lyrics(catalog: Catalog, among: tuple[str]) -> dict[int, tuple[Line, ...]]:
    found = {}
    for song_id, text, starts in catalog.fetch(
        f"SELECT song_id, text, starts FROM lyrics WHERE song_id{_AMONG}", among
    ):
        lines = text.split("\n")
        times = json.loads(starts) if starts else [None] * len(lines)
        found[song_id] = tuple(map(Line, lines, times))
    return found


def _captions(catalog: Catalog, among: tuple[str]) -> dict[int, tuple[Caption, ...]]:
    found: dict[int, tuple[Caption, ...]] = {}
    for song_id, *caption in catalog.fetch(
        f"SELECT song_id, text, start_s, end_s, origin FROM captions WHERE song_id{_AMONG} ORDER BY id", among
    ):
        found[song_id] = (*found.get(song_id, ()), Caption(*caption))
    return found


def _song(
    row: tuple[Any, ...], tags: list[str], lyrics: tuple[Line, ...], captions: tuple[Caption, ...]
) -> Song:
    plain = dict(zip(_PLAIN, row, strict=False))
    extra, origins, missing = row[len(_PLAIN) :]
    path = plain.pop("path")
    return Song(
        **plain,
        path=Path(path) if path is not None else None,
        tags=tuple(tags),
        lyrics=lyrics,
        captions=captions,
        extra=json.loads(extra),
        origins=json.loads(origins),
        missing=bool(missing),
    )
