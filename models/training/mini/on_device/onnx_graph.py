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

Operator = Callable[..., Tensor]


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
        unknown = {node.op_type for node in self._nodes} - OPERATORS.keys()
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
            ends.append(after[0].output[0] if is_added else node.output[0])
        return ends

    @torch.no_grad()
    def __call__(self, given: Tensor, also: Sequence[str] = ()) -> list[Tensor]:
        """The graph's outputs, in its order, then what is called `also` within it."""
        known = {**self._constants, self._input: given}
        for node in self._nodes:
            inputs = [known[name] for name in node.input]
            attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
            known[node.output[0]] = OPERATORS[node.op_type](attributes, *inputs)
        return [known[name] for name in (*self._outputs, *also)]


def _convolved(its: Mapping[str, Any], x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    top, left, _, _ = its["pads"]  # the same on both sides
    dilations = its.get("dilations", (1, 1))
    return functional.conv2d(x, weight, bias, its["strides"], (top, left), dilations, its["group"])


def _product(its: Mapping[str, Any], x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    turned = weight.T if its.get("transB") else weight
    return x @ turned + bias


def _places(its: Mapping[str, Any], given: Sequence[Tensor]) -> tuple[int, ...]:
    """The dimensions that a node names: an attribute in old files, an input in new ones."""
    named = its["axes"] if "axes" in its else given[0].tolist()
    return tuple(named)


def _mean(its: Mapping[str, Any], x: Tensor, *given: Tensor) -> Tensor:
    return x.mean(_places(its, given), keepdim=bool(its.get("keepdims", 1)))


def _most(its: Mapping[str, Any], x: Tensor, *given: Tensor) -> Tensor:
    return x.amax(_places(its, given), keepdim=bool(its.get("keepdims", 1)))


def _squeezed(its: Mapping[str, Any], x: Tensor, *given: Tensor) -> Tensor:
    if not given and "axes" not in its:
        return x.squeeze()
    return x.squeeze(_places(its, given))


def _unsqueezed(its: Mapping[str, Any], x: Tensor, *given: Tensor) -> Tensor:
    for place in sorted(_places(its, given)):
        x = x.unsqueeze(place)
    return x


def _gathered(its: Mapping[str, Any], x: Tensor, at: Tensor) -> Tensor:
    picked = x.index_select(its.get("axis", 0), at.reshape(-1).to(x.device))
    return picked.reshape(at.shape) if x.dim() == 1 else picked


def _reshaped(its: Mapping[str, Any], x: Tensor, shape: Tensor) -> Tensor:
    # In ONNX a size of 0 keeps what is there.
    sizes = [size or x.shape[place] for place, size in enumerate(shape.tolist())]
    return x.reshape(sizes)


OPERATORS: Mapping[str, Operator] = {
    "Add": lambda its, a, b: a + b,
    "Concat": lambda its, *parts: torch.cat(parts, its["axis"]),
    "Conv": _convolved,
    "Flatten": lambda its, x: x.flatten(its["axis"]),
    "Gather": _gathered,
    "Gemm": _product,
    "GlobalAveragePool": lambda its, x: x.mean((2, 3), keepdim=True),
    "HardSwish": lambda its, x: functional.hardswish(x),
    "Identity": lambda its, x: x,
    "MatMul": lambda its, a, b: a @ b,
    "Mul": lambda its, a, b: a * b,
    "ReduceMax": _most,
    "ReduceMean": _mean,
    "Relu": lambda its, x: torch.relu(x),
    "Reshape": _reshaped,
    "Shape": lambda its, x: torch.tensor(x.shape),
    "Sigmoid": lambda its, x: torch.sigmoid(x),
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
}
