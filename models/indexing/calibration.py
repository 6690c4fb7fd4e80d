"""Descriptions of nothing in particular: what a song's score is compared with.

A cosine means nothing to a person, and some songs are near to every text. So each song is scored against
these unrelated descriptions too, and a query counts by how far it stands out from them.
"""

import tomllib
from itertools import chain
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


def sounds_in_moods() -> list[list[str]]:
    """Descriptions (sounds, moods): every sound in every mood."""
    return [[f"{mood} {sound}" for mood in _WORDS["moods"]] for sound in _WORDS["sounds"]]


def descriptions(role: str) -> list[str]:
    """Unrelated descriptions for sound, of what songs are about for words, or all of them for `fused`."""
    if role == "fused":
        return [*descriptions("sound"), *descriptions("words")]
    if role == "words":
        return list(_WORDS["topics"])
    return [*chain.from_iterable(sounds_in_moods()), *_WORDS["places"]]
