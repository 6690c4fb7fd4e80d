"""Lyrics and captions in pieces that a sentence encoder reads well.

A song's text is embedded as a whole (cut where the encoder stops reading) and in overlapping chunks of six
lines, because the best chunk finds what an average over all lines loses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.records import Caption, Line

LINES = 6
"""Of a chunk."""
STEP = 3
"""Lines from one chunk to the next: half of each is in its neighbour."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a song's words: a range of lyric `lines`, or the `caption` of that number."""

    text: str
    lines: tuple[int, int] | None = None
    caption: int | None = None

    def label(self) -> dict[str, object]:
        """What is kept beside its vector."""
        return {"lines": self.lines} if self.lines else {"caption": self.caption}


def parts(lyrics: Sequence[Line], captions: Sequence[Caption]) -> list[Part]:
    """The pieces of a song's words, the whole first.

    >>> song = [Line(word) for word in "a b c d e f g".split()]
    >>> [part.lines for part in parts(song, ())]
    [(0, 7), (0, 6), (3, 7)]
    >>> [part.caption for part in parts((), [Caption("calm"), Caption("piano")])]
    [0, 1]
    """
    pieces = []
    for number, caption in enumerate(captions):
        if caption.text.strip():
            pieces.append(Part(caption.text, caption=number))
    if not any(line.text.strip() for line in lyrics):
        return pieces
    whole = _chunk(lyrics, 0, len(lyrics))
    sung = []
    for start in _starts(len(lyrics)):
        end = min(start + LINES, len(lyrics))
        chunk = _chunk(lyrics, start, end)
        if chunk.text.strip():
            sung.append(chunk)
    return [whole, *sung, *pieces]


def _starts(lines: int) -> range:
    """Where chunks begin; none of lyrics that are one chunk as they are."""
    if lines <= LINES:
        return range(0)
    return range(0, lines - LINES + STEP, STEP)


def _chunk(lyrics: Sequence[Line], first: int, end: int) -> Part:
    text = "\n".join(line.text for line in lyrics[first:end])
    return Part(text, lines=(first, end))
