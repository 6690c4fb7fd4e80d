"""Rows of a stream to batches for CLAP: crops that grow by schedule, with their captions."""

import functools
import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from catalog.data_sets import DataSet
from catalog.errors import SourceError
from catalog.records import Caption, Clip
from catalog.shards.decode_rows import Crop, Sound, sounds
from catalog.shards.order import Cursor
from catalog.shards.stream import Lost, Row
from models.networks.clap import RATE_HZ
from models.networks.clap.pcm import kept_rate
from models.training.clap.batch import Batch, cut
from models.training.clap.front import WORKERS, half_mel, pcm
from models.training.clap.held_out import HeldOut
from models.training.schedules import growth
from models.training.small_data import fewer_than_a_batch


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long crops and texts are at each step; see `schedules.growth`. steps: until they are longest."""

    seconds: tuple[float, float] = (10.0, 240.0)
    tokens: tuple[int, int] = (77, 512)
    steps: int = 1
    shape: str = "linear"

    def seconds_at(self, step: int) -> float:
        """Whole seconds of sound at a step."""
        first, last = self.seconds
        seconds = growth(step, first=first, last=last, steps=self.steps, shape=self.shape)
        return float(round(seconds))

    def tokens_at(self, step: int) -> int:
        """Tokens of text at a step."""
        first, last = self.tokens
        return round(growth(step, first=first, last=last, steps=self.steps, shape=self.shape))


@dataclass(slots=True)
class Feed:
    """Batches from a data set, one after the other, taken up again from a few numbers.

    tokenize: a text to its ids, all of them, with the marks of start and end. stretched: a crop is one chunk
    of any length. mel: `front.WORKERS` make log-mel of it, or the `front.CARD` that trains. A crop's place
    and a pair's words are pure functions of (seed, epoch, row).

    cursor: the last row that was taken. asked: how many rows were asked of the workers up to that one;
    a row's number among them says for which step it is cut, and so how long. untold: rows that were passed
    over because nobody says anything about them.
    """

    data: DataSet
    lengths: Lengths
    size: int
    tokenize: Callable[[str], list[int]]
    seed: int = 0
    stretched: bool = False
    jobs: int = 0
    mel: str = WORKERS
    held_out: HeldOut = field(default_factory=HeldOut)
    on_lost: Callable[[Lost], None] = lambda lost: None
    on_note: Callable[[str], None] = lambda note: None
    cursor: Cursor = field(default_factory=Cursor)
    asked: int = 0
    untold: int = 0
    _going: Iterator[Sound] | None = None
    _numbers: dict[tuple[int, str], int] = field(default_factory=dict)  # of rows with the workers, by row
    _sent: int = 0  # the number of the next row that the workers get
    _ended: bool = False
    _lost: list[Lost] = field(default_factory=list)  # since the batch before

    def next(self, step: int) -> Batch:
        """The batch of that step. Raises SourceError where a whole epoch has no pair to give."""
        seconds = self.lengths.seconds_at(step)
        tokens = self.lengths.tokens_at(step)
        found: list[tuple[Sound, str]] = []
        if self._going is None:
            self._going = self._stream()
            self._sent = self.asked
        # Sounds that could not be decoded are not among these: the batch is filled with those behind them.
        for sound in self._going:
            if self._ended:
                break
            self.cursor = sound.row.cursor
            row = sound.row.cursor.epoch, sound.row.place
            self.asked = self._numbers.pop(row) + 1
            text = self._words(sound, tokens)
            if text:
                found.append((sound, text))
            if len(found) == self.size:
                break
        return self._batch(step, seconds, found)

    def stop(self) -> None:
        """Give up the batch in the making, in whichever thread that is."""
        self._ended = True

    def close(self) -> None:
        """End the workers, once no thread asks for batches."""
        if isinstance(self._going, Generator):
            self._going.close()
        self._going = None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        stands: dict[str, Any] = dict(self.data.stream.state(self.cursor))
        stands["asked"] = self.asked
        stands["untold"] = self.untold
        stands["left_out"] = sorted(self.data.left_out)
        return stands

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on behind the last row that was in a batch. Raises Incompatible for other data."""
        self.cursor = self.data.stream.resumed(state)
        self._going = None
        self.asked = int(state["asked"])
        self.untold = int(state.get("untold", 0))  # earlier checkpoints did not keep it
        self.data.left_out = set(state["left_out"])

    def _stream(self) -> Iterator[Sound]:
        """The rows as sounds, decoded by worker processes ahead of what is asked for."""
        self.data.stream.views = True  # what is read is handed on to the workers at once
        by_workers = self.mel == WORKERS
        make = half_mel if by_workers else pcm
        front = functools.partial(make, stretched=self.stretched)
        rate_hz = RATE_HZ if by_workers else kept_rate  # a card resamples by itself
        rows = self._rows()
        return sounds(rows, self._crop, rate_hz=rate_hz, jobs=self.jobs, front=front, on_lost=self.lose)

    def lose(self, lost: Lost) -> None:
        """Tell of what cannot be used, and keep it for the log of the next batch."""
        self._lost.append(lost)
        self.on_lost(lost)

    def _rows(self) -> Iterator[tuple[Row, Clip]]:
        """Epoch after epoch, the rows that have words and are not held out."""
        cursor = self.cursor
        while True:
            given = 0
            for row, clip in self.data.rows(cursor):
                if not any(caption.text.strip() for caption in clip.texts):
                    # Counted, not told row by row: a shard may have no captions at all.
                    self.untold += 1
                elif clip not in self.held_out:
                    given += 1
                    yield row, clip
            # Only of an epoch that was read from its start: a resumed one may have given its pairs before.
            is_whole = cursor == Cursor(cursor.epoch)
            if not given and is_whole:
                raise SourceError(
                    f"no row of {self.data.stream.store.listing.source} has sound and words about it,"
                    " so nothing can be learned from it.",
                    try_this="nw train … --data jamendo    (its captions are joined by nw)",
                )
            is_first = cursor == Cursor()
            note = fewer_than_a_batch(given, self.size) if is_first else ""
            if note:
                self.on_note(note)
            cursor = Cursor(cursor.epoch + 1)

    def _crop(self, row: Row, clip: Clip) -> Crop:
        """As long as the step wants that the row will be used at, or longer where rows before it are lost."""
        # Which of the rows that were asked for it is, so that a resumed run counts on from there.
        self._numbers[row.cursor.epoch, row.place] = self._sent
        step = self._sent // self.size
        self._sent += 1
        seconds = self.lengths.seconds_at(step)
        return Crop(seconds, start_s=None, at=self._chance(row, "place"))

    def _chance(self, row: Row, what: str) -> float:
        """A number in [0, 1) that depends on the seed, the epoch and the row alone."""
        epoch = row.cursor.epoch
        key = f"{self.seed} {epoch} {row.place} {what}"
        digest = hashlib.blake2b(key.encode(), digest_size=6).digest()  # 48 bits, which a float holds exactly
        return int.from_bytes(digest, "big") / 2**48

    def _words(self, sound: Sound, tokens: int) -> str:
        """Captions of the part that is heard, in order of time, from a chance one on, while there is room."""
        end_s = sound.start_s + sound.seconds
        every = sound.clip.texts
        fitting = [caption for caption in every if _overlaps(caption, sound.start_s, end_s)]
        captions = fitting or every  # a crop between two captions is described by all of them
        stripped = [caption.text.strip() for caption in captions]
        texts = [text for text in stripped if text]
        # By the row and not by a generator: a resumed run draws the same.
        drawn = self._chance(sound.row, "words")
        first = int(drawn * len(texts))
        chosen = texts[first]
        # Only captions of moments are joined: those of a whole song say the same again.
        of_moments = bool(fitting) and fitting[0].start_s is not None
        following = texts[first + 1 :] if of_moments else ()
        for text in following:
            longer = f"{chosen} {text}"
            if len(self.tokenize(longer)) > tokens:
                break
            chosen = longer
        return chosen

    def _batch(self, step: int, seconds: float, found: Sequence[tuple[Sound, str]]) -> Batch:
        """Pairs of sound and words as a batch, with what was lost since the one before."""
        limit = self.lengths.tokens_at(step)
        batch = Batch(step, seconds, lost=self._lost)
        self._lost = []
        for sound, text in found:
            batch.sound.append(torch.from_numpy(sound.waveform))
            batch.tokens.append(cut(self.tokenize(text), limit))
            batch.songs.append(sound.clip.id)
            batch.texts.append(text)
            batch.rows.append(sound.row.place)
        batch.after = self.state()
        return batch


def _overlaps(caption: Caption, start_s: float, end_s: float) -> bool:
    if caption.start_s is None or caption.end_s is None:
        return True  # a caption of the whole song
    return caption.start_s < end_s and caption.end_s > start_s
