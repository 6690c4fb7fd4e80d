"""The golden ranking: what a set of requests finds in the demo library, and how well.

    python tests/golden_ranking.py        (just golden: writes golden_ranking.json anew)

Renew it where an encoder or the way of scoring was changed on purpose, and look at what moved.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from catalog.library.database import Catalog
from models.search.request import SearchRequest
from models.search.searcher import Searcher
from newwave_cli.demo import library

FILE = Path(__file__).with_suffix(".json")
REQUESTS = {
    "calm piano": SearchRequest("calm piano at night"),
    "by sound alone": SearchRequest("fast electronic drums", by="sound"),
    "by words alone": SearchRequest("a song about having no money", by="words"),
    "words and sound": SearchRequest("robots in space"),
    "exact words": SearchRequest("peppermint", by="written"),
    "a method": SearchRequest("robots in space", by="rrf"),
    "not": SearchRequest("music without drums"),
    "or": SearchRequest("church organ or harp"),
    "a name": SearchRequest("fast techno by Vierzehn"),
    "a title": SearchRequest("stone rooms"),
    "like": SearchRequest("", like=("Stone Rooms",)),
    "unlike": SearchRequest("electric guitar", unlike=("Furnace Oath",)),
    "diverse": SearchRequest("electronic music", diverse=True),
    "one by an artist": SearchRequest("classical music", max_per_artist=1),
}
SHOWN = 6


def make(home: Path) -> None:
    """Compose, ingest and index the demo library below `home`."""
    list(library.write_library(home / "music", library.pieces(), jobs=2))
    for command in (["ingest", str(home / "music")], ["index"]):
        subprocess.run([sys.executable, "-m", "newwave_cli", "--home", str(home), *command], check=True)


def rankings(home: Path) -> dict[str, list[tuple[str, float]]]:
    """Title and score of the first hits of each request."""
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        searcher = Searcher(home / "indexes", catalog)
        answers = {name: searcher.search(request).hits[:SHOWN] for name, request in REQUESTS.items()}
    return {name: [(hit.song.title, round(hit.score, 1)) for hit in found] for name, found in answers.items()}


def main() -> None:
    """Write the golden ranking as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in rankings(Path(folder)).items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
