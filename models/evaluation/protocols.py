"""Protocols: what counts as a query, a candidate and a right answer, by name.

Numbers of two protocols never stand in one column. Each says in a sentence what it does, for the report.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog import sources
from catalog.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Qrel:
    """That a caption is relevant to a song (a line of qrels, as TREC calls them).

    valid: whether it is in the data set's cleaned subset.
    """

    song: int
    text: str
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Pairing:
    """Who asks for whom, in both directions.

    texts: the queries of one direction and candidates of the other. songs: rows of the gallery. relevant: for
    each text, places in `songs` that are relevant.
    """

    texts: list[str]
    songs: list[int]
    relevant: list[list[int]]

    @property
    def songs_of_texts(self) -> list[int]:
        """The song that each text is about; of several that share a caption, the first."""
        return [self.songs[relevant[0]] for relevant in self.relevant]

    @property
    def turned(self) -> list[list[int]]:
        """For each song of the gallery, places in `texts` that are relevant."""
        texts: list[list[int]] = [[] for _ in self.songs]
        for text, songs in enumerate(self.relevant):
            for song in songs:
                texts[song].append(text)
        return texts


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a data set becomes queries, candidates and right answers.

    means: what it does, in a sentence for the report. valid_only: leave out captions outside the cleaned
    subset. one_text: equal captions are one query with several right songs. one_song: a song is one
    candidate, however many captions it has.
    """

    name: str
    means: str
    valid_only: bool = False
    one_text: bool = True
    one_song: bool = True

    def pair(self, qrels: Sequence[Qrel]) -> Pairing:
        """Rows of a data set to queries, candidates and right answers. Raises WrongUse where none is left."""
        rows = [row for row in qrels if row.valid or not self.valid_only]
        if not rows:
            raise self._nothing_left()
        songs = [row.song for row in rows]
        texts = [row.text for row in rows]
        if self.one_song:
            songs = list(dict.fromkeys(songs))  # in the order of their first rows
        if self.one_text:
            texts = list(dict.fromkeys(texts))
        # Where a text or song comes twice and is kept twice, these hold the last, and are not looked at.
        place_of_song = {song: at for at, song in enumerate(songs)}
        place_of_text = {text: at for at, text in enumerate(texts)}
        relevant: list[set[int]] = [set() for _ in texts]
        for number, row in enumerate(rows):
            # Where songs or texts are not made one, row i of them is that of this row.
            song = place_of_song[row.song] if self.one_song else number
            text = place_of_text[row.text] if self.one_text else number
            relevant[text].add(song)
        in_order = [sorted(songs_of_text) for songs_of_text in relevant]
        return Pairing(texts, songs, in_order)

    def _nothing_left(self) -> WrongUse:
        why = f"no caption is left to judge by under {self.name}."
        if self.valid_only:
            return WrongUse(
                why, try_this="nw evaluate … --protocol plain    (or data whose songs have captions)"
            )
        return WrongUse(why, try_this="nw evaluate mini --on captions.jsonl")


_PLAIN = Protocol(
    "plain",
    "every song once in the gallery; equal captions are one query, all their songs are right;"
    " the whole clip is heard",
)
_SDD_VALID = Protocol(
    "sdd-valid",
    "captions of the valid subset; every song once in the gallery; equal captions are one query, all"
    " their songs are right; the whole clip is heard",
    valid_only=True,
)
_SDD_FULL = Protocol(
    "sdd-full",
    "all captions; every song once in the gallery; each caption is a query with one right song;"
    " the whole clip is heard",
    one_text=False,
)
_FIRST_ATTEMPT = Protocol(
    "first-attempt",
    "captions of the valid subset; row i against row i: a song stands in the gallery once for each of"
    " its captions, and only one of these is relevant, so Recall@1 has a ceiling",
    valid_only=True,
    one_text=False,
    one_song=False,
)
PROTOCOLS = {one.name: one for one in (_PLAIN, _SDD_VALID, _SDD_FULL, _FIRST_ATTEMPT)}


def protocol(name: str) -> Protocol:
    """The protocol of that name. Raises WrongUse with the list."""
    if name not in PROTOCOLS:
        raise WrongUse(
            f"there is no protocol {name!r}; there are: {', '.join(PROTOCOLS)}.",
            try_this="nw evaluate mini --on song-describer --protocol sdd-valid",
        )
    return PROTOCOLS[name]


def default(data: str) -> str:
    """The protocol to judge a data set by where none is asked for."""
    name, _, _ = data.partition(":")  # NAME:FILE
    info = sources.infos().get(name)
    if info is None or not info.protocol:
        return "plain"
    return info.protocol
