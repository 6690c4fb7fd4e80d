"""What `nw stats` shows in a terminal: a line a figure, a column a set."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from newwave_cli.output import stats_prose

if TYPE_CHECKING:
    from catalog.statistics.comparison import Comparison
    from catalog.statistics.summary import Summary
    from catalog.statistics.texts import Texts
    from models.statistics.text_shift import Shift

_NOTHING = {"", "not told", "no sound", "0 songs"}
"""What a fact says where there is nothing of it: a row of these alone is left out."""


def rows(
    sets: "Sequence[Summary]", comparison: "Comparison | None", shift: "Shift | None"
) -> Iterator[dict[str, str]]:
    """The figures of one or two sets; what concerns both stands in the last column."""
    names = [one.name for one in sets]
    figures = chain(stats_prose.key_figures(sets), more_figures(sets))
    for figure, values in figures:
        by_set = dict(zip(names, values, strict=True))
        yield {"figure": figure, **by_set}
    if comparison is not None:
        first, second = names
        for figure, value in differences(comparison, shift, (first, second)):
            yield {"figure": figure, first: "", second: value}


def more_figures(sets: "Sequence[Summary]") -> Iterator[tuple[str, list[str]]]:
    """What the terminal shows beyond the key figures: a row each, empty where a set has nothing of it."""
    yield from _token_figures([one.texts for one in sets])
    yield "descriptions that repeat one", [_repeats(one.texts) for one in sets]
    yield "most frequent tags", list(map(_most_frequent, sets))
    yield "tags that occur together", list(map(_pairs, sets))
    facts = [dict(stats_prose.facts(one)) for one in sets]
    names = dict.fromkeys(chain.from_iterable(facts))  # in the order of the first set that has each
    names.pop("description repeats another", None)  # which stands above
    for name in names:
        values = [of_one.get(name, "") for of_one in facts]
        if set(values) - _NOTHING:
            yield name, values
    yield "missing", list(map(_missing, sets))


def _token_figures(sets: "Sequence[Texts | None]") -> Iterator[tuple[str, list[str]]]:
    """How long texts are to each encoder, and how many are longer than encoders of the field take."""
    told = [texts for texts in sets if texts is not None]
    if not told:
        return
    first, *_ = told  # every set is counted by the same tokenizers
    for encoder, tokens in first.tokens.items():
        yield f"tokens for {encoder}, median", [_median(texts, encoder) for texts in sets]
        for limit in tokens.over:
            shares = [_longer(texts, encoder, limit) for texts in sets]
            yield f"longer than {limit} tokens for {encoder}", shares


def _median(texts: "Texts | None", encoder: str) -> str:
    return f"{texts.tokens[encoder].spread.median:g}" if texts else ""


def _longer(texts: "Texts | None", encoder: str, limit: int) -> str:
    return f"{texts.tokens[encoder].over[limit]:.1%}" if texts else ""


def _most_frequent(one: "Summary") -> str:
    return ", ".join(islice(one.tag_counts, 8))


def _missing(one: "Summary") -> str:
    shares = [f"{name} {share:.0%}" for name, share in one.missing.items() if share]
    return ", ".join(shares)


def _repeats(texts: "Texts | None") -> str:
    return f"{texts.count - texts.different:,}" if texts else ""


def _pairs(one: "Summary") -> str:
    most_telling = one.together[:4]
    return ", ".join(f"{pair.first} + {pair.second}" for pair in most_telling)


def differences(
    comparison: "Comparison", found: "Shift | None", names: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """How the second set differs from the first, a line each."""
    first, second = names
    yield "words in both", f"{comparison.shared_words:,}"
    yield f"words only in {first}", f"{comparison.only_first:,}"
    yield f"words only in {second}", f"{comparison.only_second:,}"
    yield f"running words of {second} unseen in {first}", f"{comparison.unseen:.1%}"
    yield f"running words of {first} unseen in {second}", f"{comparison.unseen_back:.1%}"
    unseen = [word for word, _ in comparison.unseen_words[:8]]
    yield "most frequent unseen words", ", ".join(unseen)
    for name, words in zip(names, comparison.typical(), strict=True):
        yield f"words typical of {name}", ", ".join(words[:10])
    yield "divergence of words, bits", f"{comparison.divergence:.3f}"
    if comparison.shared_songs:
        yield "songs in both, by Jamendo's id", f"{comparison.shared_songs:,}"
    if found is not None:
        halves = f"halves of one set: {found.halves:.3f}"
        yield "cosine of the mean descriptions", f"{found.means:.3f} ({halves})"
        own = f"{found.nearest_own:.3f} within {second}"
        yield f"nearest description in {first}", f"{found.nearest:.3f} ({own})"
