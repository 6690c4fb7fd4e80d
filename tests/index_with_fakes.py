"""What `nw index` does, with the fake encoders and slowly: for tests that kill it, starve it or run it twice.

python index_with_fakes.py HOME [SECONDS PER SONG]
"""

import sys
import time
from pathlib import Path

from fakes import Ears, Reader

from catalog.library.database import Catalog
from models.indexing.build import build_index
from models.indexing.embed import embed_sound, embed_words
from newwave_cli import app


def index(home: Path, pause_s: float) -> None:
    ears, reader = Ears(), Reader()
    encode = ears.encode_windows
    ears.encode_windows = lambda windows: (time.sleep(pause_s), encode(windows))[1]
    with Catalog.open(home / "catalog.db") as catalog:
        embed_sound(catalog, ears)
        embed_words(catalog, reader)
        for encoder in (ears, reader):
            build_index(catalog, encoder, home / "indexes" / encoder.role)


if __name__ == "__main__":
    app.app = lambda: index(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0)
    app.main()
