"""Torch modules to ONNX: the trunk and the head of a text tower, and any map with one output.

Loads torch where something is exported: encoders name this file, and are often only listed.
"""

import logging
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def export_trunk(
    module: "torch.nn.Module", *, vocabulary: int, outputs: Sequence[str] = ("vector",)
) -> bytes:
    """A sentence encoder `(ids, mask) -> vector` as ONNX bytes, its word table in 8 bits.

    module: called with int64 `ids` and `mask` of shape (texts, tokens); returns float32 (texts, dimensions),
    and after it the weights of the tokens (texts, tokens) where `outputs` is `vector` and `weights`.
    """
    import torch

    ids = torch.randint(0, vocabulary, (2, 9))
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0  # a padded example, or the exporter folds the mask away
    any_number = torch.export.Dim("texts")
    any_length = torch.export.Dim("tokens", max=512)
    axes = {0: any_number, 1: any_length}
    inputs = {"ids": ids, "mask": mask}
    program = _program(module, inputs, dict.fromkeys(inputs, axes), outputs)
    return _words_in_8_bits(program)


def export_head(module: "torch.nn.Module", *, width: int) -> bytes:
    """A map `sentence -> vector` over sentence vectors of that width as ONNX bytes."""
    import torch

    example = torch.randn(2, width)
    axes = {0: torch.export.Dim("texts")}
    return export(module, {"sentence": example}, {"sentence": axes})


def export(
    module: "torch.nn.Module",
    inputs: "Mapping[str, torch.Tensor]",
    axes: Mapping[str, Mapping[int, Any]],
) -> bytes:
    """A torch module with one output `vector` as ONNX bytes, its named axes free."""
    program = _program(module, inputs, axes, ["vector"])
    content: bytes = program.model_proto.SerializeToString()
    return content


def _program(
    module: "torch.nn.Module",
    inputs: "Mapping[str, torch.Tensor]",
    axes: Mapping[str, Mapping[int, Any]],
    outputs: Sequence[str],
) -> "torch.onnx.ONNXProgram":
    """What torch's exporter makes of a module, without what it says meanwhile."""
    import torch

    exporter_log = logging.getLogger("torch.onnx")
    level = exporter_log.level
    exporter_log.setLevel(logging.ERROR)  # it reports the absence of torchvision, which nothing here needs
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            shapes = tuple(axes[name] for name in inputs)
            program = torch.onnx.export(
                module.eval(),
                tuple(inputs.values()),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_shapes=shapes,
                dynamo=True,
                verbose=False,
            )
    finally:
        exporter_log.setLevel(level)
    assert program is not None  # only the older exporter returns nothing
    return program


def _words_in_8_bits(program: "torch.onnx.ONNXProgram") -> bytes:
    """The word table, half of a small encoder, to 8 bits; the rest stays as it is.

    On 64 texts MiniLM keeps a cosine of 0.9995 to the original this way; with its matrices in 8 bits too it
    falls to 0.98 at worst (0.83 without a scale per channel). The weights lie in a file of their own before,
    for BGE-M3 has more of them than the 2 GB that a message of ONNX can hold.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root_log = logging.getLogger()
    level = root_log.level
    root_log.setLevel(logging.ERROR)  # it recommends a pre-processing step through the root logger
    try:
        with tempfile.TemporaryDirectory() as folder:
            plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
            program.save(plain, external_data=True)
            quantize_dynamic(plain, small, weight_type=QuantType.QUInt8, op_types_to_quantize=["Gather"])
            return small.read_bytes()
    finally:
        root_log.setLevel(level)
