"""What people ask for, made up: descriptions of sound, of what songs are about, and of both; for the gate."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from models.training.mini.material import captions

_WORDS: Mapping[str, list[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


def texts(seed: int, count: int, kind: str, *, part: int = 0, parts: int = 1) -> Iterator[str]:
    """`count` requests of a kind: "sound", "words" or "both".

    part, parts: only this share of the topics, so that a gate can be judged on others than it learned from.
    """
    rng = np.random.default_rng(seed)
    topics = _WORDS["topics"][part::parts]
    templates = _WORDS["about"] if kind == "words" else _WORDS["both"]
    for _ in range(count):
        topic = str(rng.choice(topics))
        sound = captions.describe(_traits(rng), rng)
        if kind == "sound":
            yield sound
        else:
            template = str(rng.choice(templates))
            yield template.format(topic=topic, sound=sound.rstrip("."))


def _traits(rng: np.random.Generator) -> captions.Traits:
    """Traits of a piece that nobody wrote; some of them unknown."""

    def some(words: Sequence[str], most: int) -> tuple[str, ...]:
        count = int(rng.integers(0, most + 1))
        drawn = rng.choice(words, count, replace=False)
        return tuple(str(word) for word in drawn)

    styles = some(_WORDS["styles"], 2)
    if not styles:
        styles = (str(rng.choice(_WORDS["styles"])),)  # one at least
    instruments = some(_WORDS["instruments"], 3)
    moods = some(_WORDS["moods"], 2)
    # Two in five say nothing of the tempo.
    tempo = str(rng.choice(["slow", "fast", "medium tempo", "", ""]))
    voice = str(rng.choice([*_WORDS["voices"], "", ""]))
    return captions.Traits(styles, instruments, moods, tempo, voice)
