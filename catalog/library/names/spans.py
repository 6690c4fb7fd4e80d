"""Runs of words of a request, and how many words or letters one must have to be looked for as a name."""

from collections.abc import Iterator

LONGEST = 8
"""Words of a name that is looked for in a request."""
LONGEST_MISSPELLED = 4
"""Words of a name that may be misspelled, or written as one."""
LONG = 8
"""Letters of a name that may be written as one word or as several: "Neon Corridor", NeonCorridor."""

Place = tuple[int, int]
"""Words [start, end) of a request."""


def runs(count: int, longest: int) -> Iterator[Place]:
    """[start, end) of every run of so many of `count` words."""
    for start in range(count):
        last = min(start + longest, count)
        for end in range(start + 1, last + 1):
            yield start, end
