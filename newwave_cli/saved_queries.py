"""Queries that were saved under a name: `nw query --save rain "..."`, then `nw query @rain`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.atomic import write_text
from catalog.errors import Damaged, WrongUse
from newwave_cli.settings import Settings


def all_of(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every saved query by its name: what was asked and how. Raises Damaged."""
    path = _file(settings)
    try:
        queries: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Damaged(f"{path} cannot be read: {error}.", try_this=f"mv {path} {path}.damaged") from error
    return queries


def get(settings: Settings, name: str) -> dict[str, Any]:
    """The query of that name. Raises WrongUse where there is none."""
    queries = all_of(settings)
    if name not in queries:
        there = ", ".join(f"@{one}" for one in queries) or "none yet"
        raise WrongUse(
            f"no query was saved as {name!r}; there are: {there}.",
            try_this=f'nw query --save {name} "rainy sunday"    (nw playlist list: what is saved)',
        )
    return queries[name]


def put(settings: Settings, name: str, query: Mapping[str, Any]) -> None:
    """Keep a query under a name, in place of what had it. Raises WrongUse for a name that cannot be typed."""
    if not name or name.startswith("@") or any(c.isspace() or c in "/\\" for c in name):
        raise WrongUse(f"a query cannot be called {name!r}.", try_this="--save rainy-sunday")
    _write(settings, all_of(settings) | {name: dict(query)})


def drop(settings: Settings, name: str) -> None:
    """Forget a query. Raises WrongUse where there is none."""
    get(settings, name)
    _write(settings, {one: query for one, query in all_of(settings).items() if one != name})


def _file(settings: Settings) -> Path:
    return settings.home / "queries.json"


def _write(settings: Settings, queries: Mapping[str, Any]) -> None:
    write_text(_file(settings), json.dumps(queries, ensure_ascii=False, indent=1) + "\n")
