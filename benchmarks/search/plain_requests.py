"""The first five songs of a library for twenty-five plain requests, to be judged by whoever knows the songs.

    python benchmarks/search/plain_requests.py HOME    (a library that is indexed for sound)

The requests stand in `plain_requests.toml`. Prints a Markdown table.
"""

import sys
import tomllib
from pathlib import Path

from catalog.library.database import Catalog
from models.search.request import SearchRequest
from models.search.searcher import Searcher

TOP = 5
REQUESTS: list[str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["requests"]


def main() -> None:
    """Ask each request by sound alone."""
    home = Path(sys.argv[1])
    print("| request | first five |\n|---|---|")
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        searcher = Searcher(home / "indexes", catalog)
        for request in REQUESTS:
            hits = searcher.search(SearchRequest(request, by="sound", k=TOP)).hits
            titles = [hit.song.title or str(hit.song.path) for hit in hits]
            print(f"| {request} | {'; '.join(titles)} |")


if __name__ == "__main__":
    main()
