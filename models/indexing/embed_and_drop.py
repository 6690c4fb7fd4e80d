"""Songs that are embedded and not kept: the vectors of a data set that is larger than the disk.

`embed_and_drop` is a worker's function for `catalog.clip_ingest.keep`: its file lasts while it is decoded.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from catalog.audio import waveform
from catalog.errors import NewWaveError, Unreadable
from catalog.files.clip_sound import Stored, Task, write
from models.indexing.embed_source import embed_here


def embed_and_drop(task: Task) -> Stored | NewWaveError:
    """Embed a clip with `task.encoder`: its vectors and what its file was, which is gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix="nw-") as folder:
            sound = task.clip.audio
            path = sound if isinstance(sound, Path) else write(task.clip, Path(folder))
            file = waveform.probe(path)
            windows, track = embed_here(task.encoder, path).halves()
    except NewWaveError as problem:
        return problem
    except OSError as problem:
        return Unreadable(f"{task.clip.id}: {problem.strerror}.", try_this="df -h /tmp")
    return Stored(replace(file, path=Path(task.clip.id)), held=False, windows=windows, track=track)
