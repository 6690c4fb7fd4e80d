"""Songs in the catalog: add, change, read, remove. Every value knows its origin (see `precedence`)."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.errors import NoSuchSong
from catalog.library.database import AMONG, Catalog, as_parameter
from catalog.library.fulltext import keep_text
from catalog.library.precedence import DETECTED, FIELDS, FILE_ORIGINS, settled
from catalog.library.song_texts import captions_of, keep_lyrics, keep_words_hash, lyrics_of
from catalog.records import Caption, Facts, Line, Song, SoundFile
from catalog.values.columns import checked
from catalog.values.languages import detected_language
from catalog.values.text import folded

_PLAIN = ("id", "path", *FIELDS, "duration_s", "rate_hz", "channels", "format")
_SONG_SQL = f"SELECT {', '.join(_PLAIN)}, extra, origins, missing FROM songs"


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
            keep_lyrics(catalog, song_id, lyrics)
        keep_words_hash(catalog, song_id)
        keep_text(catalog.connection, song_id)
    return song_id


def insert(catalog: Catalog) -> int:
    """A song of which nothing is known yet; returns its id, which no song had before."""
    # An index that still holds a removed song would answer with another, had that its id.
    highest = catalog.fetch(
        "SELECT max(coalesce((SELECT max(id) FROM songs), 0), CAST(value AS INTEGER)) FROM about"
        " WHERE key = 'last_removed'"
    )
    song_id = int(highest[0][0]) + 1
    now = datetime.now(UTC).isoformat(timespec="seconds")
    catalog.execute("INSERT INTO songs (id, added_at) VALUES (?, ?)", (song_id, now))
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
    among = (as_parameter(wanted),)
    tags: dict[int, list[str]] = {}
    for song_id, tag in catalog.fetch(
        f"SELECT DISTINCT song_id, tag FROM tags WHERE song_id{AMONG} ORDER BY tag", among
    ):
        tags.setdefault(song_id, []).append(tag)
    lyrics = {} if light else lyrics_of(catalog, wanted)
    captions = {} if light else captions_of(catalog, wanted)
    songs = {}
    for row in catalog.fetch(f"{_SONG_SQL} WHERE id{AMONG}", among):
        song_id = row[0]
        its_tags = tags.get(song_id, [])
        its_lyrics = lyrics.get(song_id, ())
        its_captions = captions.get(song_id, ())
        songs[song_id] = _song(row, its_tags, its_lyrics, its_captions)
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


def remove(catalog: Catalog, ids: Iterable[int]) -> None:
    """Take songs out of the catalog, never their files; `embeddings.forget_gone` drops their vectors."""
    among = (as_parameter(ids),)
    with catalog.transaction():
        # The highest id that went is never given again (see `insert`); first, for it reads the rows that go.
        catalog.execute(
            "UPDATE about SET value = max(CAST(value AS INTEGER), (SELECT coalesce(max(id), 0) FROM songs"
            f" WHERE id{AMONG})) WHERE key = 'last_removed'",
            among,
        )
        for table in ("tags", "lyrics", "captions", "copies"):
            catalog.execute(f"DELETE FROM {table} WHERE song_id{AMONG}", among)
        catalog.execute(f"DELETE FROM songs_fts WHERE rowid{AMONG}", among)
        catalog.execute(f"DELETE FROM songs WHERE id{AMONG}", among)


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


def _merge(
    catalog: Catalog, song_id: int, facts: Sequence[Facts], *, forget: Sequence[str]
) -> tuple[Line, ...] | None:
    """Settle the single values of a song; returns its lyrics where they change, else None."""
    before, said_before = _values(catalog, song_id)
    values, origins = settled(before, said_before, facts, forget=forget)
    lyrics: tuple[Line, ...] | None = values.pop("lyrics", None)
    # A language that nobody told is guessed by the lyrics, and again where those change.
    is_guess = origins.get("language", DETECTED) == DETECTED
    if is_guess and (lyrics is not None or "language" not in origins):
        sung = lyrics
        if sung is None:
            sung = lyrics_of(catalog, [song_id]).get(song_id, ())
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
