"""From where on songs fit a request, in this library.

A request that its encoder cannot read, or that is about no music, finds nothing that fits by sound. What a
request names (titles, artists, tags) fits whatever is said here.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from catalog.records import ALONE, Role
from catalog.statistics.words import language_of, words_of
from models.search.fitting import ENGLISH
from models.search.gate import asks_for_words
from models.search.indexes import Indexes
from models.search.query_embedding import Query
from models.search.ranking import FITS_AT
from models.search.reading.negation import ANYTHING
from models.search.score_fusion import Scores

FAR = 1.0
"""Where nothing can fit by a role, its best song lies so far below the line."""
UNREAD = 0.8
"""From this share of letters without a piece of their own on, a request cannot be read."""
Doubt = Literal["unread", "no music"]


@dataclass(frozen=True, slots=True)
class Limits:
    """From which z-scores on songs fit a request.

    lines: by role. shut: roles by which nothing fits, however near. doubt: why nothing may fit, for the
    person who asked.
    """

    lines: Mapping[str, float] = field(default_factory=lambda: FITS_AT)
    shut: frozenset[str] = frozenset()
    doubt: Doubt | None = None

    def over(self, z_scores: Mapping[str, Scores]) -> dict[str, float]:
        """The lines for these z-scores (songs,) by role: above all of them where a role is shut.

        >>> z_scores = {"sound": np.array([2.5, np.nan], np.float32)}
        >>> Limits({"sound": 1.5}).over(z_scores), Limits({"sound": 1.5}, frozenset({"sound"})).over(z_scores)
        ({'sound': 1.5}, {'sound': 3.5})
        """
        lines = dict(self.lines)
        for role in self.shut & z_scores.keys():
            known = np.nan_to_num(z_scores[role], nan=-np.inf)
            best = float(known.max(initial=-np.inf))
            lines[role] = max(lines[role], best + FAR)
        return lines


def limits(query: Query, indexes: Indexes) -> Limits:
    """What the indexes say about the text of a request; no song is looked at."""
    roles = list(query.embeddings)
    if not roles:
        return Limits()
    text = query.parsed.text
    if text.casefold() == ANYTHING:  # "not piano": whatever has less of it than unrelated words would say
        # Of every role: what is not wanted may be looked for in the sound though only words were asked.
        return Limits({**FITS_AT, **dict.fromkeys(ALONE, 0.0)})
    # Lyrics alone are asked for any topic.
    is_musical = roles == ["words"] or query.parsed.is_tagged or indexes.about_music(text, roles)
    unread = {role for role in roles if _is_unread(text, role, indexes, musical=is_musical)}
    shut: set[str] = set(unread)
    if not is_musical:
        # "How do I file my taxes" is near to some sound, as everything is; lyrics may really be about it.
        shut |= {"sound", "fused"} & set(roles)
    doubt: Doubt | None = None if is_musical else "no music"
    if unread == set(roles):
        doubt = "unread"
    return Limits(_lines(text, roles, indexes, musical=is_musical), frozenset(shut), doubt)


def _lines(text: str, roles: Sequence[Role], indexes: Indexes, *, musical: bool) -> dict[str, float]:
    """From which z-scores on songs fit by these roles; the usual ones where an index does not know."""
    lines: dict[str, float] = dict(FITS_AT)
    for role in roles:
        fitting = indexes.fitting(role)
        if fitting is None:
            continue
        spread = float(indexes.index(role).spread)
        is_meant = musical or (role == "words" and asks_for_words(text))
        lines[role] = fitting.line(role, spread, about_music=is_meant)
    return lines


def _is_unread(text: str, role: Role, indexes: Indexes, *, musical: bool) -> bool:
    """Whether the encoder of a role has no pieces for a text, or not learned the language that it is in.

    "Musique calme" is near enough to English to be known for a request for music, and is answered.
    """
    if indexes.tower(role).unread(text) >= UNREAD:
        return True
    fitting = indexes.fitting(role)
    learned = fitting.languages if fitting is not None else ()
    if not learned:
        return False
    if learned == ENGLISH and _in_another_script(text):
        return True
    if musical:
        return False
    language = language_of(words_of(text))  # "" where too little is written to tell
    return language not in ("", *learned)


def _in_another_script(text: str) -> bool:
    """Whether most letters are not Latin ones: two words in Cyrillic are too few to tell the language by.

    >>> [_in_another_script(text) for text in ("спокойная музыка", "música tranquila", "7")]
    [True, False, False]
    """
    letters = [letter for letter in text if letter.isalpha()]
    # Unicode's name of a letter says its script; the standard library knows it by nothing else.
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return 2 * latin < len(letters)
