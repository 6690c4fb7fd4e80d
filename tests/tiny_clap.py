"""A CLAP of the real architecture, small, weights by chance, alive enough to tell texts and sounds apart."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = (
    *("piano", "guitar", "drums", "sad", "happy", "fast", "slow", "loud", "quiet", "music", "low", "high"),
    *("tone", "song", "a", "the", "with", "and", "of"),
)
AUDIO = {"patch_embeds_hidden_size": 16, "hidden_size": 128, "depths": [2, 2, 2, 2]}
COARSE = {"patch_size": 8, "patch_stride": [8, 8], "window_size": 4, "depths": [1, 1, 1, 1]}
"""A quarter of the patches and half of the layers, where a test is about what is done around the network."""
TEXT = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 1, "intermediate_size": 64}
TEXT |= {"attention_probs_dropout_prob": 0.0}  # it has no module that a test could switch off


def config(**audio):
    from transformers import ClapConfig

    return ClapConfig(
        projection_dim=32,
        audio_config={**AUDIO, "num_attention_heads": [1, 2, 4, 8], "projection_dim": 32, **audio},
        text_config={**TEXT, "vocab_size": 300, "max_position_embeddings": 514, "projection_dim": 32},
    )


def model(seed=0, **audio):
    """A `ClapModel` in evaluation mode. Large weights: small ones make all texts and sounds alike."""
    from transformers import ClapModel

    torch.manual_seed(seed)
    clap = ClapModel(config(**audio)).eval()
    with torch.no_grad():
        for name, parameter in clap.named_parameters():
            if parameter.ndim > 1 and "relative_position" not in name:
                torch.nn.init.normal_(
                    parameter, std=0.25 if "embed" in name else 1.6 / parameter[0].numel() ** 0.5
                )
        encoder = clap.audio_model.audio_encoder
        encoder.batch_norm.running_mean.fill_(-45)
        encoder.batch_norm.running_var.fill_(400)
    return clap


def tokenizer() -> Tokenizer:
    """As RoBERTa's: <s> text </s>, padding 1; words it does not know letter by letter."""
    vocabulary = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *WORDS])}
    vocabulary |= {chr(c): len(vocabulary) + i for i, c in enumerate(range(33, 127))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="<unk>", continuing_subword_prefix=""))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return made


def save(folder: Path, seed=0, **audio) -> Path:
    """A folder as the hub has it."""
    model(seed, **audio).save_pretrained(folder)
    tokenizer().save(str(folder / "tokenizer.json"))
    assert json.loads((folder / "config.json").read_text())["model_type"] == "clap"
    return folder
