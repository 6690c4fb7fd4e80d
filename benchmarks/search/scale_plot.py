"""How costs grow with the library, as a small picture: both axes are logarithmic, so a slope is a power."""

import math
from typing import Any

WIDE, HIGH, LEFT, BELOW = 640, 360, 60, 40
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
    values = [by_size[size][name] for size in sizes for name, _, _ in LINES]
    x = _axis(sizes, LEFT, WIDE - 190)
    y = _axis(values, HIGH - BELOW, 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>',
    ]
    parts += [_grid(f"{size:,}", x(size), HIGH - BELOW + 18, "middle") for size in sizes]
    for power in range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1):
        at = y(10**power)
        parts.append(_grid(f"{10**power:g}", LEFT - 8, at + 4, "end"))
        parts.append(f'<path d="M{LEFT} {at:.0f}H{WIDE - 190}" stroke="#dddddd"/>')
    for row, (name, label, colour) in enumerate(LINES):
        points = [(x(size), y(by_size[size][name])) for size in sizes]
        path = "L".join(f"{across:.0f} {down:.0f}" for across, down in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.0f}" cy="{d:.0f}" r="3" fill="{colour}"/>' for a, d in points]
        parts.append(f'<text x="{WIDE - 180}" y="{40 + 20 * row}" fill="{colour}">{label}</text>')
    parts.append(f'<text x="{LEFT}" y="{HIGH - 4}" fill="#444444">songs</text></svg>')
    return "\n".join(parts) + "\n"


def _axis(values: list[float], first: float, last: float) -> Any:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return lambda value: first + (math.log10(value) - low) / max(high - low, 1) * (last - first)


def _grid(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="#444444">{text}</text>'
