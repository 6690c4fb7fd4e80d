"""Full text: what goes into the FTS5 table, and what a person types as a query that never raises."""

import re
import unicodedata

from catalog.library.database import Catalog

_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))(\*?)')


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
        prefix = star or word.endswith("*")
        if term := _quoted(phrase or word):
            (unwanted if minus else wanted).append(term + "*" * bool(prefix))
    if not wanted:
        return ""
    query = " AND ".join(wanted)
    return f"({query}) NOT {' NOT '.join(unwanted)}" if unwanted else query


def index_text(catalog: Catalog, song_id: int) -> None:
    """Bring the full text of one song up to date."""
    row = catalog.fetch(
        "SELECT title, artist, album, lyrics, tags, captions FROM library WHERE id = ?", (song_id,)
    )[0]
    catalog.execute("DELETE FROM songs_fts WHERE rowid = ?", (song_id,))
    catalog.execute(
        "INSERT INTO songs_fts (rowid, title, artist, album, lyrics, tags, captions)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (song_id, *(_spaced(text or "") for text in row)),
    )


def _spaced(text: str) -> str:
    """Every character of a script without spaces between words as a word, so that parts can be found."""
    return _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", text))


def _quoted(text: str) -> str:
    words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in _spaced(text))
    return f'"{" ".join(words.split())}"' if any(c.isalnum() for c in words) else ""
