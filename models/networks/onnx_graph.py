"""ONNX graphs written node by node from the weights, in a second: torch's exporter takes ten to twenty.

`sentence_graph` is a transformer of BERT's kind; `models.networks.mini_onnx` has what `mini` consists of.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

OPSET = 17  # of ONNX's operators: what a runtime must know
NEVER = float(np.finfo(np.float32).min)
"""Added to the score of a token that the mask hides, so that no other attends to it."""


def sentence_graph(bert: Any) -> bytes:
    """A BERT of transformers with the mean over its last layer, `(ids, mask) -> vector`, as ONNX bytes.

    bert: BertModel. ids, mask: int64 (texts, tokens). vector: float32 (texts, width), of length 1.
    """
    graph = Graph()
    weight = graph.add("Cast", "mask", to=onnx.TensorProto.FLOAT)  # (texts, tokens)
    hidden_tokens = graph.add("Sub", graph.number(1), weight)
    never = graph.add("Mul", hidden_tokens, graph.number(NEVER))
    per_head = graph.add("Unsqueeze", never, graph.whole_numbers([1, 2]))  # (texts, 1, 1, tokens)
    rows = _embedded(graph, bert.embeddings)  # (texts, tokens, width)
    for layer in bert.encoder.layer:
        rows = _transformed(graph, layer, rows, per_head)
    each = graph.add("Unsqueeze", weight, graph.whole_numbers([2]))
    total = graph.add("ReduceSum", graph.add("Mul", rows, each), graph.whole_numbers([1]), keepdims=0)
    count = graph.add(
        "Max", graph.add("ReduceSum", each, graph.whole_numbers([1]), keepdims=0), graph.number(1)
    )
    vector = graph.normalize(graph.add("Div", total, count))
    return graph.content({name: ("texts", "tokens") for name in ("ids", "mask")}, vector, called="vector")


def _embedded(graph: "Graph", embeddings: Any) -> str:
    """Tokens `ids` to the first rows (texts, tokens, width): of word, kind and place."""
    words = graph.add("Gather", graph.tensor(embeddings.word_embeddings.weight), "ids")
    first_kind = graph.whole_numbers([0])
    kind = graph.add("Gather", graph.tensor(embeddings.token_type_embeddings.weight), first_kind)
    tokens = graph.add("Gather", graph.add("Shape", "ids"), graph.whole_number(1))
    places = graph.add("Range", graph.whole_number(0), tokens, graph.whole_number(1))
    place = graph.add("Gather", graph.tensor(embeddings.position_embeddings.weight), places)
    rows = graph.add("Add", graph.add("Add", words, kind), place)
    return graph.layer_norm(embeddings.LayerNorm, rows)


def _transformed(graph: "Graph", layer: Any, rows: str, never: str) -> str:
    """One layer: attention and two linear maps, each added to what it was given."""
    attention = layer.attention
    attended = graph.linear(attention.output.dense, _attended(graph, attention.self, rows, never))
    rows = graph.layer_norm(attention.output.LayerNorm, graph.add("Add", attended, rows))
    wide = graph.gelu(graph.linear(layer.intermediate.dense, rows))
    changed = graph.linear(layer.output.dense, wide)
    return graph.layer_norm(layer.output.LayerNorm, graph.add("Add", changed, rows))


def _attended(graph: "Graph", attention: Any, rows: str, never: str) -> str:
    """What each token (texts, tokens, width) gathers from those that `never` (texts, 1, 1, tokens) leaves."""
    heads, size = attention.num_attention_heads, attention.attention_head_size
    apart = graph.whole_numbers([0, 0, heads, size])
    by_head = {}
    for name, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
        split = graph.add("Reshape", graph.linear(getattr(attention, name), rows), apart)
        by_head[name] = graph.add("Transpose", split, perm=order)
    alike = graph.add("MatMul", by_head["query"], by_head["key"])  # (texts, heads, tokens, tokens)
    scores = graph.add("Add", graph.add("Mul", alike, graph.number(attention.scaling)), never)
    gathered = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), by_head["value"])
    by_token = graph.add("Transpose", gathered, perm=[0, 2, 1, 3])
    return graph.add("Reshape", by_token, graph.whole_numbers([0, 0, heads * size]))


class Graph:
    """Nodes and weights so far; every method gives back the name of what it adds."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output."""
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def whole_numbers(self, values: Iterable[int]) -> str:
        """A constant (values,) of int64."""
        return self._weight(np.array([*values], np.int64))

    def whole_number(self, value: int) -> str:
        """A constant int64 without axes."""
        return self._weight(np.array(value, np.int64))

    def number(self, value: float) -> str:
        """A constant float32 without axes."""
        return self._weight(np.array(value, np.float32))

    def tensor(self, tensor: Tensor) -> str:
        """Weights as they are."""
        return self._weight(tensor.detach().contiguous().numpy())

    def linear(self, layer: nn.Linear, rows: str) -> str:
        """A linear layer, with or without what it adds."""
        product = self.add("MatMul", rows, self.tensor(layer.weight.T))
        return product if layer.bias is None else self.add("Add", product, self.tensor(layer.bias))

    def gelu(self, values: str) -> str:
        """GELU by the error function, as torch's is by default."""
        raised = self.add("Erf", self.add("Div", values, self.number(math.sqrt(2))))
        share = self.add("Add", raised, self.number(1))
        return self.add("Mul", self.add("Mul", values, share), self.number(0.5))

    def layer_norm(self, layer: nn.LayerNorm, rows: str) -> str:
        """A layer normalization over the last axis."""
        learned = self.tensor(layer.weight), self.tensor(layer.bias)
        return self.add("LayerNormalization", rows, *learned, axis=-1, epsilon=layer.eps)

    def normalize(self, rows: str) -> str:
        """Vectors of length 1 along the last axis; of zeros, zeros."""
        length = self.add("ReduceL2", rows, axes=[-1], keepdims=1)
        return self.add("Div", rows, self.add("Max", length, self.number(1e-12)))

    def content(self, inputs: Mapping[str, Sequence[str]], output: str, *, called: str) -> bytes:
        """The whole as bytes. inputs: their axes by name. output: of two axes; it is `called` so outside.

        `ids` and `mask` are int64, all else is float32.
        """
        self._nodes.append(helper.make_node("Identity", [output], [called]))
        taken = []
        for name, axes in inputs.items():
            kind = onnx.TensorProto.INT64 if name in {"ids", "mask"} else onnx.TensorProto.FLOAT
            taken.append(helper.make_tensor_value_info(name, kind, axes))
        first_axis = next(iter(inputs.values()))[0]
        given = helper.make_tensor_value_info(called, onnx.TensorProto.FLOAT, [first_axis, "width"])
        graph = helper.make_graph(self._nodes, "nw", taken, [given], self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        content: bytes = model.SerializeToString()
        return content

    def _weight(self, values: NDArray[np.generic]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name
