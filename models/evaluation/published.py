"""Published figures for text→music retrieval, each with its protocol and source: never one column for two."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.values.numbers import counted


@dataclass(frozen=True, slots=True)
class Published:
    """A row of somebody's table.

    protocol: ours by name, or theirs in words where we have none like it.
    """

    data: str
    protocol: str
    system: str
    figures: Mapping[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class Size:
    """What a protocol judges on a whole data set: candidates, and captions that are relevant to them."""

    songs: int
    captions: int


SDD, MUSICCAPS, LYRICS = "song-describer", "musiccaps", "lyrics of the first attempt"
_FULL, _VALID, _OWN, _FIRST = (
    "sdd-full",
    "sdd-valid",
    "CLaMP 3's own, clip handling not stated",
    "first-attempt",
)
SIZES = {
    (SDD, _FULL): Size(706, 1106),
    (SDD, _VALID): Size(547, 746),
    (SDD, _FIRST): Size(746, 746),
}
"""Of the protocols that are ours too: a part of the songs is an easier task, so its figures stand apart."""
_TABLE_5 = "arXiv 2311.10057, table 5"
_HARNESS = "MTG/allmusiccaps"


def _recalls(*values: float) -> dict[str, float]:
    return {f"recall@{k}": value for k, value in zip((1, 5, 10, 20), values, strict=False)}


def _first_attempt(recipe: str, *values: float) -> Published:
    """Of its report on words: MRR, then recalls; the recipe of the same name is the same system here."""
    figures = {"mrr": values[0], **_recalls(*values[1:])} if values else {}
    return Published(LYRICS, "31,032 pairs, songs on both sides of the split", recipe, figures, "its report")


PUBLISHED = (
    Published(SDD, _FULL, "random", {"mrr": 0.010, **_recalls(0.0014, 0.0071, 0.0142)}, "computed"),
    Published(SDD, _FULL, "LAION-CLAP", {**_recalls(0.0442, 0.1702, 0.2601), "median_rank": 36}, _TABLE_5),
    Published(SDD, _FULL, "TTMR", {**_recalls(0.0295, 0.1019, 0.1743), "median_rank": 51}, _TABLE_5),
    Published(SDD, _FULL, "laion/clap-htsat-fused", _recalls(0.0145, 0.0551, 0.0877), "mteb PR #4988"),
    Published(SDD, _VALID, "random", {"mrr": 0.0126, **_recalls(0.0018, 0.0091, 0.0183)}, "computed"),
    Published(SDD, _VALID, "LAION-CLAP music checkpoint", {"mrr": 0.1703}, _HARNESS),
    Published(SDD, _VALID, "CLaMP 3 (saas)", {"mrr": 0.1653}, _HARNESS),
    Published(SDD, _VALID, "TTMR++", {"mrr": 0.1616}, _HARNESS),
    Published(SDD, _VALID, "AllMusicCaps, all layers", {"mrr": 0.193}, "arXiv 2608.25244"),
    Published(SDD, _OWN, "LAION-CLAP", {"mrr": 0.1310}, "arXiv 2502.10362"),
    Published(SDD, _OWN, "TTMR++", {"mrr": 0.1437}, "arXiv 2502.10362"),
    Published(SDD, _OWN, "CLaMP 3 sa_c2", {"mrr": 0.1612}, "arXiv 2502.10362"),
    Published(SDD, _OWN, "CLaMP 3 saas", {"mrr": 0.1985}, "arXiv 2502.10362"),
    Published(
        SDD,
        _FIRST,
        "the first attempt's CLAP, 240 s (mean of both directions)",
        {"mrr": 0.1122, **_recalls(0.0442, 0.1521, 0.2487, 0.3820)},
        "its report",
    ),
    Published(MUSICCAPS, "mteb, 4,281 clips", "msclap-2023", {"recall@10": 0.279}, "mteb"),
    Published(MUSICCAPS, "mteb, 4,281 clips", "laion/larger_clap_general", {"recall@10": 0.251}, "mteb"),
    Published(MUSICCAPS, "mteb, 4,281 clips", "laion/clap-htsat-unfused", {"recall@10": 0.179}, "mteb"),
    Published(MUSICCAPS, "mteb, 4,281 clips", "MuQ-MuLan-large", {"recall@10": 0.179}, "mteb"),
    Published(MUSICCAPS, "mteb, 4,281 clips", "laion/larger_clap_music", {"recall@10": 0.002}, "mteb"),
    Published(MUSICCAPS, "official test, 2,858 clips", "LAION-CLAP music checkpoint", {"mrr": 0.102}, ""),
    Published(MUSICCAPS, "official test, 2,858 clips", "TTMR++", {"mrr": 0.123}, ""),
    _first_attempt("longformer"),
    _first_attempt("minilm", 0.0685, 0.0288, 0.0984, 0.1479, 0.2065),
    _first_attempt("minilm-full", 0.0086, 0.0016, 0.0084, 0.0164, 0.0298),
    _first_attempt("bge-m3", 0.0871, 0.0404, 0.1258, 0.1849, 0.2499),
    _first_attempt("bge-m3-large-batch", 0.0932, 0.0441, 0.1325, 0.1947, 0.2641),
    _first_attempt("bge-m3-25", 0.1169, 0.0542, 0.1734, 0.2496, 0.3335),
)


def published(data: str) -> tuple[Published, ...]:
    """What others report on a data set, of any protocol."""
    return tuple(row for row in PUBLISHED if row.data == data)


def why_not_comparable(row: Published, *, data: str, protocol: str, songs: int, captions: int) -> str:
    """Why no figure of ours may stand beside it; "" where it may: the same songs, captions and protocol."""
    if row.data != data:
        return "other data: not comparable"
    if row.protocol != protocol:
        return "another protocol: not comparable"
    size = SIZES.get((data, protocol))
    if size is None:
        return "its songs are not known: not comparable"
    if songs != size.songs:
        return f"{counted(songs, 'song')}, not {size.songs}: not comparable"
    if captions != size.captions:
        return f"{counted(captions, 'caption')}, not {size.captions}: not comparable"
    return ""
