"""Fakes that can be read: encoders with one axis a word, so that every score can be worked out by hand.

`Ears` tells low tones from high ones, `Reader` counts the words sea, robot and winter. Their text towers are
real ONNX files.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from models.networks.text_tower import write_tower

RATE = 8_000


def unit(vectors):
    """Rows of length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


class OneAxisAWord:
    """A text is the unit sum of the axes of its words, or the last axis where it has none of them."""

    words: Sequence[str] = ()
    languages = None

    @property
    def dimensions(self):
        return len(self.words) + 1

    def encode_descriptions(self, texts):
        rows = [[text.lower().split().count(word) for word in self.words] for text in texts]
        vectors = np.array([[*row, 0 if any(row) else 1] for row in rows], np.float32)
        return unit(vectors.reshape(len(texts), self.dimensions))

    def export_text_tower(self, folder: Path):
        vocabulary = {"[UNK]": 0, **{word: i + 1 for i, word in enumerate(self.words)}}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "own.json").write_text(tokenizer.to_str())
        write_tower(
            folder,
            name=self.name,
            pipeline=self.pipeline,
            dimensions=self.dimensions,
            max_tokens=64,
            tokenizer=folder / "own.json",
            trunk=self._trunk(),
        )

    def _trunk(self) -> bytes:
        """ids -> unit sum of their axes; an unknown word weighs almost nothing on the last one."""
        size = len(self.words)
        axes = np.zeros((size + 1, size + 1), np.float32)
        axes[1:, :size] = np.eye(size)
        axes[0, size] = 1e-6
        graph = helper.make_graph(
            [
                helper.make_node("Gather", ["axes", "ids"], ["each"]),
                helper.make_node("ReduceSum", ["each", "tokens"], ["sum"], keepdims=0),
                helper.make_node("LpNormalization", ["sum"], ["vector"], axis=-1, p=2),
                helper.make_node("Identity", ["mask"], ["unused"]),
            ],
            "words",
            [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "t"]) for n in ("ids", "mask")],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["b", size + 1])],
            [numpy_helper.from_array(axes, "axes"), numpy_helper.from_array(np.array([1]), "tokens")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model.SerializeToString()


class Ears(OneAxisAWord):
    """Hears how much of a window lies below 300 Hz, between, and above 1,500 Hz."""

    name, role, pipeline = "ears", "sound", "ears/8 kHz/2 s/mean"
    words = ("low", "middle", "high")
    rate_hz, window_s, hop_s = RATE, 2.0, 2.0

    def encode_windows(self, windows):
        power = np.abs(np.fft.rfft(windows)) ** 2
        hz = np.fft.rfftfreq(windows.shape[1], 1 / RATE)
        bands = [hz < 300, (hz >= 300) & (hz < 1500), hz >= 1500]
        parts = np.stack([power[:, band].sum(axis=1) for band in bands], axis=1)
        silent = (parts.sum(axis=1, keepdims=True) < 1e-3).astype(np.float32)
        return unit(np.hstack([np.sqrt(parts) * (1 - silent), silent])).astype(np.float32)

    def pool(self, vectors):
        return unit(vectors.mean(axis=0)).astype(np.float32)


class Reader(OneAxisAWord):
    """Reads lyrics for three words."""

    name, role, pipeline = "reader", "words", "reader/words"
    words = ("sea", "robot", "winter")

    def encode_lyrics(self, texts):
        return self.encode_descriptions(texts)


def tone(hz: float, seconds: float, level: float = 0.5):
    """A sine of so many hertz: float32 (samples,)."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)
