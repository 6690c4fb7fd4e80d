"""The characters: each style is a function (randomness, seconds) -> stereo sound (2, samples).

The seed behind the randomness chooses key, tempo, chords and tune; what makes a style itself stays.
"""

from collections.abc import Callable

from numpy.random import Generator

from newwave_cli.demo.instruments.dsp import Sound

Style = Callable[[Generator, float], Sound]


def styles() -> dict[str, Style]:
    """Every style by its name."""
    from newwave_cli.demo.styles import band, classical, electronic, groove, keys, world

    found: dict[str, Style] = {}
    for family in (keys, classical, band, groove, electronic, world):
        found |= {style.__name__: style for style in family.STYLES}
    return found
