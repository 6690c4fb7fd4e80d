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
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.library.fulltext import words_of
from catalog.values.numbers import counted
from models.search.reading.music_words import SOUNDS
from models.search.reading.negation import ANYTHING, split
from models.search.reading.patterns import pattern

_TERM = re.compile(r'"([^"]+)"|([^\s",.;:!?()]+)')
_QUOTED = re.compile(
    r'"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»|‘([^’]*)’'
    # Within single marks several words: "rock 'n' roll" quotes nothing.
    r"|(?:^|(?<=\s))'([^'\s]+(?:\s+[^'\s]+)+)'(?=\s|$|[,.;!?])"
)
_OR = pattern(
    r",?\s+(?:or(?! (?:more|less|fewer|so)\b)(?: else)?|oder|ou|oppure|and/or|und/oder|et/ou|y/o|e/o)\s+"
    r"|\s+/\s+"
    r"|(?<=[^\W\d]{4})/(?=[^\W\d]{4})"
)
""" "piano/harp" too, but not AC/DC or 3/4."""
_O = pattern(r"(?P<one>\w+) o (?=(?P<other>\w+))")
_STOP = re.compile(r"(?<=[^\W\d]{3})[.!?;]+\s+")
_EITHER = pattern(r"(?:^\s*|(?<=\band )|(?<=\bplus )|(?<=\bwith ))(?:either|entweder|soit)\s+")
_GROUP = pattern(
    r"^(?:(?P<before>[^()]*)\((?=[^()]*\bor\b)|(?P<each>.+?)\s+either\s+)(?P<either>[^()]+)"
    r"(?:\)(?P<behind>.*))?$",
    needs="or",
)
""" "Fast (techno or metal)", "drums and either organ or piano"."""
_MOODS = frozenset(
    """aggressive angry bright calm cheerful cold dark distorted dreamy eerie energetic epic fast funky
    gentle gloomy groovy happy hard heavy hypnotic joyful light lively loud majestic mellow melodic
    minimal mysterious nostalgic ominous peaceful playful quiet relaxed relaxing romantic sad scary slow
    soft soothing spooky tender tense upbeat uplifting warm weird""".split()
)
"""Words of which two may say how one thing is: "sad or angry metal"."""
_LIST = pattern(r"\bor\b", needs="or")
_AND = pattern(r"^\s*and\s+|[\s,]+and\s*$")
# "A drum or a bass" lists one word each.
_ARTICLE = pattern(r"^(?:an?|the|some)\s+")
_FRAME = pattern(
    r"^(?:(?:an?|the|some|any) )?(?:songs?|lyrics|tracks?|tunes?|music|something) (?:that (?:is|are) )?"
    r"(?:about|in which|where) "
)
_INSTRUMENTAL = pattern(r"\b(?:instrumental(?:e?s?)|instrumentaux|strumental[ei])\b")
VOICE = pattern(
    r"\b(vocals?|vocalists?|voices?|singing|singers?|sung|lyrics|words|gesang|stimmen?|worte"
    r"|voix|paroles|chant"
    r"|voz|voces|canto|letra|voce|voci|parole|vozes)\b"
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
    parts: of "calm, then loud", each.

    What the catalog adds (see `recognition`): within: the songs (ids) that may answer, None for all.
    leading: songs (ids, ascending) that come first, and by how much. excluded: songs that may not answer.
    turns: of "by A or B" the songs (ids, ascending) of each, which take turns. like, unlike: songs to go
    nearer to, and away from. said: names, years and the like that were recognised, in words for the person
    who asks. is_tagged: most of the text is tags of songs, so it describes music whatever an encoder makes of
    it. absent: years, languages and artists that are asked for and that no song here has, as in "by Mozart".
    narrowed_by: of `said` what left only some songs within. limit: of "five songs" how many are asked for.
    """

    text: str
    unwanted: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    within: NDArray[np.int64] | None = None
    leading: tuple[tuple[NDArray[np.int64], float], ...] = ()
    excluded: NDArray[np.int64] | None = None
    turns: tuple[NDArray[np.int64], ...] = ()
    like: tuple[int, ...] = ()
    unlike: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    is_tagged: bool = False
    absent: tuple[str, ...] = ()
    narrowed_by: tuple[str, ...] = ()
    limit: int | None = None

    @property
    def only_unwanted(self) -> bool:
        """Whether all that is said of the sound is what must not be heard: "not piano", "by Ada, no piano".

        >>> parse("not piano").only_unwanted, parse("jazz, no piano").only_unwanted
        (True, False)
        """
        return bool(self.unwanted) and self.text.casefold() in ("", ANYTHING)

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
        phrases = []
        if self.parts:
            phrases.append(", then ".join(f"“{one}”" for one in self.parts))
        elif self.text:
            wanted = self.alternatives or (self.text,)
            phrases.append(" or ".join(f"“{one}”" for one in wanted))
        phrases += [f"with “{phrase}” written in it" for phrase in self.must]
        phrases += self.said
        phrases += [f"not {thing}" for thing in self.unwanted]
        if self.limit:
            phrases.append(counted(self.limit, "song"))
        return phrases

    def saying(self, *said: str) -> "ParsedQuery":
        """The same query, and more that was recognised."""
        return replace(self, said=(*self.said, *said))

    def lacking(self, what: str) -> "ParsedQuery":
        """The same query, which asks for something ("by Mozart") that no song here has."""
        return replace(self.saying(f"nothing here is {what}"), absent=(*self.absent, what))

    def led_by(self, songs: NDArray[np.int64], by: float) -> "ParsedQuery":
        """The same query, and songs (ids, ascending) that come first, ahead by so many z-scores."""
        return replace(self, leading=(*self.leading, (songs, by)))


def parse(request: str) -> ParsedQuery:
    """Take apart what the words of a request say by themselves, without a catalog."""
    text, must = unquoted(request)
    return parse_unquoted(text, must)


def unquoted(request: str) -> tuple[str, tuple[str, ...]]:
    """A request without what stands in quotation marks, and that."""
    must = []
    for groups in _QUOTED.findall(request):
        # Each pair of marks is a group of its own; all but one are empty.
        must += [phrase for phrase in groups if phrase.strip()]
    if not must:
        return request.strip(), ()
    rest = _QUOTED.sub(" ", request)
    return " ".join(rest.split()), tuple(must)


def parse_unquoted(request: str, must: tuple[str, ...] = ()) -> ParsedQuery:
    """The rest of a request whose quoted phrases were taken out."""
    text, unwanted = split(request)
    if text != ANYTHING:
        unwanted = tuple(thing for thing in unwanted if not _is_said(thing, text))
    # "Instrumental jazz" says what must not be heard as well as what must.
    if _INSTRUMENTAL.search(text) and not any(map(VOICE.search, unwanted)):
        unwanted = (*unwanted, "vocals")
    return reworded(ParsedQuery(text, unwanted, must=must), text)


def _is_said(thing: str, text: str) -> bool:
    """Whether what is not wanted is wanted as well: "sad, but not too sad" is sad."""
    words = words_of(thing)
    return bool(words) and set(words_of(text)).issuperset(words)


def parsed_line(line: str) -> ParsedQuery:
    """A request for the song in which a line is sung, of which every word is meant as it stands.

    >>> query = parsed_line("no no no")
    >>> query.unwanted, query.text_for("words")
    ((), 'no no no')
    """
    return ParsedQuery(f"a song where {line}", terms=terms(line))


def reworded(parsed: ParsedQuery, text: str) -> ParsedQuery:
    """The same query with another wanted text, its terms and alternatives."""
    options = _options(text)
    quoted = [f'"{phrase}"' for phrase in parsed.must]
    named = terms(" ".join([*quoted, text]))
    alternatives = options if len(options) > 1 else ()
    if alternatives:
        text = _EITHER.sub("", text)
    return replace(parsed, text=text, terms=named, alternatives=alternatives)


def _options(text: str) -> tuple[str, ...]:
    """What an "or" stands between; of "rain, wind or thunder" all three, where each is a word.

    >>> _options("rain, wind or thunder"), _options("calm music, piano or harp")
    (('rain', 'wind', 'thunder'), ('calm music, piano', 'calm music, harp'))
    >>> _options("flute or violin, slow")
    ('flute, slow', 'violin, slow')
    """
    # Sentences are apart as pieces between commas are.
    options = [part.strip(" ,") for part in _OR.split(_with_or(_STOP.sub(", ", _EITHER.sub("", text))))]
    if len(options) < 2:
        return tuple(filter(None, options))
    if (group := _GROUP.search(text)) and not _LIST.search(group["before"] or ""):
        return _of_group(group)
    # Behind the last "or" a comma sets off what is said of each; before it, it may list.
    last, comma, behind = options[-1].partition(",")
    before = ",".join([*options[:-1], last]).split(",")
    listed = [part.strip() for part in before]
    if noun := _shared_noun(listed):
        listed = [*(f"{one} {noun}" for one in listed[:-1]), listed[-1]]
        return tuple(f"{one}, {behind.strip()}" if comma else one for one in listed)
    if not all(map(_is_one_word, listed)):
        options = _of_each(options)
    elif comma:
        options = [f"{one}, {behind.strip()}" for one in listed]
    else:
        options = listed
    return tuple(filter(None, options))


def _shared_noun(options: Sequence[str]) -> str:
    """ "Metal" of "sad or angry metal": what the last has behind its adjective, where the others are one.

    >>> _options("sad or angry metal"), _options("piano or electric guitar")
    (('sad metal', 'angry metal'), ('piano', 'electric guitar'))
    """
    *others, last = options
    first, _, noun = last.partition(" ")
    return noun if {one.lower() for one in (*others, first)} <= _MOODS and "," not in last else ""


def _of_group(group: re.Match[str]) -> tuple[str, ...]:
    """Each of what stands in brackets, with what stands around them.

    >>> _options("fast (techno or metal)"), _options("drums and either organ or piano")
    (('fast techno', 'fast metal'), ('drums organ', 'drums piano'))
    """
    before = _AND.sub(" ", group["before"] or group["each"] or "")
    behind = _AND.sub(" ", group["behind"] or "")
    each = [" ".join(f"{before} {one} {behind}".split()).strip(" ,") for one in _options(group["either"])]
    return tuple(option for one in each for option in (_options(one) if "(" in one else (one,)))


def _with_or(text: str) -> str:
    """A text with "or" for the "o" of Spanish and Italian, which in Portuguese is "the".

    >>> _with_or("arpa o flauto"), _with_or("toca o piano")
    ('arpa or flauto', 'toca o piano')
    """

    def between_sounds(match: re.Match[str]) -> str:
        both = words_of(f"{match['one']} {match['other']}")
        return f"{match['one']} or " if SOUNDS.issuperset(both) else match[0]

    return _O.sub(between_sounds, text) if " o " in text else text


def _of_each(options: Sequence[str]) -> list[str]:
    """The options, each with what stands before the last comma of the first and behind one of the last.

    >>> _of_each(["calm music, piano", "harp"]), _of_each(["piano", "harp, calm"])
    (['calm music, piano', 'calm music, harp'], ['piano, calm', 'harp, calm'])
    """
    before, first_comma, first = options[0].rpartition(",")
    last, last_comma, behind = options[-1].partition(",")
    apart = [first.strip(), *options[1:-1], last.strip()]
    lead = before + ", " if first_comma else ""
    trail = ", " + behind.strip() if last_comma else ""
    return [f"{lead}{one}{trail}" for one in apart]


def _is_one_word(part: str) -> bool:
    words = _ARTICLE.sub("", part).split()
    return len(words) == 1


def about(text: str) -> str:
    """A text without "a song about"."""
    return _FRAME.sub("", text) or text


def terms(text: str) -> tuple[str, ...]:
    """Phrases in quotes and words that are not among the commonest, each once, in lower case."""
    found = []
    for phrase, word in _TERM.findall(text.lower()):
        tells = word not in STOP and any(map(str.isalnum, word))
        if phrase or tells:
            found.append(phrase or word.strip("'-*"))
    return tuple(dict.fromkeys(found))
