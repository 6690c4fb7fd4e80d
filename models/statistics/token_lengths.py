"""How many tokens texts have for each encoder, by its own tokenizer, where that is on this machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models import encoders
from models.networks import tokenizer_file

Meter = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Meters:
    """Counters by encoder, and the encoders whose tokenizer is not on this machine."""

    by_encoder: dict[str, Meter]
    absent: tuple[str, ...]


def meters() -> Meters:
    """Counters for every tokenizer that is here, the encoder of the shortest texts first."""
    kinds = [encoders.kind(name) for name in encoders.names()]
    counting = [kind for kind in kinds if isinstance(kind, encoders.CountsTokens)]
    found: dict[str, Meter] = {}
    absent: list[str] = []
    for kind in sorted(counting, key=lambda kind: kind.token_limit):
        path = kind.tokenizer_here()
        if path is None:
            absent.append(kind.name)
        else:
            found[kind.name] = _meter(path)
    return Meters(found, tuple(absent))


def _meter(path: Path) -> Meter:
    tokenizer = tokenizer_file.opened(path)
    tokenizer.no_truncation()  # a count that is cut says nothing about what is cut

    def count(texts: Sequence[str]) -> list[int]:
        return [len(encoded.ids) for encoded in tokenizer.encode_batch(list(texts))]

    return count
