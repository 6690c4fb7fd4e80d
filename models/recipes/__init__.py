"""Recipes: one run a TOML file; every number that steers a run is in its recipe.

A recipe that says `extends = "bge-m3"` takes over all of that one, and holds only what differs.

>>> "mini" in names()
True
"""

import difflib
import json
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import WrongUse, quoted

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
    path = _path(name, Path())
    recipe = _read(path, ())
    for override in overrides:
        _set(recipe, override)
    return {"name": path.stem, **recipe}


def _path(name: str, beside: Path) -> Path:
    """A recipe that ships, or a file: its path, from the folder of the recipe that extends it."""
    return FOLDER / f"{name}.toml" if name in names() else beside / name


def _read(path: Path, extending: tuple[Path, ...]) -> dict[str, Any]:
    """A recipe with all that it takes over from the one it extends. extending: those that led here."""
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is no regular file")
        recipe = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise _unknown(path, error) from error
    base = recipe.pop("extends", None)
    if base is None:
        return recipe
    below = _path(str(base), path.parent)
    chain = (*extending, path)
    if below in chain:
        raise WrongUse(f"the recipe {path} extends itself.", try_this=f"edit `extends` in {quoted(path)}")
    return _merged(_read(below, chain), recipe, path, "")


def _unknown(path: Path, error: Exception) -> WrongUse:
    """The error for a recipe that cannot be read, with the one that is called most like it."""
    known = names()
    [nearest] = difflib.get_close_matches(path.stem, known, n=1, cutoff=0)
    kind = load(nearest)["kind"]
    # The base of a recipe, or a file of one's own: what is wrong with it is worth a word.
    why = "" if isinstance(error, FileNotFoundError) else f" ({error})"
    return WrongUse(
        f"there is no recipe {str(path)!r}{why}; there are: {', '.join(known)}.",
        try_this=f"nw train {kind} --recipe {nearest}",
    )


def _merged(base: dict[str, Any], recipe: Mapping[str, Any], path: Path, prefix: str) -> dict[str, Any]:
    """The base with what the recipe says otherwise; what the base does not have is a mistake in typing."""
    merged = dict(base)
    for key, value in recipe.items():
        is_table = isinstance(value, dict)
        if key not in base or isinstance(base[key], dict) != is_table:
            raise WrongUse(
                f"{path} sets {prefix}{key}, which the recipe that it extends does not have.",
                try_this=f"one of: {', '.join(_keys(base, prefix))}",
            )
        if is_table:
            value = _merged(base[key], value, path, f"{prefix}{key}.")  # noqa: PLW2901
        merged[key] = value
    return merged


def _set(recipe: dict[str, Any], override: str) -> None:
    """Change one value of a recipe, as `key=value` says."""
    written, equals, text = override.partition("=")
    key, text = written.strip(), text.strip()
    *tables, last = key.split(".")
    table: Any = recipe
    for name in tables:
        table = table.get(name) if isinstance(table, Mapping) else None
    if not equals or not isinstance(table, dict) or last not in table:
        there = ", ".join(_keys(recipe))
        raise WrongUse(f"{override!r} sets nothing: the recipe has {there}.", try_this=_nearest(recipe, key))
    old = table[last]
    value = _value(text)
    if not _same_kind(old, value):
        raise WrongUse(
            f"{written} is {old!r} in the recipe, and {text!r} is of another kind.",
            try_this=_setting(key, old),
        )
    table[last] = float(value) if isinstance(old, float) else value


def _nearest(recipe: Mapping[str, Any], key: str) -> str:
    """The option for the key of the recipe that is written most like this one, with its value of now."""
    names = {}
    for name in _keys(recipe):
        _, _, last = name.rpartition(".")
        names[last] = name  # `steps` may mean training.steps
    names |= {name: name for name in names.values()}
    [likely] = difflib.get_close_matches(key, names, n=1, cutoff=0)
    nearest = names[likely]
    value: Any = recipe
    for name in nearest.split("."):
        value = value[name]
    return _setting(nearest, value)


def _setting(key: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"--set {shlex.quote(f'{key}={text}')}"


def _value(text: str) -> Any:
    """A value as TOML writes it, or a bare word."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _same_kind(old: Any, new: Any) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return type(old) is type(new)
    is_whole_for_float = isinstance(old, float) and isinstance(new, int)  # 1 for 1.0 is what a person types
    return type(old) is type(new) or is_whole_for_float


def _keys(table: Mapping[str, Any], prefix: str = "") -> list[str]:
    keys = []
    for name, value in table.items():
        if isinstance(value, Mapping):
            keys += _keys(value, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys
