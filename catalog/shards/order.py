"""The order of shards, row groups and rows: a pure function of (seed, epoch, rank, world size).

Whole shards are dealt to the ranks in turn; the last few, that do not come out even, are shared row by row,
so that every rank has about as much to do. Inside a shard the row groups are shuffled, and inside a group the
rows of each block: a block is as many neighbouring rows as may be held in memory at once. (The structure
follows mosaicml/streaming's `py1b`: shuffle what can be held, read the rest in order.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """Where a pass goes on: how many shards, row groups and rows of this epoch's order are done."""

    epoch: int = 0
    shard: int = 0
    group: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """The rows of one shard that one rank reads: all, or those whose number leaves `part` modulo `parts`."""

    shard: int
    part: int = 0
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring rows of a group, `start` to `start + size`; `rows` are those to use, in order."""

    start: int
    size: int
    rows: tuple[int, ...]


def permutation(count: int, *key: int) -> NDArray[np.int64]:
    """The numbers below `count`, shuffled: the same for the same key on every machine and numpy.

    >>> permutation(5, 1, 2).tolist()
    [3, 2, 1, 0, 4]
    """
    # Raw bits of a bit generator are stable across numpy versions (NEP 19); Generator.permutation is not.
    generator = np.random.PCG64(np.random.SeedSequence(key))
    bits = generator.random_raw(count)
    return np.argsort(bits, kind="stable").astype(np.int64)


def shares(count: int, *, seed: int | None, epoch: int, rank: int = 0, world: int = 1) -> list[Share]:
    """What rank `rank` of `world` reads of `count` shards in this epoch, in order; unshuffled without a seed.

    >>> shares(5, seed=None, epoch=0, rank=1, world=2)
    [Share(shard=1, part=0, parts=1), Share(shard=3, part=0, parts=1), Share(shard=4, part=1, parts=2)]

    Raises ValueError unless 0 <= rank < world.
    """
    if not 0 <= rank < world:
        raise ValueError(f"rank {rank} is not among {world}")
    order = _order(count, seed, epoch)
    even = count - count % world
    whole, rest = order[:even], order[even:]
    mine = [Share(shard) for shard in whole[rank::world]]
    for shard in rest:  # of each a part, or some ranks would wait for the others at the end of every epoch
        mine.append(Share(shard, rank, world))
    return mine


def group_order(count: int, *, seed: int | None, epoch: int, shard: int) -> list[int]:
    """The row groups of a shard, in the order of this epoch."""
    return _order(count, seed, epoch, shard)


def blocks(
    sizes: Sequence[int], group: int, held: int, share: Share, *, seed: int | None, epoch: int
) -> Iterator[Block]:
    """The blocks of a row group, each with the rows that this share uses of it.

    sizes: rows of every group of the shard. held: rows that a block may have.
    """
    before = sum(sizes[:group])
    for start in range(0, sizes[group], held):
        size = min(held, sizes[group] - start)
        mine = []
        for at in _order(size, seed, epoch, share.shard, group, start):
            row = start + at
            # By the number of the row in its shard: each row is one rank's, however the groups are cut.
            if (before + row) % share.parts == share.part:
                mine.append(row)
        yield Block(start, size, tuple(mine))


def _order(count: int, seed: int | None, *key: int) -> list[int]:
    if seed is None:
        return list(range(count))
    order: list[int] = permutation(count, seed, *key).tolist()
    return order
