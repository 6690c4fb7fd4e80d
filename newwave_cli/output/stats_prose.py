"""The sentences of a report, made from its numbers. Names and words from data are escaped here."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from catalog.values.numbers import counted
from newwave_cli.output.formats import duration

if TYPE_CHECKING:
    from catalog.statistics.comparison import Comparison
    from catalog.statistics.spread import Spread
    from catalog.statistics.summary import Summary
    from catalog.statistics.texts import Texts
    from models.statistics.text_shift import Shift

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "": "too short to tell",
}


def lede(sets: "Sequence[Summary]", comparison: "Comparison | None") -> str:
    """What a hurried reader should take away."""
    if comparison is None or any(one.texts is None for one in sets):
        said = []
        for one in sets:
            songs = counted(one.songs, "song")
            name = escape(one.name)
            said.append(f"<b>{songs}</b> in {name}, {hours(one)}")
        return "; ".join(said) + "."
    first, second = (escape(one.name) for one in sets)
    of_first, of_second = [f"{one.texts.length.median:.0f}" for one in sets if one.texts]
    unseen_share = f"<b>{comparison.unseen:.0%}</b>"
    new = f"Who learns from {first} and is asked in the words of {second} meets {unseen_share} words"
    longer = f"A description has {of_first} words in {first} and {of_second} in {second}."
    return f"{new} that were never seen. {longer}"


def hours(one: "Summary") -> str:
    """How long all songs are."""
    if one.hours >= 10:
        return f"{one.hours:,.0f} hours"
    return f"{one.hours:.1f} hours"


def key_figures(sets: "Sequence[Summary]") -> Iterator[tuple[str, list[str]]]:
    """The numbers that stand at the head, a row each; those that are nothing everywhere are left out."""
    columns = [_key_figures(one) for one in sets]
    for name in columns[0]:
        values = [column[name] for column in columns]
        if set(values) - {"0", "0.0", ""}:  # a row of nothings says only that this kind of data has none
            yield name, values


def _key_figures(one: "Summary") -> dict[str, str]:
    """The numbers of one set, written for a person; "0" or "" for none."""
    texts = one.texts
    return {
        "songs": f"{one.songs:,}",
        "hours": f"{one.hours:,.1f}",
        "captions": f"{one.captions:,}",
        "different tags": f"{one.tags:,}",
        "tags a song, median": _median(one.tags_a_song),
        "artists": f"{one.artists:,}",
        "words in a description, median": _median(texts.length if texts else None),
        "different words": f"{texts.vocabulary:,}" if texts else "0",
        "songs with lyrics": f"{one.with_lyrics:,}",
        "songs with sound": f"{one.with_sound:,}",
    }


def _median(spread: "Spread | None") -> str:
    return f"{spread.median:g}" if spread else ""


def kinds(sets: "Sequence[Summary]") -> str:
    """What counts as a description in each set."""
    said = []
    for one in sets:
        texts = one.texts
        if texts is None:
            continue
        what = "captions"
        if texts.kind == "tags":
            what = "tags, joined by commas, as it has no captions"
        same = texts.count - texts.different
        again = f"; {same:,} of {texts.count:,} repeat an earlier one" if same else ""
        name = escape(one.name)
        said.append(f"{name}: its {what}{again}")
    return ". ".join(said) + "."


def lengths(told: "Sequence[tuple[Summary, Texts]]") -> str:
    """How long descriptions are."""
    said = []
    for one, texts in told:
        half = f"half have {texts.length.median:.0f} words or fewer"
        longest = f"one in twenty more than {texts.length.p95:.0f}"
        name = escape(one.name)
        said.append(f"{name}: {half}, {longest}.")
    return " ".join(said)


def tokens(told: "Sequence[tuple[Summary, Texts]]", encoder: str) -> str:
    """How many descriptions an encoder would cut."""
    said = []
    for one, texts in told:
        over = []
        for limit, share in texts.tokens[encoder].over.items():
            if share:
                over.append(f"{_small(share)} pass {limit}")
        listed = ", ".join(over) or "none passes 77"
        said.append(f"{escape(one.name)}: {listed}.")
    return " ".join(said)


def _small(share: float) -> str:
    return f"{share:.1%}" if share >= 0.0005 else "hardly any"  # below it, "0.0%" would read as none


def vocabulary(texts: "Texts") -> str:
    """How rich the language is."""
    different = counted(texts.vocabulary, "different word")
    return f"{different} in {texts.running_words:,}; {texts.once:,} of them occur once."


def unseen(comparison: "Comparison", names: tuple[str, str]) -> str:
    """How much of one set is new to the other."""
    first, second = map(escape, names)
    forth = f"Of the running words of {second}, <b>{comparison.unseen:.1%}</b> never occur in {first}"
    back = f"the other way it is {comparison.unseen_back:.1%}"
    apart = f"The word frequencies are {comparison.divergence:.2f} bits apart"
    return f"{forth}; {back}. {apart} (Jensen-Shannon; 0 is equal, 1 disjoint)."


def shift(found: "Shift", names: tuple[str, str]) -> str:
    """How far apart the meanings lie."""
    first, second = map(escape, names)
    means = f"The mean descriptions are at cosine <b>{found.means:.2f}</b>"
    halves = f"two random halves of one set are at {found.halves:.2f}"
    nearest = f"The nearest description in {first} to one of {second} has a median similarity"
    own = f"against {found.nearest_own:.2f} for the nearest within {second}"
    return f"{means}; {halves}. {nearest} of {found.nearest:.2f}, {own}."


def tags(sets: "Sequence[Summary]") -> str:
    """How many tags there are and how many a song has."""
    said = []
    for one in sets:
        if one.tags_a_song:
            different = counted(one.tags, "different tag")
            name = escape(one.name)
            said.append(f"{name}: {different}, {one.tags_a_song.mean:.1f} a song.")
    return " ".join(said)


def together(one: "Summary") -> str:
    """The pairs that belong together."""
    pairs = []
    for pair in one.together[:4]:
        named = " and ".join((escape(pair.first), escape(pair.second)))
        songs = counted(pair.songs, "song")
        pairs.append(f"{named} ({pair.lift:.1f} ×, {songs})")
    return f"Pairs that occur together far more often than by chance: {'; '.join(pairs)}."


def durations(spread: "Spread") -> str:
    """How long songs are."""
    half = f"Half are shorter than {duration(spread.median)}"
    middle = " and ".join((duration(spread.p5), duration(spread.p95)))
    longest = duration(spread.high)
    return (
        f"{half}; nine in ten lie between {middle}; the longest has"
        f" {longest}. What is beyond the axis is in its last bar."
    )


def constant_durations(spreads: "Sequence[tuple[str, Spread]]") -> str:
    """The sets whose clips all have one length."""
    said = []
    for name, spread in spreads:
        if spread.high - spread.low <= 1:  # encoders pad: clips of 30 s are seldom 30.00
            said.append(f"Every clip of {escape(name)} has {spread.median:.0f} s.")
    return " ".join(said)


def facts(one: "Summary") -> Iterator[tuple[str, str]]:
    """What is better said than drawn."""
    yield "licences", _counted(one.licenses, one.songs) or "not told"
    yield "languages told", _counted(one.languages, one.songs) or "not told"
    if one.texts is not None:
        languages = {}
        for code, count in one.texts.languages.items():
            languages[LANGUAGES[code]] = count
        yield "language of the descriptions", _counted(languages, one.texts.count)
    yield "largest artists", _counted(one.top_artists, one.songs, shown=3) or "not told"
    yield "formats", _counted(one.formats, one.songs) or "no sound"
    if one.rates_hz:
        rates = {}
        for rate, count in one.rates_hz.items():
            rates[f"{rate:,} Hz"] = count
        yield "sample rates", _counted(rates, one.songs)
    yield "same sound as another", counted(one.same_sound, "song")
    yield "same artist and title as another", counted(one.same_name, "song")
    if one.texts is not None:
        repeated = one.texts.count - one.texts.different
        yield "description repeats another", f"{repeated:,}"


def _counted(counts: Mapping[str, int], whole: int, shown: int = 4) -> str:
    items = list(counts.items())
    said = []
    for name, count in items[:shown]:
        share = count / max(whole, 1)  # an empty set has a page as well
        said.append(f"{name} ({share:.0%})")
    further = len(items) - shown
    more = f" and {further} more" if further > 0 else ""
    return ", ".join(said) + more


def method(sets: "Sequence[Summary]", found: "Shift | None", absent: Sequence[str]) -> Iterator[str]:
    """How it was measured, and what was not."""
    yield (
        "Words are runs of letters in lower case. The language of a description is that of most of its small"
        " words, among seven. Tags meet by chance as often as the product of their frequencies says."
    )
    if found is not None:
        first, second = found.texts_compared
        yield (
            f"Mean descriptions: {first:,} and {second:,} different descriptions, picked evenly, as"
            f" sentence vectors of {escape(found.encoder)}; the map shows the two directions in which they"
            " spread most."
        )
    if absent:
        yield (
            f"Tokens are not counted for {', '.join(map(escape, absent))}: the tokenizers are not on this"
            " machine, and nothing was downloaded."
        )
