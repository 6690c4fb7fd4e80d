"""Tokenizers from their files, loaded when one is first needed."""

from pathlib import Path
from typing import Any


def opened(file: Path) -> Any:
    """The tokenizer that a `tokenizer.json` holds; it fills no text up to the length of another.

    The file is read here, for the library takes no path that is no UTF-8.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(file.read_text("utf-8"))
    tokenizer.no_padding()
    return tokenizer
