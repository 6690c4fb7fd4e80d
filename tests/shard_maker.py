"""Small parquet shards of real sound files, with the columns of JamendoMaxCaps, some of them broken."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile

RATE_HZ = 16_000
AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def song(hz: float, seconds: float = 1.0, form: str = "MP3") -> bytes:
    """A tone as an encoded file."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    buffer = io.BytesIO()
    soundfile.write(buffer, (0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32), RATE_HZ, format=form)
    return buffer.getvalue()


def pitch(waveform) -> float:
    """The strongest frequency of a sound at `RATE_HZ`."""
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    return float(np.argmax(spectrum) * RATE_HZ / len(waveform))


def write_shards(
    folder: Path, *, shards: int = 4, rows: int = 6, group: int = 3, bad: frozenset[int] = frozenset()
) -> list[int]:
    """Write train-XXXXX-of-XXXXX.parquet below folder/data; ids count from 1000; returns all ids.

    The songs with an id in `bad` hold bytes that are no sound.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    ids = list(range(1000, 1000 + shards * rows))
    for shard in range(shards):
        mine = ids[shard * rows : (shard + 1) * rows]
        cells = [
            {"bytes": b"no sound" * 50 if i in bad else song(200 + 10 * (i - 1000)), "path": f"{i}.mp3"}
            for i in mine
        ]
        table = pa.table({"audio": pa.array(cells, AUDIO), "extra": [f"x{i}" for i in mine]})
        name = f"train-{shard:05d}-of-{shards:05d}.parquet"
        pq.write_table(table, folder / "data" / name, row_group_size=group)
    return ids


def write_captions(folder: Path, ids: Sequence[int], words: Sequence[str]) -> None:
    """Write two captions about the songs with these ids, half a minute each, as JamendoMaxCaps has them."""
    lines = [
        {
            "id": str(i),
            "caption": f"{words[i % len(words)]} {part}",
            "start_time": 30 * part,
            "end_time": 30 * part + 30,
        }
        for i in ids
        for part in range(2)
    ]
    (folder / "final_caption30sec.jsonl").write_text("\n".join(map(json.dumps, lines)))
