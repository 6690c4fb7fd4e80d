"""What a request wants one after the other: "starts calm, then gets loud".

>>> parts_of("starts calm, then gets loud"), parts_of("piano, later drums")
(('calm', 'loud'), ('piano', 'drums'))
>>> parts_of("calm piano"), parts_of("now and then a flute")
((), ())
"""

from catalog.library.fulltext import words_of
from models.search.reading.ordinary import is_sound
from models.search.reading.patterns import mentions, one_of, pattern
from models.search.reading.places import BEGINNING, BEGINS, END, placed
from models.search.reading.query_parser import STOP

_AND = "and but und aber et mais y pero e ma mas"
_THEN = (
    "then later afterwards followed after dann danach später gefolgt puis ensuite suivi suivie luego después"
    " seguido seguida poi dopo seguito seguita depois"
)
"""Between two parts, perhaps behind a word of `_AND` and before one of `_BY`."""
_BY = "on by that von de da du d'"
_TURNS = (
    "ends ending finishes finishing gets getting becomes becoming turns turning grows growing goes builds"
    " wird endet finit devient termina acaba finisce diventa fica"
)
"""How a later part is told; where the first is told too, "and" may stand before it alone."""
_FIRST = (
    "at first|first|initially|in the beginning|at the (?:beginning|start)|zuerst|erst|anfangs|am anfang"
    "|d['’]abord|au début|primero|al principio|prima|all['’]inizio|primeiro|no início"
)
_COMES_LATER = (
    r"(?:comes?|coming|kicks?|sets?|joins?|joining) in|enters?|entering|kommt? (?:hin|da)zu|setzt? ein"
)
_COMES = rf"{_COMES_LATER}|(?:is|are) in"
""" "Drums come in later"."""
_IN_TIME = (
    r"later(?: on)?|halfway(?: through)?|half way through|after a (?:while|bit|minute)|at the end"
    r"|in the (?:end|middle)|(?:towards|near) the end|eventually|slowly|gradually|suddenly|at last|too"
    r"|später|am ende|irgendwann"
)
_ENTERS = pattern(
    r"^(?P<first>.+?)(?:\s*[,;]|\s+(?:and|but|until|till|where|when|und|aber|bis|wo))"
    r"(?:\s+(?:where|when|until|then|finally|eventually|suddenly|slowly|gradually|later))*"
    rf"\s+(?P<last>[^,;]+?\s+(?:{_COMES_LATER})|(?:the|an?) \S+ (?=drops))(?:drops)?"
    rf"(?:\s+(?:{_IN_TIME}))*[\s.!]*$",
    needs="come coming kick set join enter komm drop",
)
""" "Piano, drums come in later", "calm until the beat drops"."""
_BEFORE = pattern(
    rf"^(?P<first>.+?),?\s+before\s+(?P<last>[^,;]+?\s+(?:{_COMES_LATER})|(?:the|an?) \S+ (?=drops))"
    r"(?:drops)?[\s.!]*$",
    needs="before",
)
""" "A fanfare before the choir comes in"."""
_BUILDS = pattern(
    r"^(?P<first>.+?),?\s+(?:(?:that|which|and|then)\s+)*(?:(?:slowly|gradually|suddenly)\s+)?"
    r"(?:(?:builds|turns|grows|changes|evolves|develops|morphs|transitions|leads)\s+(?:up\s+)?into"
    r"|builds\s+up\s+to)\s+(?P<last>.+)$",
    needs="builds turns grows changes evolves develops morphs transitions leads",
)
""" "A piano that builds into an orchestra"."""
_WITH_AN_END = pattern(
    r"^(?P<first>.+?),?\s+(?:(?:and|but|und|aber|et|mais|y|pero|e|ma|mas)\s+)?(?:with|mit|avec|con|com)\s+"
    r"(?:an?|the|its|ein(?:e[mnr]?)?|une?|un[oa]?|uma?)\s+(?:"
    rf"(?P<last>(?:[^\s,;]+ ){{0,2}}?[^\s,;]+?(?<! the)(?<! at))[\s-](?:"
    rf"(?P<begins>{BEGINNING})|{END}|climax|höhepunkt|clímax)"
    rf"|(?<=\bun )(?:(?P<begins_with>{BEGINNING})|{END}|climax|clímax)\s+(?P<told>[^,;]+?))[\s.!]*$",
    needs="with mit avec con com",
)
""" "Ambient with a techno ending", "ambient con un final techno"."""
_AT_LAST = "at the end|in the end|am ende|à la fin|al final|alla fine|no fim"
_OF_ONE = "(?:(?:a|some|ein|une?) )?(?:song|track|tune|piece|music|something|one)s? (?:that |which )?"
_INTO = (
    "only|just|nothing but|nichts als|rien que|nur|seulement"
    "|with|on|in|as|out|off|to|up|into|by|mit|avec|par|con|com"
)
"""Between a verb and what is heard: "turns into techno"."""
_NO_ORDER = pattern(
    r"\b(?:now and|back|since|until|till|by|even|sooner or|see you) (?:then|later)\b"
    r"|\b(?:about|über|sobre|sur)\b.*\b(?:then|later)\b"
)
"""What only looks like two parts, and what a song tells of: "a boy who then leaves"."""


_BETWEEN = pattern(
    rf"[\s,;.]*\b(?:(?:{one_of(_AND)})\s+)?(?:(?:only|nur|erst|finally) )?(?:{one_of(_THEN)})\b"
    rf"(?:\s+(?:{one_of(_BY)})\b)?[\s,;]*"
)
_AND_TURNS = pattern(rf"[\s,;]*(?:,|;|\b(?:{one_of(_AND)})\b)\s*(?=(?:{one_of(_TURNS)})\b)")
_CHANGES = pattern(
    r"(?:(?P<verb>(?:go|mov|build|grow|chang|shift|evolv|develop|ris|turn|transition)(?:e?s|ing)?|wechselt|geht"
    r"|wird|entwickelt|passe|évolue|va|pasa|evoluciona|passa|evolve)\s+(?:(?!from\b)\w+\s+)?)?"
    r"\b(?:from|von|de|da|dal)\s+(?P<first>[^\s,;]+?(?: [^\s,;]+?)??)"
    r"\s+(?:in)?(?:to|zu[mr]?|nach|à|a|al)\s+(?P<last>[^,;]+)"
)
""" "Goes from calm to loud"; without a verb both must be sounds: "from Paris to London"."""
_OPENING = pattern(rf"^(?:{_OF_ONE})?(?:{one_of(BEGINS)})\b")
_BARE = pattern(
    rf"^(?:{_OF_ONE})?(?:(?:{_FIRST}|{one_of(BEGINS)}|{one_of(_TURNS)}|{one_of(_AND)}|{_INTO})\b[\s,]*)+"
    rf"|(?:[\s,]+(?:{_FIRST}|{_AT_LAST}|{one_of(_AND)}|{_COMES}|{BEGINNING}|{END}|wird|an|auf|se|si|ça))+$"
)
"""What tells when something is heard, and not what."""
_HEARD_TOO = frozenset("silence storm thunder whisper whispers scream screams chaos calmness".split())
_FROM = frozenset("from von de da dal".split())
_CUES = (*_THEN.split(), *BEGINS.split())


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a song that is wanted to change, the first first; none of a text that names no order."""
    at_places = placed(text) or _changed(text) or _entered(text)
    # Most requests name no order, and then no pattern is compiled.
    if not (at_places or mentions(text, _CUES)) or _NO_ORDER.search(text):
        return ()
    pieces = [piece for one in at_places or (text,) for piece in _BETWEEN.split(one)]
    if not at_places and _OPENING.search(text):
        pieces = [part for piece in pieces for part in _AND_TURNS.split(piece)]
    parts = [_BARE.sub("", piece.strip(" ,;.")).strip(" ,;.") for piece in pieces]
    told = [part for part in parts if not set(words_of(part)) <= STOP]
    return tuple(told) if len(told) > 1 else ()


def _entered(text: str) -> tuple[str, ...]:
    """What is heard first and what comes in later; () where nothing does."""
    found = _ENTERS.search(text) or _BEFORE.search(text) or _BUILDS.search(text)
    return (found["first"], found["last"]) if found else _with_an_end(text)


def _with_an_end(text: str) -> tuple[str, ...]:
    """What is heard first and last of "ambient with a techno ending" and "techno with an ambient intro"."""
    found = _WITH_AN_END.search(text)
    if found is None:
        return ()
    told = found["last"] or found["told"]
    return (told, found["first"]) if found["begins"] or found["begins_with"] else (found["first"], told)


def _changed(text: str) -> tuple[str, ...]:
    """What a song changes from and to, as "from calm to loud" tells; () where nothing does."""
    found = _CHANGES.search(text) if _FROM.intersection(words_of(text)) else None
    if found is None:
        return ()
    first, last = found["first"], found["last"]
    sounds = [word for word in words_of(last) if word not in STOP]
    are_sounds = _is_heard(words_of(first)[-1]) and bool(sounds) and _is_heard(sounds[0])
    return (first, last) if found["verb"] or are_sounds else ()


def _is_heard(word: str) -> bool:
    return word in _HEARD_TOO or is_sound(word)
