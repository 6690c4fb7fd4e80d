"""`nw evaluate --by`: sound, words and the ways to put them together, by the same questions, in one table."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from catalog.errors import NoIndex
from catalog.library.database import Catalog
from catalog.values.numbers import counted
from newwave_cli.output import show
from newwave_cli.settings import Settings

if TYPE_CHECKING:
    from catalog.records import Role
    from models.evaluation.fusion_methods import Comparison
    from models.indexing.late_fusion import FusedEncoder
    from models.indexing.song_vectors import PairedEmbeddings
    from newwave_cli.inputs.evaluation_input import Data

COLUMNS = ("by", "queries", "songs", "mrr", "low", "high", "recall@1", "recall@10", "against_both", "p")


def compare(
    settings: Settings,
    ways: Sequence[str],
    data: "Data",
    *,
    output: show.Format | None,
    fields: str | None,
) -> None:
    """Print a row for each way. Raises WrongUse for one that there is not or without questions, NoIndex."""
    from models import encoders
    from models.evaluation.fusion_methods import Comparison
    from models.indexing.late_fusion import indexed

    ways = [way.strip() for way in ways]
    ways = ["fused" if way == "mlp" else way for way in ways]  # by its recipe, or its index
    fused = indexed(settings.indexes) if "fused" in ways else None
    if "fused" in ways and fused is None:
        raise NoIndex(
            "no learned fusion is indexed.",
            try_this="nw train fusion --recipe mlp --run mlp && nw index --fused mlp",
        )
    # A learned fusion reads vectors of the two encoders it was trained over; all ways are compared by these.
    below: dict[Role, Any] = encoders.defaults()
    if fused is not None:
        below = fused.below
    songs = _songs(settings, below, data)
    encode = {role: encoder.encode_descriptions for role, encoder in below.items()}
    comparison = Comparison(songs, encode, words=below["words"].pipeline)
    captions = counted(len(comparison.texts), "caption asks", "captions ask")
    asked_for = counted(len(songs.names), "song")
    # A caption that were also embedded as words of its song would find itself.
    show.note(f"{captions} for {asked_for}; none is among a song's words")
    rows = _rows(comparison, ways, fused)
    show.rows(rows, columns=COLUMNS, output=output, fields=fields)


def _songs(settings: Settings, below: Any, data: "Data") -> "PairedEmbeddings":
    """The songs to compare on, with sound, words and the captions that ask for them."""
    from catalog.data_sets import Place
    from models.evaluation import datasets
    from models.indexing.song_vectors import of_clips, of_library

    if data.is_library:
        with Catalog.open(settings.catalog, read_only=True) as catalog:
            pipelines = {role: encoder.pipeline for role, encoder in below.items()}
            return of_library(catalog, pipelines)
    place = Place(settings.shards)
    clips = datasets.clips(data.on, place, data.columns)
    first_clips = islice(clips, data.limit)
    with show.progress("hearing and reading", None) as advance:
        songs = of_clips(first_clips, below["sound"], below["words"], progress=advance)
    for name, why in songs.failed:
        show.note(f"not used: {name}: {why}")
    return songs


def _rows(
    comparison: "Comparison", ways: Sequence[str], fused: "FusedEncoder | None"
) -> Iterator[dict[str, Any]]:
    """A row a way: its figures with an interval, and its difference from the default."""
    from models.evaluation import metrics
    from models.evaluation.bootstrap import interval, paired

    sizes = {"queries": len(comparison.texts), "songs": len(comparison.songs.names)}
    default = metrics.per_query(comparison.ranks("both"))["mrr"]
    for way in ways:
        found = metrics.per_query(comparison.ranks(way, fused=fused))
        # Captions of one song are not independent: the bootstrap draws songs, each with all its captions.
        low, high = interval(found["mrr"], songs=comparison.song_of)
        against = paired(found["mrr"], default, songs=comparison.song_of)
        figures = {name: found[name].mean() for name in ("mrr", "recall@1", "recall@10")}
        figures |= {"low": low, "high": high}
        figures |= {"against_both": against.mean, "p": against.p}
        rounded = {name: round(float(value), 4) for name, value in figures.items()}
        yield {"by": way, **sizes, **rounded}
