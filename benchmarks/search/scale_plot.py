"""How costs grow with the library, as a small picture: both axes are logarithmic, so a slope is a power."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Scale = Callable[[float], float]
"""A value to its place in the picture, in pixels."""
WIDE, HIGH = 640, 360
LEFT, RIGHT, BELOW = 60, 190, 40
"""Room beside the plot, for numbers and for the names of lines."""
END, FLOOR = WIDE - RIGHT, HIGH - BELOW
"""Where the plot ends, and what it stands on."""
LINES = (
    ("index_cpu_s", "index anew, s", "#1b6ca8"),
    ("update_cpu_s", "1,000 songs more, s", "#c0392b"),
    ("cold_cpu_s", "nw query, whole process, s", "#2e8b57"),
    ("answer_ms", "answer, warm, ms", "#8e44ad"),
    ("index_mb", "index on disk, MB", "#b9770e"),
)


def svg(rows: list[dict[str, Any]]) -> str:
    """The figures of nw in rows of `scale.py`; of a size that was measured twice the last."""
    by_size = {row["songs"]: row for row in rows if row["who"] == "nw"}
    sizes = sorted(by_size)
    values: list[float] = []
    for name, _, _ in LINES:
        values += [by_size[size][name] for size in sizes]
    across = _axis(sizes, LEFT, END)
    down = _axis(values, FLOOR, 20)  # SVG counts down from the top
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>',
    ]
    parts += [_mark(f"{size:,}", across(size), FLOOR + 18, "middle") for size in sizes]
    parts += _levels(values, down)
    for row, (name, label, colour) in enumerate(LINES):
        points = [(across(size), down(by_size[size][name])) for size in sizes]
        parts += _line(points, colour)
        label_at = 40 + 20 * row
        parts.append(f'<text x="{END + 10}" y="{label_at}" fill="{colour}">{label}</text>')
    parts.append(f'<text x="{LEFT}" y="{HIGH - 4}" fill="#444444">songs</text></svg>')
    return "\n".join(parts) + "\n"


def _levels(values: Sequence[float], down: Scale) -> Iterator[str]:
    """A line across for each power of ten, with its number."""
    lowest, highest = _powers(values)
    for power in range(lowest, highest + 1):
        value = 10**power
        at = down(value)
        yield _mark(f"{value:g}", LEFT - 8, at + 4, "end")
        yield f'<path d="M{LEFT} {at:.0f}H{END}" stroke="#dddddd"/>'


def _line(points: Sequence[tuple[float, float]], colour: str) -> Iterator[str]:
    """One figure over the sizes of libraries: a line, and a dot for each."""
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in points:
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>'


def _axis(values: Sequence[float], first: float, last: float) -> Scale:
    """Where a value lies between `first` and `last`, which stand for whole powers of ten."""
    low, high = _powers(values)
    pixels_a_power = (last - first) / max(high - low, 1)
    return lambda value: first + (math.log10(value) - low) * pixels_a_power


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that enclose all values."""
    lowest = math.floor(math.log10(min(values)))
    highest = math.ceil(math.log10(max(values)))
    return lowest, highest


def _mark(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="#444444">{text}</text>'
