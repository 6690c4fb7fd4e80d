"""The text tower of `mini`: heads over sentence vectors."""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from models.networks.mini.config import NO_MUSIC, STEEP, MiniConfig
from models.networks.mini.parts import beside, computed, standing, with_classes


class TextHead(nn.Module):
    """Sentence vectors (texts, 384) to unit vectors (texts, dimensions): centred, mapped, bent a little."""

    def __init__(self, config: MiniConfig) -> None:
        super().__init__()
        self.center = nn.Parameter(torch.zeros(config.sentence), requires_grad=False)
        self.straight = nn.Linear(config.sentence, config.dimensions, bias=False)
        self.bent: nn.Sequential | None = None
        if config.text_hidden:
            self.bent = nn.Sequential(
                nn.Linear(config.sentence, config.text_hidden),
                nn.GELU(),
                nn.Linear(config.text_hidden, config.dimensions),
            )
        self.traits = computed(config.sentence, config.traits)
        self.classes = computed(config.sentence, config.classes)
        self.kept = computed(config.classes, config.kept, bias=False)
        self.sounds = computed(config.classes, min(config.classes, 1), bias=False)
        widths = (config.dimensions, config.traits, config.kept) if config.centered else ()
        self.usual = nn.ParameterList()
        for width in widths:
            if width:
                self.usual.append(nn.Parameter(torch.zeros(width), requires_grad=False))

    @torch.no_grad()
    def start_from(self, center: Tensor) -> None:
        """Begin as the identity around a center (384,): words that no caption has keep their place."""
        self.center.copy_(center)
        nn.init.eye_(self.straight.weight)
        if self.bent is not None:
            last = self.bent[2]
            assert isinstance(last, nn.Linear)
            last.weight.mul_(0.1)
            nn.init.zeros_(last.bias)

    def joint(self, vector: Tensor) -> Tensor:
        """Unit sentence vectors to unit vectors (texts, dimensions) of the joint space."""
        centered = vector - self.center
        out = self.straight(centered)
        if self.bent is not None:
            out = out + self.bent(centered)
        return normalize(out, dim=-1)

    def forward(self, vector: Tensor) -> Tensor:
        """Unit sentence vectors to unit vectors (texts, width), to be compared with those of the sound.

        A text about a sound that is no music speaks by its classes alone: music has them too, but less.
        """
        parts = self.parts(vector)
        if len(self.usual):
            # Some songs are near to every text (hubs); near to what all texts share counts for nothing.
            parts = [part - usual for part, usual in zip(parts, self.usual, strict=True)]
        joint = parts.pop(0)
        traits = None if self.traits is None else parts.pop(0)
        both = beside(joint, traits)
        if self.classes is None or self.sounds is None or not parts:
            return both
        [kept] = parts
        speaks_of = standing(self.classes(vector))  # (texts, classes)
        no_music = self.sounds(speaks_of.square())  # (texts, 1): squares of a unit vector add up to 1
        music = torch.sigmoid(STEEP * (NO_MUSIC - no_music))
        nothing_lost = vector[:, :1] * 0  # zeros of the batch's own shape, which ONNX leaves open
        return with_classes(both * music, normalize(kept, dim=-1), nothing_lost)

    def parts(self, vector: Tensor) -> list[Tensor]:
        """Unit sentence vectors to the parts of a text's vector, each (texts, its width) of length 1.

        Joint embedding, traits and classes, where the network has them.
        """
        parts = [self.joint(vector)]
        if self.traits is not None:
            parts.append(normalize(self.traits(vector), dim=-1))
        if self.classes is not None and self.kept is not None:
            classes = self.kept(standing(self.classes(vector)))
            parts.append(normalize(classes, dim=-1))
        return parts
