"""Every error a user can meet. Each says what happened, why it matters, and what to type next.

NewWaveError                    exit code 2
├── WrongUse                    an argument that cannot mean anything
├── NoSuchSong                  no song has that id, path or title
├── Unreadable                  one file, table or shard that cannot be read
├── CatalogError                the database itself
│   ├── NewerCatalog            written by a newer nw
│   ├── CatalogBusy             another process holds the write lock
│   └── DamagedCatalog          SQLite says the file is not sound
├── DiskFull                    no room left where something had to be written
├── Incompatible                vectors of two pipelines, or a checkpoint of another shape
├── Damaged                     an index, checkpoint or download that fails its checksum
├── StoreError                  a store of vectors that is away, refuses, or is another's
├── SourceError                 a data set that cannot be had: gated, missing, unreachable
├── TrainingFailed              a run that stopped: not-a-number, out of memory on one example
└── NotReady                    exit code 4: something has to be made first
    ├── NoIndex                 nothing is indexed yet
    └── NoModel                 weights that are not on this machine
"""

import shlex
from collections.abc import Iterator


def quoted(name: object) -> str:
    """A name, a path or a text of the user as one word of a line that is there to be typed.

    >>> print(quoted("/music/a.mp3"), quoted("My Music/a.mp3"))
    /music/a.mp3 'My Music/a.mp3'
    """
    return shlex.quote(str(name))


def causes(problem: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on; each once: some libraries raise two from each other."""
    seen: set[int] = set()
    behind: BaseException | None = problem
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        yield behind
        behind = behind.__cause__


class NewWaveError(Exception):
    """What happened and why it matters (`str(error)`), and what to type next (`error.try_this`)."""

    exit_code = 2

    def __init__(self, message: str, *, try_this: str) -> None:
        super().__init__(message)
        self.try_this = try_this

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the trip back from a worker process, `try_this` included."""
        # Exceptions are pickled by their positional arguments, which would leave out `try_this`.
        return _rebuild, (type(self), str(self), self.try_this)


def _rebuild(kind: type[NewWaveError], message: str, try_this: str) -> NewWaveError:
    return kind(message, try_this=try_this)


class WrongUse(NewWaveError):
    """An argument that cannot mean anything."""


class NoSuchSong(NewWaveError):
    """No song has that id, path or title."""


class Unreadable(NewWaveError):
    """One file, table or shard that cannot be read."""


class CatalogError(NewWaveError):
    """The database itself."""


class NewerCatalog(CatalogError):
    """Written by a newer nw."""


class CatalogBusy(CatalogError):
    """Another process holds the write lock."""


class DamagedCatalog(CatalogError):
    """SQLite says that the file is not sound."""


class DiskFull(NewWaveError):
    """No room left where something had to be written."""


class Incompatible(NewWaveError):
    """Vectors of two pipelines, or a checkpoint of another shape."""


class Damaged(NewWaveError):
    """An index, checkpoint or download that fails its checksum."""


class StoreError(NewWaveError):
    """A store of vectors that cannot be reached, refuses, or belongs to another library."""


class SourceError(NewWaveError):
    """A data set that cannot be had: gated, missing, unreachable."""


class TrainingFailed(NewWaveError):
    """A run that stopped: a loss that is not a number, or one example that does not fit in memory."""


class NotReady(NewWaveError):
    """Something has to be made first."""

    exit_code = 4  # a script may tell "run nw index first" from an error


class NoIndex(NotReady):
    """Nothing is indexed yet."""


class NoModel(NotReady):
    """Weights that are not on this machine."""
