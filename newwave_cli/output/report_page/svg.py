"""Small pieces of SVG: text, bars, scales. Colours are CSS classes, so that dark pages can differ."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import TypeAlias

Scale: TypeAlias = Callable[[float], float]
"""From a value to its place."""
WIDTH = 440
"""Of every plot in its own units: about what a phone shows, and half of a wide page."""


def element(name: str, content: str = "", kind: str = "", **attributes: float | str) -> str:
    """One element of SVG; `kind` is a CSS class, numbers are written to a tenth of a unit.

    >>> element("text", "one", x=2, text_anchor="end")
    '<text x="2.0" text-anchor="end">one</text>'
    """
    head = name
    for attribute, value in attributes.items():
        written = value if isinstance(value, str) else f"{value:.1f}"
        dashed = attribute.replace("_", "-")  # no name in Python has a dash
        head += f' {dashed}="{written}"'
    if kind:
        head += f' class="{kind}"'
    return f"<{head}>{content}</{name}>"


def plot(height: float, title: str, *parts: str) -> str:
    """An SVG of `WIDTH` by `height` units that says what it shows to those who do not see it."""
    # Screen readers say the label of an image and pass over what is in it.
    label = escape(title)
    head = f'viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{label}"'
    content = "".join(parts)
    return f"<svg {head}>{content}</svg>"


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words at a place; `kind` is a CSS class."""
    return element("text", escape(words), kind, x=x, y=y, text_anchor=anchor)


def slanted(x: float, y: float, words: str) -> str:
    """Small words that rise to the right, for the head of a narrow column."""
    # Moved, and not placed by x and y, so that they turn about their own beginning.
    turned = f"translate({x:.1f} {y:.1f}) rotate(-52)"
    return element("text", escape(words), "small", transform=turned)


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> str:
    """A line; `kind` is a CSS class."""
    return element("line", "", kind, x1=x1, y1=y1, x2=x2, y2=y2)


def box(
    x: float, y: float, width: float, height: float, kind: str, *, rounded: float = 3, tip: str = ""
) -> str:
    """A rectangle; `kind` is a CSS class, `tip` what it says when it is pointed at."""
    content = tooltip(tip) if tip else ""
    return element("rect", content, kind, x=x, y=y, width=width, height=height, rx=rounded)


def dot(x: float, y: float, kind: str, tip: str) -> str:
    """A small disc, as `box`."""
    return element("circle", tooltip(tip), kind, cx=x, cy=y, r=3.6)


def shape(corners: Iterable[tuple[float, float]], kind: str) -> str:
    """A polygon through corners, as `box`."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return element("polygon", "", kind, points=points)


def bar(x: float, y: float, width: float, height: float, kind: str, tip: str, *, left: bool = False) -> str:
    """A horizontal bar with a rounded end away from its base: on the right, or on the left."""
    width = max(width, 0.5)  # what is there is to be seen, however little
    r = min(4.0, width, height / 2)
    base = x + width if left else x
    away = -1 if left else 1  # the sign of a step from the base to the rounded end
    clockwise = 0 if left else 1
    along = away * (width - r)
    round_off = away * r
    down = height - 2 * r
    # From the base along the top, round two corners, and back: h and v are lines, a is an arc.
    arc = f"a{r} {r} 0 0 {clockwise}"
    path = f"M{base:.1f} {y:.1f}"
    path += f"h{along:.1f}"
    path += f"{arc} {round_off} {r}"
    path += f"v{down:.1f}"
    path += f"{arc} {-round_off} {r}"
    path += f"h{-along:.1f}z"  # z: home to where it began
    return element("path", tooltip(tip), kind, d=path)


def tooltip(words: str) -> str:
    """What appears when a mark is pointed at."""
    return f"<title>{escape(words)}</title>"


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """A function from values to places."""
    span = (high - low) or 1.0  # where all values are the same one, it stands at the start

    def place(value: float) -> float:
        share = (value - low) / span
        return start + share * (end - start)

    return place


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two values.

    >>> ticks(0, 97), ticks(0, 0.31)
    ([0.0, 20.0, 40.0, 60.0, 80.0], [0.0, 0.1, 0.2, 0.3])
    """
    rough = (high - low) / max(about, 1) or 1.0
    # 1, 2, 5, 10 times a power of ten: numbers that people count in.
    power = 10.0 ** math.floor(math.log10(rough))
    smallest = 0.99 * rough
    steps = (power * times for times in (1, 2, 5, 10))
    step = next(step for step in steps if step >= smallest)
    # Numbers of steps, not sums of them: 0.1 added ten times is not 1.
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    numbers = range(first, last + 1)
    return [round(number * step, 10) for number in numbers]


def short(number: float) -> str:
    """A number as labels have it.

    >>> short(55525), short(0.153), short(7), short(1_250_000)
    ('55.5k', '0.15', '7', '1.25M')
    """
    size = abs(number)
    if size >= 1e6:
        return f"{number / 1e6:.3g}M"
    if size >= 1e4:  # 2,000 is as short as 2k
        return f"{number / 1e3:.3g}k"
    if size >= 10 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.2g}"


def legend(names: Sequence[str], y: float, x: float = 0.0) -> str:
    """A line that says which colour is which set."""
    parts: list[str] = []
    for place, name in enumerate(names):
        parts += key(x, y, f"s{place}", name)
        wide = 6.6 * len(name)  # a letter of 12 px is about 6.6 wide: fonts are not known here
        x += 15 + wide + 18
    return "".join(parts)


def key(x: float, y: float, kind: str, words: str) -> Iterator[str]:
    """A small square in a colour and what it stands for."""
    yield box(x, y - 9, 10, 10, kind)
    yield text(x + 15, y, words, "label")
