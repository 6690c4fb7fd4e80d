"""Resampling on a device: as libsoxr does it, at every usual rate."""

import numpy as np
import pytest
import soxr
import torch

from models.networks.clap.pcm import is_quick
from models.networks.resampling import resample

RATES_HZ = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_music_is_resampled_as_by_soxr(rate_hz):
    # Below four fifths of the band: above it filters may differ in where they end.
    seconds = np.arange(2 * rate_hz) / rate_hz
    tones = [np.sin(2 * np.pi * share * rate_hz / 2 * seconds) for share in (0.01, 0.2, 0.5, 0.8)]
    sound = (sum(tones) / 8).astype(np.float32)
    ours = resample(torch.from_numpy(sound[None]), rate_hz, 48_000)[0].numpy()
    theirs = soxr.resample(sound, rate_hz, 48_000, "HQ")
    assert len(ours) == len(theirs) == 96_000
    middle = slice(4_800, -4_800)  # at its ends a sound begins and stops of a sudden
    assert np.abs(ours[middle] - theirs[middle]).max() < 1e-4


def test_what_a_lower_rate_cannot_hold_is_gone():
    seconds = torch.arange(96_000, dtype=torch.float64) / 48_000
    high = torch.sin(2 * torch.pi * 9_000 * seconds).float()[None]
    low = resample(high, 48_000, 16_000)
    assert low.shape == (1, 32_000)
    assert low[:, 800:-800].abs().max() < 1e-5


def test_rows_are_resampled_each_by_itself():
    sound = torch.randn(3, 4_410)
    together = resample(sound, 44_100, 48_000)
    alone = [resample(row[None], 44_100, 48_000)[0] for row in sound]
    assert torch.allclose(together, torch.stack(alone), atol=1e-5)


def test_rates_of_no_small_ratio_are_told_apart():
    assert all(is_quick(rate_hz, 48_000) for rate_hz in RATES_HZ)
    assert not is_quick(44_101, 48_000)
