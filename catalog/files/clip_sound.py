"""The sound of a data set's clip as a file, and what a worker finds in it."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from catalog.atomic import written_aside
from catalog.audio import waveform
from catalog.errors import DiskFull, NewWaveError, Unreadable
from catalog.library.embeddings import Halves
from catalog.records import Clip, SoundFile

_KINDS = ((b"fLaC", ".flac"), (b"OggS", ".ogg"), (b"RIFF", ".wav"), (b"ID3", ".mp3"))
"""What a file of each kind begins with: bytes in a row have no name."""


@dataclass(frozen=True, slots=True)
class Task:
    """A clip with sound, and the folder where it is to lie."""

    number: int
    clip: Clip
    folder: Path
    encoder: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a clip's sound: its file (`held` where it stays), and its vectors if they were asked."""

    file: SoundFile
    held: bool = True
    windows: Halves | None = None
    track: Halves | None = None


def store(task: Task) -> Stored | NewWaveError:
    """Write the sound of a clip to its file, unless it lies there, and look into it. A worker's function."""
    sound = task.clip.audio
    try:
        path = sound if isinstance(sound, Path) else write(task.clip, task.folder)
        return Stored(waveform.probe(path))
    except NewWaveError as problem:
        if not isinstance(sound, Path):  # a file that was there before is its owner's
            place(task.clip, task.folder).unlink(missing_ok=True)
        return problem
    except OSError as problem:
        return DiskFull(f"{task.folder} cannot be written ({problem.strerror}).", try_this="df -h")


def place(clip: Clip, folder: Path) -> Path:
    """Where the sound of a clip lies: its id, a part of the hash of its bytes, and the ending of its kind.

    The hash keeps apart what two rows call the same; a file of an older nw without it is used where it holds
    the same bytes.
    """
    sound = clip.audio if isinstance(clip.audio, bytes) else b""
    endings = [ending for mark, ending in _KINDS if sound.startswith(mark)]
    ending = endings[0] if endings else ".mp3"  # whose frames begin with no mark of their own
    name = re.sub(r"[^\w.-]+", "_", clip.id)[:120]  # an id may hold slashes, and names end at 255 bytes
    plain = folder / (name + ending)
    has_its_size = plain.is_file() and plain.stat().st_size == len(sound)
    if has_its_size and plain.read_bytes() == sound:
        return plain
    # Two rows with one id are two files.
    digest = hashlib.blake2b(sound, digest_size=6).hexdigest()
    return folder / f"{name}-{digest}{ending}"


def write(clip: Clip, folder: Path) -> Path:
    """Write the sound of a clip aside, then put it in its place."""
    path = place(clip, folder)
    sound = clip.audio if isinstance(clip.audio, bytes) else b""
    if not sound:
        raise Unreadable(f"{clip.id}: the row holds no sound.", try_this="nw shards verify")
    is_written = path.exists() and path.stat().st_size == len(sound)
    if not is_written:
        with written_aside(path) as aside:
            aside.write_bytes(sound)
    return path
