"""BGE-M3 and Longformer of the real architecture, small, weights by chance; and songs with words."""

import json
from pathlib import Path

import tiny_clap
import torch

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
SIZES |= {"vocab_size": 160, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "type_vocab_size": 1}
TOPICS = ("piano", "guitar", "drums", "sad", "happy", "fast", "slow", "loud")


def bge_m3(folder: Path) -> Path:
    """As the hub has it: weights as a pickle, and the two linear layers."""
    from transformers import XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(1)
    network = _lively(XLMRobertaModel(XLMRobertaConfig(**SIZES, max_position_embeddings=66)))
    folder.mkdir(parents=True, exist_ok=True)
    network.config.save_pretrained(folder)
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    torch.save(torch.nn.Linear(32, 1).state_dict(), folder / "sparse_linear.pt")
    torch.save(torch.nn.Linear(32, 32).state_dict(), folder / "colbert_linear.pt")
    return _with_tokenizer(folder)


def longformer(folder: Path) -> Path:
    """As the hub has it, with windows of 16 tokens."""
    from transformers import LongformerConfig, LongformerModel

    torch.manual_seed(2)
    config = LongformerConfig(**SIZES, attention_window=[16, 16], max_position_embeddings=130)
    _lively(LongformerModel(config)).save_pretrained(folder)
    return _with_tokenizer(folder)


def table(path: Path, songs: int = 64) -> Path:
    """Songs about two of eight topics each, by 16 artists, with a description of them."""
    with path.open("w") as file:
        for i in range(songs):
            one, two = TOPICS[i % 8], TOPICS[(i // 8 + i) % 8]
            lyrics = "\n".join(f"the {one} and the {two} {chr(97 + (i * 7 + n) % 26)} {i}" for n in range(4))
            row = {"id": i, "artist": f"artist {i // 4}", "tags": [one], "lyrics": lyrics}
            file.write(json.dumps({**row, "description": f"a song of {one} with {two} {i}"}) + "\n")
    return path


def _lively(network):
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=1.0 / parameter.shape[-1] ** 0.5)
    return network.eval()


def _with_tokenizer(folder: Path) -> Path:
    tiny_clap.tokenizer().save(str(folder / "tokenizer.json"))
    return folder
