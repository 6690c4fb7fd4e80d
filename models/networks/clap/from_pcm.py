"""What processes that decode handed over, to log-mel spectrograms on the device that computes."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from models.networks.clap import RATE_HZ
from models.networks.clap.log_mel import log_mel
from models.networks.clap.pcm import FULL_SCALE
from models.networks.resampling import resample


def on_device(
    songs: Sequence[Tensor], chunk_s: float, device: torch.device, *, exact: bool = False
) -> Tensor:
    """What workers handed over of songs, each (its chunks, ...), to log-mel (chunks of all, frames, 64).

    chunk_s: how long a chunk is. exact: as for `log_mel`. float32, on the device.
    """
    # Songs of one rate together: a card takes as long for a little as for much.
    alike: dict[torch.Size, list[int]] = defaultdict(list)
    for place, song in enumerate(songs):
        alike[song.shape[1:]].append(place)
    made: dict[int, Tensor] = {}  # by place, each (chunks, frames, 64)
    for places in alike.values():
        moved = [songs[place].to(device, non_blocking=True) for place in places]
        mel = _log_mel(torch.cat(moved), chunk_s, exact=exact)  # (chunks of these songs, frames, 64)
        counts = [len(song) for song in moved]
        of_songs = torch.split(mel, counts)
        made |= zip(places, of_songs, strict=True)
    in_order = [made[place] for place in range(len(songs))]
    return torch.cat(in_order)


@torch.no_grad()
def _log_mel(chunks: Tensor, chunk_s: float, *, exact: bool) -> Tensor:
    """Log-mel (chunks, frames, 64) in float32, of that in half precision or of sound in 16 bits."""
    if chunks.dtype != torch.int16:
        # In float32 before autocast sees it: that refuses to join halves of another kind than its own.
        return chunks.float()
    rate_hz = round(chunks.shape[1] / chunk_s)
    sound = chunks.float() / FULL_SCALE
    return log_mel(resample(sound, rate_hz, RATE_HZ), exact=exact)
