"""Descriptions of nothing in particular: what a song's score is compared with.

A cosine means nothing to a person, and some songs are near to every text. So each song is scored against
these unrelated descriptions too, and a query counts by how far it stands out from them.
"""

import tomllib
from itertools import product
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


def descriptions(role: str) -> list[str]:
    """Unrelated descriptions for sound, of what songs are about for words, or all of them for `fused`."""
    if role == "fused":
        return [*descriptions("sound"), *descriptions("words")]
    if role == "words":
        return list(_WORDS["topics"])
    pairs = product(_WORDS["sounds"], _WORDS["moods"])
    described = [f"{mood} {sound}" for sound, mood in pairs]
    return [*described, *_WORDS["places"]]
