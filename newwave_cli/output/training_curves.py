"""Curves of trainings: in the terminal with braille dots, and as PNG through matplotlib."""

import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from catalog.errors import NotReady

Points = Sequence[tuple[float, float]]
HEIGHT = 12  # rows of text of one curve
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille character: four rows of two dots."""


def draw(runs: Mapping[str, Points], *, width: int | None = None) -> Iterator[str]:
    """Lines of text for each run's (x, y) points: its name and range, then its curve, all on one scale."""
    terminal = shutil.get_terminal_size((100, 24))
    room = terminal.columns - 12  # behind the labels of the axis
    width = width or max(20, min(room, 120))
    curves = {name: _finite(points) for name, points in runs.items()}
    drawn = [point for curve in curves.values() for point in curve]
    if not drawn:
        return
    xs, ys = zip(*drawn, strict=True)
    low, high = min(ys), max(ys)
    first, last = min(xs), max(xs)
    labels = [""] * HEIGHT
    labels[0], labels[-1] = f"{high:10.4g}", f"{low:10.4g}"
    for name, curve in curves.items():
        values = [y for _, y in curve]
        yield _headline(name, values)
        grid = _grid(curve, (first, last), (low, high), width)
        for label, row in zip(labels, grid, strict=True):
            dots = "".join(chr(0x2800 + bits) for bits in row)  # Braille patterns: eight dots a character
            yield f"{label:10} {dots}".rstrip()
    yield f"{'':10} step {first:g} to {last:g}"


def _finite(points: Points) -> Points:
    """Without the steps whose loss was NaN or infinite, which have no place on a scale."""
    return [(x, y) for x, y in points if math.isfinite(y)]


def _headline(name: str, values: Sequence[float]) -> str:
    """A run's name with its first, last and lowest value."""
    if not values:
        return name
    first, last, lowest = values[0], values[-1], min(values)
    return f"{name}: {first:.4g} -> {last:.4g} (lowest {lowest:.4g})"


def save(runs: Mapping[str, Points], path: Path, *, value: str) -> None:
    """Write the curves of runs as an image. Raises NotReady where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise NotReady(
            "matplotlib is not installed, so no image can be drawn.",
            try_this='pip install "newwave-cli[train]"    (or without --png: in the terminal)',
        ) from error
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name, points in runs.items():
        axes.plot(*zip(*points, strict=True), label=name)
    axes.set(xlabel="step", ylabel=value)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png", dpi=120)


def _grid(
    points: Points, steps: tuple[float, float], values: tuple[float, float], width: int
) -> list[list[int]]:
    """Braille bits (HEIGHT, width) with a dot for each point."""
    grid = [[0] * width for _ in range(HEIGHT)]
    # A letter of braille is four dots high and two wide.
    last_column = 2 * width - 1
    last_row = 4 * HEIGHT - 1
    for x, y in points:
        from_left = _share(x, *steps)
        from_top = 1 - _share(y, *values)  # where the highest value is
        letter_column, dot_column = divmod(round(from_left * last_column), 2)
        letter_row, dot_row = divmod(round(from_top * last_row), 4)
        grid[letter_row][letter_column] |= _DOTS[dot_row][dot_column]
    return grid


def _share(value: float, low: float, high: float) -> float:
    """Where a value lies from low (0) to high (1); in the middle where there is no range."""
    span = high - low
    return (value - low) / span if span > 0 else 0.5
