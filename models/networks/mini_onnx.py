"""What `mini` consists of, as ONNX graphs.

onnxruntime works through the sound tower in two thirds of torch's time; each worker of `nw index` needs that
graph once, and each new index the head over descriptions.
"""

from torch import nn

from models.networks.mini import (
    CLASSES_WEIGH,
    NO_MUSIC,
    STEEP,
    TRAITS_WEIGH,
    Bottleneck,
    SoundTower,
    TextHead,
)
from models.networks.onnx_graph import Graph

TIME = 2
"""The axis of time in maps (windows, channels, frames, bands)."""


def wide_graph(tower: SoundTower) -> bytes:
    """`tower.wide` as ONNX: `log_mels` (windows, frames, 96) to `wide` (windows, wide), both float32.

    tower: with its normalizations folded into its convolutions (`models.networks.mini.fuse`).
    """
    graph = Graph()
    maps = graph.add("Unsqueeze", "log_mels", graph.whole_numbers([1]))
    for layer in list(tower.body)[: tower.halfway]:
        maps = _layer(graph, layer, maps)
    half = maps
    for layer in list(tower.body)[tower.halfway :]:
        maps = _layer(graph, layer, maps)
    by_frame = graph.add("Transpose", maps, perm=[0, 2, 1, 3])  # (windows, frames, channels, bands)
    flat = graph.add("Reshape", by_frame, graph.whole_numbers([0, 0, -1]))
    frames = graph.add("Relu", graph.linear(tower.frame, flat))
    mean = graph.add("ReduceMean", frames, axes=[1], keepdims=0)
    most = graph.add("ReduceMax", frames, axes=[1], keepdims=0)
    over_time = graph.add("Concat", mean, most, axis=1)
    merged = graph.add("Relu", graph.linear(tower.merge, over_time))
    half_mean = graph.add("Flatten", graph.add("ReduceMean", half, axes=[TIME], keepdims=0))
    half_most = graph.add("Flatten", graph.add("ReduceMax", half, axes=[TIME], keepdims=0))
    wide = graph.add("Concat", merged, half_mean, half_most, axis=1)
    return graph.content({"log_mels": ("windows", "frames", "bands")}, wide, called="wide")


def _layer(graph: Graph, layer: nn.Module, maps: str) -> str:
    """A part of the trunk: convolutions and what stands between them, or a residual block of them."""
    if isinstance(layer, Bottleneck):
        return graph.add("Relu", graph.add("Add", maps, _layer(graph, layer.net, maps)))
    if isinstance(layer, nn.Sequential):
        for part in layer:
            maps = _layer(graph, part, maps)
        return maps
    if isinstance(layer, nn.Conv2d):
        return _convolution(graph, layer, maps)
    if isinstance(layer, nn.ReLU):
        return graph.add("Relu", maps)
    if isinstance(layer, nn.Identity):
        return maps
    raise TypeError(f"no {type(layer).__name__} is known in the sound tower")


def _convolution(graph: Graph, layer: nn.Conv2d, maps: str) -> str:
    assert layer.bias is not None  # it came with the normalization that was folded in
    pad, stride = (list(layer.padding), list(layer.stride))
    weights = graph.tensor(layer.weight), graph.tensor(layer.bias)
    return graph.add("Conv", maps, *weights, pads=[*pad, *pad], strides=stride)


def head_graph(head: TextHead) -> bytes:
    """`head` as ONNX: `sentence` (texts, 384) to `vector` (texts, width), both float32."""
    graph = Graph()
    standing = _standing(graph, head)
    parts = _parts(graph, head, standing)
    for place, usual in enumerate(head.usual):
        parts[place] = graph.add("Sub", parts[place], graph.tensor(usual))
    vector = graph.normalize(parts.pop(0))
    if head.traits is not None:
        traits = graph.normalize(parts.pop(0))
        weighed = graph.add("Mul", traits, graph.number(TRAITS_WEIGH**0.5))
        vector = graph.normalize(graph.add("Concat", vector, weighed, axis=-1))
    if standing and head.sounds is not None and parts:
        no_music = graph.linear(head.sounds, graph.add("Mul", standing, standing))  # (texts, 1)
        below = graph.add("Sub", graph.number(NO_MUSIC), no_music)
        music = graph.add("Sigmoid", graph.add("Mul", below, graph.number(STEEP)))
        kept = graph.add("Mul", graph.normalize(parts.pop(0)), graph.number(CLASSES_WEIGH**0.5))
        nothing_lost = graph.add("Mul", no_music, graph.number(0))
        vector = graph.add("Concat", graph.add("Mul", vector, music), kept, nothing_lost, axis=-1)
        vector = graph.normalize(vector)
    return graph.content({"sentence": ("texts", "sentence")}, vector, called="vector")


def _standing(graph: Graph, head: TextHead) -> str:
    """Which classes (texts, classes) a sentence speaks of more than usual; "" without classes."""
    if head.classes is None:
        return ""
    return graph.normalize(graph.add("Relu", graph.linear(head.classes, "sentence")))


def _parts(graph: Graph, head: TextHead, standing: str) -> list[str]:
    """As `TextHead.parts`."""
    centered = graph.add("Sub", "sentence", graph.tensor(head.center))
    meaning = graph.linear(head.straight, centered)
    if head.bent is not None:
        first, _, last = head.bent
        assert isinstance(first, nn.Linear)
        assert isinstance(last, nn.Linear)
        bent = graph.linear(last, graph.gelu(graph.linear(first, centered)))
        meaning = graph.add("Add", meaning, bent)
    parts = [graph.normalize(meaning)]
    if head.traits is not None:
        parts.append(graph.normalize(graph.linear(head.traits, "sentence")))
    if standing and head.kept is not None:
        parts.append(graph.normalize(graph.linear(head.kept, standing)))
    return parts
