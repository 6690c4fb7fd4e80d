"""The same questions by sound, by words and by every way to put both together: which finds the right song?

A caption is a question here and nothing else: it is not among the words of its song, and nothing is looked
up as it is written.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import WrongUse
from catalog.index_segment import song_scores
from catalog.records import ROLES, Role
from catalog.song_index import common_spread
from catalog.vectors import Vectors, block_starts
from models.evaluation.ranks import Ranks, rank_scores
from models.indexing import calibration
from models.indexing.background import background_of
from models.indexing.late_fusion import FusedEncoder
from models.indexing.song_vectors import Known, PairedEmbeddings
from models.search import score_fusion
from models.search.gate import Gate
from models.search.ranking import on_one_scale
from models.search.reading.query_parser import parse
from models.search.score_fusion import Scores

WAYS = (*ROLES, *score_fusion.METHODS, "fused")
Encode = Callable[[Sequence[str]], Vectors]


class Comparison:
    """Songs, and the questions about them; equal captions are one question with several right answers.

    encode: how each role encodes a description. words: the pipeline of the role of words, for the gate knows
    one alone. Raises WrongUse where nothing is asked.
    """

    def __init__(self, songs: PairedEmbeddings, encode: Mapping[Role, Encode], *, words: str) -> None:
        if not songs.queries:
            raise WrongUse(
                "no song that is known by sound or words has a caption to ask for it by.",
                try_this="nw evaluate --by sound,words,both --on captions.jsonl",
            )
        self.songs = songs
        about: dict[str, list[int]] = {}  # songs by question
        for text, song in songs.queries:
            about.setdefault(text, []).append(song)
        self.texts = list(about)
        self.right = list(about.values())
        parsed = [parse(text) for text in self.texts]
        self.standard: dict[str, Scores] = {}  # by role, z-scores (texts, songs)
        for role in ROLES:
            texts = [query.text_for(role) for query in parsed]
            queries = encode[role](texts).astype(np.float32)
            self.standard[role] = _standard(songs.known, role, queries, encode[role])
        # The gate reads the vectors of one encoder of words; of another it could say nothing.
        gate = Gate.load()
        weights = gate.weights if gate.knows(words) else _even
        sentences = encode["words"](self.texts)  # (texts, dimensions)
        self._gates = [weights(sentence) for sentence in sentences]

    @property
    def song_of(self) -> NDArray[np.int64]:
        """The song that each question is about (questions,); of several, the first."""
        return np.array([relevant[0] for relevant in self.right], np.int64)

    def ranks(
        self,
        way: str,
        *,
        weights: Mapping[str, float] | None = None,
        fused: FusedEncoder | None = None,
    ) -> Ranks:
        """Where the right songs stand, by one of WAYS ("both": the default of a query).

        weights: of the roles, on top of the gate's. fused: the fusion that "fused" means. Raises WrongUse for
        a way that there is not.
        """
        scores = self._scores(way, weights or {}, fused)  # (texts, songs)
        return rank_scores(_ranked_last(scores), self.right)

    def _scores(self, way: str, weights: Mapping[str, float], fused: FusedEncoder | None) -> Scores:
        """Scores (texts, songs)."""
        method = score_fusion.DEFAULT if way == "both" else way
        if method == "fused" and fused is not None:
            fused_songs = fused.encode_songs(self.songs)  # (songs, dimensions)
            known: list[Known] = [{"fused": vector[None]} for vector in fused_songs]
            encode = fused.encode_descriptions
            return _standard(known, "fused", encode(self.texts), encode)
        if method in self.standard:
            return self.standard[method]
        if method not in score_fusion.METHODS:
            raise WrongUse(
                f"there is no way {way!r} to compare.",
                try_this=f"--by {','.join(WAYS)},both",
            )
        # A query at a time, as a search does it: each has a gate and a scale of its own.
        of_sound, of_words = (self.standard[role] for role in ROLES)
        fused_scores = []
        for sound, words, gate in zip(of_sound, of_words, self._gates, strict=True):
            fused_scores.append(self._fused(method, sound, words, gate, weights))
        return np.stack(fused_scores)

    def _fused(
        self,
        method: Any,
        sound: Scores,
        words: Scores,
        gate: Mapping[str, float],
        weights: Mapping[str, float],
    ) -> Scores:
        """Fused scores (songs,) of one query from its z-scores by sound and by words (songs,)."""
        by_gate = gate if method == "gate" else {}
        both = {}
        for role in ROLES:
            of_gate = by_gate.get(role, 1.0)
            both[str(role)] = of_gate * weights.get(role, 1.0)
        scores = on_one_scale({"sound": sound, "words": words})
        return score_fusion.fuse(method, scores, both)


def _standard(known: Sequence[Known], role: Role, queries: Vectors, encode: Encode) -> Scores:
    """Scores (texts, songs) above those of unrelated descriptions; not-a-number without that role."""
    shape = len(queries), len(known)
    # Not-a-number stands for a role that a song lacks, and fusion leaves it out.
    out = np.full(shape, np.nan, np.float32)
    there = [row for row, one in enumerate(known) if role in one]
    if there:
        parts = [known[row][role] for row in there]
        starts = block_starts(parts)
        vectors = np.concatenate(parts)
        # As `nw index` does it, so that what is compared here is what a query meets.
        prompts = encode(calibration.descriptions(role))
        unrelated = background_of(vectors.astype(np.float16), starts, prompts)  # (songs, 2)
        cosines = vectors @ queries.T  # (parts, texts)
        scores = song_scores(cosines, starts).T  # (texts, songs)
        means = unrelated[:, 0]
        out[:, there] = (scores - means) / common_spread(unrelated)
    return out


def _ranked_last(scores: Scores) -> NDArray[np.float32]:
    """The same scores, with songs that cannot be judged behind all others."""
    is_unknown = np.isnan(scores)
    known = scores[~is_unknown]
    # One number for all: songs that cannot be judged tie, so none of them is ahead by its place in a list.
    behind = known.min() - 1 if len(known) else np.float32(0)
    return np.where(is_unknown, behind, scores)


def _even(_: Vectors) -> dict[str, float]:
    """What a gate says that knows nothing of these vectors: each role counts as 1."""
    return {}
