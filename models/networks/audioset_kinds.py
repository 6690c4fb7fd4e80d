"""What each of AudioSet's 527 classes is: music, an instrument, a genre, a mood, a voice, or no music."""

from collections.abc import Sequence

KINDS = ("music", "instrument", "genre", "mood", "voice", "no music")
_FROM_HERE_ON = {
    "Speech": "voice",
    "Laughter": "no music",
    "Singing": "voice",
    "Groan": "no music",
    "Music": "music",
    "Musical instrument": "instrument",
    "Pop music": "genre",
    "Happy music": "mood",
    "Wind": "no music",
}
"""The classes stand in the order of AudioSet's ontology (Gemmeke et al. 2017): kind after kind."""
_BUT = {"Beatboxing": "voice", "Vocal music": "voice", "A capella": "voice"}
"""Classes that stand among others of another kind."""


def kinds_of(classes: Sequence[str]) -> dict[str, str]:
    """The kind of each class; classes in AudioSet's order.

    >>> kinds_of(["Speech", "Choir", "Music", "Pop music", "Beatboxing", "Jazz", "Sad music"])["Jazz"]
    'genre'
    """
    kinds: dict[str, str] = {}
    kind = "no music"
    for name in classes:
        kind = _FROM_HERE_ON.get(name, kind)
        kinds[name] = _BUT.get(name, kind)
    return kinds
