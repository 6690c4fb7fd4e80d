"""How often does a fused search answer with the wrong side, on a real library?

    python benchmarks/search/fusion_wrong_side.py HOME    (a library with lyrics, indexed for sound and words)

Twenty descriptions speak of sound alone and twelve of meaning alone. Counts, among the first five songs
of each, those that the other side brought: "calm piano" should not answer with a song that sings of
being calm.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from catalog.library.database import Catalog
from catalog.records import Hit
from models.search.request import SearchRequest
from models.search.searcher import Searcher

SOUND = (
    "calm piano|calm piano at night|distorted guitars|heavy metal|techno|sad violin|happy ukulele"
    "|solo acoustic guitar|orchestral epic|8-bit chiptune|relaxing ambient pads|fast drums|a choir singing"
    "|slow quiet strings|upbeat dance music|jazz with saxophone|dark scary music|gentle harp|energetic rock"
    "|soft female vocals"
).split("|")
MEANING = (
    "a song about robots|a song about zombies|being in love with a coworker|a mad scientist in love"
    "|playing video games|christmas in space|growing old|a broken heart|shopping at a store"
    "|the future of mankind|programmers at work|monkeys"
).split("|")
TOP = 5


def brought_by_words(hit: Hit) -> bool:
    """Whether the words of a song speak louder for it than its sound."""
    return (hit.words or 0) > (hit.sound or 0)


def first_hits(searcher: Searcher, texts: Sequence[str], way: str) -> list[Hit]:
    """The first hits of all texts together."""
    hits: list[Hit] = []
    for text in texts:
        hits += searcher.search(SearchRequest(text, by=way, k=TOP)).hits
    return hits


def main() -> None:
    """Print the counts of both kinds for the two ways that weigh evidence."""
    home = Path(sys.argv[1])
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        searcher = Searcher(home / "indexes", catalog)
        for way in ("evidence", "gate"):
            heard = first_hits(searcher, SOUND, way)
            meant = first_hits(searcher, MEANING, way)
            for_words = sum(brought_by_words(hit) for hit in heard)
            for_sound = sum(not brought_by_words(hit) for hit in meant)
            asked_sound = f"for their words, asked for sound: {for_words} of {len(heard)}"
            asked_meaning = f"for their sound, asked for meaning: {for_sound} of {len(meant)}"
            print(f"{way}: {asked_sound}; {asked_meaning}")


if __name__ == "__main__":
    main()
