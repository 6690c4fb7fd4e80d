"""Full text: what goes into the FTS5 table, and what a person types as a query that never raises."""

import json
import re
import sqlite3
import unicodedata
from pathlib import PurePath
from typing import Any

from catalog.values.text import folded

TEXT_COLUMNS = ("title", "artist", "album", "lyrics", "tags", "captions", "folder", "notes")
"""What is searched as it is written. notes: what tags say of composers, labels and anything else."""
_NOTES = ("albumartist", "composer", "label", "comment", "description")
# Thai and Lao, Burmese, Khmer, Japanese and Chinese: FTS5 would take a whole sentence for one word.
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))(\*?)')
_WORD = re.compile(r"\w+")
_SEVERAL = re.compile(r"\s*(?:&|,|;|/|\(|\)|\bfeat\.?\b|\bfeaturing\b|\baka\b|\band\b)\s*", re.IGNORECASE)
"""What stands between the artists of one song."""


def match_query(text: str) -> str:
    """What a person types, as an FTS5 query that never raises; "" where nothing in it can match.

    >>> match_query('AC/DC "back in" bla* -live')
    '("AC DC" AND "back in" AND "bla"*) NOT "live"'
    >>> match_query("* - &")
    ''
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word, star in _TERM.findall(text):
        is_prefix = star or word.endswith("*")
        spellings = [_quoted(one) + ("*" if is_prefix else "") for one in _spellings(phrase or word)]
        if not spellings[0].strip("*"):
            continue
        term = spellings[0] if len(spellings) == 1 else f"({' OR '.join(spellings)})"
        if minus:
            unwanted.append(term)
        else:
            wanted.append(term)
    if not wanted:  # FTS5 cannot say "all songs but these"
        return ""
    query = " AND ".join(wanted)
    if not unwanted:
        return query
    return f"({query}) NOT {' NOT '.join(unwanted)}"


def words_matched(text: str) -> list[str]:
    """The words of a text as full text takes them, whatever else they mean there.

    >>> words_matched("AC/DC -live*")
    ['AC', 'DC', 'live']
    """
    words = _quoted(text).strip('"').split()
    return [word for word in words if any(map(str.isalnum, word))]  # an accent alone is none


def _spellings(text: str) -> list[str]:
    """A text with ss or sharp s as it may be written: "strasse" is Straße, which FTS5 takes for another word.

    >>> _spellings("calm"), _spellings("strasse"), _spellings("Straße")
    (['calm'], ['strasse', 'straße'], ['Straße', 'Strasse'])
    """
    sharp = text.replace("ss", "ß").replace("SS", "ẞ")
    return list(dict.fromkeys((text, sharp, text.replace("ß", "ss").replace("ẞ", "SS"))))


def keep_text(connection: sqlite3.Connection, song_id: int) -> None:
    """Bring full text and names of one song up to date."""
    index_text(connection, song_id)
    keep_names(connection, song_id)


def index_text(connection: sqlite3.Connection, song_id: int) -> None:
    """Bring the full text of one song up to date."""
    row = connection.execute(
        "SELECT title, artist, album, lyrics, tags, captions, genre, path, extra FROM library WHERE id = ?",
        (song_id,),
    ).fetchone()
    title, artist, album, lyrics, tags, captions, genre, path, extra = row
    labels = "\n".join(filter(None, (tags, genre)))
    notes = _notes(json.loads(extra))
    texts = (title, artist, album, lyrics, labels, captions, _folder(path), notes)  # as TEXT_COLUMNS
    connection.execute("DELETE FROM songs_fts WHERE rowid = ?", (song_id,))
    columns = ", ".join(TEXT_COLUMNS)
    marks = ", ?" * len(TEXT_COLUMNS)
    spaced = [_spaced(text or "") for text in texts]
    statement = f"INSERT INTO songs_fts (rowid, {columns}) VALUES (?{marks})"
    connection.execute(statement, (song_id, *spaced))


def keep_names(connection: sqlite3.Connection, song_id: int) -> None:
    """Note the names of one song."""
    found = connection.execute("SELECT title, artist, album, genre, path FROM songs WHERE id = ?", (song_id,))
    title, artist, album, genre, path = found.fetchone()
    tags = [tag for (tag,) in connection.execute("SELECT tag FROM tags WHERE song_id = ?", (song_id,))]
    artists = [artist, *_SEVERAL.split(artist)]
    folders = _folder(path).splitlines()
    names = {"title": [title], "artist": artists, "album": [album], "tags": [*tags, genre], "folder": folders}
    rows = []
    for kind, given in names.items():
        for name in given:
            compared = " ".join(words_of(name))
            if compared:
                rows.append((kind, compared, _spaced(name)))
    connection.executemany("INSERT OR IGNORE INTO names (kind, name, written) VALUES (?, ?, ?)", rows)


def words_of(text: str) -> list[str]:
    """Its words as names are compared: without case, accents and apostrophes.

    >>> words_of("Ansel Brück's AC/DC")
    ['ansel', 'brucks', 'ac', 'dc']
    """
    joined = re.sub(r"['’]", "", text)  # "don't" is one word, and people leave the sign out
    plain = unicodedata.normalize("NFD", folded(joined))
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    return _WORD.findall("".join(letters))


def _folder(path: str | None) -> str:
    """The folders of a file, each a line; what is no character in them is left out."""
    folders = PurePath(path or "").parent.parts
    return "\n".join(folders).encode(errors="ignore").decode()


def _notes(extra: dict[str, Any]) -> str:
    notes = [extra[name] for name in _NOTES if extra.get(name)]
    return "\n".join(map(str, notes))


def _spaced(text: str) -> str:
    """Every character of a script without spaces between words as a word, so that parts can be found."""
    return _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", text))


def _quoted(text: str) -> str:
    """A phrase of FTS5's language from its words alone; "" where it has none."""

    def belongs(letter: str) -> bool:
        is_mark = unicodedata.category(letter)[0] == "M"  # vowel signs of Thai or Hindi
        return letter.isalnum() or is_mark

    # FTS5 has a language of its own (AND, NEAR, ^, column:) and raises for half a sentence of it: words alone
    # are left, and those in quotation marks.
    letters = [letter if belongs(letter) else " " for letter in _spaced(text)]
    words = "".join(letters)
    if not any(letter.isalnum() for letter in words):
        return ""
    return f'"{" ".join(words.split())}"'
