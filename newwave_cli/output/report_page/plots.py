"""The plots of a report but histograms: bars, words that tell sets apart, tags that occur together, maps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from newwave_cli.output.report_page import svg
from newwave_cli.output.report_page.svg import WIDTH

if TYPE_CHECKING:
    from catalog.statistics.comparison import Telling
    from models.statistics.text_shift import Shift

ROW = 20  # pixels from one bar to the next
_BAR = 14  # of these, that a bar is high
_LABELS = 150  # pixels for the names on the left
_TAG_NAMES = 112  # the same of the map of tags


def bars(values: Mapping[str, float], place: int, *, whole: float, what: str) -> str:
    """Labelled bars, the longest first; each says its number and its share of `whole`."""
    height = ROW * len(values) + 6
    longest = WIDTH - _LABELS - 62  # behind the longest bar its number needs room
    most = max(values.values(), default=1)
    x = svg.scale(0, most, 0, longest)
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y = ROW * row + 4
        width = x(value)
        share = value / max(whole, 1)
        tip = f"{name}: {value:,.0f} {what} ({share:.1%})"
        baseline = y + 11
        end = _LABELS + width
        parts.append(svg.text(_LABELS - 8, baseline, _cut(name), "label", "end"))
        parts.append(svg.bar(_LABELS, y, width, _BAR, f"s{place}", tip))
        parts.append(svg.text(end + 6, baseline, svg.short(value), "tick"))
    first_five = list(values)[:5]
    first = ", ".join(first_five)  # read aloud in place of the picture
    return svg.plot(height, f"The most frequent: {first}", *parts)


def telling(words: Sequence["Telling"], names: tuple[str, str], rows: int = 16) -> str:
    """Words typical of the first set to the left, of the second to the right."""
    # z is negative for words of the first set; both sides begin with their most telling word.
    of_first = [word for word in words if word.z < 0]
    of_second = [word for word in words if word.z > 0]
    left = of_first[:rows]
    right = sorted(of_second, key=lambda word: -word.z)[:rows]
    longer = max(len(left), len(right))
    height = ROW * longer + 30
    middle = WIDTH / 2
    first, second = names
    parts = [
        svg.text(middle - 8, 12, first, "name", "end"),
        svg.text(middle + 8, 12, second, "name"),
        *_telling_bars(left, names, is_second=False),
        *_telling_bars(right, names, is_second=True),
        svg.line(middle, 20, middle, height, "axis"),
    ]
    return svg.plot(height, f"Words that tell {first} from {second}", *parts)


def _telling_bars(words: Sequence["Telling"], names: tuple[str, str], *, is_second: bool) -> Iterator[str]:
    """One side of `telling`: bars that grow away from the middle, each with its word behind it."""
    middle = WIDTH / 2
    # A scale for each side: z grows with the size of a set, and the larger one would dwarf the other.
    furthest = max((abs(word.z) for word in words), default=1)
    x = svg.scale(0, furthest, 0, middle - 110)
    for row, word in enumerate(words):
        y = ROW * row + 24
        baseline = y + 11
        width = x(abs(word.z))
        tip = _rates(word, names)
        if is_second:
            start = middle + 1
            yield svg.bar(start, y, width, _BAR, "s1", tip)
            yield svg.text(middle + width + 7, baseline, word.word, "label")
        else:
            start = middle - 1 - width
            yield svg.bar(start, y, width, _BAR, "s0", tip, left=True)
            yield svg.text(middle - width - 7, baseline, word.word, "label", "end")


def _rates(word: "Telling", names: tuple[str, str]) -> str:
    """How often a word stands in either set."""
    first, second = names
    in_first = f"{word.first:,.0f} a million words in {first}"
    in_second = f"{word.second:,.0f} in {second}"
    return f"{word.word}: {in_first}, {in_second}; z = {word.z:+.1f}"


def overlap(only_first: int, shared: int, only_second: int, names: tuple[str, str]) -> str:
    """The vocabulary of two sets as one bar: of the first alone, of both, of the second alone."""
    first, second = names
    total = max(only_first + shared + only_second, 1)
    segments = (
        ("s0", only_first, f"only in {first}"),
        ("both", shared, "in both"),
        ("s1", only_second, f"only in {second}"),
    )
    x = 0.0
    parts = []
    for row, (kind, count, where) in enumerate(segments):
        share = count / total
        label = f"{count:,} words {where}"
        # A sliver stays to be seen where there are a few words among a million.
        width = max((WIDTH - 4) * share, 1.5)
        parts.append(svg.box(x, 4, width, 26, kind, tip=label))
        x += width + 2
        # The same once more below the bar, where a sliver has its number too.
        y = 52 + 18 * row
        parts.append(svg.box(0, y - 9, 10, 10, kind))
        parts.append(svg.text(16, y, f"{label} ({share:.0%})", "label"))
    return svg.plot(94, f"Vocabulary of {first} and {second}", *parts)


def heat_map(tags: Sequence[str], matrix: Sequence[Sequence[float | None]]) -> str:
    """How tags meet: warm where they meet more often than by chance, cold where less.

    matrix: (tags, tags), as `Summary.matrix`.
    """
    room = WIDTH - _TAG_NAMES - 30  # a slanted name rises beyond the last column
    cell = room / max(len(tags), 1)
    top = 86.0
    parts = []
    for row, name in enumerate(tags):
        y = top + row * cell
        middle = y + cell / 2 + 4
        parts.append(svg.text(_TAG_NAMES - 6, middle, _cut(name, 17), "small", "end"))
        above = _TAG_NAMES + (row + 0.5) * cell + 3  # the matrix is symmetric: the same tag heads a column
        parts.append(svg.slanted(above, top - 6, _cut(name, 15)))
        for column, value in enumerate(matrix[row]):
            if column == row:  # a tag always meets itself
                continue
            x = _TAG_NAMES + column * cell
            kind, often = _met(value)
            tip = f"{name} and {tags[column]}: {often}"
            side = cell - 1.5  # a gap between the cells, half of it on each side
            parts.append(svg.box(x + 0.75, y + 0.75, side, side, kind, tip=tip))
    bottom = top + len(tags) * cell
    parts.append(_heat_legend(bottom + 18))
    all_tags = ", ".join(tags)
    return svg.plot(bottom + 36, f"How often tags meet: {all_tags}", *parts)


def _met(lift: float | None) -> tuple[str, str]:
    """The colour of a cell and what it says. lift: log2 of how often against chance, None for never."""
    if lift is None:
        return "none", "never together"
    step = round(lift)
    step = max(-3, min(3, step))  # seven colours, from an eighth to eight times
    return f"h{step + 3}", f"{2**lift:.2g} times as often as by chance"


def _heat_legend(y: float) -> str:
    """The seven colours of `_met`, from an eighth to eight times chance."""
    names = ("1/8", "1/4", "1/2", "1", "2", "4", "8")
    parts = [svg.text(_TAG_NAMES, y + 10, "times chance", "tick")]
    for place, name in enumerate(names):
        x = 196 + 34 * place
        parts.append(svg.box(x, y, 12, 12, f"h{place}"))
        parts.append(svg.text(x + 15, y + 10, name, "tick"))
    return "".join(parts)


def text_map(shift: "Shift", names: tuple[str, str]) -> str:
    """Every dot is a description; near dots say alike things."""
    height = 330.0
    xs, ys = zip(*shift.points, strict=True)
    x = svg.scale(min(xs), max(xs), 10, WIDTH - 10)
    y = svg.scale(min(ys), max(ys), height - 10, 30)  # SVG counts down from the top
    parts = [svg.legend(names, 14)]
    in_any_order = sorted(range(len(shift.points)), key=_shuffled)
    for i in in_any_order:
        place = int(i >= shift.split)  # the points of the second set follow those of the first
        text = _cut(shift.texts[i], 160)
        tip = f"{names[place]}: {text}"
        parts.append(svg.dot(x(xs[i]), y(ys[i]), f"dot s{place}", tip))
    first, second = names
    return svg.plot(height, f"Map of descriptions of {first} and {second}", *parts)


def _shuffled(place: int) -> int:
    """A key that mixes places alike every time (Knuth's multiplicative hash): drawn in order, the dots of
    the second set would hide those of the first."""
    return (place * 2654435761) % 1000


def missing(shares: Sequence[Mapping[str, float]], names: Sequence[str]) -> str:
    """How much of each field is filled, a row a field, a bar a set."""
    fields = list(shares[0])
    bars_high = _BAR * len(names)
    row = bars_high + 12
    left = 100  # where bars begin, behind the names of fields
    full = WIDTH - left - 48  # a bar of all songs; behind it stands its share
    parts = [svg.legend(names, 12)]
    for number, field in enumerate(fields):
        top = 26 + number * row
        middle = top + bars_high / 2 + 4
        parts.append(svg.text(left - 8, middle, field, "label", "end"))
        for place, share in enumerate(shares):
            told = 1 - share[field]
            y = top + _BAR * place
            parts.append(svg.box(left, y, full, 11, "track", rounded=4))
            if told:
                tip = f"{names[place]}: {told:.1%} of songs have {field}"
                parts.append(svg.bar(left, y, full * told, 11, f"s{place}", tip))
            parts.append(svg.text(left + full + 6, y + 10, f"{told:.0%}", "tick"))
    height = 28 + row * len(fields)
    return svg.plot(height, "How many songs have each field", *parts)


def _cut(words: str, width: int = 22) -> str:
    plain = " ".join(words.split())
    if len(plain) <= width:
        return plain
    return plain[: width - 1] + "…"
