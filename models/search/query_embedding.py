"""A parsed query to everything that songs are scored with: embeddings, weights of the roles, feedback."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.records import ROLES, Role
from models.networks.text_tower import TextTower
from models.search import score_fusion
from models.search.gate import Gate, weights_by_text
from models.search.indexes import Indexes
from models.search.reading.query_parser import ParsedQuery, reworded
from models.search.relevance_feedback import Feedback, feedback_of
from models.search.request import SearchRequest, Way
from models.search.score_fusion import Method


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query and everything that songs are scored with.

    embeddings: of the text, (dimensions,) for each role that is asked; alternatives: of "a or b"
    those of each, the best of which counts. parts: of "a, then b" what each sounds like. exact:
    whether its words are looked up as they are written, and token_weights: what each counts, where an encoder
    of words says so. weights: what each role counts in fusion.
    """

    parsed: ParsedQuery
    embeddings: dict[Role, NDArray[np.float32]]
    alternatives: tuple[dict[Role, NDArray[np.float32]], ...] = ()
    parts: tuple[NDArray[np.float32], ...] = ()
    method: Method = score_fusion.DEFAULT
    weights: dict[str, float] = field(default_factory=dict)
    feedback: tuple[Feedback, ...] = ()
    exact: bool = False
    token_weights: dict[int, float] | None = None


def embed(request: SearchRequest, parsed: ParsedQuery, indexes: Indexes, catalog: Catalog) -> Query:
    """Embed what is wanted for every role that is asked, and what feedback is given. Raises NoIndex."""
    way = request.way
    # `written` looks words up and embeds nothing; without a text there is nothing to embed.
    roles = _roles(way, indexes) if parsed.text else []
    method = _method(way)
    # Who asks by one role alone wants that judgement, unmixed with what is written.
    exact = bool(parsed.text) and way not in ("sound", "words", "fused")
    alternatives = []
    for text in parsed.alternatives:
        alternative = reworded(parsed, text)
        alternatives.append(embed_text(alternative, roles, indexes))
    # Only sound has an order: words are looked up wherever they stand.
    ordered = parsed.parts if "sound" in roles else ()
    parts = [indexes.encode(part, "sound") for part in ordered]
    token_weights = None
    if exact and "words" in roles:
        token_weights = _token_weights(parsed.text, indexes)
    return Query(
        parsed=parsed,
        embeddings=embed_text(parsed, roles, indexes),
        alternatives=tuple(alternatives),
        parts=tuple(parts),
        method=method,
        weights=_weights(method, parsed, roles, indexes),
        feedback=feedback_of(request, parsed, indexes, catalog),
        exact=exact,
        token_weights=token_weights,
    )


def embed_text(
    parsed: ParsedQuery, roles: Sequence[Role], indexes: Indexes
) -> dict[Role, NDArray[np.float32]]:
    """What these roles are asked, embedded."""
    embeddings = {}
    for role in roles:
        text = parsed.text_for(role)
        embeddings[role] = indexes.encode(text, role)
    return embeddings


def _roles(way: Way | None, indexes: Indexes) -> list[Role]:
    """The roles whose indexes are asked. Raises NoIndex, also where exact words alone would need none."""
    there = indexes.roles(way)
    return [] if way == "written" else there


def _method(way: Way | None) -> Method:
    """How the roles are fused: a way may name a method in place of a role."""
    for method in score_fusion.METHODS:
        if method == way:
            return method
    return score_fusion.DEFAULT


def _weights(
    method: Method, parsed: ParsedQuery, roles: Sequence[Role], indexes: Indexes
) -> dict[str, float]:
    """What was tuned on this library, and what the gate says that the query speaks of."""
    tuned = {}
    for role in roles:
        tuned[str(role)] = indexes.index(role).manifest.weight
    # One role alone has nothing to be weighed against.
    if method != "gate" or set(roles) != set(ROLES):
        return tuned
    gate = Gate.load()
    if gate.knows(indexes.index("words").manifest.pipeline):
        sentence = indexes.encode(parsed.text, "words")
        told = gate.weights(sentence)
    else:
        is_musical = indexes.about_music(parsed.text, roles)
        told = weights_by_text(parsed.text, about_music=is_musical)
    return {role: weight * told[role] for role, weight in tuned.items()}


def _token_weights(text: str, indexes: Indexes) -> dict[int, float] | None:
    """What the encoder of words says that each token of a description counts; None where it does not."""
    tower = indexes.tower("words")
    if not isinstance(tower, TextTower):
        return None
    return tower.word_weights(text) or None
