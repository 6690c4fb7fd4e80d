"""What the data sets share: what each says of itself, where it is read, what stays out, rows as clips."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from catalog.audio.apart import audio_hash
from catalog.errors import Unreadable, WrongUse
from catalog.records import Clip
from catalog.shards.files import pinned
from catalog.shards.local_store import Limits, LocalFiles, ShardStore
from catalog.shards.order import Cursor
from catalog.shards.stream import Lost, Row, Stream
from catalog.values.ids import track_id
from catalog.values.numbers import counted

ROW = "row"
"""Where a row of shards lies, among its song's fields: what it is known by where it has no sound."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a data set says of itself, so that no other code has to know it by name.

    title: as its paper calls it. needs: what its user must name. protocol: the one it is judged by where none
    is asked for; "" where it is not judged. held_out: which of its songs are for judging alone: "all", the
    field of a song that is true for them, or "" for none. for_training: songs of others that are for judging
    alone are left out when it is taken in. jamendo_ids: its ids are those that Jamendo gives.

    shards: where its shards are when nobody names others. mirror: shards with its sound, to judge by where
    nobody names its files. other_captions: the origin of captions outside its cleaned subset. table_head:
    what stands in the first line of its table, all of it.

    kept_as: the source of its songs in the catalog where that is not its name. usual: songs where no limit
    was named. as_files: its songs come as files to play. by_tags: it can be asked by tags. account, endpoint:
    environment variables for who asks a server, and for another server.
    """

    title: str
    needs: str
    protocol: str = ""
    held_out: str = ""
    for_training: bool = False
    jamendo_ids: bool = False
    shards: str = ""
    mirror: str = ""
    other_captions: str = ""
    table_head: tuple[str, ...] = ()
    kept_as: str = ""
    usual: int | None = None
    as_files: bool = False
    by_tags: bool = False
    account: str = ""
    endpoint: str = ""


def to_nobody(what: object) -> None:
    """Nobody wants to be told. A function and no lambda, so that a place can be sent to another process."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data set is read from. `named`: files, folders, addresses or hub names that the user gave.

    root: where shards may lie, within `limits`. on_lost is told of what cannot be used, on_note of what a
    person may want to know. exclude: ids and artists that stay out of the stream. songs: where the files of
    songs go that are fetched one by one; tags: what they must all have; account: who asks, where a server
    wants to know.
    """

    root: Path
    named: tuple[str, ...] = ()
    limits: Limits = Limits()
    endpoint: str | None = None
    refresh: bool = False
    exclude: "Excluded" = field(default_factory=lambda: Excluded())
    on_lost: Callable[[Lost], None] = to_nobody
    on_note: Callable[[str], None] = to_nobody
    songs: Path = Path()
    tags: tuple[str, ...] = ()
    account: str = ""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Songs that are for judging alone, so that no training may hear them.

    tracks: their ids, artists: those of their artists; Jamendo's as plain numbers. sounds: hashes of their
    sound. sets: the evaluation data sets that they are of, with the number of tracks of each.
    """

    tracks: frozenset[str] = frozenset()
    artists: frozenset[str] = frozenset()
    sounds: frozenset[str] = frozenset()
    sets: Mapping[str, int] = field(default_factory=dict, compare=False)

    def __bool__(self) -> bool:
        return bool(self.tracks or self.artists or self.sounds)

    def __or__(self, other: "Excluded") -> "Excluded":
        tracks = self.tracks | other.tracks
        artists = self.artists | other.artists
        sounds = self.sounds | other.sounds
        return Excluded(tracks, artists, sounds, {**self.sets, **other.sets})

    def holds(self, clip: Clip) -> bool:
        """Whether that clip is, or may be, one of them: by id, by artist or by sound."""
        artist = str(clip.song.get("artist_id") or "")
        if self.names((clip.id, *clip.aliases), artist):
            return True
        if not self.sounds or clip.audio is None:
            return False
        with suppress(Unreadable):  # it will fail where it is heard, and be named there
            return audio_hash(clip.audio) in self.sounds
        return False

    def names(self, ids: Iterable[object], artist_id: str = "") -> bool:
        """Whether a song with one of these ids, or of that artist, is one of them.

        Any id that a row gives counts, whatever the data set: a training without a song that has the number
        of a test's track by chance is no worse, one that has heard the test is worthless.
        """
        known = {track_id(one) for one in ids} & self.tracks
        if known:
            return True
        return artist_id != "" and track_id(artist_id) in self.artists


NOTHING = Excluded()
"""Excludes no song."""


@dataclass(slots=True)
class DataSet:
    """Rows of shards as clips, without those that `exclude` holds; `clip` gives None where a row is no song.

    left_out: the places of the rows that were left out so far: each counts once, in however many epochs.
    """

    stream: Stream
    clip: Callable[[Row], Clip | None]
    exclude: Excluded = NOTHING
    left_out: set[str] = field(default_factory=set)

    def rows(self, cursor: Cursor = Cursor()) -> Iterator[tuple[Row, Clip]]:  # noqa: B008 (frozen)
        """Rows of one epoch with their clips, from the cursor on; a row that makes no clip costs itself."""
        return self._clips(self.stream.epoch(cursor))

    def rows_from(self, starts: Sequence[Cursor]) -> Iterator[tuple[Row, Clip]]:
        """As `rows`, of the shards in which the cursors stand, each from there to its end."""
        return self._clips(self.stream.rows_from(starts))

    def _clips(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Clip]]:
        """Rows as clips, but for those that cannot be used or are excluded; both are noted."""
        for row in rows:
            try:
                clip = self.clip(row)
            except Exception as problem:  # what a stranger wrote into a cell may break anything
                kind = type(problem).__name__
                message = str(problem)[:200]  # some quote the whole value, which may be the sound
                why = f"its values cannot be used ({kind}: {message})"
                self.stream.on_lost(Lost(row.place, why))
                continue
            if clip is None:
                continue
            if self.exclude.holds(clip):
                self.left_out.add(row.place)
            else:
                yield row, clip


def clips_of(opened: AbstractContextManager[DataSet], place: Place) -> Iterator[Clip]:
    """Every clip of a data set that is streamed; says at the end how many were left out."""
    with opened as data:
        for _, clip in data.rows():
            yield clip
        if place.exclude:
            one = "track that is for judging, or of such an artist, was"
            many = "tracks that are for judging, or of their artists, were"
            tracks = counted(len(data.left_out), one, many)
            place.on_note(f"{tracks} left out")


@contextmanager
def opened_store(source: str, place: Place) -> Iterator[ShardStore]:
    """The files of a source: as they lie here, or fetched under the disk budget. Raises SourceError."""
    limits = place.limits
    listing = pinned(
        source,
        place.root,
        budget=limits.budget,
        endpoint=place.endpoint,
        offline=limits.offline,
        refresh=place.refresh,
    )
    if listing.local:
        yield LocalFiles(listing)
        return
    from catalog.shards.store import Store  # loads huggingface_hub

    with Store(listing, place.root, limits, on_trouble=place.on_note) as store:
        yield store


def only_file(place: Place, name: str, needs: str, *, folders: int = 0) -> Path:
    """The table that `place` names, before at most so many folders. Raises WrongUse."""
    if not 1 <= len(place.named) <= 1 + folders:
        raise WrongUse(f"{name} wants {needs}.", try_this=f"nw ingest {name} FILE")
    path = Path(place.named[0]).expanduser()
    if not path.is_file():
        missing = f"there is no file {path}; {name} wants {needs}."
        raise WrongUse(missing, try_this=f"nw ingest {name} FILE")
    return path
