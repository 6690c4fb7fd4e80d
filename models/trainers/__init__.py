"""One kind of training a file, and the folder is the registry: a recipe's `task` names the file that runs it.

A file offers `run(recipe, *, folder, data, settings, resume, report)`, which trains into a folder and gives
figures back.
"""

import importlib
import pkgutil
from typing import Any

from catalog.errors import WrongUse


def names() -> list[str]:
    """The trainers there are, as recipes name them.

    >>> names()
    ['clap', 'fusion_weights', 'gate', 'late_fusion', 'mini', 'words']
    """
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def load(name: str) -> Any:
    """The module of that trainer. Raises WrongUse for an unknown name."""
    if name not in names():
        raise WrongUse(
            f"there is no trainer {name!r}; a recipe's task is one of: {', '.join(names())}.",
            try_this="nw train sound --recipe mini",
        )
    return importlib.import_module(f"{__name__}.{name}")
