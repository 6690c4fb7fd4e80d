"""`--template '{artist} - {title}'`: a line of text for each row, from the values that it names.

Only names of fields stand in braces: nothing in a template reaches an attribute, an item or a conversion, so
a template from a stranger shows a value and does no more.
"""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.errors import WrongUse

_SPEC = re.compile(r"[<>^]?0?\d{0,3}(\.\d{1,2})?[dfgs]?")
"""Width, zeros and decimals: {rank:03d}, {score:.0f}, {title:<30}."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a template: text as it stands, then a field (None at the end) and how to write it."""

    text: str
    field: str | None = None
    spec: str = ""


def parse(template: str, known: Sequence[str]) -> tuple[Part, ...]:
    """The pieces of a template. Raises WrongUse for a field that is not known or a brace alone.

    >>> parse("{artist} - {title}", ("artist", "title"))
    (Part(text='', field='artist', spec=''), Part(text=' - ', field='title', spec=''))
    """
    try:
        # The grammar of str.format, without its looking up of values.
        found = list(string.Formatter().parse(template))
    except ValueError as error:
        raise WrongUse(
            f"the template {template!r} cannot be read: {error}.", try_this="--template '{artist} - {title}'"
        ) from None
    named = [name for _, name, _, _ in found if name is not None]  # "" for {}, which names nothing
    unknown = [name for name in named if name not in known]
    if unknown:
        asked = ", ".join(unknown) or "{}"
        fields = ", ".join(dict.fromkeys(known))
        example = f"{{{known[0]}}}"
        said = f"there is no field {asked}; there are: {fields}."
        raise WrongUse(said, try_this=f"--template '{example}'")
    parts = []
    for text, name, spec, conversion in found:
        if conversion or not _SPEC.fullmatch(spec or ""):
            written_as = conversion or spec
            raise WrongUse(
                f"{{{name}}} cannot be written as {written_as!r}.",
                try_this="--template '{score:.0f} {title:<30}'    (width and decimals)",
            )
        parts.append(Part(text, name, spec or ""))
    return tuple(parts)


def fields_of(template: str) -> set[str]:
    """The names in the braces of a template that can be read; none of one that cannot."""
    try:
        found = list(string.Formatter().parse(template))
    except ValueError:
        return set()
    return {name for _, name, _, _ in found if name}


def lines(records: Iterable[Mapping[str, Any]], parts: Sequence[Part], cell: Any) -> Iterator[str]:
    """One line for each record, whatever its values hold. cell: how a value is written without a spec."""
    for record in records:
        pieces = [part.text + _written(record, part, cell) for part in parts]
        line = "".join(pieces)
        yield f"{line}\n"


def _written(record: Mapping[str, Any], part: Part, cell: Any) -> str:
    """The value of a part's field on one line; "" for the text at the end of a template."""
    if part.field is None:
        return ""
    value = record.get(part.field)
    if part.spec and isinstance(value, (int, float, str)):
        try:
            text = format(value, part.spec)
        except ValueError:
            # {year:.1f} of a song without a number there: the width is kept, so that columns stay in line.
            width, _, _ = part.spec.rstrip("dfgs").partition(".")
            text = format(cell(value), width)
    else:
        text = cell(value)
    return " ".join(text.splitlines())  # a title with a line break stays one line
