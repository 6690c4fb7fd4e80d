"""What `nw evaluate` is given: the data to judge on, how a table calls its columns, options of an encoder."""

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.errors import WrongUse

if TYPE_CHECKING:
    from models.evaluation.datasets import Columns

ColumnsGiven = Annotated[
    str | None, typer.Option(help="What a table calls its own: text=title,audio=file,lyrics=verse.")
]


@dataclass(frozen=True, slots=True)
class Data:
    """What to judge on, as it was typed."""

    on: str
    columns: "Columns"
    limit: int | None
    disk_budget: str

    @property
    def is_library(self) -> bool:
        """Whether one's own songs are meant, by either of their names."""
        return self.on in ("library", "catalog")


def columns_of(given: str | None) -> "Columns":
    """The columns of `text=title,lyrics=verse`. Raises WrongUse for a kind that a table has not."""
    from models.evaluation.datasets import Columns

    fields = {"text": "texts", "audio": "audio", "lyrics": "lyrics"}
    columns = {}
    unknown = set()
    for pair in filter(None, (given or "").split(",")):
        kind, _, column = pair.partition("=")
        if kind in fields:
            columns[fields[kind]] = (column.casefold(),)  # tables are read without regard to case
        else:
            unknown.add(kind)
    if unknown:
        named = ", ".join(sorted(unknown))
        said = f"--columns names {named}; a table has text, audio and lyrics."
        raise WrongUse(said, try_this="--columns text=title,lyrics=verse")
    return Columns(**columns)


def option_of(option: str) -> tuple[str, Any]:
    """`pooling=attention` as a name and a TOML value, or a bare word. Raises WrongUse without the `=`."""
    key, equals, value = option.partition("=")
    if not equals:
        raise WrongUse(f"{option!r} sets nothing.", try_this="--set pooling=attention")
    try:
        # As TOML, the same words mean the same here and in a recipe: 3 is a number, [1, 2] a list.
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value
