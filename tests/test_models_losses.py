"""The contrastive loss, and the cache that must give the very gradients of one large batch."""

import pytest
import torch
from torch import nn
from torch.nn.functional import normalize

from models.training.losses import cached_backward, info_nce


@pytest.fixture
def vectors():
    torch.manual_seed(3)
    return normalize(torch.randn(6, 4), dim=1), normalize(torch.randn(6, 4), dim=1)


def test_loss_of_chance_is_log_of_the_batch():
    same = torch.ones(8, 5) / 5**0.5
    assert info_nce(same, same, scale=10.0).item() == pytest.approx(torch.tensor(8.0).log().item())


def test_right_pairs_cost_less_than_wrong_ones(vectors):
    left, _ = vectors
    assert info_nce(left, left, scale=5.0) < info_nce(left, left.roll(1, 0), scale=5.0)


def test_both_directions_count_the_same(vectors):
    left, right = vectors
    assert info_nce(left, right, scale=5.0).item() == pytest.approx(info_nce(right, left, scale=5.0).item())


def test_an_equally_right_row_is_no_negative(vectors):
    left, _ = vectors
    swapped = left[[1, 0, 2, 3, 4, 5]]
    twins = torch.zeros(6, 6, dtype=torch.bool)
    twins[0, 1] = twins[1, 0] = True
    assert info_nce(left, swapped, scale=20.0, same=twins) < info_nce(left, swapped, scale=20.0)


def test_without_twins_the_shared_target_is_the_plain_loss(vectors):
    none = torch.zeros(6, 6, dtype=torch.bool)
    plain, shared = info_nce(*vectors, scale=7.0), info_nce(*vectors, scale=7.0, same=none)
    assert plain.item() == pytest.approx(shared.item(), rel=1e-5)


def _towers():
    torch.manual_seed(0)
    return [nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 4)), nn.Linear(7, 4)]


@pytest.mark.parametrize("chunk", [1, 3, 4, 11, 50])
def test_cached_gradients_are_those_of_the_whole_batch(chunk):
    inputs = [torch.randn(11, 5), torch.randn(11, 7)]

    def loss(left, right):
        return info_nce(normalize(left, dim=1), normalize(right, dim=1), scale=10.0)

    plain, cached = _towers(), _towers()
    whole = loss(*(tower(x) for tower, x in zip(plain, inputs, strict=True)))
    whole.backward()
    value = cached_backward(cached, inputs, loss, chunk=chunk)
    assert value.item() == pytest.approx(whole.item(), rel=1e-5)
    for expected, tower in zip(plain, cached, strict=True):
        for a, b in zip(expected.parameters(), tower.parameters(), strict=True):
            torch.testing.assert_close(a.grad, b.grad, rtol=1e-4, atol=1e-6)


def test_dropout_is_the_same_both_times():
    """The second pass must drop what the first dropped: else the gradient belongs to other vectors."""
    torch.manual_seed(1)
    seen = []

    class Remember(nn.Module):
        def forward(self, x):
            dropped = nn.functional.dropout(x, 0.5, training=True)
            seen.append(dropped.detach().clone())
            return dropped * self.weight

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(1))

    cached_backward([Remember()], [torch.ones(6, 9)], lambda v: v.pow(2).mean(), chunk=2)
    first, second = seen[:3], seen[3:]
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first[0], first[1])


def test_the_cache_leaves_the_random_stream_where_one_pass_leaves_it():
    torch.manual_seed(5)
    cached_backward([nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))], [torch.ones(4, 3)], torch.sum, chunk=2)
    after_cache = torch.rand(1)
    torch.manual_seed(5)
    tower = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    for part in torch.ones(4, 3).split(2):
        tower(part)
    assert torch.equal(after_cache, torch.rand(1))
