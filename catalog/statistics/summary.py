"""Songs, one after another, to what the whole of them is like."""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeVar

from catalog.statistics.rows import FIELDS, Described
from catalog.statistics.spread import Spread, spread
from catalog.statistics.texts import Gathering, Meter, Texts

Key = TypeVar("Key")

SHOWN = 40  # tags, pairs and licences that a summary keeps
ARTISTS_SHOWN = 10
PAIRS_HELD = 1_000_000  # of tags in memory, at most
TOGETHER = 14
"""Tags whose co-occurrence is shown."""
_TAGS_PAIRED = 40  # of one song: pairs grow with the square
_MAY_LACK = (*FIELDS, "duration", "tags", "captions", "lyrics", "sound")
"""What is missing from a song that has no value for it."""


@dataclass(frozen=True, slots=True)
class Together:
    """Two tags on the same songs. lift: how many times as often as chance would have it."""

    first: str
    second: str
    songs: int
    lift: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What songs are like as a whole.

    missing: the share of songs that lack a value. tag_counts: songs by tag, the commonest first.
    matrix: of the first `TOGETHER` tags, log2 of how much more often than by chance two meet (None: never).
    same_sound, same_name: songs whose sound, or artist and title, an earlier one had. jamendo_ids: of songs
    that are Jamendo's.
    """

    name: str
    songs: int
    hours: float
    with_sound: int
    duration_s: Spread | None
    rates_hz: Mapping[int, int]
    formats: Mapping[str, int]
    years: Spread | None
    tags_a_song: Spread | None
    tags: int
    tag_counts: Mapping[str, int]
    together: tuple[Together, ...]
    matrix: tuple[tuple[float | None, ...], ...]
    texts: Texts | None
    captions: int
    with_lyrics: int
    artists: int
    top_artists: Mapping[str, int]
    languages: Mapping[str, int]
    licenses: Mapping[str, int]
    missing: Mapping[str, float]
    same_sound: int
    same_name: int
    jamendo_ids: frozenset[str]


@dataclass(slots=True)
class _Counts:
    """Everything that is counted on the way."""

    songs: int = 0
    captions: int = 0
    lyrics: int = 0
    sounds: Counter[str] = field(default_factory=Counter)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    durations: "array[float]" = field(default_factory=lambda: array("f"))
    years: "array[int]" = field(default_factory=lambda: array("l"))
    tags_a_song: "array[int]" = field(default_factory=lambda: array("l"))
    rates: Counter[int] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    artists: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    jamendo: set[str] = field(default_factory=set)


def summarize(
    songs: Iterable[Described],
    name: str,
    *,
    meters: Mapping[str, Meter] | None = None,
    progress: Callable[[int], None] = lambda n: None,
) -> Summary:
    """The statistics of songs in one pass; memory grows with vocabulary and ids, not with the texts.

    meters: how each encoder counts tokens. Where no song has a caption, the tags of each are its text.
    """
    counts = _Counts()
    captions = Gathering("captions", meters or {})
    tag_lines = Gathering("tags", meters or {})
    for song in songs:
        _count(counts, song)
        for text in song.texts:
            captions.add(text)
        # Once there is a caption, tags no longer stand for one; what was gathered of them is dropped below.
        if song.tags and not captions.count:
            tag_lines.add(", ".join(song.tags))
        progress(1)
    texts = captions.finished() if captions.count else tag_lines.finished()
    return _summary(counts, name, texts)


def _count(counts: _Counts, song: Described) -> None:
    """Add one song to everything that is counted."""
    counts.songs += 1
    counts.captions += len(song.texts)
    counts.lyrics += bool(song.lyrics)
    if song.sound:
        counts.sounds[song.sound] += 1
    if song.duration_s:
        counts.durations.append(song.duration_s)
    year = str(song.values.get("year") or "")
    if year.isdigit():  # a table of a data set may say anything
        counts.years.append(int(year))
    if song.rate_hz:
        counts.rates[song.rate_hz] += 1
    if song.format:
        counts.formats[song.format] += 1
    _count_tags(counts, song.tags)
    _count_values(counts, song)


def _count_values(counts: _Counts, song: Described) -> None:
    """Add what is told of one song, and what is not."""
    told: dict[str, str] = {}
    for name in FIELDS:
        value = song.values.get(name) or ""
        told[name] = str(value).strip()
    artist, title = told["artist"], told["title"]
    if artist:
        counts.artists[artist] += 1
    if told["language"]:
        counts.languages[told["language"]] += 1
    if told["license"]:
        counts.licenses[told["license"]] += 1
    if title:
        counts.names[artist.casefold(), title.casefold()] += 1
    here: dict[str, object] = {**told, "duration": song.duration_s, "sound": song.sound}
    here |= {"tags": song.tags, "captions": song.texts, "lyrics": song.lyrics}
    for name in _MAY_LACK:
        if not here[name]:
            counts.missing[name] += 1
    if song.jamendo_id:
        counts.jamendo.add(song.jamendo_id)


def _count_tags(counts: _Counts, tags: tuple[str, ...]) -> None:
    folded = {tag.casefold() for tag in tags}
    different = sorted(folded)  # so that a pair is the same, whichever of the two is named first
    counts.tags_a_song.append(len(different))
    counts.tags.update(different)
    counts.pairs.update(combinations(different[:_TAGS_PAIRED], 2))
    if len(counts.pairs) > PAIRS_HELD:  # of free tags, most pairs are met once
        met_again = {pair: times for pair, times in counts.pairs.items() if times > 1}
        counts.pairs = Counter(met_again)


def _summary(counts: _Counts, name: str, texts: Texts | None) -> Summary:
    """The counts as figures."""
    songs = max(counts.songs, 1)  # shares of an empty set are 0
    missing = {name: counts.missing[name] / songs for name in _MAY_LACK}
    hours = math.fsum(counts.durations) / 3600
    # Without a single tag the spread of their numbers is one bar at 0, which says nothing.
    tags_a_song = spread(counts.tags_a_song) if counts.tags else None
    tag_counts = _often_first(counts.tags, SHOWN)
    top_artists = _often_first(counts.artists, ARTISTS_SHOWN)
    licenses = _often_first(counts.licenses, SHOWN)
    return Summary(
        name,
        songs=counts.songs,
        missing=missing,
        texts=texts,
        captions=counts.captions,
        with_lyrics=counts.lyrics,
        with_sound=counts.sounds.total(),
        same_sound=_repeated(counts.sounds),
        same_name=_repeated(counts.names),
        hours=hours,
        duration_s=spread(counts.durations),
        rates_hz=_often_first(counts.rates),
        formats=_often_first(counts.formats),
        tags=len(counts.tags),
        tags_a_song=tags_a_song,
        tag_counts=tag_counts,
        together=_together(counts),
        matrix=_matrix(counts),
        artists=len(counts.artists),
        top_artists=top_artists,
        years=spread(counts.years),
        languages=_often_first(counts.languages),
        licenses=licenses,
        jamendo_ids=frozenset(counts.jamendo),
    )


def _repeated(counts: Counter[Any]) -> int:
    """How many are the same as an earlier one: the first of them is itself, only the others are too many."""
    return counts.total() - len(counts)


def _often_first(counts: Counter[Key], most: int | None = None) -> dict[Key, int]:
    """Counts by what is counted, the largest first; only so many where `most` says so."""
    return dict(counts.most_common(most))


def _lift(counts: _Counts, first: str, second: str) -> float:
    """How many times as often two tags meet as they would if neither knew of the other."""
    pair = min(first, second), max(first, second)  # as `_count_tags` has it
    met = counts.pairs.get(pair, 0)
    # P(both) / (P(first) P(second)), each P a count of songs over all songs.
    by_chance = counts.tags[first] * counts.tags[second]
    return met * counts.songs / by_chance


def _together(counts: _Counts) -> tuple[Together, ...]:
    """The pairs of tags that meet most often beyond chance: by their part in the mutual information."""
    enough = max(3, counts.songs // 1000)
    found = []
    for (first, second), met in counts.pairs.items():
        if met >= enough:  # two songs that share two odd tags are chance, however high the lift
            lift = _lift(counts, first, second)
            found.append(Together(first, second, met, lift))
    found.sort(key=_information, reverse=True)
    return tuple(found[:SHOWN])


def _information(pair: Together) -> float:
    """What a pair adds to the mutual information, but for a factor that all pairs share."""
    # By lift alone the rarest pairs would come first, by songs alone the commonest tags.
    return pair.songs * math.log2(pair.lift)


def _matrix(counts: _Counts) -> tuple[tuple[float | None, ...], ...]:
    """The binary logarithm of `_lift` for the commonest tags, (tags, tags)."""
    commonest = counts.tags.most_common(TOGETHER)
    tags = [tag for tag, _ in commonest]
    rows = []
    for first in tags:
        row = [_log_lift(counts, first, second) for second in tags]
        rows.append(tuple(row))
    return tuple(rows)


def _log_lift(counts: _Counts, first: str, second: str) -> float | None:
    """None for a tag and itself, and for two that never meet."""
    if first == second:
        return None
    lift = _lift(counts, first, second)
    return math.log2(lift) if lift else None
