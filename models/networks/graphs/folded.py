"""Convolutions of an ONNX graph, each with the batch normalization behind it folded in."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.networks.graphs.builder import Graph, Tensors

EPSILON = 1e-5
"""Added to variances by `torch.nn.BatchNorm2d`."""


def convolved(graph: Graph, layer: str, maps: str, *, stride: int = 1, groups: int = 1) -> str:
    """`torch.nn.Sequential` of that name, of a convolution and its normalization, over maps."""
    return folded(graph, f"{layer}.0", f"{layer}.1", maps, stride=stride, groups=groups)


def folded(
    graph: Graph, convolution: str, normalization: str, maps: str, *, stride: int = 1, groups: int = 1
) -> str:
    """A convolution over maps (windows, channels, frames, bands), padded so that only `stride` makes less."""
    weight = graph.tensors[f"{convolution}.weight"]  # (out, in of a group, height, width)
    scale, shift = _as_factors(graph.tensors, normalization)  # (out,) each
    kernel = graph.constant(weight * scale[:, None, None, None])
    pad = weight.shape[-1] // 2
    return graph.add(
        "Conv",
        maps,
        kernel,
        graph.constant(shift),
        pads=[pad, pad, pad, pad],
        strides=[stride, stride],
        group=groups,
    )


def _as_factors(tensors: Tensors, layer: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """What a batch normalization multiplies by and adds, once it is trained: (channels,) each."""
    deviation = np.sqrt(tensors[f"{layer}.running_var"] + EPSILON)
    scale = tensors[f"{layer}.weight"] / deviation
    shift = tensors[f"{layer}.bias"] - tensors[f"{layer}.running_mean"] * scale
    return scale, shift
