"""Pairs of a description and the words of a song: read from tables, joined by song, split by artist.

Any table (CSV, TSV, JSON lines, Parquet), or a data set with its table (`musiccaps:TABLE`), whose tags stand
for the lyrics where it has none. Rows of several tables with the same id are one song, so Song-Interpretation
(`music4all_id, comment, lyrics`) and enrich-music4all (`track_id, artist_name, tag_list, pseudo_caption`)
join by themselves.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog import sources
from catalog.data_sets import NOTHING, Excluded, Place
from catalog.errors import WrongUse
from catalog.records import Clip
from catalog.tables import read_rows
from catalog.values import vocabulary
from catalog.values.columns import text_of
from catalog.values.text import folded
from models.training.words.near_duplicates import Groups, near_duplicates

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Words:
    """A song as far as it is text. aliases: other ids that its row gives it."""

    id: str
    lyrics: str
    artist: str = ""
    title: str = ""
    tags: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    artist_id: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Songs and what people say of them.

    pairs: (description, row of `songs`). group: (songs,) equal numbers are one work (the same song, a
    cover, nearly the same lyrics), which is never a negative of itself. side: (songs,) 0 to train, 1 to
    judge while training, 2 to test. left_out: ids of songs that are for judging alone.
    """

    songs: list[Words] = field(default_factory=list)
    pairs: list[tuple[str, int]] = field(default_factory=list)
    group: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    side: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    left_out: frozenset[str] = frozenset()

    def pairs_of(self, side: int) -> Ints:
        """Rows of `pairs` whose song is on that side."""
        songs = np.array([song for _, song in self.pairs], np.int64)
        return np.flatnonzero(self.side[songs] == side)


def read(named: Sequence[str], *, held_out: int, seed: int, exclude: Excluded = NOTHING) -> Corpus:
    """The corpus of these tables, split: one part of `held_out` to judge by, one to test; without `exclude`.

    Songs of one artist, and works that are nearly the same, are on one side, together. Raises WrongUse
    where no row has both a description and lyrics.
    """
    found: dict[str, tuple[Words, list[str]]] = {}
    left_out: set[str] = set()
    for name in named:
        for words, descriptions in _rows(name):
            ids = (words.id, *words.aliases)
            if exclude.names(ids, words.artist_id):
                left_out.add(words.id)
                continue
            before = found.get(words.id)
            found[words.id] = _together(before, words, descriptions)
    songs: list[Words] = []
    pairs: list[tuple[str, int]] = []
    for words, said in found.values():
        if words.lyrics and said:
            pairs += [(text, len(songs)) for text in dict.fromkeys(said)]  # each text once
            songs.append(words)
    if not songs:
        raise WrongUse(
            "no song of the data has both lyrics and a description, so there is nothing to train on.",
            try_this="nw train … --data pairs.csv    (columns description, lyrics, artist, tags)",
        )
    copies = near_duplicates([song.lyrics for song in songs])
    sides = _sides(songs, copies, held_out, seed)
    return Corpus(songs, pairs, _works(songs, copies), sides, frozenset(left_out))


def write_test(corpus: Corpus, path: Path) -> None:
    """Write the pairs of the test as a table that `nw evaluate … --on` reads."""
    with path.open("w", encoding="utf-8") as file:
        for row in corpus.pairs_of(2):
            text, song = corpus.pairs[row]
            words = corpus.songs[song]
            line = {
                "id": words.id,
                "title": words.title or words.id,
                "description": text,
                "lyrics": words.lyrics,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _together(before: tuple[Words, list[str]] | None, now: Words, said: list[str]) -> tuple[Words, list[str]]:
    """Rows of one id as one song: what came first stands, and what it lacks is filled in."""
    if before is None:
        return now, said
    words, earlier = before
    joined = replace(
        words,
        lyrics=words.lyrics or now.lyrics,
        artist=words.artist or now.artist,
        title=words.title or now.title,
        tags=words.tags | now.tags,
    )
    return joined, earlier + said


def _works(songs: Sequence[Words], copies: Ints) -> Ints:
    """A number (songs,) for each work: nearly the same lyrics, or the same title, as covers have."""
    groups = Groups(len(songs))
    groups.join_equal(map(str, copies))
    titles = []
    for song in songs:
        letters = re.sub(r"\W+", " ", song.title.casefold())
        titles.append(letters.strip())
    groups.join_equal(titles)
    return groups.labels()


def _sides(songs: Sequence[Words], copies: Ints, held_out: int, seed: int) -> Ints:
    """By a hash of what must stay together, so that more data moves few songs to another side.

    Equal titles do not bind: a few titles that everybody uses would tie most artists to one another.
    """
    together = Groups(len(songs))
    together.join_equal(map(str, copies))
    together.join_equal(song.artist.casefold() for song in songs)
    # One share in `held_out` is judged by, one is tested by, and the rest is trained on.
    side_of_share = {0: 1, 1: 2}
    sides = []
    for root in together.labels():
        name = songs[root].artist.casefold() or songs[root].id
        digest = hashlib.sha256(f"{seed} {name}".encode()).hexdigest()
        share = int(digest[:8], 16) % held_out
        sides.append(side_of_share.get(share, 0))
    return np.array(sides, np.int64)


def _rows(name: str) -> Iterator[tuple[Words, list[str]]]:
    """Songs with what is said of them, of a data set (`musiccaps:TABLE`) or of a table."""
    kind, _, path = name.partition(":")
    if path and kind in sources.names():
        for clip in sources.load(kind).clips(Place(Path(), (path,))):
            yield _of_clip(clip)
        return
    for number, row in enumerate(read_rows(Path(name))):
        yield _of_row(row, Path(name), number)


def _of_clip(clip: Clip) -> tuple[Words, list[str]]:
    """A clip of a data set; its tags stand for lyrics where it has none."""
    tags = clip.song.get("tags", ())
    lyrics = str(clip.song.get("lyrics") or "")
    artist_id = str(clip.song.get("artist_id") or "")
    words = Words(
        id=clip.id,
        lyrics=lyrics or ", ".join(tags),
        tags=frozenset(tags),
        aliases=clip.aliases,
        artist_id=artist_id,
    )
    return words, [caption.text for caption in clip.texts]


def _of_row(row: Mapping[str, Any], table: Path, number: int) -> tuple[Words, list[str]]:
    """A row of a table: its song, and the descriptions that ask for it."""
    cells = vocabulary.plain(row)
    ids = vocabulary.identifiers(cells)
    lyrics = _lyrics(vocabulary.lyrics(cells), table)
    told = vocabulary.fields(cells)
    artist = told.get("artist") or text_of(cells.get("region"))  # of folk songs, which have no artist
    tags = frozenset(map(folded, vocabulary.tags(cells)))
    name = ids[0] if ids else f"{table.stem}:{number}"
    words = Words(
        id=name,
        lyrics=lyrics,
        artist=artist,
        title=told.get("title", ""),
        tags=tags,
        aliases=tuple(ids),
        artist_id=text_of(cells.get("artist_id")),
    )
    descriptions = vocabulary.descriptions(cells, with_title=True)
    return words, [caption.text for caption in descriptions]


def _lyrics(text: str, table: Path) -> str:
    """The words themselves, or those of a file that the cell names."""
    is_one_line = 0 < len(text) < 200 and "\n" not in text
    is_name = is_one_line and text.endswith((".txt", ".lrc"))
    path = table.parent / text
    if not is_name or not path.is_file():
        return text
    return path.read_text(encoding="utf-8", errors="replace").strip()
