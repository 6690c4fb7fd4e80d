"""Which way of putting sound and words together finds the right song?

    python benchmarks/search/fusion_ways.py HOME/demo    (after `nw --home HOME demo`)

Every piece of the demo library is asked for by how it sounds, those with lyrics also by what they say and by
both. Prints the mean reciprocal rank of the piece that was meant, with 95 % bootstrap intervals, for each way
(the learned one where it is indexed) and for each side alone; then how often "nothing fits well" is said
where something does, and the other way.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from catalog.library.database import Catalog
from models.search.request import SearchRequest
from models.search.searcher import Searcher

SOUND = {
    "piano": "slow quiet solo piano",
    "ragtime": "ragtime piano",
    "music_box": "a music box",
    "lullaby": "a lullaby on a celesta",
    "harpsichord": "baroque harpsichord",
    "orchestra": "slow orchestral strings",
    "quartet": "a string quartet",
    "trumpet": "solo trumpet",
    "harp": "a harp",
    "organ": "church organ",
    "choir": "a choir in a cathedral",
    "march": "a brass band marching",
    "metal": "heavy metal with distorted guitars",
    "blues": "slow electric blues guitar",
    "surf": "surf rock guitar",
    "campfire": "fingerpicked acoustic guitar",
    "funk": "funk with slap bass",
    "reggae": "reggae",
    "techno": "techno, four to the floor",
    "drum_and_bass": "fast drum and bass",
    "synthwave": "eighties synthwave",
    "chiptune": "8-bit video game music",
    "ambient": "dark ambient drone without a beat",
    "waltz": "an accordion waltz",
    "bossa_nova": "bossa nova with flute",
    "jazz": "a jazz trio",
    "jig": "an Irish jig with bagpipes",
    "percussion": "African drums only",
    "sitar": "Indian sitar raga",
    "calypso": "Caribbean steel drums",
}
WORDS = {
    "lullaby": "singing a child to sleep",
    "metal": "warriors who swear an oath and go to war",
    "blues": "no money for the rent and the dog is gone",
    "campfire": "hiking and old friends by the fire",
    "reggae": "a lazy day at the harbour",
    "synthwave": "driving at night after a breakup",
    "chiptune": "robots and a princess in space",
}
NONSENSE = (
    "quarterly tax report spreadsheet",
    "how to install a washing machine",
    "asdf qwer zxcv",
    "a lecture on tax law",
    "the smell of fresh paint",
    "train timetable to Hamburg",
    "JSON parser error on line 7",
    "two eggs and flour",
)
WAYS = ("sound", "words", "evidence", "gate", "weighted", "rrf", "fused")


def reciprocal_rank(searcher: Searcher, text: str, title: str, way: str) -> float:
    """1 / the rank of the song with that title, 0 where it is not found."""
    hits = searcher.search(SearchRequest(text, by=way, k=100)).hits
    ranks = [rank for rank, hit in enumerate(hits, start=1) if hit.song.title == title]
    return 1 / ranks[0] if ranks else 0.0


def best_scores(searcher: Searcher, texts: Iterable[str]) -> np.ndarray:
    """The score of the first hit of each text (texts,), 0 to 100."""
    answers = [searcher.search(SearchRequest(text, k=1)) for text in texts]
    return np.array([answer.hits[0].score for answer in answers])


def cell(values: np.ndarray) -> str:
    """The mean and its 95 % bootstrap interval."""
    shape = 2_000, len(values)
    drawn = np.random.default_rng(0).integers(0, len(values), shape)
    means = values[drawn].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Ask, compare, print."""
    from newwave_cli.demo.library import pieces

    home = Path(sys.argv[1])
    both = {style: f"{SOUND[style]} about {meaning}" for style, meaning in WORDS.items()}
    titles = {piece.style: piece.title for piece in pieces()}
    asked: dict[str, list[tuple[str, str]]] = {}  # by kind: what is asked, and the title that is meant
    for kind, texts in {"sound": SOUND, "meaning": WORDS, "both": both}.items():
        asked[kind] = [(text, titles[style]) for style, text in texts.items()]
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        searcher = Searcher(home / "indexes", catalog)
        heads = [f"{kind:>22}" for kind in (*asked, "all")]
        print("way        " + "".join(heads))
        has_fused = (home / "indexes" / "fused").exists()
        for way in WAYS if has_fused else WAYS[:-1]:
            found = []
            for questions in asked.values():
                ranks = [reciprocal_rank(searcher, *question, way) for question in questions]
                found.append(np.array(ranks))
            every = np.concatenate(found)
            cells = [f"{cell(values):>22}" for values in (*found, every)]
            print(f"{way:<11}" + "".join(cells))
        there = []
        for questions in asked.values():
            there += [text for text, _ in questions]
        best = best_scores(searcher, there)
        junk = best_scores(searcher, NONSENSE)
    # From 50 on a hit is said to fit.
    silent = (best < 50).mean()
    said = (junk >= 50).mean()
    print(f"said to fit nothing although it is there: {silent:.0%} of {len(best)}")
    print(f"said to fit although it is nonsense:      {said:.0%} of {len(junk)}")


if __name__ == "__main__":
    main()
