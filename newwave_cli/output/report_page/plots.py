"""The plots of a report but histograms: bars, words that tell sets apart, tags that occur together, maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from newwave_cli.output.report_page import svg
from newwave_cli.output.report_page.svg import WIDTH

if TYPE_CHECKING:
    from catalog.statistics.comparison import Telling
    from models.statistics.text_shift import Shift

ROW = 20  # pixels from one bar to the next
_LABELS = 150  # pixels for the names on the left


def bars(values: Mapping[str, float], place: int, *, whole: float, what: str) -> str:
    """Labelled bars, the longest first; each says its number and its share of `whole`."""
    height = ROW * len(values) + 6
    longest = WIDTH - _LABELS - 62  # behind the longest bar its number needs room
    x = svg.scale(0, max(values.values(), default=1), 0, longest)
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y = ROW * row + 4
        width = x(value)
        share = value / max(whole, 1)
        tip = f"{name}: {value:,.0f} {what} ({share:.1%})"
        baseline = y + 11
        parts.append(svg.text(_LABELS - 8, baseline, _cut(name), "label", "end"))
        parts.append(svg.bar(_LABELS, y, width, 14, f"s{place}", tip))
        parts.append(svg.text(_LABELS + width + 6, baseline, svg.short(value), "tick"))
    first = ", ".join(list(values)[:5])  # read aloud in place of the picture
    return svg.plot(height, f"The most frequent: {first}", *parts)


def telling(words: Sequence["Telling"], names: tuple[str, str], rows: int = 16) -> str:
    """Words typical of the first set to the left, of the second to the right."""
    left = [word for word in words if word.z < 0][:rows]
    of_second = [word for word in words if word.z > 0]
    right = sorted(of_second, key=lambda word: -word.z)[:rows]
    rows_needed = max(len(left), len(right))
    height = ROW * rows_needed + 30
    middle = WIDTH / 2
    first, second = names
    parts = [svg.text(middle - 8, 12, first, "name", "end")]
    parts.append(svg.text(middle + 8, 12, second, "name"))
    for is_second, side in enumerate((left, right)):
        # A scale for each side: z grows with the size of a set, and the larger one would dwarf the other.
        furthest = max((abs(word.z) for word in side), default=1)
        x = svg.scale(0, furthest, 0, middle - 110)
        for row, word in enumerate(side):
            y = ROW * row + 24
            baseline = y + 11
            width = x(abs(word.z))
            rates = f"{word.first:,.0f} a million words in {first}, {word.second:,.0f} in {second}"
            tip = f"{word.word}: {rates}; z = {word.z:+.1f}"
            if is_second:
                parts.append(svg.bar(middle + 1, y, width, 14, "s1", tip))
                parts.append(svg.text(middle + width + 7, baseline, word.word, "label"))
            else:
                parts.append(svg.bar(middle - 1 - width, y, width, 14, "s0", tip, left=True))
                parts.append(svg.text(middle - width - 7, baseline, word.word, "label", "end"))
    parts.append(svg.line(middle, 20, middle, height, "axis"))
    return svg.plot(height, f"Words that tell {first} from {second}", *parts)


def overlap(only_first: int, shared: int, only_second: int, names: tuple[str, str]) -> str:
    """The vocabulary of two sets as one bar: of the first alone, of both, of the second alone."""
    first, second = names
    total = max(only_first + shared + only_second, 1)
    segments = (
        ("s0", only_first, f"only in {first}"),
        ("both", shared, "in both"),
        ("s1", only_second, f"only in {second}"),
    )
    x, parts = 0.0, []
    for kind, count, label in segments:
        # A sliver stays to be seen where there are a few words among a million.
        width = max((WIDTH - 4) * count / total, 1.5)
        box = f'<rect x="{x:.1f}" y="4" width="{width:.1f}" height="26" rx="3" class="{kind}">'
        tip = svg.tooltip(f"{count:,} words {label}")
        parts.append(f"{box}{tip}</rect>")
        x += width + 2
    for row, (kind, count, label) in enumerate(segments):
        y = 52 + 18 * row
        parts.append(f'<rect x="0" y="{y - 9}" width="10" height="10" rx="3" class="{kind}"/>')
        share = count / total
        parts.append(svg.text(16, y, f"{count:,} words {label} ({share:.0%})", "label"))
    return svg.plot(94, f"Vocabulary of {first} and {second}", *parts)


def heat_map(tags: Sequence[str], matrix: Sequence[Sequence[float | None]]) -> str:
    """How tags meet: warm where they meet more often than by chance, cold where less."""
    size = len(tags)
    cell = (WIDTH - 112 - 30) / max(size, 1)
    top = 86.0
    parts = []
    for row, name in enumerate(tags):
        y = top + row * cell
        middle = y + cell / 2 + 4
        parts.append(svg.text(106, middle, _cut(name, 17), "small", "end"))
        above = 112 + (row + 0.5) * cell + 3  # the matrix is symmetric: the same tag heads a column
        parts.append(svg.slanted(above, top - 6, _cut(name, 15)))
        for column, value in enumerate(matrix[row]):
            if column == row:
                continue
            kind, often = _met(value)
            tip = svg.tooltip(f"{name} and {tags[column]}: {often}")
            x = 112 + column * cell
            side = cell - 1.5  # a gap between the cells
            place = f'x="{x + 0.75:.1f}" y="{y + 0.75:.1f}"'
            size_of_cell = f'width="{side:.1f}" height="{side:.1f}"'
            parts.append(f'<rect {place} {size_of_cell} rx="3" class="{kind}">{tip}</rect>')
    bottom = top + size * cell
    parts.append(_heat_legend(bottom + 18))
    return svg.plot(bottom + 36, f"How often tags meet: {', '.join(tags)}", *parts)


def _met(lift: float | None) -> tuple[str, str]:
    """The colour of a cell and what it says. lift: log2 of how often against chance, None for never."""
    if lift is None:
        return "none", "never together"
    step = max(-3, min(3, round(lift)))  # seven colours, from an eighth to eight times
    return f"h{step + 3}", f"{2**lift:.2g} times as often as by chance"


def _heat_legend(y: float) -> str:
    """The seven colours of `_met`, from an eighth to eight times chance."""
    names = ("1/8", "1/4", "1/2", "1", "2", "4", "8")
    parts = [svg.text(112, y + 10, "times chance", "tick")]
    for place, name in enumerate(names):
        x = 196 + 34 * place
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" rx="3" class="h{place}"/>')
        parts.append(svg.text(x + 15, y + 10, name, "tick"))
    return "".join(parts)


def text_map(shift: "Shift", names: tuple[str, str]) -> str:
    """Every dot is a description; near dots say alike things."""
    height = 330.0
    xs, ys = zip(*shift.points, strict=True)
    x = svg.scale(min(xs), max(xs), 10, WIDTH - 10)
    y = svg.scale(min(ys), max(ys), height - 10, 30)  # SVG counts down from the top
    parts = [svg.legend(names, 14)]
    for i in sorted(range(len(shift.points)), key=_shuffled):
        place = int(i >= shift.split)  # the points of the second set follow those of the first
        center = f'cx="{x(xs[i]):.1f}" cy="{y(ys[i]):.1f}"'
        text = _cut(shift.texts[i], 160)
        tip = svg.tooltip(f"{names[place]}: {text}")
        parts.append(f'<circle {center} r="3.6" class="dot s{place}">{tip}</circle>')
    first, second = names
    return svg.plot(height, f"Map of descriptions of {first} and {second}", *parts)


def _shuffled(place: int) -> int:
    """A key that mixes places alike every time (Knuth's multiplicative hash): drawn in order, the dots of
    the second set would hide those of the first."""
    return (place * 2654435761) % 1000


def missing(shares: Sequence[Mapping[str, float]], names: Sequence[str]) -> str:
    """How much of each field is filled, a row a field, a bar a set."""
    fields = list(shares[0])
    row = 14 * len(names) + 12
    x = svg.scale(0, 1, 0, WIDTH - 100 - 48)
    parts = [svg.legend(names, 12)]
    for number, field in enumerate(fields):
        top = 26 + number * row
        middle = top + 7 * len(names) + 4
        parts.append(svg.text(92, middle, field, "label", "end"))
        for place, share in enumerate(shares):
            told = 1 - share[field]
            y = top + 14 * place
            tip = f"{names[place]}: {told:.1%} of songs have {field}"
            full = x(1)
            parts.append(f'<rect x="100" y="{y}" width="{full:.1f}" height="11" rx="4" class="track"/>')
            if told:
                parts.append(svg.bar(100, y, x(told), 11, f"s{place}", tip))
            parts.append(svg.text(100 + full + 6, y + 10, f"{told:.0%}", "tick"))
    return svg.plot(28 + row * len(fields), "How many songs have each field", *parts)


def _cut(words: str, width: int = 22) -> str:
    plain = " ".join(words.split())
    if len(plain) <= width:
        return plain
    return plain[: width - 1] + "…"
