"""Recipes: one run a TOML file; every number that steers a run is in its recipe.

>>> "mini" in names()
True
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import WrongUse

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The recipes that ship, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """The recipe of that name, or of a TOML file at that path, with `key=value` overrides.

    A key in a table is written `table.key`; the value is TOML (`training.steps=100`), or a bare word.
    `name` is that of its file.
    Raises WrongUse for an unknown recipe, an unknown key and a value of another kind.
    """
    path = FOLDER / f"{name}.toml" if name in names() else Path(name)
    try:
        recipe = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongUse(
            f"there is no recipe {name!r} ({error}); there are: {', '.join(names())}.",
            try_this=f"nw train sound --recipe {names()[0]}",
        ) from error
    for override in overrides:
        _set(recipe, override)
    return {"name": path.stem, **recipe}


def _set(recipe: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    *tables, last = key.strip().split(".")
    table: Any = recipe
    for name in tables:
        table = table.get(name) if isinstance(table, Mapping) else None
    if not equals or not isinstance(table, dict) or last not in table:
        raise WrongUse(
            f"{override!r} sets nothing: the recipe has {', '.join(_keys(recipe))}.",
            try_this="--set training.steps=100",
        )
    value = _value(text.strip())
    if not _same_kind(table[last], value):
        raise WrongUse(
            f"{key} is {table[last]!r} in the recipe, and {text.strip()!r} is of another kind.",
            try_this=f"--set {key}={table[last]}",
        )
    table[last] = type(table[last])(value) if isinstance(table[last], float) else value


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _same_kind(old: Any, new: Any) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return type(old) is type(new)
    return type(old) is type(new) or (isinstance(old, float) and isinstance(new, int))


def _keys(table: Mapping[str, Any], prefix: str = "") -> list[str]:
    return [
        key
        for name, value in table.items()
        for key in (_keys(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [prefix + name])
    ]
