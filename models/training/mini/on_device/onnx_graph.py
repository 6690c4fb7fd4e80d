"""A network read from an ONNX file, in torch: onnxruntime's wheel has no card.

As many of ONNX's operators as convolutional networks are made of (https://onnx.ai/onnx/operators/).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

from catalog.errors import Incompatible


class OnnxGraph:
    """The graph of a file: called with its one input it gives its outputs, all on one device.

    Raises Incompatible for a file with an operator that is not known here.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        graph = onnx.load(str(path)).graph
        self._device = device
        self._constants = {one.name: self._tensor(one) for one in graph.initializer}
        self._nodes = [node for node in graph.node if node.op_type != "Constant"]
        for node in graph.node:
            if node.op_type == "Constant":
                self._constants[node.output[0]] = self._tensor(node.attribute[0].t)
        unknown = {node.op_type for node in self._nodes} - _OF_INPUTS.keys() - _BY_ATTRIBUTES.keys()
        if unknown:
            raise Incompatible(
                f"{path} has operators that are not known here ({', '.join(sorted(unknown))}), so it"
                " cannot be run on a card.",
                try_this="--device cpu",
            )
        self._input = graph.input[0].name
        self._outputs = [output.name for output in graph.output]

    def _tensor(self, held: onnx.TensorProto) -> Tensor:
        """Weights go to the device; shapes and places, whole numbers, stay where Python reads them."""
        tensor = torch.from_numpy(numpy_helper.to_array(held).copy())
        return tensor.to(self._device) if tensor.is_floating_point() else tensor

    def block_ends(self) -> list[str]:
        """The names of what each block of a MobileNet gives, in order: narrowed, not bent, perhaps added."""
        takers: dict[str, list[onnx.NodeProto]] = {}
        for node in self._nodes:
            for name in node.input:
                takers.setdefault(name, []).append(node)
        ends = []
        for node in self._nodes:
            after = takers.get(node.output[0], [])
            kinds = {taker.op_type for taker in after}
            if node.op_type != "Conv" or kinds & {"Relu", "HardSwish"}:
                continue
            # What is not added here may still be added by the next block, which also widens it.
            is_added = kinds == {"Add"}
            last = after[0] if is_added else node
            ends.append(last.output[0])
        return ends

    @torch.no_grad()
    def __call__(self, given: Tensor, also: Sequence[str] = ()) -> list[Tensor]:
        """The graph's outputs, in its order, then what is called `also` within it."""
        known = {**self._constants, self._input: given}
        for node in self._nodes:
            inputs = [known[name] for name in node.input]
            known[node.output[0]] = _result(node, inputs)
        return [known[name] for name in (*self._outputs, *also)]


Attributes = Mapping[str, Any]
"""What a node says beside its inputs, by ONNX's names."""


def _conv(attributes: Attributes, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    top, left, _, _ = attributes["pads"]  # the same on both sides
    dilations = attributes.get("dilations", (1, 1))
    return functional.conv2d(
        x, weight, bias, attributes["strides"], (top, left), dilations, attributes["group"]
    )


def _gemm(attributes: Attributes, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    turned = weight.T if attributes.get("transB") else weight
    return x @ turned + bias


def _axes(attributes: Attributes, inputs: Sequence[Tensor]) -> tuple[int, ...]:
    """The dimensions that a node names: an attribute in old files, an input in new ones."""
    named = attributes["axes"] if "axes" in attributes else inputs[0].tolist()
    return tuple(named)


def _reduce_mean(attributes: Attributes, x: Tensor, *axes: Tensor) -> Tensor:
    return x.mean(_axes(attributes, axes), keepdim=bool(attributes.get("keepdims", 1)))


def _reduce_max(attributes: Attributes, x: Tensor, *axes: Tensor) -> Tensor:
    return x.amax(_axes(attributes, axes), keepdim=bool(attributes.get("keepdims", 1)))


def _squeeze(attributes: Attributes, x: Tensor, *axes: Tensor) -> Tensor:
    if not axes and "axes" not in attributes:
        return x.squeeze()
    return x.squeeze(_axes(attributes, axes))


def _unsqueeze(attributes: Attributes, x: Tensor, *axes: Tensor) -> Tensor:
    for axis in sorted(_axes(attributes, axes)):
        x = x.unsqueeze(axis)
    return x


def _gather(attributes: Attributes, x: Tensor, indices: Tensor) -> Tensor:
    flat = indices.reshape(-1).to(x.device)
    picked = x.index_select(attributes.get("axis", 0), flat)
    return picked.reshape(indices.shape) if x.dim() == 1 else picked


def _concat(attributes: Attributes, *parts: Tensor) -> Tensor:
    return torch.cat(parts, attributes["axis"])


def _flatten(attributes: Attributes, x: Tensor) -> Tensor:
    return x.flatten(attributes["axis"])


def _reshape(x: Tensor, shape: Tensor) -> Tensor:
    # In ONNX a size of 0 keeps what is there.
    sizes = [size or x.shape[place] for place, size in enumerate(shape.tolist())]
    return x.reshape(sizes)


def _global_average_pool(x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)


def _identity(x: Tensor) -> Tensor:
    return x


def _shape(x: Tensor) -> Tensor:
    return torch.tensor(x.shape)


_OF_INPUTS: Mapping[str, Callable[..., Tensor]] = {
    "Add": torch.add,
    "GlobalAveragePool": _global_average_pool,
    "HardSwish": functional.hardswish,
    "Identity": _identity,
    "MatMul": torch.matmul,
    "Mul": torch.mul,
    "Relu": torch.relu,
    "Reshape": _reshape,
    "Shape": _shape,
    "Sigmoid": torch.sigmoid,
}
"""Operators that need nothing but their inputs, by ONNX's names."""
_BY_ATTRIBUTES: Mapping[str, Callable[..., Tensor]] = {
    "Concat": _concat,
    "Conv": _conv,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gemm": _gemm,
    "ReduceMax": _reduce_max,
    "ReduceMean": _reduce_mean,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
}
"""Operators that take the attributes of their node first."""


def _result(node: onnx.NodeProto, inputs: Sequence[Tensor]) -> Tensor:
    """What a node makes of its inputs."""
    if node.op_type in _OF_INPUTS:
        return _OF_INPUTS[node.op_type](*inputs)
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    return _BY_ATTRIBUTES[node.op_type](attributes, *inputs)
