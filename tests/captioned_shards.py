"""Shards of songs with captions for a training of CLAP to read."""

from pathlib import Path

from shard_maker import write_captions, write_shards

WORDS = ["low quiet piano", "high loud guitar", "slow sad song", "fast happy drums"]
BROKEN = "1001"
"""The song that holds no sound."""


def write(folder: Path) -> Path:
    """Three shards of four songs of a second, each with two captions, one song broken."""
    ids = write_shards(folder, shards=3, rows=4, group=2, bad=frozenset({int(BROKEN)}))
    write_captions(folder, ids, WORDS)
    return folder
