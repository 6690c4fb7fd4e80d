"""Queries that were saved under a name; what one holds is JSON that means nothing to the catalog."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.library.database import Catalog

Query = dict[str, Any]


def all_saved(catalog: Catalog) -> dict[str, Query]:
    """Every saved query by its name, in the order of names."""
    rows = catalog.fetch("SELECT name, query FROM saved_queries ORDER BY name")
    return {name: json.loads(query) for name, query in rows}


def save(catalog: Catalog, name: str, query: Mapping[str, Any]) -> Query | None:
    """Keep a query under a name; returns the one that had it, which is gone then."""
    with catalog.transaction():
        before = all_saved(catalog).get(name)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (name, json.dumps(dict(query)), now)
        catalog.execute("INSERT OR REPLACE INTO saved_queries VALUES (?, ?, ?)", row)
    return before


def save_missing(catalog: Catalog, queries: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep those queries whose names are not taken."""
    with catalog.transaction():
        taken = all_saved(catalog)
        for name, query in queries.items():
            if name not in taken:
                save(catalog, name, query)


def forget(catalog: Catalog, name: str) -> None:
    """Drop the query of a name."""
    with catalog.transaction():
        catalog.execute("DELETE FROM saved_queries WHERE name = ?", (name,))
