"""Songs that are heard and not kept: the vectors of a data set that is larger than the disk.

`hear_and_drop` is a worker's function for `catalog.clip_ingest.keep`: its file lasts only while it is heard.
"""

import os
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from catalog.audio import waveform
from catalog.clip_ingest import Stored, Task, write
from catalog.errors import NewWaveError, Unreadable
from models.encoders import SoundEncoder


def hear_and_drop(task: Task) -> Stored | NewWaveError:
    """Hear a clip with `task.encoder`: its vectors and what its file was, which is gone afterwards."""
    from models.indexing.embed import hear

    try:
        with tempfile.TemporaryDirectory(prefix="nw-") as folder:
            sound = task.clip.audio
            path = sound if isinstance(sound, Path) else write(task.clip, Path(folder))
            file = waveform.probe(path)
            windows, track = hear(_encoder(task.encoder), path)
    except NewWaveError as problem:
        return problem
    except OSError as problem:
        return Unreadable(f"{task.clip.id}: {problem.strerror}.", try_this="df -h /tmp")
    return Stored(replace(file, path=Path(task.clip.id)), held=False, windows=windows, track=track)


@cache
def _encoder(name: str) -> SoundEncoder:
    """One a process, and a core for each."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is imported
    from models import encoders

    encoder: SoundEncoder = encoders.load(name)
    return encoder
