"""The MobileNet of `mini` (`models.networks.mini.mobile`) as part of an ONNX graph."""

from models.networks.graphs.builder import Graph
from models.networks.graphs.folded import convolved
from models.networks.mini.layout import LARGE, Block

TRUNK = "sound.trunk"


def features(graph: Graph, log_mels: str) -> str:
    """`log_mels` (windows, frames, bands) to the trunk's features (windows, features)."""
    maps = graph.add("Unsqueeze", log_mels, graph.axes(1))
    maps = convolved(graph, f"{TRUNK}.first", maps, stride=2)
    maps = graph.add("HardSwish", maps)
    for number, block in enumerate(LARGE):
        maps = _inverted_residual(graph, f"{TRUNK}.blocks.{number}", maps, block)
    ended = graph.add("HardSwish", convolved(graph, f"{TRUNK}.last", maps))
    moments = graph.add("ReduceMean", ended, axes=[3], keepdims=0)  # (windows, channels, frames)
    mean = graph.add("ReduceMean", moments, axes=[2], keepdims=0)
    most = graph.add("ReduceMax", moments, axes=[2], keepdims=0)
    both = graph.add("Concat", mean, most, axis=1)
    return graph.add("HardSwish", graph.linear("sound.merge", both))


def _inverted_residual(graph: Graph, layer: str, maps: str, block: Block) -> str:
    bend = "HardSwish" if block.smooth else "Relu"
    inner = maps
    if f"{layer}.widen.0.weight" in graph.tensors:
        inner = graph.add(bend, convolved(graph, f"{layer}.widen", inner))
    channels = len(graph.tensors[f"{layer}.convolve.0.weight"])
    inner = convolved(graph, f"{layer}.convolve", inner, stride=block.stride, groups=channels)
    inner = graph.add(bend, inner)
    if block.squeezed:
        inner = _weighed(graph, f"{layer}.weigh", inner)
    out = convolved(graph, f"{layer}.narrow", inner)
    given, made = _channels(graph, layer)
    fits = block.stride == 1 and given == made
    return graph.add("Add", maps, out) if fits else out


def _channels(graph: Graph, layer: str) -> tuple[int, int]:
    """How many channels a block is given, and how many it makes."""
    widen = graph.tensors.get(f"{layer}.widen.0.weight")  # (inner, given, 1, 1)
    narrow = graph.tensors[f"{layer}.narrow.0.weight"]  # (made, inner, 1, 1)
    given = narrow.shape[1] if widen is None else widen.shape[1]
    return given, narrow.shape[0]


def _weighed(graph: Graph, layer: str, maps: str) -> str:
    """Channels weighed by what all of them are on average."""
    usual = graph.add("ReduceMean", maps, axes=[2, 3], keepdims=0)  # (windows, channels)
    less = graph.add("Relu", graph.linear(f"{layer}.less", usual))
    weights = graph.add("Sigmoid", graph.linear(f"{layer}.more", less))
    by_channel = graph.add("Unsqueeze", weights, graph.axes(2, 3))  # (windows, channels, 1, 1)
    return graph.add("Mul", maps, by_channel)
