"""How fast each parameter of CLAP learns: by its tower, and by how far it is from the vectors.

Layers near the sound and the letters know what holds for any data, and move least (discriminative
fine-tuning; Howard & Ruder 2018, arXiv:1801.06146).
"""

from collections.abc import Mapping
from typing import Any


def rate_of(name: str, rates: Mapping[str, float], config: Any) -> float:
    """What the learning rate of the parameter of that name is multiplied by; 0 freezes it.

    rates: of `text`, `audio` and `pooling`, and `layer_decay` for each layer further from the vectors (1
    where it is not said). config: transformers' ClapConfig of the network.
    """
    if "logit_scale" in name:
        return 1.0
    side = "text" if "text_" in name else "audio"
    if name.startswith("pooling."):
        side = "pooling"
    decay = rates.get("layer_decay", 1.0)
    slower = decay ** _depth(name, config)
    return rates[side] * slower


def _depth(name: str, config: Any) -> int:
    """Layers between a parameter and the vectors: 0 for projections, most for what is near the input."""
    of_text = "text_model." in name
    if not of_text and "audio_model." not in name:
        return 0
    layers = config.text_config.num_hidden_layers if of_text else len(config.audio_config.depths)
    mark = "encoder.layer." if of_text else "audio_encoder.layers."
    if mark in name:
        _, _, behind = name.partition(mark)
        number, _, _ = behind.partition(".")
        return layers - int(number)
    is_behind_layers = "pooler" in name or "audio_encoder.norm" in name
    return 0 if is_behind_layers else layers + 1  # else an embedding, ahead of all layers
