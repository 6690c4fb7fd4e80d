"""The plots of a report but histograms: bars, words that tell sets apart, tags that occur together, maps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from newwave_cli.output.report_page import svg
from newwave_cli.output.report_page.svg import WIDTH

if TYPE_CHECKING:
    from catalog.statistics.comparison import Telling
    from models.statistics.text_shift import Shift

ROW = 20
_LABELS = 150


def bars(values: Mapping[str, float], place: int, *, whole: float, what: str) -> str:
    """Labelled bars, the longest first; each says its number and its share of `whole`."""
    height = ROW * len(values) + 6
    x = svg.scale(0, max(values.values(), default=1), 0, WIDTH - _LABELS - 62)
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y = ROW * row + 4
        share = value / max(whole, 1)
        tip = f"{name}: {value:,.0f} {what} ({share:.1%})"
        baseline = y + 11
        parts.append(svg.text(_LABELS - 8, baseline, _cut(name), "label", "end"))
        parts.append(svg.bar(_LABELS, y, x(value), 14, f"s{place}", tip))
        parts.append(svg.text(_LABELS + x(value) + 6, baseline, svg.short(value), "tick"))
    first = ", ".join(list(values)[:5])
    return svg.plot(height, f"The most frequent: {first}", *parts)


def telling(words: Sequence["Telling"], names: tuple[str, str], rows: int = 16) -> str:
    """Words typical of the first set to the left, of the second to the right."""
    left = [word for word in words if word.z < 0][:rows]
    of_second = [word for word in words if word.z > 0]
    right = sorted(of_second, key=lambda word: -word.z)[:rows]
    height = ROW * max(len(left), len(right)) + 30
    middle = WIDTH / 2
    parts = [svg.text(middle - 8, 12, names[0], "name", "end")]
    parts.append(svg.text(middle + 8, 12, names[1], "name"))
    for place, side in enumerate((left, right)):
        furthest = max((abs(word.z) for word in side), default=1)
        x = svg.scale(0, furthest, 0, middle - 110)
        for row, word in enumerate(side):
            y, width = ROW * row + 24, x(abs(word.z))
            rates = f"{word.first:,.0f} a million words in {names[0]}, {word.second:,.0f} in {names[1]}"
            tip = f"{word.word}: {rates}; z = {word.z:+.1f}"
            if place:
                parts.append(svg.bar(middle + 1, y, width, 14, "s1", tip))
                parts.append(svg.text(middle + width + 7, y + 11, word.word, "label"))
            else:
                parts.append(svg.bar(middle - 1 - width, y, width, 14, "s0", tip, left=True))
                parts.append(svg.text(middle - width - 7, y + 11, word.word, "label", "end"))
    parts.append(svg.line(middle, 20, middle, height, "axis"))
    return svg.plot(height, f"Words that tell {names[0]} from {names[1]}", *parts)


def overlap(only_first: int, shared: int, only_second: int, names: tuple[str, str]) -> str:
    """The vocabulary of two sets as one bar: of the first alone, of both, of the second alone."""
    total = max(only_first + shared + only_second, 1)
    labels = (f"only in {names[0]}", "in both", f"only in {names[1]}")
    x, parts = 0.0, []
    counted = list(zip(("s0", "both", "s1"), (only_first, shared, only_second), labels, strict=True))
    for kind, count, label in counted:
        # A sliver stays to be seen where there are a few words among a million.
        width = max((WIDTH - 4) * count / total, 1.5)
        box = f'<rect x="{x:.1f}" y="4" width="{width:.1f}" height="26" rx="3" class="{kind}">'
        parts.append(f"{box}{svg.tooltip(f'{count:,} words {label}')}</rect>")
        x += width + 2
    for row, (kind, count, label) in enumerate(counted):
        y = 52 + 18 * row
        parts.append(f'<rect x="0" y="{y - 9}" width="10" height="10" rx="3" class="{kind}"/>')
        said = f"{count:,} words {label} ({count / total:.0%})"
        parts.append(svg.text(16, y, said, "label"))
    return svg.plot(94, f"Vocabulary of {names[0]} and {names[1]}", *parts)


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
        x = 112 + (row + 0.5) * cell
        parts.append(svg.slanted(x + 3, top - 6, _cut(name, 15)))
        for column, value in enumerate(matrix[row]):
            if column == row:
                continue
            if value is None:
                kind, often = "none", "never together"
            else:
                kind = f"h{max(-3, min(3, round(value))) + 3}"  # seven colours, h3 is as by chance
                often = f"{2**value:.2g} times as often as by chance"
            tip = f"{name} and {tags[column]}: {often}"
            left, size_ = 112 + column * cell + 0.75, cell - 1.5  # a gap between the cells
            box = f'x="{left:.1f}" y="{y + 0.75:.1f}" width="{size_:.1f}" height="{size_:.1f}"'
            parts.append(f'<rect {box} rx="3" class="{kind}">{svg.tooltip(tip)}</rect>')
    parts.append(_heat_legend(top + size * cell + 18))
    return svg.plot(top + size * cell + 36, f"How often tags meet: {', '.join(tags)}", *parts)


def _heat_legend(y: float) -> str:
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
    y = svg.scale(min(ys), max(ys), height - 10, 30)
    parts = [svg.legend(names, 14)]
    order = sorted(range(len(shift.points)), key=lambda i: (i * 2654435761) % 1000)  # neither set on top
    for i in order:
        place = int(i >= shift.split)
        dot = f'<circle cx="{x(xs[i]):.1f}" cy="{y(ys[i]):.1f}" r="3.6" class="dot s{place}">'
        tip = svg.tooltip(f"{names[place]}: {_cut(shift.texts[i], 160)}")
        parts.append(f"{dot}{tip}</circle>")
    return svg.plot(height, f"Map of descriptions of {names[0]} and {names[1]}", *parts)


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
            told, y = 1 - share[field], top + 14 * place
            tip = f"{names[place]}: {told:.1%} of songs have {field}"
            parts.append(f'<rect x="100" y="{y}" width="{x(1):.1f}" height="11" rx="4" class="track"/>')
            if told:
                parts.append(svg.bar(100, y, x(told), 11, f"s{place}", tip))
            parts.append(svg.text(100 + x(1) + 6, y + 10, f"{told:.0%}", "tick"))
    return svg.plot(28 + row * len(fields), "How many songs have each field", *parts)


def _cut(words: str, width: int = 22) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= width else plain[: width - 1] + "…"
