"""Sound to another rate, on any device: band-limited interpolation as one product of matrices.

A windowed sinc for each of the places between two samples that the new rate asks for (J. O. Smith, "Digital
Audio Resampling Home Page", 2002; Kaiser's window).
"""

import functools
import math

import torch
from torch import Tensor

ZEROS = 96
"""Zero crossings of the sinc on each side: the step from what passes to what does not takes a twelfth of the
band."""
BETA = 12.0
"""Of Kaiser's window: what does not pass is 118 dB lower."""
PASSES = 0.958
"""Of the narrower band's width, the middle of that step."""


def resample(sound: Tensor, from_hz: int, to_hz: int) -> Tensor:
    """Sound (rows, samples), float32, to (rows, samples * to_hz / from_hz, rounded up), on its device.

    Beyond its ends a sound counts as silent.
    """
    if from_hz == to_hz:
        return sound
    common = math.gcd(from_hz, to_hz)
    step, phases = from_hz // common, to_hz // common
    table, reach = _table(step, phases, str(sound.device))  # (taps, phases)
    samples = sound.shape[1]
    steps = math.ceil(samples / step)  # each takes `step` samples in and gives `phases` out
    behind = steps * step - samples + reach
    padded = torch.nn.functional.pad(sound, (reach, behind))
    heard = padded.unfold(1, len(table), step)  # (rows, steps, taps), a view
    made = (heard @ table).flatten(1)  # (rows, steps * phases)
    wanted = math.ceil(samples * phases / step)
    return made[:, :wanted]


@functools.cache
def _table(step: int, phases: int, device: str) -> tuple[Tensor, int]:
    """What each sample in counts for each sample out: (step + 2 * reach, phases), float32, and the reach."""
    band = PASSES * min(1.0, phases / step)  # of the band of what comes in
    reach = math.ceil(ZEROS / band)
    moments = torch.arange(phases, dtype=torch.float64) * step / phases
    samples = torch.arange(-reach, step + reach, dtype=torch.float64)
    away = samples[:, None] - moments  # (taps, phases), in samples that come in
    inside = (1 - (away / reach).square()).clamp(min=0)
    highest = torch.special.i0(torch.tensor(BETA, dtype=torch.float64))
    window = torch.special.i0(BETA * inside.sqrt()) / highest
    window = torch.where(away.abs() <= reach, window, 0.0)
    table = band * torch.sinc(band * away) * window
    return table.to(device, torch.float32), reach
