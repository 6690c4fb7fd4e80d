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
_TAGS_TOP = 86.0  # pixels for the slanted names above it
_GAP = 0.75  # on each side of its cells
_FIELDS = 100  # pixels for the names of fields


def bars(values: Mapping[str, float], place: int, *, whole: float, what: str) -> str:
    """Labelled bars, the longest first; each says its number and its share of `whole`."""
    longest = WIDTH - _LABELS - 62  # behind the longest bar its number needs room
    most = max(values.values(), default=1)
    x = svg.scale(0, most, 0, longest)
    parts: list[str] = []
    for row, (name, value) in enumerate(values.items()):
        share = value / max(whole, 1)
        count = f"{value:,.0f} {what}"
        tip = f"{name}: {count} ({share:.1%})"
        labels = (_cut(name), svg.short(value))
        y = ROW * row + 4
        parts += _bar(y, x(value), labels, f"s{place}", tip)
    height = ROW * len(values) + 6
    first_five = list(values)[:5]
    first = ", ".join(first_five)  # read aloud in place of the picture
    return svg.plot(height, f"The most frequent: {first}", *parts)


def _bar(y: float, width: float, labels: tuple[str, str], kind: str, tip: str) -> Iterator[str]:
    """A bar from the edge of the names, with its name before it and its number behind it."""
    name, number = labels
    baseline = y + 11
    yield svg.text(_LABELS - 8, baseline, name, "label", "end")
    yield svg.bar(_LABELS, y, width, _BAR, kind, tip)
    end = _LABELS + width
    yield svg.text(end + 6, baseline, number, "tick")


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
    parts = [svg.text(middle - 8, 12, first, "name", "end")]
    parts.append(svg.text(middle + 8, 12, second, "name"))
    parts += _telling_bars(left, names, is_second=False)
    parts += _telling_bars(right, names, is_second=True)
    parts.append(svg.line(middle, 20, middle, height, "axis"))
    title = f"Words that tell {first} from {second}"
    return svg.plot(height, title, *parts)


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
            behind = middle + width + 7
            yield svg.bar(start, y, width, _BAR, "s1", tip)
            yield svg.text(behind, baseline, word.word, "label")
        else:
            start = middle - 1 - width
            behind = middle - width - 7
            yield svg.bar(start, y, width, _BAR, "s0", tip, left=True)
            yield svg.text(behind, baseline, word.word, "label", "end")


def _rates(word: "Telling", names: tuple[str, str]) -> str:
    """How often a word stands in either set."""
    first, second = names
    in_first = f"{word.first:,.0f} a million words in {first}"
    in_second = f"{word.second:,.0f} in {second}"
    rates = f"{word.word}: {in_first}, {in_second}"
    return f"{rates}; z = {word.z:+.1f}"


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
        parts += svg.key(0, y, kind, f"{label} ({share:.0%})")
    title = f"Vocabulary of {first} and {second}"
    return svg.plot(94, title, *parts)


def heat_map(tags: Sequence[str], matrix: Sequence[Sequence[float | None]]) -> str:
    """How tags meet: warm where they meet more often than by chance, cold where less.

    matrix: (tags, tags), as `Summary.matrix`.
    """
    room = WIDTH - _TAG_NAMES - 30  # a slanted name rises beyond the last column
    cell = room / max(len(tags), 1)
    parts: list[str] = []
    for row, name in enumerate(tags):
        parts += _tag_names(name, row, cell)
        parts += _heat_row(tags, row, matrix[row], cell)
    bottom = _TAGS_TOP + len(tags) * cell
    parts += _heat_legend(bottom + 18)
    all_tags = ", ".join(tags)
    return svg.plot(bottom + 36, f"How often tags meet: {all_tags}", *parts)


def _tag_names(name: str, row: int, cell: float) -> Iterator[str]:
    """A tag before its row and, as the matrix is symmetric, above its column."""
    middle = (row + 0.5) * cell
    before = _cut(name, 17)
    above = _cut(name, 15)
    yield svg.text(_TAG_NAMES - 6, _TAGS_TOP + middle + 4, before, "small", "end")
    yield svg.slanted(_TAG_NAMES + middle + 3, _TAGS_TOP - 6, above)


def _heat_row(tags: Sequence[str], row: int, lifts: Sequence[float | None], cell: float) -> Iterator[str]:
    """A cell for each other tag that the tag of this row may meet."""
    side = cell - 2 * _GAP
    y = _TAGS_TOP + row * cell
    for column, lift in enumerate(lifts):
        if column == row:  # a tag always meets itself
            continue
        x = _TAG_NAMES + column * cell
        kind, often = _met(lift)
        tip = f"{tags[row]} and {tags[column]}: {often}"
        yield svg.box(x + _GAP, y + _GAP, side, side, kind, tip=tip)


def _met(lift: float | None) -> tuple[str, str]:
    """The colour of a cell and what it says. lift: log2 of how often against chance, None for never."""
    if lift is None:
        return "none", "never together"
    step = round(lift)
    step = max(-3, min(3, step))  # seven colours, from an eighth to eight times
    times = f"{2**lift:.2g}"
    return f"h{step + 3}", f"{times} times as often as by chance"


def _heat_legend(y: float) -> Iterator[str]:
    """The seven colours of `_met`, from an eighth to eight times chance."""
    names = ("1/8", "1/4", "1/2", "1", "2", "4", "8")
    baseline = y + 10
    yield svg.text(_TAG_NAMES, baseline, "times chance", "tick")
    for place, name in enumerate(names):
        x = 196 + 34 * place
        yield svg.box(x, y, 12, 12, f"h{place}")
        yield svg.text(x + 15, baseline, name, "tick")


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
        across, down = shift.points[i]
        parts.append(svg.dot(x(across), y(down), f"dot s{place}", tip))
    first, second = names
    title = f"Map of descriptions of {first} and {second}"
    return svg.plot(height, title, *parts)


def _shuffled(place: int) -> int:
    """A key that mixes places alike every time (Knuth's multiplicative hash): drawn in order, the dots of
    the second set would hide those of the first."""
    return (place * 2654435761) % 1000


def missing(shares: Sequence[Mapping[str, float]], names: Sequence[str]) -> str:
    """How much of each field is filled, a row a field, a bar a set."""
    fields = list(shares[0])
    bars_high = _BAR * len(names)
    row = bars_high + 12
    parts = [svg.legend(names, 12)]
    for number, field in enumerate(fields):
        top = 26 + number * row
        middle = top + bars_high / 2 + 4
        parts.append(svg.text(_FIELDS - 8, middle, field, "label", "end"))
        for place, name in enumerate(names):
            filled = 1 - shares[place][field]
            tip = f"{name}: {filled:.1%} of songs have {field}"
            parts += _filled_bar(top + _BAR * place, filled, f"s{place}", tip)
    height = 28 + row * len(fields)
    return svg.plot(height, "How many songs have each field", *parts)


def _filled_bar(y: float, share: float, kind: str, tip: str) -> Iterator[str]:
    """A share of all songs as a bar on a track, the number behind it."""
    full = WIDTH - _FIELDS - 48
    yield svg.box(_FIELDS, y, full, 11, "track", rounded=4)
    if share:
        yield svg.bar(_FIELDS, y, full * share, 11, kind, tip)
    end = _FIELDS + full
    yield svg.text(end + 6, y + 10, f"{share:.0%}", "tick")


def _cut(words: str, width: int = 22) -> str:
    plain = " ".join(words.split())
    if len(plain) <= width:
        return plain
    return plain[: width - 1] + "…"
