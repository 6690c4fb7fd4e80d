"""Sound x topic: songs of which only both sides together tell which is meant.

    python benchmarks/search/fusion_grid.py HOME/demo (after `nw --home HOME demo`)

Every sound of the demo library with the lyrics of every sung piece: 30 x 7 songs, each asked for by how it
sounds and what it says. Neither encoder alone can be right: 7 songs share each sound, 30 share each text.
Prints MRR and recall with 95 % bootstrap intervals for each way, and the gain over the default. Intervals are
over questions, which share sounds and topics, so they are too narrow.
"""

import sys
from pathlib import Path

from fusion_ways import SOUND, WORDS

from catalog.library.database import Catalog
from models import encoders
from models.evaluation import metrics
from models.evaluation.bootstrap import interval, paired
from models.evaluation.fusion_methods import WAYS, Comparison
from models.indexing.late_fusion import indexed
from models.indexing.song_vectors import PairedEmbeddings, of_library


def grid(library: PairedEmbeddings) -> PairedEmbeddings:
    """All pairs of a sound and a sung text of the demo library."""
    from newwave_cli.demo.library import pieces

    known = dict(zip(library.names, library.known, strict=True))
    titles = {piece.style: piece.title for piece in pieces()}
    songs = PairedEmbeddings()
    for style, sound in SOUND.items():
        for topic, meaning in WORDS.items():
            heard = known[titles[style]]["sound"]
            said = known[titles[topic]]["words"]
            name = f"{style} + {topic}"
            question = f"{sound} about {meaning}"
            songs.add(name, name, {"sound": heard, "words": said}, [question])
    return songs


def main() -> None:
    """Ask, compare, print."""
    home = Path(sys.argv[1])
    below = {"sound": encoders.load("mini"), "words": encoders.load("minilm")}
    fused = indexed(home / "indexes")
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        pipelines = {side: encoder.pipeline for side, encoder in below.items()}
        songs = grid(of_library(catalog, pipelines))
    encode = {side: encoder.encode_descriptions for side, encoder in below.items()}
    comparison = Comparison(songs, encode, words=below["words"].pipeline)
    default = metrics.per_query(comparison.ranks("both"))["mrr"]
    print(f"{len(comparison.texts)} questions, {len(songs.names)} songs")
    for way in WAYS if fused else WAYS[:-1]:
        found = metrics.per_query(comparison.ranks(way, fused=fused))
        low, high = interval(found["mrr"])
        gain = paired(found["mrr"], default)
        mrr, at_1, at_10 = (found[name].mean() for name in ("mrr", "recall@1", "recall@10"))
        ours = f"MRR {mrr:.3f} [{low:.3f}, {high:.3f}]"
        ours += f"  R@1 {at_1:.3f}  R@10 {at_10:.3f}"
        against = f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        print(f"{way:<9} {ours}  against the default {against} p {gain.p:.4f}")


if __name__ == "__main__":
    main()
