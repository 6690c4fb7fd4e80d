"""Clips of a data set into the catalog: with their sound, with vectors alone, or as words only."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from catalog.atomic import clear_leftovers
from catalog.clip_facts import added_to, facts_of, left_out_of
from catalog.data_sets import ROW
from catalog.errors import DiskFull, NewWaveError, Unreadable
from catalog.file_identity import keep_file, keep_sound, song_with
from catalog.files.clip_sound import Stored, Task, store
from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.library.embeddings import Embedding
from catalog.processes.workers import ItemLost, patience_s, spread
from catalog.records import Clip
from catalog.shards.order import Cursor
from catalog.values.columns import seconds_of
from catalog.values.text import clean

BATCH = 500  # clips of one transaction
KEEP_EVERY_S = 2.0  # seconds of work that a kill may cost


@dataclass(slots=True)
class IngestReport:
    """What an ingest of a data set did. shared_ids: those that stand for several sounds, each a song."""

    songs: int = 0
    failed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Values that their columns cannot hold, one sentence each; the songs were taken without them."""
    cursor: Cursor | None = None
    shared_ids: set[str] = field(default_factory=set)


Work = Callable[[Task], Stored | NewWaveError]
Outcome = Stored | NewWaveError | None
"""What became of a clip; None where it has no sound."""
Progress = Callable[[int, str], None]


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
    resumed: bool = False,
    progress: Progress = lambda n, name: None,
    on_kept: Callable[[IngestReport], None] = lambda report: None,
) -> IngestReport:
    """Take the clips into the catalog, and their sound into `folder` by `work`, in worker processes.

    A clip whose sound is known is that song, and brought up to date; where several rows have one sound, their
    captions and tags add up (`resumed`: rows before these may have told some). `on_kept` is told after each
    batch that is safe in the catalog: `IngestReport.cursor` is then how far everything is done. `pipeline`
    names the vectors that `work` makes with `encoder`.
    """
    clear_leftovers(folder)
    keeper = _Keeper(catalog, source, pipeline, on_kept, resumed=resumed)
    with_sound = _with_sound(rows, keeper, folder, encoder, progress)

    def limit_s(task: Task) -> float:
        return patience_s(task.clip.audio)

    for task, result in spread(work, with_sound, jobs=jobs, limit_s=limit_s):
        if isinstance(result, ItemLost):
            result = Unreadable(f"{result}.", try_this="leave it out")
        keeper.add(task.number, task.clip, result)
        progress(1, task.clip.id)
    keeper.flush()
    return keeper.report


def keep_done(
    catalog: Catalog,
    done: Iterable[tuple[Clip, Outcome]],
    *,
    source: str,
    pipeline: str,
    resumed: bool = False,
    progress: Progress = lambda n, name: None,
    on_kept: Callable[[IngestReport], None] = lambda report: None,
) -> IngestReport:
    """As `keep`, of clips that were worked on elsewhere: `on_kept` is then told of all that came so far."""
    keeper = _Keeper(catalog, source, pipeline, on_kept, resumed=resumed)
    for number, (clip, outcome) in enumerate(done):
        keeper.expect(None)
        keeper.add(number, clip, outcome)
        progress(1, clip.id)
    keeper.flush()
    return keeper.report


def _with_sound(
    rows: Iterable[tuple[Cursor | None, Clip]],
    keeper: "_Keeper",
    folder: Path,
    encoder: str,
    progress: Progress,
) -> Iterator[Task]:
    """The clips that workers have to look at; those without sound are kept on the way."""
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
        self,
        catalog: Catalog,
        source: str,
        pipeline: str,
        on_kept: Callable[[IngestReport], None],
        *,
        resumed: bool,
    ) -> None:
        self.report = IngestReport()
        self._resumed = resumed
        self._told: set[int] = set()  # songs that a clip of this run said something of
        self._taken: set[int] = set()  # of these, what counts as taken: not one that has only trouble
        self._catalog = catalog
        self._source = source
        self._pipeline = pipeline
        self._on_kept = on_kept
        self._cursors: dict[int, Cursor | None] = {}  # by number, of clips that are not known to be done
        self._expected = 0  # the number of the next clip
        self._next = 0  # the number of the first clip that is not done
        self._done: set[int] = set()  # numbers, beyond that one
        self._batch: list[tuple[Clip, Stored | None]] = []
        self._kept_at = time.monotonic()

    def expect(self, cursor: Cursor | None) -> None:
        """Count one more clip that will come. cursor: of its row."""
        self._cursors[self._expected] = cursor
        self._expected += 1

    def add(self, number: int, clip: Clip, result: Outcome) -> None:
        """Take in what became of a clip; now and then everything is written."""
        self._done.add(number)
        if isinstance(result, DiskFull):
            raise result
        if isinstance(result, NewWaveError):
            self.report.failed.append(f"{clip.id}: {result}")
        elif clip.trouble and result is None:
            tells_a_field = clip.song.keys() - {ROW, "tags"}
            says_something = clip.texts or tells_a_field or clip.song.get("tags")
            kept = ""
            if says_something:  # a row that says nothing but its own trouble is no song
                kept = "; only its words are kept"
                self._batch.append((clip, None))
            self.report.failed.append(f"{clip.id}: {clip.trouble}{kept}")
        else:
            self._batch.append((clip, result))
        # Also by time: a kill may cost two seconds of slow downloads, not 499 of them.
        due = time.monotonic() - self._kept_at > KEEP_EVERY_S
        if due or len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was collected in one transaction, then move the cursor over what is done."""
        with self._catalog.transaction():
            for clip, stored in self._batch:
                self._keep_one(clip, stored)
                for said in left_out_of(clip, self._source):
                    self.report.left_out.append(f"{clip.id}: {said}")
            # In the same transaction: a song whose vectors were lost would be taken for one without sound.
            vectors = []
            for _, stored in self._batch:
                if stored is None or stored.windows is None or stored.track is None:
                    continue
                vectors.append(Embedding(stored.file.audio_hash, stored.windows, stored.track))
            if vectors:
                embeddings.put_many(self._catalog, self._pipeline, vectors)
        self.report.songs = len(self._taken)
        self._batch = []
        self._kept_at = time.monotonic()
        # Workers finish out of order; the cursor moves only over rows that are done without a gap.
        while self._next in self._done:
            self._done.discard(self._next)
            self.report.cursor = self._cursors.pop(self._next)
            self._next += 1
        self._on_kept(self.report)

    def _keep_one(self, clip: Clip, stored: Stored | None) -> None:
        """Keep a clip under the song that its sound is; without a sound, under the one that has its id."""
        catalog = self._catalog
        facts = facts_of(clip, self._source)
        # An id of which only words were known gets its sound now, and stays that song.
        words_only = _words_only(catalog, self._source, clip)
        known = words_only
        if stored is not None:
            known = song_with(catalog, stored.file.audio_hash)
        if known is not None and (known in self._told or self._resumed):
            facts = added_to(catalog, known, facts)
        if stored is None:
            song_id = songs.insert(catalog) if words_only is None else words_only
            songs.add_or_update(catalog, [facts], song_id=song_id)
            seconds = seconds_of(clip.song.get("duration_s"))
            catalog.execute(
                "UPDATE songs SET duration_s = coalesce(?, duration_s) WHERE id = ?", (seconds, song_id)
            )
        elif stored.held:
            song_id = keep_file(catalog, [facts], stored.file, tell=True, words_only=words_only).song_id
        else:
            song_id = keep_sound(catalog, [facts], stored.file, words_only=words_only)
        is_new = known is None and song_id not in self._told
        if is_new and self._is_shared(clip.id):
            self.report.shared_ids.add(clip.id)
        self._told.add(song_id)
        if not clip.trouble or stored is not None:
            self._taken.add(song_id)

    def _is_shared(self, name: str) -> bool:
        """Whether several songs have that id."""
        of_the_id = (clean(self._source), clean(name))
        rows = self._catalog.fetch("SELECT count(*) FROM songs WHERE source = ? AND source_id = ?", of_the_id)
        return int(rows[0][0]) > 1


def _words_only(catalog: Catalog, source: str, clip: Clip) -> int | None:
    """The song of an id whose sound is not known: the row's own, where rows of shards say where they lie."""
    row = clip.song.get(ROW)
    # coalesce: a song that does not say its row fits any; IS: without a row NULL is compared with NULL.
    found = catalog.fetch(
        "SELECT id FROM songs WHERE source = ? AND source_id = ? AND audio_hash IS NULL"
        " AND coalesce(json_extract(extra, '$.row'), ?) IS ? ORDER BY id",
        (clean(source), clean(clip.id), row, row),
    )
    return int(found[0][0]) if found else None
