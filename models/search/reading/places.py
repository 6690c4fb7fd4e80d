"""Where in a song a request wants something: "quiet intro, loud ending", "piano first, a choir at the end".

A place speaks of what stands behind it at the beginning of a clause ("at the end a choir"), else of what
stands before it ("a choir at the end").

>>> placed("quiet intro, loud ending"), placed("at the end a choir, piano at the start")
(('quiet', 'loud'), ('piano', 'a choir'))
>>> placed("a quiet intro"), placed("epic from start to finish")
((), ())
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from catalog.library.fulltext import words_of
from models.search.reading.patterns import mentions, one_of, pattern
from models.search.reading.query_parser import STOP

BEGINS = (
    "starts start starting begins begin beginning opens opening open(?=\\swith\\b) beginnt fängt startet"
    " commence débute empieza comienza inizia comincia começa"
)
"""How a first part is told."""
_ENDS = (
    "ends finishes finishing closes concludes (?:close|end|finish)(?=\\s(?:with|on)\\b) endet hört finit"
    " termine conclut s['’]achève termina acaba concluye finisce conclude"
)
_AT_FIRST = (
    r"at first(?! sight)|first(?:ly)?|initially|to (?:begin|start) with|zuerst|zunächst|erst|anfangs"
    r"|d['’]abord|(?:pour|para|per) (?:commencer|empezar|começar|cominciare)|primero|primeiro|prima"
)
_AT_LAST = (
    r"at last|later(?: on)?|später|plus tard|más tarde|più tardi|mais tarde|finally"
    r"|lastly|to (?:end|finish) with|zuletzt|schließlich|enfin|finalement|finalmente|infine"
    r"|(?:pour|para|per|por) (?:finir|terminer|terminar|acabar|finire|último|fim)"
)
BEGINNING = (
    "intro|introduction|beginning|opening|start|outset|anfang|beginn|einleitung|début|ouverture|inicio|comienzo"
    "|principio|introducción|inizio|introduzione|apertura|início|começo|princípio|introdução"
)
_MIDDLE = "middle(?: part| section)?|mitte|mittelteil|milieu|mitad|metà|meio"
END = "ending|end|outro|finale?|finish|ende|schlu(?:ss|ß)|fin|(?<=la )fine|chiusura|cierre|fim"
_AT = (
    r"(?:(?:at|in|from|for|by|to|towards?|near|with|am|zum|zu|vom|gegen|mit|au|du|à|vers|avec|al|del|en|a|hacia"
    r"|con|all['’]|dall['’]|alla|verso|sul|nel|no|do|na|ao|com)\s*(?<=['’\s]))?"
    r"(?:(?:the|an?|its|der|die|das|dem|ein|eine[mnr]?|la|le|l['’]|une?|el|il|un[oa]?|o|uma?)\s*(?<=['’\s]))?"
    r"(?:very\s+)?"
)
"""What may stand before a stretch of a song: "at the", "am", "all'"."""
_OF_IT = r"(?:\s+(?:of|von|du|del|do)\s+(?:it|(?:the )?(?:song|track|piece|morceau|tema|brano)))?"
_NO_PLACE = (
    r"(?!\s+(?:themes?|credits?|titles?|boss|bosses|battles?|levels?|music|songs?|screens?|scenes?|of|der|des"
    r"|de|du|del|della|do|da)\b)"
)
""" "The opening theme", "the end of the world"."""


_NO_NOUN = r"(?!(?:beginning|opening|start)[\s,;]+(?:and|but|then)\b)"
""" "A slow beginning and a fast ending" has no verb."""
_PLACE = pattern(
    rf"(?<![\w'’-])(?:{_NO_NOUN}(?P<begins>{one_of(BEGINS)})|(?P<ends>{one_of(_ENDS)})|(?P<first>{_AT_FIRST})"
    rf"|(?P<last>{_AT_LAST})|{_AT}(?:(?P<beginning>{BEGINNING})|(?P<middle>{_MIDDLE})|(?P<end>{END})))"
    rf"(?![\w'’-]){_OF_IT}{_NO_PLACE}\s*:?"
)
_WHEN = {"begins": 0, "first": 0, "beginning": 0, "middle": 1, "ends": 2, "last": 2, "end": 2}
"""In which order these are heard; of verbs what they tell stands behind them in any case."""
_VERBS = ("begins", "ends")
_EARLY_CUES = tuple(
    "start begin beg open first initial intro outset anf fängt einleit zuerst zunächst erst déb comm ouvert"
    " abord prim princip inic iníc inizi empie empez começ cominc comienz apert".split()
)
_MIDDLE_CUES = tuple("mid mitt milieu mitad metà meio".split())
_LATE_CUES = tuple(
    "end finish clos conclu last final outro hört schlu schließ zuletzt enfin fin termin acab chius cierre"
    " fim infin últim achè later spät tard tarde".split()
)
"""Some of two of these stand in whatever names two places."""
_JOINS = (
    "and but then with und aber dann mit et mais puis avec y pero luego con e ma poi mas depois com".split()
)
_CLAUSE_BEGINS = frozenset((*_JOINS, *"that which it die das der que qui che".split()))
_TELL_NOTHING = STOP | frozenset("bis jusqu à hasta fino alla até al ao".split())
_MARK = pattern(r"[,;.:]")
_HEAD = pattern(r"[,;.:]|\b(?:with|mit|avec|con|com)\s+(?=(?:an?|ein\w*|une?|un[ao]?|uma?)\s)")
"""Behind what is heard all the time: "rock, quiet intro", "rock with a quiet intro"."""
_JOINED = pattern(rf"\b(?:{'|'.join(_JOINS)})\b")


class _Place(NamedTuple):
    """A place in a text, [start, end), when it is heard, and whether it speaks of what stands behind it."""

    start: int
    end: int
    when: int
    is_before: bool


def placed(text: str) -> tuple[str, ...]:
    """What is wanted at each of several places in a song, the first heard first; () where one is named."""
    # Most requests name no two places, and then no pattern is compiled.
    mentioned = [mentions(text, cues) for cues in (_EARLY_CUES, _MIDDLE_CUES, _LATE_CUES)]
    if sum(mentioned) < 2:
        return ()
    places = [_place(match, text) for match in _PLACE.finditer(text)]
    if len({one.when for one in places}) < 2:
        return ()
    told = [(one.when, _told(at, places, text)) for at, one in enumerate(places)]
    # Between "from start" and "to finish" stands nothing that could be heard at the start.
    if any(set(words_of(part)) <= _TELL_NOTHING for _, part in told):
        return ()
    told.sort(key=lambda one: one[0])  # by when alone: of two at the beginning the first stays first
    return tuple(part for _, part in told)


def _place(match: re.Match[str], text: str) -> _Place:
    kind = match.lastgroup or ""
    before = text[: match.start()].rstrip()
    [word_before] = before.lower().split()[-1:] or [","]
    begins_a_clause = word_before in _CLAUSE_BEGINS or _MARK.search(word_before[-1]) is not None
    return _Place(match.start(), match.end(), _WHEN[kind], kind in _VERBS or begins_a_clause)


def _told(at: int, places: Sequence[_Place], text: str) -> str:
    """What the place with this number speaks of; "" where that cannot be told from what another speaks of."""
    place = places[at]
    if place.is_before:
        following = places[at + 1] if at + 1 < len(places) else None
        told = text[place.end : following.start if following else len(text)]
        if following is not None and not following.is_before:
            told, _ = _two(told)
        return told.strip(" ,;.")
    preceding = places[at - 1] if at else None
    told = text[preceding.end if preceding else 0 : place.start]
    if preceding is None:
        told = _HEAD.split(told)[-1]
    elif preceding.is_before:
        _, told = _two(told)
    return told.strip(" ,;.")


def _two(text: str) -> tuple[str, str]:
    """The first and the last clause between two places, of which each speaks of one; "" where that is one.

    >>> _two("piano, a choir"), _two("piano and drums, then a choir"), _two("piano")
    (('piano', 'a choir'), ('piano and drums', 'then a choir'), ('', ''))
    """
    for between in (_MARK, _JOINED):
        clauses = [clause.strip() for clause in between.split(text) if clause.strip()]
        if len(clauses) > 1:
            return clauses[0], clauses[-1]
    return "", ""
