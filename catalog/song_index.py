"""The folder of an index: self-contained, replaced in one step, opened as a view.

    sound/manifest.json      which content counts, and what it is
    sound/3f9a.../           keys.npy vectors.npy graph.usearch, background.npy prompts.npy (what scores are
                             compared with), and the text encoder in tower/

A new content is written aside, flushed to the disk and renamed; then the manifest is replaced, which is the
moment the new index exists. A reader that opened the old one keeps it.
"""

import contextlib
import hashlib
import json
import os
import shutil
import uuid
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.atomic import clear_leftovers, folder_written_aside, make_folder, room_for, write_text
from catalog.errors import Damaged, Incompatible, NoIndex
from catalog.indexes import Halves, Keys, exact, hnsw

FORMAT = 2
PART_BITS = 12
"""A key is `song id << 12 | part`: up to 4,096 vectors a song."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index holds. `content` is the folder beside it; `files` maps its files to their sha256.

    weight: how much this side counts where a query is answered by several.
    """

    role: str
    encoder: str
    pipeline: str
    dimensions: int
    songs: int
    vectors: int
    recall_at_10: float
    window_s: float | None = None
    hop_s: float | None = None
    content: str = ""
    made_at: str = ""
    files: dict[str, str] = field(default_factory=dict)
    weight: float = 1.0
    format: int = FORMAT


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the index in `folder`. Raises NoIndex, Damaged, or Incompatible for another format."""
    try:
        values = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        raise NoIndex(
            f"there is no index for {folder.name} in {folder.parent} yet, so nothing can be found by it.",
            try_this="nw index",
        ) from None
    except (OSError, ValueError) as error:
        raise _damaged(folder / "manifest.json", str(error)) from error
    if (found := values.get("format", 0)) != FORMAT:
        age, mend = ("a newer", "upgrade nw, or ") if found > FORMAT else ("an older", "")
        raise Incompatible(
            f"{folder} was written by {age} nw (format {found}, this one reads {FORMAT}).",
            try_this=f"{mend}`nw index --rebuild` to write it again with this one",
        )
    try:
        return Manifest(**values)
    except TypeError as error:
        raise _damaged(folder / "manifest.json", str(error)) from error


def publish(folder: Path, manifest: Manifest, write: Callable[[Path], None]) -> Manifest:
    """Let `write` fill a new folder, then make it the content of the index in one step.

    Returns the manifest with content and checksums. Raises DiskFull; whatever happens, the index that was
    there stays whole until the new one is.
    """
    make_folder(folder)
    clear_leftovers(folder)
    content = folder / uuid.uuid4().hex[:12]
    with room_for("the new index; the old one is as it was", folder, again="nw index"):
        with folder_written_aside(content) as aside:
            write(aside)
            files = {str(p.relative_to(aside)): _checksum(p) for p in _files(aside)}
        manifest = replace(manifest, content=content.name, files=files)
        write_text(folder / "manifest.json", json.dumps(asdict(manifest), indent=1))
    for old in folder.iterdir():
        if old.is_dir() and old.name != manifest.content:
            shutil.rmtree(old, ignore_errors=True)
    return manifest


def keep_weight(folder: Path, weight: float) -> None:
    """Note in the manifest how much this side counts; nothing where there is no index. Raises Damaged."""
    with contextlib.suppress(NoIndex):
        manifest = replace(read_manifest(folder), weight=weight)
        write_text(folder / "manifest.json", json.dumps(asdict(manifest), indent=1))


def verify(folder: Path) -> list[str]:
    """Names of the files in the index whose checksum is not the one written down."""
    manifest = read_manifest(folder)
    content = folder / manifest.content
    return [
        name
        for name, checksum in manifest.files.items()
        if not (content / name).exists() or _checksum(content / name) != checksum
    ]


class SongIndex:
    """An index opened for reading: scores songs against a query vector.

    A song has one vector or several; the first stands for the whole of it. Its score is the mean of the
    cosines of the whole and of the best part.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        self.content = folder / self.manifest.content
        try:
            self.keys: Keys = np.load(self.content / "keys.npy", mmap_mode="r")
            self.vectors: Halves = np.load(self.content / "vectors.npy", mmap_mode="r")
            self._descriptor = os.open(self.content / "vectors.npy", os.O_RDONLY)
            weakref.finalize(self, os.close, self._descriptor)
            self.background: NDArray[np.float32] = np.load(self.content / "background.npy", mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise _damaged(self.content, str(error)) from error
        owners = self.keys >> PART_BITS
        self._starts = np.flatnonzero(np.diff(owners, prepend=-1))
        self.songs: Keys = owners[self._starts]
        if len(self.background) != len(self.songs) or len(self.vectors) != len(self.keys):
            raise _damaged(self.content, "its parts are of different lengths")

    @cached_property
    def graph(self) -> hnsw.HnswIndex:
        """The near-neighbour graph, as a view of its file."""
        return hnsw.open_file(self.content / "graph.usearch")

    def nearest(self, query: NDArray[np.float32], k: int) -> Keys:
        """Songs (ids, ascending) among which the k best are nearly always found.

        Looks at every vector where k is a good part of them: the graph may miss some, a list must not.
        """
        wanted = 4 * k * max(1, round(len(self.keys) / max(len(self.songs), 1)))
        if wanted * 4 >= len(self.keys):
            return self.songs
        keys, _ = self.graph.search(query, wanted)
        return np.unique(keys >> PART_BITS)

    def score(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores (songs,) of these songs, exactly; not-a-number for those the index does not hold."""
        at = self._places(songs)
        known = at >= 0
        scores = np.full(len(songs), np.nan, np.float32)
        if known.any():
            scores[known] = self._score_places(query, at[known])
        return scores

    def standard(self, scores: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores (songs,) above what unrelated descriptions get from the same song, in deviations."""
        at = self._places(songs)
        mean = self.background[np.maximum(at, 0), 0]
        return np.where(at >= 0, (scores - mean) / self._spread, np.nan).astype(np.float32)

    @cached_property
    def _spread(self) -> np.float32:
        return common_spread(self.background)

    def among_songs(self, query: NDArray[np.float32], songs: Keys) -> NDArray[np.float32]:
        """Scores of songs in standard deviations above what all songs here get: for a song as the query."""
        everyone = self.score(query, self.songs)
        spread = np.float32(max(float(everyone.std()), 1e-3))
        standard: NDArray[np.float32] = (self.score(query, songs) - everyone.mean()) / spread
        return standard

    def whole(self, song: int) -> NDArray[np.float32] | None:
        """The vector (dimensions,) that stands for the whole of a song, or None."""
        at = self._places(np.array([song]))[0]
        return None if at < 0 else self.vectors[self._starts[at]].astype(np.float32)

    def _places(self, songs: Keys) -> NDArray[np.int64]:
        if not len(self.songs):
            return np.full(len(songs), -1)
        at = np.minimum(np.searchsorted(self.songs, songs), len(self.songs) - 1)
        return np.where(self.songs[at] == songs, at, -1)

    def _score_places(self, query: NDArray[np.float32], at: NDArray[np.int64]) -> NDArray[np.float32]:
        if len(at) == len(self.songs):
            return song_scores(exact.cosines_to(self.vectors, query), self._starts)[at]
        ends = np.append(self._starts, len(self.keys))
        lengths = ends[at + 1] - ends[at]
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        rows = np.arange(lengths.sum()) + np.repeat(ends[at] - starts, lengths)
        return song_scores(exact.cosines_to(self._picked(rows), query), starts)

    def _picked(self, rows: NDArray[np.int64]) -> Halves:
        """Vectors of these rows. A few are read, for a mapped page brings fifteen others into memory."""
        if 8 * len(rows) > len(self.vectors):
            return self.vectors[rows]
        size = self.vectors.strides[0]
        first = os.fstat(self._descriptor).st_size - self.vectors.nbytes
        read = (os.pread(self._descriptor, size, first + size * row) for row in rows.tolist())
        return np.frombuffer(b"".join(read), np.float16).reshape(len(rows), -1)


def song_scores(cosines: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Cosines of parts, a song's from each start on, to scores of songs: mean of the first and the best.

    >>> song_scores(np.array([0.25, 0.75, 0.25], np.float32), np.array([0, 2])).tolist()
    [0.5, 0.25]
    """
    if not len(starts):
        return np.empty(0, np.float32)
    best: NDArray[np.float32] = np.maximum.reduceat(cosines, starts)
    return (best + cosines[starts]) * np.float32(0.5)


def common_spread(background: NDArray[np.float32]) -> np.float32:
    """One standard deviation for all songs, from each one's mean and deviation (songs, 2).

    A song's own, from few descriptions, says little of it: dividing by it lost a quarter of the right answers
    (models/EXPERIMENTS.md, "What a score is compared with").
    """
    return np.float32(
        max(float(np.sqrt(np.mean(np.square(background[:, 1])))) if len(background) else 0, 1e-3)
    )


def _damaged(path: Path, why: str) -> Damaged:
    return Damaged(
        f"{path} cannot be read ({why}), so this index is of no use.",
        try_this="nw index --rebuild    (writes it again from the catalog)",
    )


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
