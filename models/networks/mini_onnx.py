"""The sound tower of `mini` as an ONNX graph, which onnxruntime works through in two thirds of torch's time.

Written node by node from the weights, in a tenth of a second: torch's exporter takes ten, and each worker of
`nw index` needs the graph once.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from models.networks.mini import Bottleneck, SoundTower

OPSET = 17  # of ONNX's operators: what a runtime must know
TIME = 2
"""The axis of time in maps (windows, channels, frames, bands)."""


def wide_graph(tower: SoundTower) -> bytes:
    """`tower.wide` as ONNX: `log_mels` (windows, frames, 96) to `wide` (windows, wide), both float32.

    tower: with its normalizations folded into its convolutions (`models.networks.mini.fuse`).
    """
    graph = _Graph()
    maps = graph.add("Unsqueeze", "log_mels", graph.whole_numbers([1]))
    for layer in list(tower.body)[: tower.halfway]:
        maps = graph.layer(layer, maps)
    half = maps
    for layer in list(tower.body)[tower.halfway :]:
        maps = graph.layer(layer, maps)
    by_frame = graph.add("Transpose", maps, perm=[0, 2, 1, 3])  # (windows, frames, channels, bands)
    flat = graph.add("Reshape", by_frame, graph.whole_numbers([0, 0, -1]))
    frames = graph.add("Relu", graph.linear(tower.frame, flat))
    mean = graph.add("ReduceMean", frames, axes=[1], keepdims=0)
    most = graph.add("ReduceMax", frames, axes=[1], keepdims=0)
    over_time = graph.add("Concat", mean, most, axis=1)
    merged = graph.add("Relu", graph.linear(tower.merge, over_time))
    half_mean = graph.add("Flatten", graph.add("ReduceMean", half, axes=[TIME], keepdims=0))
    half_most = graph.add("Flatten", graph.add("ReduceMax", half, axes=[TIME], keepdims=0))
    return graph.content(graph.add("Concat", merged, half_mean, half_most, axis=1))


class _Graph:
    """Nodes and weights so far; every method gives back the name of what it adds."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def whole_numbers(self, values: Iterable[int]) -> str:
        return self._weight(np.array([*values], np.int64))

    def linear(self, layer: nn.Linear, rows: str) -> str:
        product = self.add("MatMul", rows, self._tensor(layer.weight.T))
        return self.add("Add", product, self._tensor(layer.bias))

    def layer(self, layer: nn.Module, maps: str) -> str:
        """A part of the trunk: convolutions and what stands between them, or a residual block of them."""
        if isinstance(layer, Bottleneck):
            return self.add("Relu", self.add("Add", maps, self.layer(layer.net, maps)))
        if isinstance(layer, nn.Sequential):
            for part in layer:
                maps = self.layer(part, maps)
            return maps
        if isinstance(layer, nn.Conv2d):
            return self._convolution(layer, maps)
        if isinstance(layer, nn.ReLU):
            return self.add("Relu", maps)
        if isinstance(layer, nn.Identity):
            return maps
        raise TypeError(f"no {type(layer).__name__} is known in the sound tower")

    def content(self, output: str) -> bytes:
        """The whole as bytes; its output is called `wide`."""
        self._nodes.append(helper.make_node("Identity", [output], ["wide"]))
        taken = helper.make_tensor_value_info(
            "log_mels", onnx.TensorProto.FLOAT, ["windows", "frames", "bands"]
        )
        given = helper.make_tensor_value_info("wide", onnx.TensorProto.FLOAT, ["windows", "width"])
        graph = helper.make_graph(self._nodes, "mini", [taken], [given], self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        content: bytes = model.SerializeToString()
        return content

    def _convolution(self, layer: nn.Conv2d, maps: str) -> str:
        assert layer.bias is not None  # it came with the normalization that was folded in
        pad, stride = (list(layer.padding), list(layer.stride))
        weights = self._tensor(layer.weight), self._tensor(layer.bias)
        return self.add("Conv", maps, *weights, pads=[*pad, *pad], strides=stride)

    def _tensor(self, tensor: Tensor) -> str:
        return self._weight(tensor.detach().contiguous().numpy())

    def _weight(self, values: NDArray[np.generic]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
