"""The sentences of a report, made from its numbers. Names and words from data are escaped here."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import islice
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
    told = [one.texts for one in sets if one.texts is not None]
    if comparison is None or len(told) < len(sets):
        return "; ".join(map(_songs_and_hours, sets)) + "."
    first, second = (escape(one.name) for one in sets)
    words_first, words_second = (f"{texts.length.median:.0f}" for texts in told)
    meets = f"meets <b>{comparison.unseen:.0%}</b> words that were never seen"
    return (
        f"Who learns from {first} and is asked in the words of {second} {meets}. A description has"
        f" {words_first} words in {first} and {words_second} in {second}."
    )


def _songs_and_hours(one: "Summary") -> str:
    songs = counted(one.songs, "song")
    return f"<b>{songs}</b> in {escape(one.name)}, {hours(one)}"


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
    length = one.texts.length if one.texts else None
    vocabulary = one.texts.vocabulary if one.texts else 0
    figures = {"songs": f"{one.songs:,}"}
    figures["hours"] = f"{one.hours:,.1f}"
    figures["captions"] = f"{one.captions:,}"
    figures["different tags"] = f"{one.tags:,}"
    figures["tags a song, median"] = _median(one.tags_a_song)
    figures["artists"] = f"{one.artists:,}"
    figures["words in a description, median"] = _median(length)
    figures["different words"] = f"{vocabulary:,}"
    figures["songs with lyrics"] = f"{one.with_lyrics:,}"
    figures["songs with sound"] = f"{one.with_sound:,}"
    return figures


def _median(spread: "Spread | None") -> str:
    return f"{spread.median:g}" if spread else ""


def kinds(sets: "Sequence[Summary]") -> str:
    """What counts as a description in each set."""
    sentences = []
    for one in sets:
        texts = one.texts
        if texts is None:
            continue
        sentence = f"{escape(one.name)}: its captions"
        if texts.kind == "tags":
            sentence = f"{escape(one.name)}: its tags, joined by commas, as it has no captions"
        repeated = texts.count - texts.different
        if repeated:
            sentence += f"; {repeated:,} of {texts.count:,} repeat an earlier one"
        sentences.append(sentence)
    return ". ".join(sentences) + "."


def lengths(told: "Sequence[tuple[Summary, Texts]]") -> str:
    """How long descriptions are."""
    sentences = []
    for one, texts in told:
        half = f"half have {texts.length.median:.0f} words or fewer"
        longest = f"one in twenty more than {texts.length.p95:.0f}"
        sentences.append(f"{escape(one.name)}: {half}, {longest}.")
    return " ".join(sentences)


def tokens(told: "Sequence[tuple[Summary, Texts]]", encoder: str) -> str:
    """How many descriptions an encoder would cut."""
    sentences = []
    for one, texts in told:
        shares = texts.tokens[encoder].over
        over = [f"{_small(share)} pass {limit}" for limit, share in shares.items() if share]
        listed = ", ".join(over) or "none passes 77"
        sentences.append(f"{escape(one.name)}: {listed}.")
    return " ".join(sentences)


def _small(share: float) -> str:
    return f"{share:.1%}" if share >= 0.0005 else "hardly any"  # below it, "0.0%" would read as none


def vocabulary(texts: "Texts") -> str:
    """How rich the language is."""
    different = counted(texts.vocabulary, "different word")
    return f"{different} in {texts.running_words:,}; {texts.once:,} of them occur once."


def unseen(comparison: "Comparison", names: tuple[str, str]) -> str:
    """How much of one set is new to the other."""
    first, second = map(escape, names)
    return (
        f"Of the running words of {second}, <b>{comparison.unseen:.1%}</b> never occur in {first};"
        f" the other way it is {comparison.unseen_back:.1%}. The word frequencies are"
        f" {comparison.divergence:.2f} bits apart (Jensen-Shannon; 0 is equal, 1 disjoint)."
    )


def shift(found: "Shift", names: tuple[str, str]) -> str:
    """How far apart the meanings lie."""
    first, second = map(escape, names)
    return (
        f"The mean descriptions are at cosine <b>{found.means:.2f}</b>; two random halves of one set are at"
        f" {found.halves:.2f}. The nearest description in {first} to one of {second} has a median similarity"
        f" of {found.nearest:.2f}, against {found.nearest_own:.2f} for the nearest within {second}."
    )


def tags(sets: "Sequence[Summary]") -> str:
    """How many tags there are and how many a song has."""
    sentences = []
    for one in sets:
        if one.tags_a_song:
            different = counted(one.tags, "different tag")
            a_song = f"{one.tags_a_song.mean:.1f} a song"
            sentences.append(f"{escape(one.name)}: {different}, {a_song}.")
    return " ".join(sentences)


def together(one: "Summary") -> str:
    """The pairs that belong together."""
    pairs = []
    for pair in one.together[:4]:
        named = f"{escape(pair.first)} and {escape(pair.second)}"
        songs = counted(pair.songs, "song")
        pairs.append(f"{named} ({pair.lift:.1f} ×, {songs})")
    listed = "; ".join(pairs)
    return f"Pairs that occur together far more often than by chance: {listed}."


def durations(spread: "Spread") -> str:
    """How long songs are."""
    middle = f"nine in ten lie between {duration(spread.p5)} and {duration(spread.p95)}"
    return (
        f"Half are shorter than {duration(spread.median)}; {middle}; the longest has"
        f" {duration(spread.high)}. What is beyond the axis is in its last bar."
    )


def constant_durations(spreads: "Sequence[tuple[str, Spread]]") -> str:
    """The sets whose clips all have one length."""
    sentences = []
    for name, spread in spreads:
        if spread.high - spread.low <= 1:  # encoders pad: clips of 30 s are seldom 30.00
            sentences.append(f"Every clip of {escape(name)} has {spread.median:.0f} s.")
    return " ".join(sentences)


def facts(one: "Summary") -> Iterator[tuple[str, str]]:
    """What is better said than drawn."""
    yield "licences", _counted(one.licenses, one.songs) or "not told"
    yield "languages told", _counted(one.languages, one.songs) or "not told"
    if one.texts is not None:
        languages = {LANGUAGES[code]: count for code, count in one.texts.languages.items()}
        yield "language of the descriptions", _counted(languages, one.texts.count)
    yield "largest artists", _counted(one.top_artists, one.songs, shown=3) or "not told"
    yield "formats", _counted(one.formats, one.songs) or "no sound"
    if one.rates_hz:
        rates = {f"{rate:,} Hz": count for rate, count in one.rates_hz.items()}
        yield "sample rates", _counted(rates, one.songs)
    yield "same sound as another", counted(one.same_sound, "song")
    yield "same artist and title as another", counted(one.same_name, "song")
    if one.texts is not None:
        repeated = one.texts.count - one.texts.different
        yield "description repeats another", f"{repeated:,}"


def _counted(counts: Mapping[str, int], whole: int, shown: int = 4) -> str:
    listed = []
    for name, count in islice(counts.items(), shown):
        share = count / max(whole, 1)  # an empty set has a page as well
        listed.append(f"{name} ({share:.0%})")
    further = len(counts) - shown
    more = f" and {further} more" if further > 0 else ""
    return ", ".join(listed) + more


def method(sets: "Sequence[Summary]", found: "Shift | None", absent: Sequence[str]) -> Iterator[str]:
    """How it was measured, and what was not."""
    yield (
        "Words are runs of letters in lower case. The language of a description is that of most of its small"
        " words, among seven. Tags meet by chance as often as the product of their frequencies says."
    )
    if found is not None:
        first, second = found.texts_compared
        encoder = escape(found.encoder)
        yield (
            f"Mean descriptions: {first:,} and {second:,} different descriptions, picked evenly, as"
            f" sentence vectors of {encoder}; the map shows the two directions in which they spread most."
        )
    if absent:
        encoders = ", ".join(map(escape, absent))
        yield (
            f"Tokens are not counted for {encoders}: the tokenizers are not on this machine, and nothing was"
            " downloaded."
        )
