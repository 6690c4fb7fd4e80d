"""Every row exactly once, whatever the world size, and the same order again from any point on."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.shards.order import blocks, group_order, permutation, shares

LAYOUTS = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=4), min_size=1, max_size=12)
WORLDS = st.integers(1, 9)
SEEDS = st.none() | st.integers(0, 2**40)


def rows_of(layout, *, seed, epoch, rank, world, held=7):
    """(shard, group, row) in the order in which this rank sees them."""
    for share in shares(len(layout), seed=seed, epoch=epoch, rank=rank, world=world):
        sizes = layout[share.shard]
        for group in group_order(len(sizes), seed=seed, epoch=epoch, shard=share.shard):
            for block in blocks(sizes, group, held, share, seed=seed, epoch=epoch):
                assert all(block.start <= row < block.start + block.size for row in block.rows)
                yield from ((share.shard, group, row) for row in block.rows)


@given(LAYOUTS, WORLDS, SEEDS, st.integers(0, 5), st.integers(1, 50))
def test_each_row_is_seen_exactly_once_by_one_rank(layout, world, seed, epoch, held):
    order = {"seed": seed, "epoch": epoch, "world": world, "held": held}
    seen = [row for rank in range(world) for row in rows_of(layout, rank=rank, **order)]
    every = [(s, g, r) for s, sizes in enumerate(layout) for g, size in enumerate(sizes) for r in range(size)]
    assert sorted(seen) == every


@given(LAYOUTS, WORLDS, st.integers(0, 2**40))
def test_the_order_is_a_pure_function_of_its_arguments(layout, world, seed):
    once = list(rows_of(layout, seed=seed, epoch=3, rank=0, world=world))
    assert once == list(rows_of(layout, seed=seed, epoch=3, rank=0, world=world))


@given(st.integers(0, 60), WORLDS, SEEDS)
def test_whole_shards_are_dealt_evenly_and_the_rest_is_shared_by_all(count, world, seed):
    dealt = [shares(count, seed=seed, epoch=1, rank=rank, world=world) for rank in range(world)]
    assert {sum(share.parts == 1 for share in mine) for mine in dealt} == {count // world}
    assert {sum(share.parts == world for share in mine) for mine in dealt if world > 1} <= {count % world}


def test_epochs_and_seeds_differ():
    layout = [[10, 10]] * 5
    orders = [
        tuple(rows_of(layout, seed=seed, epoch=epoch, rank=0, world=1)) for seed in (1, 2) for epoch in (0, 1)
    ]
    assert len(set(orders)) == 4


def test_without_a_seed_rows_come_as_they_lie():
    layout = [[3, 2], [1]]
    assert list(rows_of(layout, seed=None, epoch=9, rank=0, world=1)) == [
        (0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 1, 1), (1, 0, 0),
    ]  # fmt: skip


def test_the_permutation_is_written_in_stone():
    """A checkpoint of last year must go on in the same order."""
    assert permutation(10, 42, 7).tolist() == [5, 7, 1, 6, 9, 2, 0, 4, 3, 8]
    assert permutation(0, 1).tolist() == []
    assert permutation(1, 1).tolist() == [0]
