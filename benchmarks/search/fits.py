"""How often it is said wrongly whether anything fits: fits.toml over libraries of 20 to 10,000 songs.

python benchmarks/search/fits.py HOME [--captions MUSICCAPS.csv] [--other SENTENCES.txt]

HOME holds an index of `nw index`. Libraries of fewer songs are drawn from it, ten times each; one of more is
made of its windows of ten seconds, each counted as a song of its own: a simulation, for they are alike.
--captions, --other: sentences of others, a row or a line each, that nobody here wrote.
"""

import argparse
import csv
import random
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.index_segment import song_scores
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.song_index import SongIndex, common_spread
from models.indexing import chance
from models.indexing.background import background_of
from models.search.fitting import Fitting, read
from models.search.indexes import Indexes

SENTENCES = tomllib.loads((Path(__file__).parent / "fits.toml").read_text(encoding="utf-8"))
SIZES = (20, 100, 475, 10_000)
DRAWN = 10
TAKEN = 300
Vectors = NDArray[np.float32]


def sentences(given: argparse.Namespace) -> dict[str, list[str]]:
    """Kinds of sentences, whether music or not; those of others at random."""
    kinds = {"music": SENTENCES["music"], "no music": SENTENCES["other"], "unread": SENTENCES["unread"]}
    draw = random.Random(0)
    if given.captions:
        with given.captions.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        chosen = draw.sample(rows, TAKEN)
        kinds["music (MusicCaps)"] = [row["caption"].split(".")[0] for row in chosen]
    if given.other:
        lines = given.other.read_text(encoding="utf-8").splitlines()
        kinds["no music (others)"] = draw.sample(lines, min(TAKEN, len(lines)))
    return kinds


def windows(home: Path, index: SongIndex) -> Vectors:
    """All windows of ten seconds (windows, dimensions)."""
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        found = embeddings.windows(catalog, index.manifest.pipeline, index.songs.tolist())
    return np.concatenate(list(found.values())).astype(np.float32)


def library(index: SongIndex, parts: Vectors, size: int, rng: np.random.Generator) -> Vectors:
    """So many songs (songs, dimensions), drawn."""
    tracks = index.base.vectors.all
    source = parts if size > len(tracks) else np.asarray(tracks, np.float32)
    drawn = rng.choice(len(source), min(size, len(source)), replace=False)
    return source[drawn]


def fitting_of(
    songs: Vectors, kept: Fitting, prompts: Vectors, others: Vectors
) -> tuple[Fitting, Vectors, float]:
    """What an index of these songs would keep, with the background and the spread."""
    starts = np.arange(len(songs))
    background = background_of(songs, starts, prompts)
    above = chance.best_above(songs, starts, background, others)
    spread = float(common_spread(background))
    return Fitting(above, kept.slopes, kept.offset, kept.languages), background, spread


def passing(
    songs: Vectors, learned: tuple[Fitting, Vectors, float], asked: Vectors, musical: Sequence[bool]
) -> NDArray[np.bool_]:
    """For which sentences (sentences,) a song fits by sound."""
    fitting, background, spread = learned
    scores = song_scores(songs @ asked.T, np.arange(len(songs)))
    # Beyond what each song reaches with sentences by chance: (songs, sentences).
    beyond = (scores - background[:, :1]) / spread
    line = fitting.line("sound", spread, about_music=True)
    some_song_fits = beyond.max(axis=0) >= line  # (sentences,)
    return some_song_fits & np.array(musical)


def main() -> None:
    """Print for each size how many sentences are told that something fits."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("home", type=Path)
    options.add_argument("--captions", type=Path)
    options.add_argument("--other", type=Path)
    given = options.parse_args()
    with Catalog.open(given.home / "catalog.db", read_only=True) as catalog:
        indexes = Indexes(given.home / "indexes", catalog.library_id())
    index, tower = indexes.index("sound"), indexes.tower("sound")
    kept = read(index.content)
    if kept is None:
        raise SystemExit("the index is of an older nw: nw index")
    prompts = np.load(index.content / "prompts.npy")
    others = np.load(index.content / chance.OTHERS)
    kinds = sentences(given)
    asked = {kind: tower.encode(texts) for kind, texts in kinds.items()}
    musical = {}
    for kind, texts in kinds.items():
        musical[kind] = [indexes.about_music(one, ["sound"]) for one in texts]
    parts = windows(given.home, index)
    heads = [f"{kind} ({len(texts)})" for kind, texts in kinds.items()]
    print(f"| songs | line | {' | '.join(heads)} |")
    print("|---" * (2 + len(kinds)) + "|")
    rng = np.random.default_rng(0)
    for size in SIZES:
        shares: dict[str, list[float]] = {kind: [] for kind in kinds}
        lines = []
        times = DRAWN if size <= len(index.songs) else 1
        for _ in range(times):
            songs = library(index, parts, size, rng)
            learned = fitting_of(songs, kept, prompts, others)
            fitting, _, spread = learned
            lines.append(fitting.line("sound", spread, about_music=True))
            for kind in kinds:
                passed = passing(songs, learned, asked[kind], musical[kind])
                shares[kind].append(float(passed.mean()))
        print(f"| {len(songs):,} | {np.mean(lines):.2f} | {told(shares)} |")
    alone = {kind: [float(np.mean(found))] for kind, found in musical.items()}
    print(f"| any: taken for music | | {told(alone)} |")


def told(shares: Mapping[str, Sequence[float]]) -> str:
    """Cells of a table: the share that is told that something fits."""
    return " | ".join(f"{np.mean(found):.0%}" for found in shares.values())


if __name__ == "__main__":
    main()
