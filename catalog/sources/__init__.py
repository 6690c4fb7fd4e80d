"""The data sets: one file each, and the folder is the registry.

A data set offers `clips(place) -> Iterator[Clip]` and `needs` (what its user must name); one that is streamed
offers `opened(place, ...)` too. `folder`, `lyrics` and `table` read what lies on the disk.
"""

import importlib
import pkgutil
from typing import Any

_LOCAL = {"folder", "lyrics", "table"}


def names() -> list[str]:
    """The data sets there are, as they are typed.

    >>> names()
    ['jamendo', 'jamendo-api', 'mtg-jamendo', 'musiccaps', 'shards', 'song-describer']
    """
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(n.replace("_", "-") for n in found if not n.startswith("_") and n not in _LOCAL)


def load(name: str) -> Any:
    """The module of that data set."""
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
