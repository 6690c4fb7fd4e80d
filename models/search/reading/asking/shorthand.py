"""What people shorten where they type with a thumb: "smth 4 studying w/o vocals plz"."""

import re

from catalog.library.fulltext import words_of
from models.search.reading.ordinary import is_sound

_TABLE = """
something: smth, smthn, smthg, smt, sth, sumthing, sumn
your: ur
through: thru
though: tho
tonight: 2nite, tonite, 2night
night: nite
because: cuz, bcuz, coz
please: plz, pls, plss, pleeease, plsss
thanks: thx, thnx, tysm
people: ppl
about: abt
without: w/out
before: b4
"""
"""The whole word, and how it is shortened."""
_WHOLE = {
    short: whole
    for line in _TABLE.strip().splitlines()
    for whole, shorts in [line.split(": ")]
    for short in shorts.split(", ")
}
_SAY_NOTHING = "idk tbh imo imho lol lmao omg haha hahaha hehe jk ngl asap rn btw uhh umm hmmm".split()
"""In a request of other words."""
_LONGEST_FIRST = sorted((*_WHOLE, *_SAY_NOTHING), key=len, reverse=True)
# In small letters alone: "THX" may be a name.
_SHORT = re.compile(rf"(?<![\w'’./#-])(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})(?![\w'’/-]|\.\w)")
_WITH = re.compile(r"(?<![\w/])[wW]/\s*(?=[^\W\d])(?!o(?:ut)?\b)")
_FOR = re.compile(r"(?<=[^\W\d] )4 (?=(?:\w+ing|my|the|a|me)\b)")
""" "Chill 4 studying"."""
_TO = re.compile(r"(?<=\bneed )2 (?=[^\W\d])|(?<=\bwant )2 (?=[^\W\d])")
_SONGS_TO = re.compile(r"(?P<what>\b(?:songs|music|something|tracks|beats)) 2 (?P<do>[^\W\d]+)(?P<end> 2$)?")
""" "Songs 2 cry 2"."""
_WITH_ALONE = re.compile(r"(?<=[^\W\d] )w (?=[^\W\d])")
_YOU = re.compile(r"\b(?P<verb>do|can|could|would|will|if|have|did) u\b", re.IGNORECASE)
_U = re.compile(r"(?<=\w )u (?=(?:got|have|know|like|can|think|find|want)\b)")
_AND = re.compile(r"(?<=[a-z]{3} )n (?=(?!roll\b|bass\b)[a-z]{3})")
""" "Chill n dreamy"."""
_HESITATES = re.compile(
    r"(?:(?<=^)|(?<=[ ,]))(?:um+|uh+|erm|hmm+),? (?=(?:not?|without|but|with|like|something"
    r"|some|a|the|what|can"
    r"|could|play|maybe|and|or|called|by|i)\b)"
)
""" "Battle music um not too loud", as machines write down what is said."""
_HESITATION = re.compile(r"(?<!\S)(?:um+|uh+|erm|hmm+),? (?=\S)")
_THEN = re.compile(r"(?<=[^\W\d])\s*(?:[-=]+>|→|(?<=\s)>(?=\s))\s*(?=[^\W\d])")
""" "Calm > wild"."""
_MINUS = re.compile(r"\s[-–]\s(?=\w)")
_BOTH, _EITHER = re.compile(r"\s*&&\s*"), re.compile(r"\s*\|\|\s*|(?<=\w)\|(?=\w)")
_SIGNATURE = re.compile(r"[\s,.–—-]*\b(?:sent from my|gesendet von meinem) \S+\s*$", re.IGNORECASE)
_LINES = re.compile(r"(?<=\w)[_.](?=[^\W\d])")
_CALLS = re.compile(r"(?<!\S)#(?=\w)")
_HASHED = re.compile(r"(?<!\S)no(?P<thing>[^\W\d]{4,})(?!\S)")


def written_out(text: str) -> str:
    """A request without shortened words and the marks of other places in which people type.

    >>> written_out("smth chill 4 studying, w/ piano plz"), written_out("calm.piano.no.drums")
    ('something chill for studying, with piano please', 'calm piano no drums')
    >>> written_out("lol"), written_out("waltz || tango"), written_out("#ambient #nodrums")
    ('lol', 'waltz or tango', 'ambient no drums')
    """
    text = _SIGNATURE.sub("", text)
    if "#" in text:
        text = _HASHED.sub(_refused, _CALLS.sub("", text))
    if " " not in text and len(words_of(text)) > 2 and any(map(is_sound, words_of(text))):
        text = _LINES.sub(" ", text)
    text = _THEN.sub(", then ", text)
    text = _MINUS.sub(" minus ", text) if " + " in text else text
    text = _EITHER.sub(" or ", _BOTH.sub(" and ", text))
    text = _WITH_ALONE.sub("with ", _WITH.sub("with ", text))
    if _HESITATES.search(text):
        text = _HESITATION.sub("", text)
    text = _AND.sub("and ", _U.sub("you ", text))
    text = _SONGS_TO.sub(
        lambda songs: f"{songs['what']} to {songs['do']}{' to' if songs['end'] else ''}", text
    )
    text = _TO.sub("to ", _FOR.sub("for ", _YOU.sub(r"\g<verb> you", text)))
    shorter = " ".join(_SHORT.sub(_whole, text).split()).strip(" ,")
    return shorter if words_of(shorter) else text


def _whole(match: re.Match[str]) -> str:
    return _WHOLE.get(match[0], "")


def _refused(match: re.Match[str]) -> str:
    """ "No drums" of "#nodrums"."""
    return f"no {match['thing']}" if is_sound(match["thing"]) else match[0]
