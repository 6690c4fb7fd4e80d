"""Clips of a data set into the catalog: with their sound, with vectors alone, or as words only."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.atomic import clear_leftovers, write_text, written_aside
from catalog.audio import waveform
from catalog.columns import left_out, seconds_of, tags_of
from catalog.errors import DiskFull, NewWaveError, Unreadable
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding, Halves
from catalog.records import Clip, Facts, SoundFile
from catalog.shards.order import Cursor
from catalog.text import clean
from catalog.workers import ItemLost, patience_s, spread

BATCH = 500
KEEP_EVERY_S = 2.0
_KINDS = ((b"fLaC", ".flac"), (b"OggS", ".ogg"), (b"RIFF", ".wav"), (b"ID3", ".mp3"))
_LIMITED = ("title", "artist", "album", "year", "genre", "license", "language")


@dataclass(frozen=True, slots=True)
class Task:
    """A clip with sound, and the folder where it is to lie."""

    number: int
    clip: Clip
    folder: Path
    encoder: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a clip's sound: its file (`held` where it stays), and its vectors if they were asked."""

    file: SoundFile
    held: bool = True
    windows: Halves | None = None
    track: Halves | None = None


@dataclass(slots=True)
class Report:
    """What an ingest of a data set did."""

    songs: int = 0
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Values that their columns cannot hold, one sentence each; the songs were taken without them."""
    cursor: Cursor | None = None


Work = Callable[[Task], Stored | NewWaveError]
Progress = Callable[[int, str], None]


def store(task: Task) -> Stored | NewWaveError:
    """Write the sound of a clip to its file, unless it lies there, and look into it. A worker's function."""
    sound = task.clip.audio
    try:
        path = sound if isinstance(sound, Path) else write(task.clip, task.folder)
        return Stored(waveform.probe(path))
    except NewWaveError as problem:
        if not isinstance(sound, Path):
            place(task.clip, task.folder).unlink(missing_ok=True)
        return problem
    except OSError as problem:
        return DiskFull(f"{task.folder} cannot be written ({problem.strerror}).", try_this="df -h")


def place(clip: Clip, folder: Path) -> Path:
    """Where the sound of a clip lies: its id, and the ending of its kind."""
    sound = clip.audio if isinstance(clip.audio, bytes) else b""
    kind = next((ending for mark, ending in _KINDS if sound.startswith(mark)), ".mp3")
    return folder / (re.sub(r"[^\w.-]+", "_", clip.id)[:120] + kind)


def write(clip: Clip, folder: Path) -> Path:
    """Write the sound of a clip aside, then put it in its place."""
    path = place(clip, folder)
    sound = clip.audio if isinstance(clip.audio, bytes) else b""
    if not sound:
        raise Unreadable(f"{clip.id}: the row holds no sound.", try_this="nw shards verify")
    if not path.exists() or path.stat().st_size != len(sound):
        with written_aside(path) as aside:
            aside.write_bytes(sound)
    return path


def keep(
    catalog: Catalog,
    rows: Iterable[tuple[Cursor | None, Clip]],
    *,
    source: str,
    folder: Path,
    work: Work = store,
    encoder: str = "",
    pipeline: str = "",
    jobs: int = 1,
    progress: Progress = lambda n, name: None,
    on_kept: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Take the clips into the catalog, and their sound into `folder` by `work`, in worker processes.

    A clip that was taken before is brought up to date. `on_kept` is told after each batch that is safe in
    the catalog: `Report.cursor` is then how far everything is done. `pipeline` names the vectors that
    `work` makes with `encoder`.
    """
    clear_leftovers(folder)
    keeper = _Keeper(catalog, source, pipeline, on_kept)
    with_sound = _with_sound(rows, keeper, folder, encoder, progress)
    for task, result in spread(work, with_sound, jobs=jobs, limit_s=lambda task: patience_s(task.clip.audio)):
        if isinstance(result, ItemLost):
            result = Unreadable(f"{result}.", try_this="leave it out")
        keeper.add(task.number, task.clip, result)
        progress(1, task.clip.id)
    keeper.flush()
    return keeper.report


def _with_sound(
    rows: Iterable[tuple[Cursor | None, Clip]],
    keeper: "_Keeper",
    folder: Path,
    encoder: str,
    progress: Progress,
) -> Iterator[Task]:
    for number, (cursor, clip) in enumerate(rows):
        keeper.expect(cursor)
        if clip.audio is None:
            keeper.add(number, clip, None)
            progress(1, clip.id)
        else:
            yield Task(number, clip, folder, encoder)


class _Keeper:
    """Collects what was worked on and writes it in batches, knowing how far all is done without a gap."""

    def __init__(
        self, catalog: Catalog, source: str, pipeline: str, on_kept: Callable[[Report], None]
    ) -> None:
        self.report = Report()
        self._catalog, self._source, self._pipeline, self._on_kept = catalog, source, pipeline, on_kept
        self._cursors: dict[int, Cursor | None] = {}
        self._expected, self._next = 0, 0
        self._done: set[int] = set()
        self._batch: list[tuple[Clip, Stored | None]] = []
        self._kept_at = time.monotonic()

    def expect(self, cursor: Cursor | None) -> None:
        self._cursors[self._expected] = cursor
        self._expected += 1

    def add(self, number: int, clip: Clip, result: Stored | NewWaveError | None) -> None:
        self._done.add(number)
        if isinstance(result, DiskFull):
            raise result
        if isinstance(result, NewWaveError):
            self.report.failed.append(f"{clip.id}: {result}")
        else:
            self._batch.append((clip, result))
        if len(self._batch) >= BATCH or time.monotonic() - self._kept_at > KEEP_EVERY_S:
            self.flush()

    def flush(self) -> None:
        with self._catalog.transaction():
            for clip, stored in self._batch:
                _keep_one(self._catalog, self._source, clip, stored)
                self.report.left_out += [f"{clip.id}: {said}" for said in _left_out(clip, self._source)]
            vectors = [
                Embedding(stored.file.audio_hash, stored.windows, stored.track)
                for _, stored in self._batch
                if stored is not None and stored.windows is not None and stored.track is not None
            ]
            if vectors:
                embeddings.put_many(self._catalog, self._pipeline, vectors)
        self.report.songs += len(self._batch)
        self._batch = []
        self._kept_at = time.monotonic()
        while self._next in self._done:
            self._done.discard(self._next)
            self.report.cursor = self._cursors.pop(self._next)
            self._next += 1
        self._on_kept(self.report)


def facts_of(clip: Clip, source: str) -> Facts:
    """What a data set says about a song."""
    song = dict(clip.song)
    tags = tags_of(song.pop("tags", ()))
    song.pop("duration_s", None)
    values = {name: song.pop(name) for name in _LIMITED if name in song}
    values |= {"source": source, "source_id": clip.id}
    return Facts(source, values, tags=tags, captions=clip.texts, extra=song)


def _left_out(clip: Clip, source: str) -> list[str]:
    told = facts_of(clip, source)
    return left_out(replace(told, values={**told.values, "duration_s": clip.song.get("duration_s")}))


def _keep_one(catalog: Catalog, source: str, clip: Clip, stored: Stored | None) -> None:
    known = catalog.fetch(
        "SELECT id FROM songs WHERE source = ? AND source_id = ?", (clean(source), clean(clip.id))
    )
    song_id = int(known[0][0]) if known else None
    held = stored.file if stored is not None and stored.held else None
    song_id = songs.add_or_update(catalog, [facts_of(clip, source)], file=held, song_id=song_id)
    sound = stored.file if stored is not None else None
    seconds = sound.duration_s if sound is not None else seconds_of(clip.song.get("duration_s"))
    catalog.execute(
        "UPDATE songs SET duration_s = coalesce(?, duration_s), audio_hash = coalesce(?, audio_hash),"
        " rate_hz = coalesce(?, rate_hz), channels = coalesce(?, channels), format = coalesce(?, format)"
        " WHERE id = ? AND path IS NULL",
        (seconds, *(_of(sound, name) for name in ("audio_hash", "rate_hz", "channels", "format")), song_id),
    )


def _of(sound: SoundFile | None, name: str) -> Any:
    return None if sound is None else getattr(sound, name)


def remembered(path: Path, fingerprint: Mapping[str, Any]) -> tuple[Cursor, int]:
    """How far an earlier ingest came, and how many songs it took; nowhere where it was of other data."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        state = json.loads(path.read_text())
        if state["of"] == dict(fingerprint):
            return Cursor(**state["cursor"]), int(state["songs"])
    return Cursor(), 0


def remember(path: Path, fingerprint: Mapping[str, Any], cursor: Cursor, taken: int) -> None:
    """Write down how far an ingest came."""
    state = {"of": dict(fingerprint), "cursor": asdict(cursor), "songs": taken}
    write_text(path, json.dumps(state))
