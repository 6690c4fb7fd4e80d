"""A batch for CLAP: pairs of sound and words, and the tensors that they become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from catalog.shards.stream import Lost

PADDING = 1
"""RoBERTa's token for nothing."""


@dataclass(slots=True)
class Batch:
    """Pairs of a song's sound and words about it.

    sound: per pair its chunks, as `front.half_mel` or `front.pcm` made them. tokens: per pair its ids. songs,
    texts: what tells whether two pairs are of one song or of the same words. rows: where they come from.
    after: the state of the feed once this batch is trained on. lost: what could not be used on the way to it.
    """

    step: int
    seconds: float
    sound: list[Tensor] = field(default_factory=list)
    tokens: list[list[int]] = field(default_factory=list)
    songs: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    after: Mapping[str, Any] = field(default_factory=dict)
    lost: Sequence[Lost] = ()

    def pinned(self) -> "Batch":
        """The same in memory from which a card copies while it computes."""
        return replace(self, sound=[chunks.pin_memory() for chunks in self.sound])

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: arrays in place of tensors, whose contents are sent as they lie (PEP 574)."""
        others = {one.name: getattr(self, one.name) for one in fields(self)}
        arrays = [chunks.numpy() for chunks in others.pop("sound")]
        return _of_arrays, (arrays, others)


def _of_arrays(arrays: Sequence[NDArray[Any]], others: Mapping[str, Any]) -> Batch:
    """A batch as it was sent."""
    return Batch(sound=[torch.from_numpy(chunks) for chunks in arrays], **others)


def cut(ids: list[int], limit: int) -> list[int]:
    """The first tokens, the mark of the end kept.

    >>> cut([0, 5, 6, 7, 2], 4)
    [0, 5, 6, 2]
    """
    if len(ids) <= limit:
        return ids
    return [*ids[: limit - 1], ids[-1]]


def padded_tokens(rows: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask (rows, longest), int64."""
    longest = max(map(len, rows))
    padded = torch.full((len(rows), longest), PADDING)
    mask = torch.zeros_like(padded)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
    return padded, mask


def padded_chunks(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Raw vectors of songs (chunks, dimensions) each to (songs, most chunks, dimensions) and their mask."""
    counts = [len(own) for own in rows]
    most = max(counts)
    mask = torch.zeros(len(rows), most, dtype=torch.bool, device=rows[0].device)
    for row, count in zip(mask, counts, strict=True):
        row[:count] = True  # a view: the mask itself is filled
    padded = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
    return padded, mask


def same_pairs(songs: Sequence[str], texts: Sequence[str]) -> Tensor:
    """Bool (pairs, pairs): True where two pairs are of one song or have the same words.

    >>> same_pairs(["a", "a", "b"], ["x", "y", "z"]).int().tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    """
    # As numbers: names would be compared letter by letter, each with each.
    song = _numbered(songs)  # (pairs,)
    text = _numbered(texts)
    same_song = song[:, None] == song[None]  # (pairs, pairs)
    same_text = text[:, None] == text[None]
    return torch.from_numpy(same_song | same_text)


def _numbered(names: Sequence[str]) -> NDArray[np.int64]:
    """A number for each name (names,), the same for the same name."""
    _, numbers = np.unique(np.array(list(names)), return_inverse=True)
    return numbers
