"""The two towers of `mini` (`models.networks.mini`) as ONNX graphs, from the weights that it saves.

onnxruntime works through the sound tower in two thirds of torch's time.
"""

import onnx

from models.networks.graphs import mobile
from models.networks.graphs.builder import Graph, Kind, Tensors
from models.networks.graphs.folded import convolved, folded
from models.networks.mini.config import CLASSES_WEIGH, NO_MUSIC, STEEP, TRAITS_WEIGH, MiniConfig

TIME = 2
"""The axis of time in maps (windows, channels, frames, bands)."""


def sound_graph(tensors: Tensors, config: MiniConfig) -> bytes:
    """`log_mels` (windows, frames, bands) to `vectors` (windows, width), both in 32 bits."""
    graph = Graph(tensors)
    features, wide = _heard(graph, config)
    hidden = graph.add("Relu", graph.linear("sound.head.0", features))
    joint = graph.linear("sound.head.2", hidden)
    traits = None
    if config.traits:
        traits = graph.add("Relu", graph.linear("sound.traits", features))
    vectors = _beside(graph, joint, traits)
    if config.classes:
        vectors = _with_heard_classes(graph, vectors, wide)
    log_mels: Kind = (onnx.TensorProto.FLOAT, ["windows", "frames", "bands"])
    return graph.content({"log_mels": log_mels}, vectors, "vectors")


def text_graph(tensors: Tensors, config: MiniConfig) -> bytes:
    """`sentence` (texts, 384), unit sentence vectors, to `vector` (texts, width), both in 32 bits."""
    graph = Graph(tensors)
    centered = graph.add("Sub", "sentence", graph.constant(tensors["text.center"]))
    joint = graph.linear("text.straight", centered)
    if config.text_hidden:
        hidden = graph.gelu(graph.linear("text.bent.0", centered))
        bent = graph.linear("text.bent.2", hidden)
        joint = graph.add("Add", joint, bent)
    parts = [graph.unit(joint)]
    if config.traits:
        parts.append(graph.unit(graph.linear("text.traits", "sentence")))
    speaks_of = ""
    if config.classes:
        speaks_of = _standing(graph, graph.linear("text.classes", "sentence"))
        parts.append(graph.unit(graph.linear("text.kept", speaks_of)))
    if config.centered:
        for number, part in enumerate(parts):
            usual = graph.constant(tensors[f"text.usual.{number}"])
            parts[number] = graph.add("Sub", part, usual)
    traits = parts[1] if config.traits else None
    vector = _beside(graph, parts[0], traits)
    if config.classes:
        vector = _with_named_classes(graph, vector, parts[-1], speaks_of)
    sentence: Kind = (onnx.TensorProto.FLOAT, ["texts", config.sentence])
    return graph.content({"sentence": sentence}, vector, "vector")


def _heard(graph: Graph, config: MiniConfig) -> tuple[str, str]:
    """The trunk's features (windows, features), and what classes are read from (windows, wide)."""
    if config.mobile:
        features = mobile.features(graph, "log_mels")
        return features, features
    maps = graph.add("Unsqueeze", "log_mels", graph.axes(1))
    half, end = _trunk(graph, maps, config)
    features = _merged(graph, end)
    mean = graph.add("ReduceMean", half, axes=[TIME], keepdims=0)  # (windows, channels, bands)
    most = graph.add("ReduceMax", half, axes=[TIME], keepdims=0)
    halfway = [graph.add("Flatten", mean), graph.add("Flatten", most)]
    return features, graph.add("Concat", features, *halfway, axis=1)


def _trunk(graph: Graph, maps: str, config: MiniConfig) -> tuple[str, str]:
    """The maps before the last halving, and at the end."""
    number = 0
    maps = _halving(graph, f"sound.body.{number}", maps)
    half = maps
    for depth in config.depths:
        half = maps
        number += 1
        maps = _halving(graph, f"sound.body.{number}", maps)
        for _ in range(depth):
            number += 1
            maps = _bottleneck(graph, f"sound.body.{number}.net", maps)
    return half, maps


def _halving(graph: Graph, layer: str, maps: str) -> str:
    return graph.add("Relu", convolved(graph, layer, maps, stride=2))


def _bottleneck(graph: Graph, layer: str, maps: str) -> str:
    inner = maps
    for convolution, normalization in ((0, 1), (3, 4), (6, 7)):
        inner = folded(graph, f"{layer}.{convolution}", f"{layer}.{normalization}", inner)
        if convolution != 6:  # the last is bent after what it was given is added
            inner = graph.add("Relu", inner)
    return graph.add("Relu", graph.add("Add", maps, inner))


def _merged(graph: Graph, maps: str) -> str:
    """The maps at the end to the features (windows, features) that every head reads."""
    by_frame = graph.add("Transpose", maps, perm=[0, 2, 1, 3])  # (windows, frames, channels, bands)
    flat = graph.add("Reshape", by_frame, graph.axes(0, 0, -1))
    frames = graph.add("Relu", graph.linear("sound.frame", flat))
    mean = graph.add("ReduceMean", frames, axes=[1], keepdims=0)
    most = graph.add("ReduceMax", frames, axes=[1], keepdims=0)
    over_time = graph.add("Concat", mean, most, axis=1)
    return graph.add("Relu", graph.linear("sound.merge", over_time))


def _with_heard_classes(graph: Graph, beside: str, wide: str) -> str:
    """What is no music keeps little of its first two parts, and a number beside keeps the length."""
    music = graph.add("Sigmoid", graph.linear("sound.music", wide))  # (windows, 1)
    square = graph.add("Mul", music, music)
    left = graph.add("Sub", graph.number(1), square)
    lost = graph.add("Sqrt", graph.add("Max", left, graph.number(0)))
    stands_out = _standing(graph, graph.linear("sound.classes", wide))
    classes = graph.linear("sound.kept", stands_out)
    kept_beside = graph.add("Mul", beside, music)
    return _with_classes(graph, kept_beside, classes, lost)


def _with_named_classes(graph: Graph, beside: str, kept: str, speaks_of: str) -> str:
    """A text about a sound that is no music speaks by its classes alone."""
    squares = graph.add("Mul", speaks_of, speaks_of)
    no_music = graph.linear("text.sounds", squares)  # (texts, 1)
    above = graph.add("Sub", graph.number(NO_MUSIC), no_music)
    music = graph.add("Sigmoid", graph.add("Mul", graph.number(STEEP), above))
    nothing_lost = graph.add("Mul", no_music, graph.number(0))
    kept_beside = graph.add("Mul", beside, music)
    return _with_classes(graph, kept_beside, graph.unit(kept), nothing_lost)


def _beside(graph: Graph, joint: str, traits: str | None) -> str:
    joint = graph.unit(joint)
    if traits is None:
        return joint
    share = graph.number(TRAITS_WEIGH**0.5)
    weighed = graph.add("Mul", share, graph.unit(traits))
    return graph.unit(graph.add("Concat", joint, weighed, axis=-1))


def _standing(graph: Graph, classes: str) -> str:
    return graph.unit(graph.add("Relu", classes))


def _with_classes(graph: Graph, beside: str, classes: str, lost: str) -> str:
    share = graph.number(CLASSES_WEIGH**0.5)
    weighed = graph.add("Mul", share, classes)
    return graph.unit(graph.add("Concat", beside, weighed, lost, axis=-1))
