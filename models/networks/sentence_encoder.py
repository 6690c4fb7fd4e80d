"""A sentence encoder: tokens in, unit vectors out, and four ways with long texts.

- `truncate` reads the first tokens; `full` reads as many as the network can;
- `chunk-mean` and `chunk-max` read everything in pieces, and take the mean or the largest value in each
  dimension of the pieces' vectors.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import WrongUse
from catalog.vectors import Vectors, unit
from models.networks import tokenizer_file

if TYPE_CHECKING:
    import torch

Tokens = NDArray[np.int64]

BATCH_TOKENS = 8_192
"""Tokens that go through a network at once, so that memory does not grow with the texts."""
Long = Literal["truncate", "chunk-mean", "chunk-max", "full"]
LONG: tuple[Long, ...] = ("truncate", "chunk-mean", "chunk-max", "full")


@dataclass(frozen=True)
class Truncation:
    """How long texts are read: by which of four ways, and how many tokens at once."""

    long: Long = "truncate"
    tokens: int = 256

    def __post_init__(self) -> None:
        if self.long not in LONG:
            raise WrongUse(
                f"{self.long!r} is no way to read long texts; there are: {', '.join(LONG)}.",
                try_this="--set read.long=chunk-mean",
            )


@dataclass(frozen=True)
class Backbone:
    """A sentence encoder.

    pipeline: checkpoint, pooling and precision. load: reads the network as a module of torch, at the first
    use: int64 `ids`, `mask` (texts, tokens) to unit vectors (texts, width); see `describing`. limit: the most
    tokens it reads. prompts: what goes before a description and before lyrics. run: the same map
    over arrays, which then embeds in place of the module, so that torch is not loaded.
    """

    name: str
    pipeline: str
    load: "Callable[[], torch.nn.Module]"
    tokenizer_file: Path
    width: int
    limit: int
    vocabulary: int
    prompts: tuple[str, str] = ("", "")
    run: Callable[[Tokens, Tokens], Vectors] | None = None

    @functools.cached_property
    def module(self) -> "torch.nn.Module":
        """The network as a module of torch, for training and for a card."""
        return self.load()

    def tokens(self, texts: Sequence[str], truncation: Truncation) -> "tuple[list[list[int]], list[int]]":
        """The tokens of all pieces of the texts, and of which text each piece is."""
        tokenizer = _tokenizer(self.tokenizer_file)
        wanted = self.limit if truncation.long == "full" else truncation.tokens
        most = min(wanted, self.limit)
        tokenizer.enable_truncation(most)
        reads_all = truncation.long.startswith("chunk")
        pieces: list[list[int]] = []
        owners: list[int] = []
        for owner, encoded in enumerate(tokenizer.encode_batch(list(texts))):
            parts = [encoded, *encoded.overflowing] if reads_all else [encoded]
            pieces += [part.ids for part in parts]
            owners += [owner] * len(parts)
        return pieces, owners

    def descriptions(self, texts: Sequence[str], truncation: Truncation) -> Vectors:
        """Descriptions to unit vectors (texts, width), without gradients."""
        cut = Truncation("truncate", truncation.tokens)
        return self._embed(texts, cut, 0)

    def lyrics(self, texts: Sequence[str], truncation: Truncation) -> Vectors:
        """Lyrics to unit vectors (texts, width), long ones as `truncation` says, without gradients."""
        return self._embed(texts, truncation, 1)

    def _embed(self, texts: Sequence[str], truncation: Truncation, side: Literal[0, 1]) -> Vectors:
        """Unit vectors (texts, width). side: 0 for descriptions, 1 for lyrics."""
        prompted = [self.prompts[side] + text for text in texts]
        pieces, owners = self.tokens(prompted, truncation)
        vectors = np.zeros((len(pieces), self.width), np.float32)
        for rows in batches([len(piece) for piece in pieces]):
            some = [pieces[row] for row in rows]
            if self.run is None:
                vectors[rows] = self._by_module(some, side)
            else:
                ids, mask = filled_up(some)
                vectors[rows] = self.run(ids, mask)
        return pooled(vectors, np.array(owners, np.int64), len(texts), truncation.long)

    def _by_module(self, pieces: Sequence[Sequence[int]], side: Literal[0, 1]) -> Vectors:
        import torch

        module = describing(self.module) if side == 0 else self.module
        module.eval()
        with torch.inference_mode():
            ids, mask = padded(pieces, device=_device(module))
            vectors: Vectors = module(ids, mask).float().cpu().numpy()  # (pieces, width)
        return vectors


def describing(module: "torch.nn.Module") -> "torch.nn.Module":
    """What reads descriptions: the module, or the one with the same weights that it names `describing`."""
    found: torch.nn.Module = getattr(module, "describing", module)
    return found


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows that go together: of like length, the longest first, a bounded number of tokens with padding."""
    longest_first = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    out: list[list[int]] = []
    room = 0  # rows that the last batch can still take
    for row in longest_first:
        if room:
            out[-1].append(row)
            room -= 1
            continue
        out.append([row])
        # All are padded to the longest of a batch, which is its first.
        room = max(0, BATCH_TOKENS // max(lengths[row], 1) - 1)
    return out


def filled_up(pieces: Sequence[Sequence[int]]) -> tuple[Tokens, Tokens]:
    """Tokens as `ids` and `mask` (pieces, longest), on the right filled up with what the mask hides.

    >>> ids, mask = filled_up([[7, 8, 9], [5]])
    >>> ids.tolist(), mask.tolist()
    ([[7, 8, 9], [5, 0, 0]], [[1, 1, 1], [1, 0, 0]])
    """
    longest = max(map(len, pieces))
    ids = np.zeros((len(pieces), longest), np.int64)
    mask = np.zeros_like(ids)
    for row, piece in enumerate(pieces):
        ids[row, : len(piece)] = piece
        mask[row, : len(piece)] = 1
    return ids, mask


def padded(
    pieces: Sequence[Sequence[int]], *, device: "torch.device | str" = "cpu"
) -> "tuple[torch.Tensor, torch.Tensor]":
    """The same as tensors on a device."""
    import torch

    ids, mask = filled_up(pieces)
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def pooled(
    vectors: Vectors, owners: "np.ndarray[Any, np.dtype[np.int64]]", texts: int, long: Long
) -> Vectors:
    """Vectors of pieces (pieces, width) to unit vectors (texts, width), by their owners in order.

    >>> pieces = np.eye(3, dtype=np.float32)
    >>> (10 * pooled(pieces, np.array([0, 0, 1]), 2, "chunk-mean")).round().tolist()
    [[7.0, 7.0, 0.0], [0.0, 0.0, 10.0]]
    """
    if not texts:
        return vectors
    # The chunks of a text lie next to each other.
    starts = np.searchsorted(owners, np.arange(texts))
    largest_or_sum = np.maximum if long == "chunk-max" else np.add
    reduce: Callable[..., Any] = largest_or_sum.reduceat
    return unit(reduce(vectors, starts, axis=0))


def shortened(vectors: Vectors, cut: int | None) -> Vectors:
    """Unit vectors (texts, width) to those of their first numbers (texts, cut); None leaves them.

    >>> shortened(np.array([[0.6, 0.0, 0.8]]), 2).tolist()
    [[1.0, 0.0]]
    """
    if cut is None:
        return vectors
    return unit(vectors[:, :cut])


_tokenizer = functools.cache(tokenizer_file.opened)


def _device(module: "torch.nn.Module") -> "torch.device":
    return next(module.parameters()).device
