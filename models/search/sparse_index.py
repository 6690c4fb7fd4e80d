"""Exact words as an encoder weighs them (BGE-M3's sparse outputs): postings in the folder of an index.

`exact/` holds the songs, a hash of each one's text, and for every token the songs that have it, with weights.
What an earlier index knows of the same text is taken from there.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import Damaged
from catalog.indexes import Keys
from catalog.library.database import Catalog
from catalog.library.song_texts import texts_for_words

FOLDER = "exact"
BLOCK = 64
"""Texts that are weighed together."""
HASH_BYTES = 16
"""Of a text's SHA-256."""
LEAST = 0.1
"""Of a description that a song must hold to be named by it: nearly all songs share a little word."""
Weights = Mapping[int, float]
"""Of each token of a text."""
Weigh = Callable[[Sequence[str]], Sequence[Weights]]
Shares = NDArray[np.float32]


class WordWeights:
    """The postings of an index, opened as views. Raises Damaged."""

    def __init__(self, folder: Path) -> None:
        try:
            self.songs: Keys = np.load(folder / "songs.npy", mmap_mode="r")
            self.hashes = np.load(folder / "hashes.npy", mmap_mode="r")
            self.tokens = np.load(folder / "tokens.npy", mmap_mode="r")
            self.starts = np.load(folder / "starts.npy", mmap_mode="r")
            self.places = np.load(folder / "places.npy", mmap_mode="r")
            self.weights = np.load(folder / "weights.npy", mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise Damaged(
                f"{folder} cannot be read ({error}), so exact words find nothing.",
                try_this="nw index --rebuild    (writes it again from the catalog)",
            ) from error

    def shares(self, query: Mapping[int, float]) -> tuple[Keys, Shares]:
        """Songs (ids, ascending) that hold enough of the query's tokens, and how much (0-1).

        That is the lexical score, the sum of products of weights, over what the query has with itself.
        """
        total = np.zeros(len(self.songs), np.float32)
        for token, weight in query.items():
            at = int(np.searchsorted(self.tokens, token))
            is_there = at < len(self.tokens) and self.tokens[at] == token
            if not is_there:
                continue  # no song has it
            start, end = self.starts[at : at + 2].tolist()
            postings = slice(start, end)
            in_songs = self.weights[postings].astype(np.float32)
            holders = self.places[postings]  # each song once, or += would count only one of its weights
            total[holders] += np.float32(weight) * in_songs
        of_itself = sum(weight * weight for weight in query.values())
        # 1 where a song has every token with the weight that the query gives it; more is cut to 1.
        share = total / np.float32(max(of_itself, 1e-9))
        there = np.flatnonzero(share >= LEAST)
        shares = np.minimum(share[there], np.float32(1))
        return self.songs[there], shares


def opened(content: Path) -> WordWeights | None:
    """The postings of an index, or None where its encoder weighs no words."""
    folder = content / FOLDER
    return WordWeights(folder) if folder.is_dir() else None


def writer(catalog: Catalog, encoder: Any, ids: Keys, old: Path | None) -> Callable[[Path], None]:
    """What writes the postings of these songs into the folder of an index; or nothing."""
    if not getattr(encoder, "weighs_words", False):
        return lambda content: None
    texts = []
    for song, lyrics, captions in texts_for_words(catalog, ids.tolist()):
        said = [line.text for line in lyrics]
        said += [caption.text for caption in captions]
        texts.append((song, "\n".join(said)))
    return lambda content: write(content, texts, encoder.word_weights, old)


def write(content: Path, texts: Sequence[tuple[int, str]], weigh: Weigh, old: Path | None) -> None:
    """Write the postings of these songs (id, text), ids ascending, into the folder of an index.

    old: the folder of the index before. A text that it knows is not weighed again.
    """
    hashes = [_hash(text) for _, text in texts]
    before = opened(old) if old else None
    tokens, places, weights, new = _known(hashes, before)
    for start in range(0, len(new), BLOCK):
        block = new[start : start + BLOCK]
        texts_of_block = [texts[place][1] for place in block]
        found_in_block = weigh(texts_of_block)
        for place, found in zip(block, found_in_block, strict=True):
            count = len(found)
            tokens.append(np.fromiter(found.keys(), np.int32, count))
            weights.append(np.fromiter(found.values(), np.float16, count))
            places.append(np.full(count, place, np.int32))
    token = np.concatenate(tokens)  # (postings,), as are place and weight
    place_of = np.concatenate(places)
    weight = np.concatenate(weights)
    # By token, then by song: the postings of a token are one slice.
    order = np.lexsort((place_of, token))
    distinct, first = np.unique(token[order], return_index=True)
    song_ids = [song for song, _ in texts]
    all_hashes = np.frombuffer(b"".join(hashes), np.uint8)
    starts = np.append(first, len(token))  # (tokens + 1,)
    arrays: dict[str, NDArray[Any]] = {
        "songs": np.array(song_ids, np.int64),
        "hashes": all_hashes.reshape(-1, HASH_BYTES),
        "tokens": distinct,
        "starts": starts.astype(np.int64),
        "places": place_of[order],
        "weights": weight[order],
    }
    (content / FOLDER).mkdir()
    for name, array in arrays.items():
        np.save(content / FOLDER / f"{name}.npy", array)


def _hash(text: str) -> bytes:
    digest = hashlib.sha256(text.encode()).digest()
    return digest[:HASH_BYTES]


def _known(
    hashes: Sequence[bytes], old: WordWeights | None
) -> tuple[list[NDArray[np.int32]], list[NDArray[np.int32]], list[NDArray[np.float16]], list[int]]:
    """Tokens, places and weights of the texts that `old` has, and the places of the others."""
    # Each list begins with an empty array, so that there is something to join where no text has a word.
    tokens = [np.empty(0, np.int32)]
    places = [np.empty(0, np.int32)]
    weights = [np.empty(0, np.float16)]
    if old is None:
        return tokens, places, weights, list(range(len(hashes)))
    # By the hash of a text, not by the song: a changed caption is a new text.
    row_of = {bytes(row): at for at, row in enumerate(np.asarray(old.hashes))}
    found = [row_of.get(one, -1) for one in hashes]  # -1 for a text that is new
    rows = np.array(found, np.int64)
    # The old index goes token by token; what one text holds is found by sorting it by place.
    songs_a_token = np.diff(old.starts)
    token_of = np.repeat(old.tokens, songs_a_token)  # (postings,)
    order = np.argsort(old.places, kind="stable")
    every_place = np.arange(len(old.songs) + 1)
    bounds = np.searchsorted(old.places[order], every_place)  # (texts + 1,): where each begins in `order`
    for place, at in enumerate(rows):
        if at >= 0:
            start, end = bounds[at : at + 2]
            span = order[start:end]
            tokens.append(token_of[span])
            places.append(np.full(len(span), place, np.int32))
            weights.append(old.weights[span])
    new = np.flatnonzero(rows < 0)
    return tokens, places, weights, new.tolist()
