"""Sentence vectors of a corpus: those that were computed once, or by the backbone that is trained."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.networks.projection_heads import WordsNetwork
from models.networks.sentence_encoder import Backbone, Truncation, describing, padded
from models.training.words.pairs import Corpus, Ints

Halves = NDArray[np.floating]


@dataclass(frozen=True)
class Sentences:
    """What the heads of a network are given.

    features: vectors of the frozen backbone, of the descriptions of all pairs and the lyrics of all songs.
    backbone: its tokenizer and prompts, where texts are to go through the copy of it that the network trains.
    """

    corpus: Corpus
    features: tuple[Halves, Halves]
    truncation: Truncation
    backbone: Backbone | None = None

    def of(self, network: WordsNetwork, side: Literal[0, 1], rows: Ints) -> Tensor:
        """Vectors (texts, width), on the device of the network; by its backbone they have a gradient.

        side: 0 for descriptions, rows of pairs; 1 for lyrics, rows of songs.
        """
        device = next(network.parameters()).device
        if self.backbone is None or network.backbone is None:
            kept = np.asarray(self.features[side][rows], np.float32)
            return torch.from_numpy(kept).to(device)
        if side == 0:
            texts = [self.corpus.pairs[row][0] for row in rows]
            policy = Truncation("truncate", self.truncation.tokens)  # a long description is always cut
            reader = describing(network.backbone)
        else:
            texts = [self.corpus.songs[row].lyrics for row in rows]
            policy = self.truncation
            reader = network.backbone
        reader.train(network.training)  # dropout as the heads have it: on in a step, off in a judgement
        prompted = [self.backbone.prompts[side] + text for text in texts]
        pieces, owners = self.backbone.tokens(prompted, policy)
        vectors: Tensor = reader(*padded(pieces, device=device))  # (pieces, width)
        if len(pieces) == len(texts):
            return vectors
        owner = torch.tensor(owners, device=device)
        return joined(vectors, owner, len(texts), policy.long)


def joined(vectors: Tensor, owner: Tensor, texts: int, long: str) -> Tensor:
    """Unit vectors (texts, width) of texts that were cut into pieces.

    vectors: (pieces, width). owner: (pieces,) the text of each. long: `chunk-max` takes the largest of each
    number over a text's pieces; any other policy their sum, which has the direction of their mean.
    """
    shape = texts, vectors.shape[1]
    if long == "chunk-max":
        lowest = torch.full(shape, -torch.inf, device=vectors.device)
        whole = lowest.index_reduce(0, owner, vectors, "amax")
    else:
        whole = vectors.new_zeros(shape).index_add(0, owner, vectors)
    return nn.functional.normalize(whole, dim=-1)
