"""CLAP's texts as tokens: whole, or in pieces that the text tower can read."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.networks import tokenizer_file


def token_ids(tokenizer: Path, text: str) -> list[int]:
    """All tokens of a text by a `tokenizer.json`, however many, with the marks of start and end."""
    ids: list[int] = _tokenizer(tokenizer, None).encode(text).ids
    return ids


def pieces(tokenizer: Path, text: str, most: int) -> Iterator[list[int]]:
    """The tokens of a text, `most` at a time, each piece with the marks of start and end."""
    encoded = _tokenizer(tokenizer, most).encode(text)
    yield encoded.ids
    for rest in encoded.overflowing:
        yield rest.ids


@functools.cache
def _tokenizer(file: Path, most: int | None) -> Any:
    """Cuts a text behind `most` tokens, and leaves the rest as its `overflowing`; None cuts nothing."""
    tokenizer = tokenizer_file.opened(file)
    if most is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(most)
    return tokenizer
