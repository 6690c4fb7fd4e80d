"""What a request begins with that only asks for it to be answered: "could you play me", "I want".

Plain phrases and words, hardly a pattern: most requests begin with none of them.
"""

import re
from collections.abc import Callable, Sequence

from catalog.library.fulltext import words_of
from models.search.reading.asking.phrases import ANY, ASK, ASK_FOR_ANY, ASKING, FOR_ME, phrases
from models.search.reading.ordinary import is_sound
from models.search.reading.patterns import pattern
from models.search.reading.query_parser import STOP

_SOMEBODY = pattern(
    r"^(?:my|our|the) \w+ (?:wants?|needs?|ask(?:s|ed) for|would (?:like|love)|(?:is|are) (?:looking|asking)"
    r" for)(?: to (?:hear|listen to))?\s",
    needs="want need ask would looking",
)
""" "My daughter wants a lullaby"."""
_WHICH = pattern(
    r"^(?:wh?ich|what)(?: (?:ones?|songs?|tracks?|pieces?|tunes?))?"
    r"(?: of (?:these|those|them|(?:my|your|the) \w+))? (?:has|have|is|are|contains?|features?|uses?)\s"
    r"|^(?:(?:what|which|who|where)(?:['’]s| is| are) (?=(?:the|that|those|my) )|who (?:plays?|sings?"
    r"|uses?|has)\s)"
    r"|^(?:was|welche \w+) (?:hat|haben)\s|^qu['’](?:a|ont) (?:fait|écrit)\s|^qué (?:ha|han) (?:hecho"
    r"|escrito)\s"
    r"|^che (?:cosa )?(?:ha|hanno) (?:fatto|scritto)\s|^o que (?:fez|escreveu)\s",
    needs="wich which what who where was welche qu qué che o",
)
""" "Which of these has an accordion?"."""
_ALWAYS, _OPENINGS = phrases(ASK), phrases(ASK + "," + ASK_FOR_ANY)
_MUSIC = frozenset(words_of(ANY))
_PIECES = frozenset(
    words_of(
        "theme soundtrack score jingle loop track tracks tune tunes piece pieces song songs music musik lied"
        " lieder musique chanson chansons morceau morceaux música canción canciones musica canzone canzoni"
        " brano brani músicas canção canções"
    )
)
_NO_THING = frozenset("to you me him her us them it i be".split())
"""Behind "I want" they ask for no music: "I want to dance with somebody"."""
_SAID_OF_IT = 4
"""Telling words behind an opening of which one names a sound, or music: "give me your most epic song"."""
_QUOTES = ('"', "'", "“", "„", "«", "‘")
_WRITTEN = re.compile(r"\S+")
_OWNERS = (["i"], ["ive"], ["we"], ["weve"])
_OWNS = ("have", "got")
""" "I've got a headache" asks for none."""
_LISTENED = (["listen", "to"], ["listening", "to"])
_CLAUSE = re.compile(r"[,.!?;]")
MARKS = " ,;.:!?¿¡"
"""What stands around phrases."""


BeginsWithName = Callable[[str], bool]


def begins_with_none(text: str) -> bool:
    """Of no library: no name is known."""
    return False


def without_opening(text: str, begins_with_name: BeginsWithName = begins_with_none) -> str:
    """A request without "could you play me"; whole where what follows shows that nothing was asked for."""
    rest, asks, opened = text, False, False
    while phrase := _told(rest) or max(_beginning(rest, _OPENINGS), _asking(rest), key=len):
        opened = True
        asks |= _beginning(rest, _ALWAYS) != ""
        rest = rest[len(phrase) :].lstrip(MARKS)
    if not opened or not rest or not (asks or _is_asked_for(rest) or begins_with_name(rest)):
        return text
    return without_end(rest, phrases(FOR_ME))


def _told(text: str) -> str:
    """The beginning of a text that tells who wants to hear something, or asks which songs do."""
    for cue in (_SOMEBODY, _WHICH):
        if match := cue.search(text):
            return match[0].strip()
    return ""


def _asking(text: str) -> str:
    """What a text begins with where all of it are words that ask: "do you by any chance have"."""
    for words, verbs in ASKING:
        told: list[str] = []
        end = 0
        for written in _WRITTEN.finditer(text):
            own = words_of(written[0])
            if not own or not words.issuperset(own):
                break
            told += own
            # "Any jazz" is asked for.
            if own != ["any"]:
                end = written.end()
        # "I want to hear", but not "I want to", and "do you have", but not "I need you".
        asks = verbs.difference(_OWNS if told[:1] in _OWNERS else ())
        if not asks.isdisjoint(told) and (told[-1] not in _NO_THING or told[-2:] in _LISTENED):
            return text[:end].rstrip(MARKS)
    return ""


def _is_asked_for(text: str) -> bool:
    """Whether a text names music by its first words."""
    [clause, *_] = _CLAUSE.split(text)
    words = words_of(clause) or [""]
    if words[0] in _MUSIC or text.startswith(_QUOTES):
        return True
    telling = [word for word in words if word not in STOP or word in _PIECES]
    return words[0] not in _NO_THING and any(map(is_music, telling[:_SAID_OF_IT]))


def is_music(word: str) -> bool:
    """Whether a word describes a sound or means a piece of music."""
    return word in _PIECES or is_sound(word)


def asked_again(text: str) -> str:
    """What is left of a request, without what only asks: "no drums, give me strings".

    >>> asked_again("I want something slow"), asked_again("I need"), asked_again("I need you")
    ('something slow', '', 'I need you')
    """
    return "" if _asking(text) == text else without_opening(text)


def without_beginning(text: str, phrases: Sequence[str]) -> str:
    """A text without phrases that it begins with; whole where nothing else stands there."""
    while phrase := _beginning(text, phrases):
        rest = text[len(phrase) :].lstrip(MARKS)
        if not rest:
            break
        text = rest
    return text


def without_end(text: str, phrases: Sequence[str]) -> str:
    """A text without the first of some phrases that it ends with."""
    for phrase in phrases:
        if as_said(text).endswith(f" {phrase}"):
            return text.rstrip(MARKS)[: -len(phrase)].rstrip(MARKS)
    return text


def _beginning(text: str, phrases: Sequence[str]) -> str:
    """The longest phrase that a text begins with; "" for none."""
    said = _as_compared(text).rstrip(MARKS) + " "
    for phrase in phrases:
        if said.startswith((f"{phrase} ", f"{phrase}:")) or (phrase[-1] == "'" and said.startswith(phrase)):
            return phrase
    return ""


def as_said(text: str) -> str:
    """A phrase without the marks around it."""
    return _as_compared(text).strip(MARKS)


def _as_compared(text: str) -> str:
    return text.lower().replace("’", "'")
