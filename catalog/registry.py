"""Folders as registries: one file a thing, and what the folder holds is what there is."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

from catalog.errors import WrongUse


def names(folder: Iterable[str]) -> list[str]:
    """What lies in a package's folder (its `__path__`), by file name; helpers begin with an underscore."""
    found = (module.name for module in pkgutil.iter_modules(folder))
    return sorted(name for name in found if not name.startswith("_"))


def load(package: str, name: str, known: Iterable[str], *, what: str, try_this: str) -> Any:
    """The module of that name in a package; `bge-m3` and `bge_m3` are one. Raises WrongUse with the list."""
    module = name.replace("-", "_")
    if module not in {one.replace("-", "_") for one in known}:
        there = ", ".join(known)
        raise WrongUse(f"there is no {what} {name!r}; there are: {there}.", try_this=try_this)
    return importlib.import_module(f"{package}.{module}")
