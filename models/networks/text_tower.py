"""Text towers: the query side of an encoder as ONNX, which answers without torch.

A tower is a folder: `trunk.onnx` (`ids`, `mask` -> `vector`, perhaps `weights` of the tokens) with its
numbers in `trunk.weights`, perhaps `head.onnx` (`sentence` -> `vector`), `tokenizer.json` and
`tower.json`. Its parts are written from weights (`models.networks.graphs`) or by torch's exporter
(`models.networks.onnx_export`); answering a query needs only onnxruntime and tokenizers, which load in a
tenth of a second.
"""

import contextlib
import functools
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from catalog.errors import Damaged
from catalog.own_files import own_file
from catalog.vectors import Vectors
from models.networks import tokenizer_file

WEIGHTS = "trunk.weights"
KEPT_TEXTS = 1024
"""Texts whose vectors stay in memory, some 2 KB each: requests, and the 303 sentences that `nw index` reads
for the encoder of sound and then for that of words."""
MANY_TEXTS = 10
"""From here on weights that are packed for the processor pay: that costs 60 ms, and saves 6 a text."""


@dataclass(frozen=True, slots=True)
class TowerManifest:
    """What a tower is: whose, how wide, how many tokens it reads, and which trunk it has."""

    name: str
    pipeline: str
    dimensions: int
    max_tokens: int
    trunk_sha256: str  # of network and tokenizer together
    trunk_bytes: int
    weights_bytes: int = 0  # of trunk.weights; 0 where a small trunk, or an older nw, keeps all in trunk.onnx


class TextTower:
    """The query side of an encoder, read from a folder that `write_tower` made.

    Towers with the same trunk share one session in memory. Raises Damaged where a part is missing or cut
    short; `nw doctor` compares checksums too, which would cost each query a tenth of its time.
    """

    def __init__(self, folder: Path) -> None:
        try:
            described = json.loads(own_file(folder / "tower.json").read_text())
            self.manifest = TowerManifest(**described)
            self._trunk = _trunk(_Copy(self.manifest.trunk_sha256, folder, self.manifest))
            head = folder / "head.onnx"
            self._head = open_session(head, few_texts=True) if head.exists() else None
        except Exception as error:  # tokenizers and onnxruntime raise kinds of their own
            raise Damaged(
                f"the text encoder in {folder} cannot be read ({error}), so no query can be understood.",
                try_this="nw index --rebuild    (writes it again)",
            ) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Descriptions to unit vectors (texts, dimensions).

        Each text goes through alone, so that the same words give the same vector in every company.
        """
        rows = [self._encode_one(text) for text in texts]
        if not rows:
            return np.zeros((0, self.manifest.dimensions), np.float32)
        return np.concatenate(rows)

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """What the trunk makes of texts (texts, its dimensions), before any head: what they are about."""
        embedded = [self._trunk.encode(text)[1] for text in texts]
        return np.concatenate([np.asarray(one, np.float32) for one in embedded])

    def unread(self, text: str) -> float:
        """The share of a text, 0 to 1, that this encoder has no pieces for; 1 of a text without any letter.

        A letter counts as read in a piece of several letters, or where it is a word by itself. Scripts that
        an encoder never learned fall to single letters, bytes or unknown pieces.
        """
        return self._trunk.unread(text)

    def knows(self, word: str) -> bool:
        """Whether the encoder has a word whole in its vocabulary: a common one, rightly spelled.

        Vocabularies differ: MiniLM's has no "sitar".
        """
        return self._trunk.knows(word)

    def word_weights(self, text: str) -> dict[int, float]:
        """How much each token of a description matters (token -> weight > 0); {} where it cannot say."""
        ids, _, *more = self._trunk.encode(text)
        if not more:
            return {}
        weights = more[0][0]  # (tokens,)
        return largest_weights(ids.tolist(), weights.tolist())

    def _encode_one(self, text: str) -> Vectors:
        _, vector, *_ = self._trunk.encode(text)  # (1, width)
        if self._head is not None:
            vector = self._head.run(None, {"sentence": vector})[0]
        return np.asarray(vector, dtype=np.float32)


def largest_weights(tokens: Sequence[int], weights: Sequence[float]) -> dict[int, float]:
    """What each token of a text counts: a word that comes twice by the place where it matters most.

    >>> largest_weights([7, 8, 7, 9], [0.1, 0.2, 0.4, 0.0])
    {7: 0.4, 8: 0.2}
    """
    found: dict[int, float] = {}
    for token, weight in zip(tokens, weights, strict=True):
        if weight > found.get(token, 0.0):
            found[token] = weight
    return found


@dataclass(frozen=True, slots=True)
class _Copy:
    """A trunk in a folder; copies of the same content are equal."""

    sha256: str
    folder: Path = field(compare=False)
    manifest: TowerManifest = field(compare=False)


class _Trunk:
    """Text to tokens, sentence vector and perhaps the tokens' weights.

    A text goes through it once, even when the towers for sound and for words both want it.
    """

    def __init__(self, copy: _Copy) -> None:
        _require_size(copy.folder / "trunk.onnx", copy.manifest.trunk_bytes)
        weights_bytes = copy.manifest.weights_bytes
        if weights_bytes:
            # The file is mapped into memory, and reading past its end would kill this process.
            _require_size(copy.folder / WEIGHTS, weights_bytes)
        self._open = functools.partial(open_session, copy.folder / "trunk.onnx", optimised=weights_bytes > 0)
        self._session = self._open(few_texts=True)
        self._texts = 0
        self._tokenizer = tokenizer_file.opened(copy.folder / "tokenizer.json")
        self._tokenizer.enable_truncation(copy.manifest.max_tokens)
        self.encode = functools.lru_cache(maxsize=KEPT_TEXTS)(self._encode)

    def unread(self, text: str) -> float:
        """The share of the letters and digits that no piece stands for."""
        whole = _characters(text)
        found = self._tokenizer.encode(whole, add_special_tokens=False)
        read = np.zeros(len(whole), bool)
        pieces_of = Counter(found.word_ids)  # how many pieces a word fell into
        pieces = zip(found.tokens, found.offsets, found.word_ids, strict=True)
        for token, (start, end), word in pieces:
            is_long = end - start > 1
            is_whole = is_long or pieces_of[word] == 1 or _is_ideograph(whole[start])
            if token not in _UNKNOWN and is_whole:
                read[start:end] = True
        letters = np.array([letter.isalnum() for letter in whole], bool)
        return 1 - float(read[letters].mean()) if letters.any() else 1.0

    def knows(self, word: str) -> bool:
        """Whether a word is one piece."""
        pieces = self._tokenizer.encode(_characters(word), add_special_tokens=False).tokens
        return len(pieces) == 1 and pieces[0] not in _UNKNOWN

    def _encode(self, text: str) -> list[np.ndarray[Any, Any]]:
        self._texts += 1
        if self._texts == MANY_TEXTS:
            with contextlib.suppress(Exception):  # a newer index may have taken the place of this one's files
                self._session = self._open(few_texts=False)
        encoded = self._tokenizer.encode(_characters(text))
        ids = np.array([encoded.ids], dtype=np.int64)  # (1, tokens)
        outputs = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        return [ids[0], *outputs]


_UNKNOWN = frozenset({"[UNK]", "<unk>"})


def _is_ideograph(letter: str) -> bool:
    """One of these is a word where an alphabet needs several letters."""
    return "\u3400" <= letter <= "\u9fff"


def _characters(text: str) -> str:
    """Half a character is none to a tokenizer."""
    return text.encode(errors="replace").decode()


@functools.cache
def _trunk(copy: _Copy) -> _Trunk:
    """One for each content, however many copies of it there are."""
    return _Trunk(copy)


def _require_size(file: Path, size: int) -> None:
    if file.stat().st_size != size:
        raise ValueError(f"{file.name} is not the {size} bytes that were written")


def open_session(
    model: Path | bytes, *, threads: int = 1, optimised: bool = False, few_texts: bool = False
) -> Any:
    """An onnxruntime session on the CPU that keeps quiet and burns no idle threads.

    optimised: the graph was optimised when it was written, which then need not be done again. few_texts: it
    opens faster and runs more slowly, with the same results to 1e-7.
    """
    import onnxruntime

    options = _session_options(threads)
    if few_texts:
        options.add_session_config_entry("session.disable_prepacking", "1")
    if optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    with ExitStack() as stack:
        source = model if isinstance(model, bytes) else stack.enter_context(_name_in_utf8(model))
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


@contextmanager
def _name_in_utf8(file: Path) -> Iterator[str]:
    """A name of a file, also where its folder's is no UTF-8, which onnxruntime does not take."""
    name = str(file)
    try:
        name.encode()
    except UnicodeEncodeError:  # on Linux, which names open folders too
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            yield f"/proc/self/fd/{folder}/{file.name}"
        finally:
            os.close(folder)
    else:
        yield name


def _session_options(threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; warnings go to stderr, which is the user's
    # Else its threads wait for work in a loop that takes a whole core each.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def sha256_of(content: bytes) -> str:
    """The checksum that manifests hold, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write_tower(
    folder: Path,
    *,
    name: str,
    pipeline: str,
    dimensions: int,
    max_tokens: int,
    tokenizer: Path,
    trunk: bytes,
    head: bytes | None = None,
) -> None:
    """Write the query side of an encoder into `folder`, where `TextTower` reads it.

    trunk: ONNX bytes, as of `export_trunk`. head: as of `export_head`, applied to the trunk's vectors.
    tokenizer: a `tokenizer.json` as the tokenizers library writes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trunk_bytes, weights_bytes = _write_trunk(trunk, folder)
    if head is not None:
        (folder / "head.onnx").write_bytes(head)
    words = tokenizer.read_bytes()
    (folder / "tokenizer.json").write_bytes(words)
    manifest = TowerManifest(
        name, pipeline, dimensions, max_tokens, sha256_of(trunk + words), trunk_bytes, weights_bytes
    )
    (folder / "tower.json").write_text(json.dumps(asdict(manifest), indent=1))


def _write_trunk(trunk: bytes, folder: Path) -> tuple[int, int]:
    """Write `trunk.onnx` and `trunk.weights` as a query opens them fastest; the bytes of both.

    onnxruntime optimises a graph and copies its weights each time that one file is opened, for a third of the
    time of opening. Here that is done once, and weights in a file of their own are mapped, not read.
    """
    network, weights = folder / "trunk.onnx", folder / WEIGHTS
    try:
        _optimise(trunk, network)
        open_session(network, optimised=True)  # what a full disk cut short is found here
    except Exception:  # onnxruntime raises kinds of its own, which do not say that there is no room left
        weights.unlink(missing_ok=True)
        network.write_bytes(trunk)  # says it, or leaves a trunk that opens more slowly
    # No weights apart where each array is small: shapes, say, have to stay in the graph.
    weights_bytes = weights.stat().st_size if weights.exists() else 0
    return network.stat().st_size, weights_bytes


def _optimise(trunk: bytes, file: Path) -> None:
    import onnxruntime

    options = _session_options(threads=1)
    # The level above this one lays tensors out for the processor at hand; an index may be carried to another.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", WEIGHTS)
    with _name_in_utf8(file) as name:
        options.optimized_model_filepath = name
        onnxruntime.InferenceSession(trunk, options, providers=["CPUExecutionProvider"])
