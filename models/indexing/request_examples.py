"""What people type into a search box: requests for music, and sentences about other things.

Both were written for this project. An index keeps what its encoder makes of them, so that a request can be
told from a sentence that is about no music (`models.search.fitting`). `benchmarks/search/fits.toml` has
others, by which the errors are counted.
"""

import tomllib
from pathlib import Path

_EXAMPLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
MUSIC: tuple[str, ...] = tuple(_EXAMPLES["music"])
OTHER: tuple[str, ...] = tuple(_EXAMPLES["other"])
