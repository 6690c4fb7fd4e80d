"""The catalog's tables, one numbered step after the other: steps are appended, never edited.

A step calls nothing that reads or writes tables as they are today, for it runs on those of its own time. What
is derived from songs (full text and names) is emptied by a step that changes it, and filled after the last
step (`catalog.library.database`).
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

from catalog.values.columns import plain_of, seconds_of, year_of
from catalog.values.languages import language_code

_EMPTY = ("title", "artist", "album", "genre", "license", "language", "source_id", "format")
_SONG_DEFAULTS = {
    # Text that nobody told is empty, not NULL, which equals nothing: comparisons would need a second case.
    **dict.fromkeys(_EMPTY, ""),
    "source": "folder",
    "missing": 0,
    "extra": "{}",
    "origins": "{}",
}


_FILE_COLUMNS = {
    "id": int,
    "path": str,
    "size": int,
    "mtime_ns": int,
    "audio_hash": str,  # of the sound alone: new tags keep it
    "words_hash": str,  # of lyrics and captions, None where there are none
    "missing": int,  # 1: the file was not there at the last ingest
}
_TOLD_COLUMNS = {
    "title": str,
    "artist": str,
    "album": str,
    "year": int,
    "genre": str,
    "license": str,
    "language": str,
    "duration_s": float,
    "rate_hz": int,
    "channels": int,
    "format": str,
}
_ORIGIN_COLUMNS = {
    "source": str,
    "source_id": str,
    "extra": str,  # JSON object
    "origins": str,  # JSON object: field -> tags, sidecar, name, table, user, or a data set
    "added_at": str,
    "updated_at": str,
}


def m001_songs(database: Any) -> None:
    """Songs and what is said about them."""
    columns = {**_FILE_COLUMNS, **_TOLD_COLUMNS, **_ORIGIN_COLUMNS}
    songs = database["songs"]
    songs.create(columns, pk="id", not_null=set(_SONG_DEFAULTS), defaults=_SONG_DEFAULTS)
    songs.create_index(["path"], unique=True)
    songs.create_index(["audio_hash"])
    songs.create_index(["words_hash"])
    songs.create_index(["source", "source_id"])


def m002_words(database: Any) -> None:
    """Tags, lyrics and captions of songs."""
    song = [("song_id", "songs", "id")]
    database["tags"].create(
        {"song_id": int, "tag": str, "origin": str}, pk=("song_id", "tag", "origin"), foreign_keys=song
    )
    database["lyrics"].create(
        # Lines joined by newlines; starts is a JSON list of seconds (or null), or NULL if none is timed.
        {"song_id": int, "text": str, "starts": str},
        pk="song_id",
        foreign_keys=song,
    )
    database["captions"].create(
        {"id": int, "song_id": int, "text": str, "start_s": float, "end_s": float, "origin": str},
        pk="id",
        foreign_keys=song,
    )
    database["captions"].create_index(["song_id"])


def m003_full_text(database: Any) -> None:
    """Full text search, and the view that `--where` sees."""
    database.execute(
        "CREATE VIRTUAL TABLE songs_fts USING fts5("
        "title, artist, album, lyrics, tags, captions, tokenize = 'unicode61 remove_diacritics 2')"
    )
    database.create_view(
        "library",
        """
        SELECT songs.*,
            (SELECT group_concat(tag, ', ') FROM tags WHERE song_id = songs.id) AS tags,
            (SELECT text FROM lyrics WHERE song_id = songs.id) AS lyrics,
            (SELECT group_concat(text, char(10)) FROM captions WHERE song_id = songs.id) AS captions
        FROM songs
        """,
    )


def m004_failures(database: Any) -> None:
    """Files that could not be read, with the size and time they had then."""
    database["failures"].create(
        {"path": str, "size": int, "mtime_ns": int, "message": str, "at": str}, pk="path"
    )


def m005_embeddings(database: Any) -> None:
    """Vectors by content: equal sound or equal words are embedded once, wherever they lie."""
    database["pipelines"].create(
        {"id": int, "name": str, "role": str, "meta": str, "added_at": str}, pk="id", not_null={"name"}
    )
    database["pipelines"].create_index(["name"], unique=True)
    database["embeddings"].create(
        {"id": int, "pipeline_id": int, "content_hash": str, "parts": int, "track": bytes},
        pk="id",
        foreign_keys=[("pipeline_id", "pipelines", "id")],
    )
    database["embeddings"].create_index(["pipeline_id", "content_hash"], unique=True)
    # Apart from the track vectors, so that reading those touches no other page.
    database["embedding_windows"].create(
        {"embedding_id": int, "vectors": bytes, "labels": str},
        pk="embedding_id",
        foreign_keys=[("embedding_id", "embeddings", "id")],
    )


def m006_sidecars(database: Any) -> None:
    """Which lyrics file lay beside a song, as "name size time", so that a new one is noticed."""
    database["songs"].add_column("sidecar", str, not_null_default="")


def m007_folded_tags(database: Any) -> None:
    """Tags as they are compared: without case and composed, where SQL's NOCASE knows ASCII alone."""
    database["tags"].add_column("folded", str, not_null_default="")
    database.execute("UPDATE tags SET folded = fold(tag)")
    database["tags"].create_index(["folded"])


def m008_language_codes(database: Any) -> None:
    """Languages as ISO 639 codes, where tags and tables say "fre", "French" or "fr-CA"."""
    told = database.query("SELECT DISTINCT language FROM songs")
    languages = [row["language"] for row in told]
    changes = []
    for language in languages:
        changes.append((language_code(language), language))
    database.conn.executemany("UPDATE songs SET language = ? WHERE language = ?", changes)


def m009_about(database: Any) -> None:
    """What the catalog knows of itself: who it is, and the highest id of a song that was removed."""
    database["about"].create({"key": str, "value": str}, pk="key")
    rows = [
        {"key": "library", "value": uuid.uuid4().hex},  # which indexes name, so that none answers for another
        {"key": "last_removed", "value": "0"},
    ]
    database["about"].insert_all(rows)


def m010_saved_queries(database: Any) -> None:
    """Queries that were saved under a name, as JSON."""
    database["saved_queries"].create({"name": str, "query": str, "saved_at": str}, pk="name")


def m011_typed_values(database: Any) -> None:
    """Values of the wrong type, which tables and shards could bring in: text for numbers, half characters."""
    for column, read in (("year", year_of), ("duration_s", seconds_of)):
        wrong = database.query(f"SELECT id, {column} AS value FROM songs WHERE typeof({column}) = 'text'")
        changes = []
        for row in wrong:
            number = read(row["value"])
            changes.append((number, row["id"]))
        database.conn.executemany(f"UPDATE songs SET {column} = ? WHERE id = ?", changes)
    # \ud800 and its like are halves of characters; NaN and Infinity are Python's, and no JSON.
    suspect = database.query(
        "SELECT id, extra FROM songs"
        " WHERE instr(extra, '\\ud') OR instr(extra, 'NaN') OR instr(extra, 'Infinity')"
    )
    cleaned = []
    for row in suspect:
        extra = plain_of(json.loads(row["extra"]))
        cleaned.append((json.dumps(extra), row["id"]))
    database.conn.executemany("UPDATE songs SET extra = ? WHERE id = ?", cleaned)


def m012_full_text_of_all(database: Any) -> None:
    """Full text that knows word stems and beginnings, with folders, comments, labels and composers."""
    database.execute("DROP TABLE songs_fts")
    database.execute(
        "CREATE VIRTUAL TABLE songs_fts USING fts5("
        "title, artist, album, lyrics, tags, captions, folder, notes,"
        " tokenize = 'porter unicode61 remove_diacritics 2', prefix = '3 4')"
    )
    database.execute("CREATE VIRTUAL TABLE songs_words USING fts5vocab(songs_fts, col)")
    for column in ("artist", "album", "year"):
        database["songs"].create_index([column], if_not_exists=True)


def m013_names(database: Any) -> None:
    """Every name once, as names are compared, so that those in a request are looked up."""
    database["names"].create(
        {"name": str, "kind": str, "written": str}, pk=("name", "kind"), not_null={"name", "kind", "written"}
    )
    database["songs"].create_index(["duration_s"], if_not_exists=True)
    # The names that are looked up are in a table of their own now.
    for unused in ("INDEX IF EXISTS idx_songs_artist", "INDEX IF EXISTS idx_songs_album"):
        database.execute(f"DROP {unused}")
    database.execute("DROP TABLE IF EXISTS songs_words")


def m014_copies(database: Any) -> None:
    """Where else a song's sound lies: copies and links, so that they are not read again."""
    database["copies"].create(
        {"path": str, "song_id": int, "size": int, "mtime_ns": int, "sidecar": str},
        pk="path",
        foreign_keys=[("song_id", "songs", "id")],
        not_null={"song_id"},
    )
    database["copies"].create_index(["song_id"])


def m015_unembedded(database: Any) -> None:
    """Which contents a pipeline could not embed, and why."""
    database["unembedded"].create(
        {"pipeline_id": int, "content_hash": str, "message": str, "failed_at": str},
        pk=("pipeline_id", "content_hash"),
        foreign_keys=[("pipeline_id", "pipelines", "id")],
    )


def m016_changes(database: Any) -> None:
    """Which songs changed, in order, each once with its last change: an index looks at these alone.

    What counts is what an index is made of: that there is a song, its sound, its words and their vectors.
    """
    database.execute(
        "CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, song_id INTEGER NOT NULL UNIQUE)"
    )
    database.execute("INSERT INTO changes (song_id) SELECT id FROM songs")
    # A file that is merely seen again is written with the hashes it had: nothing has changed then.
    differs = "old.audio_hash IS NOT new.audio_hash OR old.words_hash IS NOT new.words_hash"
    other_content = f"UPDATE OF audio_hash, words_hash ON songs WHEN {differs}"
    # A vector is of a sound or of words: of every song that has either.
    of_content = (
        "SELECT id FROM songs WHERE audio_hash = {0} UNION SELECT id FROM songs WHERE words_hash = {0}"
    )
    put_in = of_content.format("new.content_hash")
    taken_out = of_content.format("old.content_hash")
    triggers = (
        ("insert_songs", "INSERT ON songs", "VALUES (new.id)"),
        ("update_songs", other_content, "VALUES (new.id)"),
        ("delete_songs", "DELETE ON songs", "VALUES (old.id)"),
        ("insert_embeddings", "INSERT ON embeddings", put_in),
        ("delete_embeddings", "DELETE ON embeddings", taken_out),
    )
    for name, event, changed in triggers:
        # REPLACE gives a row a new number, so a song that changes again is once more the last.
        note = f"INSERT OR REPLACE INTO changes (song_id) {changed}"
        database.execute(f"CREATE TRIGGER changes_{name} AFTER {event} BEGIN {note}; END")


def m017_changed_languages(database: Any) -> None:
    """A song whose language changed has changed: its lyrics are indexed by encoders that have learned it."""
    database.execute(
        "CREATE TRIGGER changes_update_language AFTER UPDATE OF language ON songs"
        " WHEN old.language IS NOT new.language"
        " BEGIN INSERT OR REPLACE INTO changes (song_id) VALUES (new.id); END"
    )


STEPS: list[Callable[[Any], None]] = [
    m001_songs,
    m002_words,
    m003_full_text,
    m004_failures,
    m005_embeddings,
    m006_sidecars,
    m007_folded_tags,
    m008_language_codes,
    m009_about,
    m010_saved_queries,
    m011_typed_values,
    m012_full_text_of_all,
    m013_names,
    m014_copies,
    m015_unembedded,
    m016_changes,
    m017_changed_languages,
]
LATEST = len(STEPS)
DERIVED = 13
"""The last step that left full text or names to be filled anew."""
