"""How many songs a request asks for: "five songs", "give me five", "top 10 calm songs", "jazz, just three".

>>> counted("five happy songs"), counted("jazz, only three of them"), counted("the top 10 waltzes")
(('happy songs', 5), ('jazz', 3), ('waltzes', 10))
>>> counted("a two minute theme"), counted("top 40 pop"), counted("a few quiet pieces")
(('a two minute theme', None), ('top 40 pop', None), ('quiet pieces', None))
"""

import re

from models.search.reading.asking.openings import BeginsWithName, begins_with_none
from models.search.reading.numbers import COUNTED, numbers_in
from models.search.reading.patterns import pattern

MOST = 200
"""Songs that may be asked for in words."""
_DOZENS = {
    "half a dozen": 6, "half dozen": 6, "ein halbes dutzend": 6, "une demi-douzaine de": 6,
    "media docena de": 6, "mezza dozzina di": 6, "meia dúzia de": 6, "two dozen": 24, "a dozen": 12,
    "one dozen": 12, "dozen": 12, "ein dutzend": 12, "une douzaine de": 12, "una docena de": 12,
    "una dozzina di": 12, "uma dúzia de": 12,
}  # fmt: skip
_NUMBERS = numbers_in(COUNTED) | dict.fromkeys("two zwei zwo deux dos due dois duas".split(), 2.0) | _DOZENS
_N = rf"(?:(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b|\d{{1,3}}\b(?![.,:/-]\d|-))"
_NO_UNIT = r"(?!\s*-?(?:sec|min|hour|stund|segundo|heure|hora|or[ae]\b|years?\b|times\b|beats?\b|bpm\b))"
_PIECES = (
    r"(?:songs|tracks|tunes|pieces|ones|things|results|hits|titles|lieder[n]?|stücken?|titel"
    r"|chansons|morceaux|titres|canciones|temas|canzoni|brani|músicas|canções)\b"
)
_PIECE = (
    r"(?:song|track|tune|piece|one|lied|stück|chanson|morceau|canción|tema|canzone|brano|música|canção)\b"
)
_THE = r"(?:(?:the|your|my|these|die|deine|meine|les|tes|las|los|tus|le|i|gli|as|os) )?"
_BEST = (
    r"(?:top|best|first|finest|favou?rite|besten?|ersten?|meilleure?s|premi[eè]re?s|mejores|primer[oa]s"
    r"|migliori|prim[ie]|melhores|primeir[oa]s)"
)
_AT_MOST = (
    r"(?:(?:just|only|exactly|precisely|about|around|up to|at most|(?:no|not) more than"
    r"|max(?:imum)?\.?(?: of)?"
    r"|nur|höchstens|maximal|genau|seulement|juste|au plus|sólo|solo|como máximo|soltanto|al massimo|só"
    r"|no máximo) )?"
)
_MORE = (
    r"(?: (?:more|other|different|good|great|of (?:the|your|my)|weitere|andere|autres|otras|otros|altr[ie]))*"
)
_LIST = (
    r"(?:(?:an?|the|eine|une|una|uma) )?(?:(?:short|long|little|nice) )?(?:playlist|list|mix"
    r"|selection|set|liste"
    r"|lista|sélection|auswahl) (?:of|with|containing|mit|von|de|avec|con|com|di) "
)
_NUMBER_CUES = " ".join(f"{word.split()[0]}_" for word in _NUMBERS)
_NEEDS = f"{_NUMBER_CUES} 1 2 3 4 5 6 7 8 9"
_SEVERAL = pattern(
    rf"^{_THE}(?:{_BEST} )?(?:a few(?: more)?|several|a couple of)(?: of (?:the|your))? "
    rf"(?=(?:\S+ ){{0,4}}{_PIECES})",
    needs="few several couple",
)
""" "A few quiet pieces" names no number."""
_THAT_ONE = pattern(rf"^(?:that|this|the) (?:one|1) (?=(?:\S+ )?{_PIECE})", needs="that this the")
""" "That one song" is a song."""
_NO_MORE = pattern(
    rf"^(?P<n>{_N}){_NO_UNIT} (?P<things>[^,;]+?),? (?:and|but|then) (?:no more|not more|that['’]s (?:it|all)"
    r"|nothing else)[\s.!]*$",
    needs="more that nothing",
)
""" "Two lullabies and no more"."""
_OF_PIECES = pattern(
    rf"^{_AT_MOST}{_THE}(?:{_BEST} )?(?P<n>{_N}){_NO_UNIT}{_MORE}\s+(?=(?:\S+ ){{0,4}}{_PIECES})",
    needs=_NEEDS,
)
""" "Five happy songs"."""
_OF_A_LIST = pattern(rf"^{_LIST}{_AT_MOST}(?P<n>{_N}){_NO_UNIT}{_MORE}(?=\s|$)", needs=_NEEDS)
""" "A playlist of twenty calm songs"."""
_OF_THE_BEST = pattern(
    rf"^{_THE}(?:{_BEST} (?P<n>(?!40\b){_N}){_NO_UNIT}|(?P<best>{_N}) {_BEST}\b)(?:\s+|$)", needs=_NEEDS
)
""" "Top ten waltzes", "les trois meilleures"; the top 40 are a kind of music."""
_ONE = pattern(
    rf"^(?:(?:just|only|exactly|nur) )?(?:one(?: single)?|a single|ein(?:e[n]?)? einzige[sn]?"
    rf"|une? seule?|un[oa]? sol[oa]"
    r"|uma? só)"
    rf"(?: (?:more|other|of (?:the|your|my)))? (?=(?:\S+ ){{0,3}}{_PIECE})",
    needs="one single einzige seul sol só",
)
_ASKS = (
    r"(?:(?:can|could|will|would) you )?(?:please |just )?(?:give|play|show|find|pick|get|send|bring|gib"
    r"|zeig|spiel|donne|montre|dame|ponme|dammi|dê)(?:(?:-moi| me| us| mir| uns))? "
)
_ASK_CUES = "give play show find pick get send bring gib zeig spiel donne montre dame ponme dammi dê"
_ASKING = pattern(rf"^{_ASKS}", needs=_ASK_CUES)
_ALONE = pattern(
    rf"^{_ASKS}{_AT_MOST}(?P<n>{_N})(?: (?:of (?:them|those|these|it)|more|please))*[\s.!]*$", needs=_ASK_CUES
)
""" "Give me five"."""
_OF_THINGS = pattern(rf"^(?P<n>{_N}){_NO_UNIT} (?=\S+ \S+s\b)", needs=_NEEDS)
_OF_NOUNS = pattern(rf"^(?:{_ASKS})?(?P<n>{_N}){_NO_UNIT} (?=\S+s\b)", needs=_NEEDS)
_FEWEST = {_OF_THINGS: 3, _OF_NOUNS: 4}
""" "Give me five medieval dances", "five bangers"; two or three may be three pianos."""
_APART = pattern(
    rf"(?:,\s*|\s*\(|\s+-\s+){_AT_MOST}(?P<n>{_N})(?: (?:{_PIECES}|of (?:them|those|these)))"
    rf"(?: (?:max(?:imum)?|at most|only|tops|please|will do|are enough))?(?:\)|(?=\s*(?:,|$)))"
    rf"|(?:[,;]?\s*|\s*\()\b(?:limit(?: of| to)?:?|(?:the )?(?:top|first|best)|just|only|nur"
    rf"|seulement|sólo|solo)"
    rf" (?P<last>(?!40\b){_N})(?: of (?:them|those|these))?(?: {_PIECES})?\)?[\s.!]*$"
    rf"|[,\s]+x ?(?P<times>\d{{1,2}})$",
    needs=f"{_NEEDS} x",
)
""" "Jazz, three songs, no vocals", "jazz, just three", "jazz (top 5)"."""


def counted(
    text: str, begins_with_name: BeginsWithName = begins_with_none, *, is_asked: bool = False
) -> tuple[str, int | None]:
    """A request without how many songs it asks for, and that; None where it names no number.

    is_asked: whether words that ask stood before it, behind which "five waltzes" counts them.
    """
    found = _counted_first(text, begins_with_name, is_asked=is_asked)
    # Names are looked up last, for that takes longest: "Three Days Grace songs".
    return found if found is not None and not begins_with_name(text) else _counted_apart(text)


def _counted_first(
    text: str, begins_with_name: BeginsWithName, *, is_asked: bool
) -> tuple[str, int | None] | None:
    """A text without the number that it begins with, and that; None where it begins with none."""
    if several := _SEVERAL.search(text) or _THAT_ONE.search(text):
        return text[several.end() :], None
    if no_more := _NO_MORE.search(text):
        return no_more["things"], _number(no_more)
    asks = is_asked or _ASKING.search(text) is not None
    for way in (_OF_A_LIST, _OF_PIECES, _OF_THE_BEST, _ALONE, *(_FEWEST if asks else ())):
        match = way.search(text)
        number = _number(match)
        if match is None or number is None or number < _FEWEST.get(way, 1):
            continue
        # "A mix of Elf Land and Steam Engine", where elf is eleven in German.
        if not begins_with_name(text[match.start(match.lastgroup or 0) :]):
            return text[match.end() :].strip(), number
    one = _ONE.search(text)
    return (text[one.end() :], 1) if one else None


def _counted_apart(text: str) -> tuple[str, int | None]:
    match = _APART.search(text)
    number = _number(match)
    if match is None or not number or not text[: match.start()].strip():
        return text, None
    rest = text[: match.start()] + text[match.end() :]
    return rest.strip(" ,;"), number


def _number(match: re.Match[str] | None) -> int | None:
    """The number that was found; None for none, and for one that no answer can have."""
    if match is None:
        return None
    [written, *_] = filter(None, match.groupdict().values())
    number = int(_NUMBERS.get(written.lower()) or written)
    return number if 0 < number <= MOST else None
