"""How far an ingest of shards came, as a small file beside the library: the next one goes on from there."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalog.atomic import write_text
from catalog.shards.order import Cursor


def remembered(path: Path, fingerprint: Mapping[str, Any]) -> tuple[Cursor, int]:
    """How far an earlier ingest came, and how many songs it took; nowhere where it was of other data."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        state = json.loads(path.read_text())
        if state["of"] == dict(fingerprint):
            return Cursor(**state["cursor"]), int(state["songs"])
    return Cursor(), 0


def remember(path: Path, fingerprint: Mapping[str, Any], cursor: Cursor, taken: int) -> None:
    """Write down how far an ingest came."""
    state = {"of": dict(fingerprint), "cursor": asdict(cursor), "songs": taken}
    write_text(path, json.dumps(state))
