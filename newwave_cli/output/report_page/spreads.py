"""How numbers spread, in one or two sets: outlines over each other, as shares of each set."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from newwave_cli.output.report_page import svg
from newwave_cli.output.report_page.svg import WIDTH, Scale

if TYPE_CHECKING:
    from catalog.statistics.spread import Spread

HEIGHT, TOP, BOTTOM = 230.0, 44.0, 196.0  # of the plot, and where its axes lie, in pixels
LEFT, RIGHT = 8.0, WIDTH - 8.0
POINTED = 36
"""Places of the axis that say their numbers when they are pointed at."""


def histogram(
    sets: Sequence[tuple[str, "Spread"]],
    unit: str,
    *,
    limits: Mapping[int, str] | None = None,
    unit_size: float = 1.0,
    place: int = 0,
) -> str:
    """How a number spreads in one or two sets; `limits` are values of the axis that have a name.

    unit_size: how many of the numbers are one of `unit`. place: whose colour the first set has.
    """
    low, high = _reach(sets)
    x = svg.scale(low, high, LEFT, RIGHT)
    peaks = [max(_rates(one)) for _, one in sets]
    y = svg.scale(0, max(peaks), BOTTOM, TOP + 8)
    names = [name for name, _ in sets]
    parts = []
    if len(sets) > 1:
        parts.append(svg.legend(names, 14))
    parts += _grid(low, high, unit_size, x)
    for number, (_, one) in enumerate(sets, place):
        median = x(one.median)
        parts.append(_outline(one, x, y, number))
        parts.append(svg.line(median, BOTTOM - 8, median, BOTTOM, f"median m{number}"))
    for limit, name in (limits or {}).items():
        if limit < high:  # beyond the axis it would be drawn outside the plot
            parts += _limit(x(limit), name)
    parts.append(svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"))
    parts.append(svg.text(LEFT, HEIGHT - 2, unit, "tick"))
    parts += _tips(sets, unit, unit_size, x)  # last, as what is drawn last is on top and can be pointed at
    compared = " and ".join(names)
    return svg.plot(HEIGHT, f"Histogram of {unit}: {compared}", *parts)


def _limit(at: float, name: str) -> Iterator[str]:
    """A value of the axis that has a name."""
    yield svg.line(at, TOP - 6, at, BOTTOM, "limit")
    yield svg.text(at + 3, TOP + 2, name, "tick")


def _grid(low: float, high: float, unit_size: float, x: Scale) -> Iterator[str]:
    """A line at each round number of the unit that is shown: of minutes, where seconds were counted."""
    first = max(low, 0) / unit_size
    last = high / unit_size
    for tick in svg.ticks(first, last):
        at = x(tick * unit_size)
        number = svg.short(tick)
        yield svg.line(at, TOP, at, BOTTOM)
        yield svg.text(at, BOTTOM + 16, number, "tick", "middle")


def _reach(sets: Sequence[tuple[str, "Spread"]]) -> tuple[float, float]:
    """Where the axis begins, 0 at the latest, and where it ends."""
    low, high = 0.0, 0.0
    for _, one in sets:
        low = min(low, one.edges[0])
        high = max(high, one.edges[-1])
    return low, high


def share_between(one: "Spread", low: float, high: float) -> float:
    """About which share of the numbers lies between two values."""
    held = 0.0
    for count, (start, end) in zip(one.counts, pairwise(one.edges), strict=True):
        overlap = min(high, end) - max(low, start)
        if overlap > 0:
            part = overlap / (end - start)  # numbers are taken to lie evenly within a bin
            held += count * part
    return held / one.count


def _rates(one: "Spread") -> list[float]:
    """Shares a unit of the axis, since the bins of another set may be wider."""
    rates = []
    bins = pairwise(one.edges)
    for count, (start, end) in zip(one.counts, bins, strict=True):
        share = count / one.count
        rates.append(share / (end - start))
    return rates


def _outline(one: "Spread", x: Scale, y: Scale, place: int) -> str:
    """The histogram as one shape: up and down at the edges of each bin, level between them."""
    corners = [(one.edges[0], 0.0)]
    bins = pairwise(one.edges)
    for (start, end), rate in zip(bins, _rates(one), strict=True):
        corners += [(start, rate), (end, rate)]
    corners.append((one.edges[-1], 0.0))
    places = [(x(value), y(rate)) for value, rate in corners]
    return svg.shape(places, f"area a{place}")


def _tips(sets: Sequence[tuple[str, "Spread"]], unit: str, unit_size: float, x: Scale) -> Iterator[str]:
    """What each stretch of the axis says when it is pointed at."""
    # Invisible columns over the curves, each with a tooltip: an SVG has no other way to be asked.
    low, high = _reach(sets)
    step = (high - low) / POINTED
    for i in range(POINTED):
        start = low + i * step
        end = low + (i + 1) * step
        shares = []
        for name, one in sets:
            share = share_between(one, start, end)
            shares.append(f"{name} {share:.1%}")
        first = svg.short(max(start, 0) / unit_size)
        last = svg.short(end / unit_size)
        listed = ", ".join(shares)
        tip = f"{first} to {last} {unit}: {listed}"
        left = x(start)
        width = x(end) - left
        yield svg.box(left, TOP, width, BOTTOM - TOP, "hover", rounded=0, tip=tip)
