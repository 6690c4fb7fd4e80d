"""A request's text to a parsed query: what is wanted, what is not, and the words that may name something.

>>> query = parse("calm piano without drums, no vocals")
>>> query.text, query.unwanted
('calm piano', ('drums', 'vocals'))
>>> parse("a song about life without you").unwanted
()
>>> parse('"vinyl crackle" by The Cogs').terms
('vinyl crackle', 'cogs')
"""

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.search.reading.negation import split

_TERM = re.compile(r'"([^"]+)"|([^\s",.;:!?()]+)')
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»')
_OR = re.compile(
    r",?\s+(?:or(?: else)?|oder|ou|oppure)\s+|\s+/\s+|(?<=[^\W\d]{4})/(?=[^\W\d]{4})", re.IGNORECASE
)
""" "piano/harp" too, but not AC/DC or 3/4."""
_EITHER = re.compile(r"^\s*(?:either|entweder|soit)\s+", re.IGNORECASE)
_ASKS = re.compile(
    r"^\s*(?:please |(?:can|could|would) you (?:please )?)?"
    r"(?:(?:play|find|give|show|recommend|suggest)(?: me| us)?(?= (?:all|some|any|something|anything|songs?"
    r"|tracks?|music|an?|calm|fast|slow|sad|happy)\b)"
    r"|(?:search|look) for|(?:i (?:want|need|would like)|i['’]d like)"
    r"(?: to hear|(?= (?:some|something|anything|an?|no|music|songs?)\b))|let me hear"
    r"|ich (?:will|möchte) (?=.* hören)|je veux écouter|quiero (?:oír|escuchar)|voglio sentire|quero ouvir"
    r"|(?:can|could) you find)\s+(?:all )?",
    re.IGNORECASE,
)
_ASKS_AFTER = re.compile(r"\s*(?:(?:for me|please|hören|bitte)\b[\s?.!]*|\?)$", re.IGNORECASE)
_FIELDS = (
    (re.compile(r"\bartist\s*[:=]\s*", re.IGNORECASE), "by "),
    (re.compile(r"\b(?:album|folder)\s*[:=]\s*", re.IGNORECASE), "from "),
    (re.compile(r"\b(?:title|genre|tag|mood)\s*[:=]\s*", re.IGNORECASE), ""),
)
_ARTICLE = re.compile(r"^(?:an?|the|some)\s+", re.IGNORECASE)
_FRAME = re.compile(
    r"^(?:(?:an?|the|some|any) )?(?:songs?|lyrics|tracks?|tunes?|music|something) (?:that (?:is|are) )?"
    r"(?:about|in which|where) ",
    re.IGNORECASE,
)
VOICE = re.compile(
    r"\b(vocals?|vocalists?|voices?|singing|singers?|sung|lyrics|words|gesang|stimmen?|worte"
    r"|voix|paroles|chant"
    r"|voz|voces|canto|letra|voce|voci|parole|vozes)\b",
    re.IGNORECASE,
)
"""What a song with lyrics has for certain."""
STOP = frozenset(
    """a about after all am an and any are as at be been but by can could did do does for from get give had
    has have he her here him his how i if in into is it its just like made make me more most much my no
    not of off on one or our out over she so some something sound sounds than that the their them then
    there they this to too track tracks tune tunes up us very was we were what when where which who will
    with without would you your song songs music piece musical kind style feel feeling mood""".split()
)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """How a request is read.

    text: what is wanted. unwanted: what must not be heard. terms: words that may name a song. must: phrases
    in quotation marks, which have to be written somewhere in a song. alternatives: of "piano or harp", each.

    What the catalog adds (see `recognition`): within: the songs (ids) that may answer, None for all.
    leading: songs (ids, ascending) that come first, and by how much. excluded: songs that may not answer.
    turns: of "by A or B" the songs (ids, ascending) of each, which take turns. like: songs to go nearer to.
    said: names, years and the like that were recognised, in words for the person who asks.
    """

    text: str
    unwanted: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    within: NDArray[np.int64] | None = None
    leading: tuple[tuple[NDArray[np.int64], float], ...] = ()
    excluded: NDArray[np.int64] | None = None
    turns: tuple[NDArray[np.int64], ...] = ()
    like: tuple[int, ...] = ()
    said: tuple[str, ...] = ()

    def text_for(self, role: str) -> str:
        """What an index is asked: words are not asked for "a song about", which stands in no lyrics.

        >>> parse("a song about the sea").text_for("words")
        'the sea'
        """
        return about(self.text) if role == "words" else self.text

    def reading(self) -> list[str]:
        """How the request was read, a phrase each, for the person who asks.

        >>> parse('"night" piano or harp, no drums').reading()
        ['“piano” or “harp”', 'with “night” written in it', 'not drums']
        """
        wanted = " or ".join(f"“{one}”" for one in self.alternatives or [self.text] if one)
        must = [f"with “{phrase}” written in it" for phrase in self.must]
        return [
            *([wanted] if wanted else []),
            *must,
            *self.said,
            *(f"not {thing}" for thing in self.unwanted),
        ]


def plainly(request: str) -> str:
    """A request without what only asks for it to be answered, and with cues in place of names of fields.

    >>> plainly("can you play me something by Bach?"), plainly("artist: Bach"), plainly("show me the way")
    ('something by Bach', 'by Bach', 'show me the way')
    """
    text = _ASKS.sub("", request)
    if text != request:
        text = _ASKS_AFTER.sub("", text)
    for pattern, cue in _FIELDS:
        text = pattern.sub(cue, text)
    return text.strip()


def parse(request: str) -> ParsedQuery:
    """Take apart what the words of a request say by themselves, without a catalog."""
    text, must = unquoted(request)
    return parse_unquoted(text, must)


def unquoted(request: str) -> tuple[str, tuple[str, ...]]:
    """A request without what stands in quotation marks, and that."""
    must = tuple(phrase for groups in _QUOTED.findall(request) for phrase in groups if phrase.strip())
    return " ".join(_QUOTED.sub(" ", request).split()) if must else request.strip(), must


def parse_unquoted(request: str, must: tuple[str, ...] = ()) -> ParsedQuery:
    """The rest of a request whose quoted phrases were taken out."""
    text, unwanted = split(request)
    return reworded(ParsedQuery(text, unwanted, must=must), text)


def reworded(parsed: ParsedQuery, text: str) -> ParsedQuery:
    """The same query with another wanted text, its terms and alternatives."""
    options = _options(_EITHER.sub("", text))
    named = terms(" ".join([*(f'"{phrase}"' for phrase in parsed.must), text]))
    return replace(parsed, text=text, terms=named, alternatives=options if len(options) > 1 else ())


def _options(text: str) -> tuple[str, ...]:
    """What an "or" stands between; of "rain, wind or thunder" all three, where each is a word.

    >>> _options("rain, wind or thunder"), _options("calm music, piano or harp")
    (('rain', 'wind', 'thunder'), ('calm music, piano', 'harp'))
    """
    options = [part.strip(" ,") for part in _OR.split(text)]
    listed = [part.strip() for option in options for part in option.split(",")]
    if len(options) > 1 and all(len(_ARTICLE.sub("", part).split()) == 1 for part in listed):
        options = listed
    return tuple(filter(None, options))


def about(text: str) -> str:
    """A text without "a song about"."""
    return _FRAME.sub("", text) or text


def terms(text: str) -> tuple[str, ...]:
    """Phrases in quotes and words that are not among the commonest, each once, in lower case."""
    found = []
    for phrase, word in _TERM.findall(text.lower()):
        if phrase or (word not in STOP and any(c.isalnum() for c in word)):
            found.append(phrase or word.strip("'-*"))
    return tuple(dict.fromkeys(found))
