"""Queries that were saved under a name: `nw query --save rain "..."`, then `nw query @rain`."""

import json
import os
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog.errors import Damaged, WrongUse, quoted
from catalog.library import saved_queries
from catalog.library.database import Catalog
from catalog.own_files import own_file
from catalog.values.text import clean
from newwave_cli.settings import Settings

MOST_LETTERS = 80  # of a name
MOST_BYTES = 160  # file systems allow 255 for a name, and other scripts take up to four a letter
_FORBIDDEN = set('/\\:*?"<>|')
"""What no file may be called on one system or another: a playlist is a file of this name."""


def all_of(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every saved query by its name: what was asked and how. Raises Damaged."""
    if not settings.catalog.exists():
        return _of_old_file(settings)
    _take_over(settings)
    with Catalog.open(settings.catalog, read_only=True) as catalog:
        return _of_old_file(settings) | saved_queries.all_saved(catalog)


def get(settings: Settings, name: str) -> dict[str, Any]:
    """The query of that name. Raises WrongUse where there is none."""
    name, queries = clean(name), all_of(settings)
    if name in queries:
        return queries[name]
    there = ", ".join(f"@{one}" for one in queries) or "none yet"
    said = f"no query was saved as {name!r}; there are: {there}."
    first, _, more = name.partition(" ")
    if more.strip() and first in queries:
        said += f" A saved query is asked by its name alone, without {more.strip()!r} behind it."
        raise WrongUse(said, try_this=f"nw query @{quoted(first)}")
    raise WrongUse(said, try_this='nw query --save rain "rainy sunday"    (nw playlist list: what is saved)')


def check_name(name: str) -> str:
    """The name, composed (NFC). Raises WrongUse for what cannot be typed, or be a file's on any system."""
    name = unicodedata.normalize("NFC", name)
    # "@" would be read as the sign of a saved query, "-" as an option; "." hides a file, and Windows drops
    # it at the end.
    begins_oddly = name.startswith(("@", ".", "-"))
    is_of_letters = all(map(_can_stand_in_a_name, name))
    if not name or begins_oddly or name.endswith(".") or not is_of_letters:
        raise WrongUse(f"a query cannot be called {name!r}.", try_this="--save rainy-sunday")
    letters, size = len(name), len(name.encode())
    if letters > MOST_LETTERS or size > MOST_BYTES:
        length = f"its name has {letters} letters in {size} bytes"
        said = f"a query cannot be called that: {length}, and {MOST_LETTERS} in {MOST_BYTES} are the most."
        raise WrongUse(said, try_this="--save rainy-sunday")
    return name


def _can_stand_in_a_name(letter: str) -> bool:
    return letter.isprintable() and not letter.isspace() and letter not in _FORBIDDEN


def put(settings: Settings, name: str, query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Keep a query under a name; returns what had that name, and has it no longer. Raises WrongUse."""
    name = check_name(name)
    _take_over(settings)
    with Catalog.open(settings.catalog) as catalog:
        return saved_queries.save(catalog, name, query)


def drop(settings: Settings, name: str) -> None:
    """Forget a query. Raises WrongUse where there is none."""
    get(settings, name)
    name = clean(name)
    with Catalog.open(settings.catalog) as catalog:
        saved_queries.forget(catalog, name)


def _take_over(settings: Settings) -> None:
    """Bring what an older nw kept in a file of its own into the catalog, once."""
    path = _old_file(settings)
    # A library on a read-only disk is still asked: its old file is then read each time.
    if path.exists() and os.access(path.parent, os.W_OK):
        with Catalog.open(settings.catalog) as catalog:
            saved_queries.save_missing(catalog, _of_old_file(settings))
        with suppress(FileNotFoundError):  # another process was quicker
            path.replace(path.with_suffix(".json.taken-over"))


def _of_old_file(settings: Settings) -> dict[str, dict[str, Any]]:
    path = _old_file(settings)
    try:
        text = own_file(path).read_text(encoding="utf-8")
        queries = dict(json.loads(text)).items()
        return {str(name): dict(query) for name, query in queries}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:  # ValueError: no JSON, or a list in place of an object
        aside = quoted(f"{path}.damaged")
        raise Damaged(f"{path} cannot be read: {error}.", try_this=f"mv {quoted(path)} {aside}") from error


def _old_file(settings: Settings) -> Path:
    return settings.home / "queries.json"
