"""The page: a heading that says what was found, then the plots, each with a sentence that reads it."""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from newwave_cli.output import stats_prose
from newwave_cli.output.report_page import plots
from newwave_cli.output.report_page.spreads import histogram
from newwave_cli.output.report_page.style import CSS

if TYPE_CHECKING:
    from catalog.statistics.comparison import Comparison
    from catalog.statistics.summary import Summary
    from catalog.statistics.texts import Texts
    from models.statistics.text_shift import Shift

# Tokens at which text encoders of the field cut: CLIP and LAION's CLAP, all-MiniLM-L6-v2, BERT and RoBERTa.
LIMITS = {77: "77", 256: "256", 512: "512"}
TAGS_SHOWN = 18  # tags or words of one plot


def page(
    sets: "Sequence[Summary]",
    comparison: "Comparison | None" = None,
    shift: "Shift | None" = None,
    *,
    absent: Sequence[str] = (),
) -> str:
    """One or two sets as an HTML document that needs nothing beside it.

    absent: encoders whose tokens could not be counted.
    """
    names = [one.name for one in sets]
    # Each name in the colour that its bars and dots have below: the heading is the legend of the page.
    colored = [_colored(name, place) for place, name in enumerate(names)]
    heading = " and ".join(colored)
    parts = [f"<h1>{heading}</h1>"]
    parts.append(f'<p class="lede">{stats_prose.lede(sets, comparison)}</p>')
    parts.append(_figures_table(sets))
    parts += _descriptions(sets, comparison, shift)
    parts += _tags(sets)
    parts += _sound(sets)
    parts += _completeness(sets)
    parts.append(_footer(sets, shift, absent))
    title = escape(" and ".join(names))
    content = "".join(parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{CSS}</style></head><body><main>{content}</main></body></html>\n"
    )


def _colored(name: str, place: int) -> str:
    """The name of a set in its colour."""
    return f'<span class="k{place}">{escape(name)}</span>'


def _figure(title: str, svg: str, says: str = "", note: str = "") -> str:
    small = f" <small>{escape(note)}</small>" if note else ""
    caption = f"<figcaption>{says}</figcaption>" if says else ""
    return f"<figure><h3>{escape(title)}{small}</h3>{svg}{caption}</figure>"


def _grid(*figures: str) -> str:
    return f'<div class="grid">{"".join(figures)}</div>'


def _figures_table(sets: "Sequence[Summary]") -> str:
    """The key figures, a column a set."""
    heads = ""
    for place, one in enumerate(sets):
        heads += f"<th>{_colored(one.name, place)}</th>"
    rows = ""
    for name, values in stats_prose.key_figures(sets):
        cells = ""
        for cell in (name, *values):
            cells += f"<td>{escape(cell)}</td>"
        rows += f"<tr>{cells}</tr>"
    return (
        f'<div class="card scroll"><table><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _descriptions(
    sets: "Sequence[Summary]", comparison: "Comparison | None", shift: "Shift | None"
) -> Iterator[str]:
    """What descriptions are like: lengths, tokens, words; and how two sets differ in them."""
    told = [(one, one.texts) for one in sets if one.texts is not None]
    if not told:
        return
    yield f"<h2>How the songs are described</h2><p>{stats_prose.kinds(sets)}</p>"
    lengths = [(one.name, texts.length) for one, texts in told]
    plot = histogram(lengths, "words")
    figures = [_figure("Words in a description", plot, stats_prose.lengths(told))]
    _, first_texts = told[0]  # each set was counted by the same tokenizers
    for encoder in first_texts.tokens:
        token_counts = [(one.name, texts.tokens[encoder].spread) for one, texts in told]
        plot = histogram(token_counts, "tokens", limits=LIMITS)
        says = stats_prose.tokens(told, encoder)
        figures.append(_figure(f"Tokens for {encoder}", plot, says))
    if comparison is not None and len(told) == 2:
        figures += _differences(sets, comparison, shift)
    else:
        figures.append(_commonest_words(first_texts))
    yield _grid(*figures)


def _commonest_words(texts: "Texts") -> str:
    """The words of one set that most of its descriptions hold."""
    counts = {}
    for word, share in texts.telling[:TAGS_SHOWN]:
        counts[word] = share * texts.count  # back to a number of descriptions, which a bar can say
    plot = plots.bars(counts, 0, whole=texts.count, what="descriptions")
    return _figure("Words that most descriptions hold", plot, stats_prose.vocabulary(texts))


def _differences(sets: "Sequence[Summary]", comparison: "Comparison", shift: "Shift | None") -> Iterator[str]:
    """The plots of two sets beside each other."""
    names = (sets[0].name, sets[1].name)
    yield _figure(
        "Words that tell the two apart",
        plots.telling(comparison.telling, names),
        "The longer a bar, the surer the difference: log-odds of the frequencies, with a prior from both sets"
        " together (Monroe and others 2008). Each side has its own scale; small words are left out.",
    )
    if shift is not None:
        plot = plots.text_map(shift, names)
        says = stats_prose.shift(shift, names)
        yield _figure("Map of what is said", plot, says, note="every dot is a description; point at it")
    plot = plots.overlap(comparison.only_first, comparison.shared_words, comparison.only_second, names)
    yield _figure("Vocabulary", plot, stats_prose.unseen(comparison, names))
    if comparison.unseen_words:
        commonest = dict(comparison.unseen_words[:12])
        plot = plots.bars(commonest, 1, whole=comparison.running_second, what="times")
        first, second = names
        yield _figure(
            f"Words of {second} that {first} never has",
            plot,
            "A text encoder sees these as pieces: words written together, names, other spellings.",
        )


def _tags(sets: "Sequence[Summary]") -> Iterator[str]:
    """The most frequent tags of each set, and which of them meet."""
    tagged = [one for one in sets if one.tags]
    if not tagged:
        return
    yield f"<h2>Tags</h2><p>{stats_prose.tags(tagged)}</p>"
    figures = []
    for place, one in enumerate(sets):  # of all, since a set keeps its colour where the other has no tags
        if not one.tags:
            continue
        most_frequent = dict(islice(one.tag_counts.items(), TAGS_SHOWN))
        plot = plots.bars(most_frequent, place, whole=one.songs, what="songs")
        title = f"Most frequent tags of {one.name}"
        figures.append(_figure(title, plot, note=f"songs, of {one.songs:,}"))
    for one in tagged:
        if one.together:
            names = list(one.tag_counts)[: len(one.matrix)]
            plot = plots.heat_map(names, one.matrix)
            title = f"Which tags of {one.name} meet"
            figures.append(_figure(title, plot, stats_prose.together(one), note="against chance"))
    yield _grid(*figures)


def _sound(sets: "Sequence[Summary]") -> Iterator[str]:
    """How long songs are."""
    spreads = [(one.name, one.duration_s) for one in sets if one.duration_s is not None]
    if not spreads:
        return
    yield "<h2>Length of the songs</h2>"
    wide = []
    for place, one in enumerate(sets):
        length = one.duration_s
        # Clips that are all cut to one length would be a single bar: a sentence says it.
        if length is not None and length.high - length.low > 1:
            plot = histogram([(one.name, length)], "minutes", unit_size=60, place=place)
            says = stats_prose.durations(length)
            wide.append(_figure(f"Durations of {one.name}", plot, says))
    yield f"<p>{stats_prose.constant_durations(spreads)}</p>"
    yield _grid(*wide)


def _completeness(sets: "Sequence[Summary]") -> Iterator[str]:
    names = [one.name for one in sets]
    yield "<h2>What is there and what is missing</h2>"
    filled = plots.missing([one.missing for one in sets], names)
    yield _grid(
        _figure("Fields that are filled", filled),
        f'<div class="card"><h3>Licences, languages, artists, duplicates</h3>{_facts(sets)}</div>',
    )


def _facts(sets: "Sequence[Summary]") -> str:
    tables = [_facts_table(place, one) for place, one in enumerate(sets)]
    return "".join(tables)


def _facts_table(place: int, one: "Summary") -> str:
    head = f'<tr><th colspan="2">{_colored(one.name, place)}</th></tr>'
    rows = ""
    for name, value in stats_prose.facts(one):
        rows += f'<tr><td>{escape(name)}</td><td class="words">{escape(value)}</td></tr>'
    return f"<table>{head}{rows}</table>"


def _footer(sets: "Sequence[Summary]", shift: "Shift | None", absent: Sequence[str]) -> str:
    lines = [f"<p>{line}</p>" for line in stats_prose.method(sets, shift, absent)]
    lines.append(f"<p>Made by nw stats on {date.today():%d %B %Y}.</p>")
    return f"<footer>{''.join(lines)}</footer>"
