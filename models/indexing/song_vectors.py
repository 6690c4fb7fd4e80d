"""Songs as both encoders know them, with what people say of them: what fusion learns from and is judged by.

A caption is a question here, so it never counts as the words of its own song; those are the lyrics.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.data_sets import NOTHING, Excluded
from catalog.errors import NewWaveError, NotReady
from catalog.identity import Contents, sounds_of
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.records import ROLES, Clip, Role
from catalog.vectors import Vectors
from models.encoders import SoundEncoder, WordsEncoder
from models.indexing.embed_clip import vectors_of

BLOCK = 2_000
"""Songs whose words are in memory together."""
Known = dict[Role, Vectors]
"""What is known of a song: the vectors (parts, dimensions) of each role that it has."""


@dataclass(slots=True)
class PairedEmbeddings:
    """Songs by sound and by words, and the questions about them.

    names, works, known: (songs,). Songs with equal `works` stay together when data are split.
    queries: (text, row of the song that it describes). failed: songs that could not be embedded, and why.
    left_out: how many songs are for judging alone.
    """

    names: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    queries: list[tuple[str, int]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    left_out: int = 0

    def add(self, name: str, work: str, known: Known, texts: Iterable[str]) -> None:
        """One more song, if any role of it is known."""
        if not known:
            return
        row = len(self.names)
        different = dict.fromkeys(text.strip() for text in texts)  # several people may say the same
        self.queries += [(text, row) for text in different if text]
        self.names.append(name)
        self.works.append(work)
        self.known.append(known)

    def and_also(self, other: "PairedEmbeddings") -> "PairedEmbeddings":
        """The songs of both."""
        behind = len(self.names)  # its songs come behind those of this one
        moved = [(text, song + behind) for text, song in other.queries]
        return PairedEmbeddings(
            names=self.names + other.names,
            works=self.works + other.works,
            known=self.known + other.known,
            queries=self.queries + moved,
            failed=self.failed + other.failed,
            left_out=self.left_out + other.left_out,
        )

    def only(self, rows: Sequence[int]) -> "PairedEmbeddings":
        """These songs alone, and what is asked for them."""
        place = {row: at for at, row in enumerate(rows)}  # where each of them is from now on
        queries = []
        for text, song in self.queries:
            if song in place:
                queries.append((text, place[song]))
        return PairedEmbeddings(
            names=[self.names[row] for row in rows],
            works=[self.works[row] for row in rows],
            known=[self.known[row] for row in rows],
            queries=queries,
        )

    def shares(self, parts: int, seed: int) -> NDArray[np.int64]:
        """A number (songs,) from 0 to parts - 1 by a hash of the work: more data moves no song."""
        shares = []
        for work in self.works:
            # Not `hash`, which Python salts anew in each process.
            digest = hashlib.sha256(f"{seed} {work}".encode()).hexdigest()
            number = int(digest[:8], 16)
            shares.append(number % parts)
        return np.array(shares, np.int64)

    def one_each(self, role: Role, width: int) -> Vectors:
        """One vector a song (songs, width); not-a-number where it lacks that role."""
        vectors = np.full((len(self.known), width), np.nan, np.float32)
        for row, known in enumerate(self.known):
            if role in known:
                vectors[row] = pooled(known[role])
        return vectors


def pooled(parts: Vectors) -> Vectors:
    """The mean direction (dimensions,) of the parts of a song (parts, dimensions)."""
    mean: Vectors = parts.astype(np.float32).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / np.float32(max(length, 1e-6))


def of_catalog(catalog: Catalog, pipelines: Mapping[Role, str]) -> dict[int, Known]:
    """What `nw index` kept of every song, by id, ascending: the track vector, the vectors of its lyrics."""
    known: dict[int, Known] = {}
    with_sound, tracks = _tracks(catalog, pipelines["sound"])
    for song, track in zip(with_sound, tracks, strict=True):
        own = known.setdefault(int(song), {})
        own["sound"] = track[None].astype(np.float32)
    with_words, _ = _tracks(catalog, pipelines["words"])
    # Not all at once: the windows of a large library do not fit in memory.
    for start in range(0, len(with_words), BLOCK):
        block = with_words[start : start + BLOCK].tolist()
        labelled = embeddings.labeled_windows(catalog, pipelines["words"], block)
        for song, (parts, labels) in labelled.items():
            rows = []
            for row, label in enumerate(labels or ()):
                if "lines" in label:  # captions are parts too; here they are the questions
                    rows.append(row)
            if rows:
                own = known.setdefault(song, {})
                own["words"] = parts[rows].astype(np.float32)
    return dict(sorted(known.items()))


def of_library(
    catalog: Catalog, pipelines: Mapping[Role, str], *, exclude: Excluded = NOTHING
) -> PairedEmbeddings:
    """All songs of the library that are embedded, asked for by their captions; without `exclude`."""
    found = PairedEmbeddings()
    known = of_catalog(catalog, pipelines)
    sounds = sounds_of(catalog)
    for song in songs.iterate(catalog, light=False):
        artist_id = str(song.extra.get("artist_id") or "")
        is_excluded = sounds.get(song.id) in exclude.sounds
        if is_excluded or exclude.names([song.source_id], artist_id):
            found.left_out += 1
            continue
        texts = (caption.text for caption in song.captions if caption.is_description)
        work = song.artist or f"song {song.id}"  # songs of one artist stay together
        found.add(song.title, work, known.get(song.id, {}), texts)
    return found


def of_clips(
    clips: Iterable[Clip],
    sound: SoundEncoder,
    words: WordsEncoder,
    *,
    exclude: Excluded = NOTHING,
    progress: Callable[[int, str], None] = lambda songs, name: None,
) -> PairedEmbeddings:
    """Clips of a data set, embedded as far as they have a sound and lyrics; without `exclude`.

    Clips with the same sound, or without any with the same lyrics, are one song (`catalog.identity`).
    """
    found = PairedEmbeddings()
    merged = _merged(clips, exclude, found)
    for song, (clip, texts) in merged.items():
        known: Known = {}
        try:
            if clip.audio is not None:
                known["sound"] = vectors_of(sound, clip)
            if str(clip.song.get("lyrics") or "").strip():
                known["words"] = vectors_of(words, clip)
        except NewWaveError as problem:
            found.failed.append((clip.id, str(problem)))
        else:
            name = str(clip.song.get("title") or clip.id)
            found.add(name, song, known, texts)
        progress(1, clip.id)
    return found


def _merged(
    clips: Iterable[Clip], exclude: Excluded, found: PairedEmbeddings
) -> dict[str, tuple[Clip, list[str]]]:
    """By song, its first clip and what all of its clips say; what fails or stays out is noted in `found`."""
    contents = Contents()
    merged: dict[str, tuple[Clip, list[str]]] = {}
    for clip in clips:
        if exclude.holds(clip):
            found.left_out += 1
            continue
        try:
            has_sound = clip.audio is not None or clip.trouble
            song = contents.sound(clip) if has_sound else contents.lyrics(clip)
        except NewWaveError as problem:
            found.failed.append((clip.id, str(problem)))
            continue
        _, texts = merged.setdefault(song, (clip, []))
        texts += [caption.text for caption in clip.texts]
    return merged


def put_together(one: PairedEmbeddings, count: int, *, seed: int) -> PairedEmbeddings:
    """Made-up songs: the sound of a song without words, the words of one without sound, asked for by both.

    Of two songs with the sound of the same one only the words tell which is meant, and the other way round.
    None where the data have no songs of both kinds.
    """
    rng = np.random.default_rng(seed)
    sounds, words = (_queries_of(one, role) for role in ROLES)
    made = PairedEmbeddings()
    if not sounds or not words:
        return made
    for _ in range(count):
        of_sound, a = sounds[rng.integers(len(sounds))]
        of_words, b = words[rng.integers(len(words))]
        name = f"{one.names[a]} + {one.names[b]}"
        # As a person asks for both at once: "slow piano, about the sea".
        text = f"{of_sound.rstrip('. ')}, about {of_words}"
        known = {**one.known[a], **one.known[b]}
        made.add(name, name, known, [text])
    return made


def _queries_of(songs: PairedEmbeddings, role: Role) -> list[tuple[str, int]]:
    """What is asked for songs of which that role alone is known."""
    asked = []
    for text, song in songs.queries:
        roles = set(songs.known[song])
        if roles == {role}:
            asked.append((text, song))
    return asked


def _tracks(catalog: Catalog, pipeline: str) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    try:
        return embeddings.tracks(catalog, pipeline)
    except NotReady:  # no song has that role yet
        return np.empty(0, np.int64), np.empty((0, 0), np.float16)
