"""An ONNX graph, node after node, with weights by the names that a state dict of torch gives them.

torch's exporter takes ten seconds and a gigabyte for a small network, and torch itself is loaded in two.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

OPSET = 17
IR_VERSION = 8
SHORTEST = 1e-12
"""The least length that is divided by, as `torch.nn.functional.normalize` has it."""

Tensors = Mapping[str, NDArray[Any]]
Kind = tuple[int, Sequence[str | int]]
"""ONNX's type of number, and the axes: a size each, or a name where any size is taken."""


class Graph:
    """Nodes so far. What adds one gives back the name of its output, which further nodes take."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        opset = helper.make_opsetid("", OPSET)
        empty = helper.make_graph([], "network", [], [])
        self._model = helper.make_model(empty, opset_imports=[opset], ir_version=IR_VERSION)
        self._graph = self._model.graph

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One node of ONNX's operators."""
        name = f"{operator}_{len(self._graph.node)}"
        self._graph.node.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, values: NDArray[Any]) -> str:
        """An array that is part of the graph."""
        # Filled in where it lies: a list of finished ones would be copied into the graph, weights and all.
        tensor = self._graph.initializer.add()
        tensor.name = f"constant_{len(self._graph.initializer)}"
        tensor.data_type = helper.np_dtype_to_tensor_dtype(values.dtype)
        tensor.dims.extend(values.shape)
        tensor.raw_data = values.tobytes()
        return str(tensor.name)

    def number(self, value: float) -> str:
        """A scalar in 32 bits."""
        return self.constant(np.array(value, np.float32))

    def axes(self, *values: int) -> str:
        """Whole numbers, for shapes and axes."""
        return self.constant(np.array(values, np.int64))

    def linear(self, layer: str, rows: str) -> str:
        """`torch.nn.Linear` of that name over rows (..., inputs), with its bias where it has one."""
        weight = self.tensors[f"{layer}.weight"]  # (outputs, inputs)
        product = self.add("MatMul", rows, self.constant(weight.T))
        bias = self.tensors.get(f"{layer}.bias")
        return product if bias is None else self.add("Add", product, self.constant(bias))

    def unit(self, rows: str) -> str:
        """Rows (..., n) at length 1; a row of zeros stays one."""
        length = self.add("ReduceL2", rows, axes=[-1], keepdims=1)
        divisor = self.add("Max", length, self.number(SHORTEST))
        return self.add("Div", rows, divisor)

    def gelu(self, values: str) -> str:
        """The exact one, by the error function, in the order that onnxruntime knows as one operator."""
        scaled = self.add("Div", values, self.number(2**0.5))
        error_function = self.add("Erf", scaled)
        above = self.add("Add", error_function, self.number(1))
        product = self.add("Mul", values, above)
        return self.add("Mul", product, self.number(0.5))

    def content(self, inputs: Mapping[str, Kind], output: str, name: str) -> bytes:
        """The whole as bytes, with `output` under the name `name`."""
        self._graph.node.append(helper.make_node("Identity", [output], [name]))
        for taken, kind in inputs.items():
            self._graph.input.append(helper.make_tensor_value_info(taken, *kind))
        self._graph.output.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        content: bytes = self._model.SerializeToString()
        return content
