"""What refuses a sound without saying "no": "enough techno!", "drums are a no-go"."""

import re

from catalog.library.fulltext import words_of
from models.search.reading.common_words import DESCRIBES
from models.search.reading.ordinary import is_sound
from models.search.reading.patterns import pattern

_THING = r"(?P<thing>(?:\w[\w'’-]* ){0,2}?\w[\w'’-]*?)"
_BEGINS = r"(?:^|(?<=[,;.!?] )|(?<=\bbut )|(?<=\band ))"
_ENDS = r"(?=\s*(?:[,;.!?]|$)|\s+(?:but|and|just|please|pls|instead|give|play)\b)"
_THE = r"(?:(?:the|those|these|all|your|any|that) )?"
_REFUSED = (
    pattern(
        rf"{_BEGINS}(?:(?:please |just )?(?:forget(?: about)?|ditch|scrap|nix|mute|cut|drop|lose|screw)"
        r"|enough(?: with| of)?|no more|(?:i['’]?m )?not (?:really )?(?:a |much of a )(?:big |huge )?fan of"
        r"|(?:i['’]?m |i am )?(?:so )?(?:sick|tired|bored)(?: and tired)? of|fed up with"
        rf"|(?:down|away|to hell) with|too (?:many|much)|stop(?: playing| with)?)"
        rf" {_THE}{_THING}(?: (?:already|lately|today))?{_ENDS}",
        needs="forget ditch scrap nix mute cut drop lose screw enough more sick tired bored fed fan"
        " down away hell too stop",
    ),
    pattern(
        rf"(?:please )?leave {_THE}{_THING} (?:at home|behind|aside|at the door|out of it)\b", needs="leave"
    ),
    pattern(
        rf"{_BEGINS}{_THE}{_THING} (?:is|are) (?:an? )?(?:no[- ]?go|no[- ]no|turn[- ]off|annoying|overrated"
        rf"|not (?:my thing|for me|what i want))(?: for me)?{_ENDS}",
        needs="is are",
    ),
    pattern(
        rf"\bif (?:there(?:['’]s| is| are)|it has|you hear) (?:any |an? )?{_THING},? (?:then |please )?"
        rf"(?:skip|drop|leave out|forget|avoid) (?:it|them|that){_ENDS}",
        needs="if",
    ),
)
_SO_THAT = pattern(
    r"\b(?:(?:not|nothing) (?:quite )?(?:so|that) (?P<en>\w+) that|nicht so (?P<de>\w+),? dass"
    r"|pas (?:si|tellement) (?P<fr>\w+) qu(?:e\b|['’])|no tan (?P<es>\w+) que|non così (?P<it>\w+) (?:da|che)"
    r"|não tão (?P<pt>\w+) que)\b[^,;.!?]*",
    needs="not nothing nicht pas no non não",
)
""" "Not so calm that I fall asleep"."""
_TOO = {"en": "not too", "de": "nicht zu", "fr": "pas trop", "es": "no demasiado", "it": "non troppo"}
_TOO_TO = pattern(
    r"(?P<refuses>\b(?:not|nothing|never) )?(?:(?<=not )|(?<=nothing )|(?<=never )|^"
    r"(?:something |music |songs? )?)"
    r"too (?P<how>\w+) (?P<what>(?:to|for) [^,;.!?]+)",
    needs="too",
)
""" "Nothing too loud to study to", "too slow to run to"."""
_NON = re.compile(r"\bnon (?P<word>[a-z]+)(?= \w)", re.IGNORECASE)
""" "Non distorted guitar"."""


def refused(text: str) -> str:
    """A request with "no THING" for what refuses a sound in another way.

    >>> refused("jazz, but leave the saxophones at home"), refused("enough techno! something soft")
    ('jazz, but no saxophones', 'no techno! something soft')
    >>> refused("no more drama"), refused("non distorted guitar")
    ('no more drama', 'non-distorted guitar')
    """
    for way in _REFUSED:
        text = way.sub(_as_no, text)
    text = _TOO_TO.sub(_as_not_too, _SO_THAT.sub(_as_too, text))
    return _NON.sub(_with_hyphen, text) if "on " in text else text


def _as_no(match: re.Match[str]) -> str:
    thing = match["thing"]
    return f"no {thing}" if any(map(is_sound, words_of(thing))) else match[0]


def _as_too(match: re.Match[str]) -> str:
    """ "Not too calm" of "not so calm that I fall asleep"."""
    [(language, how)] = [(name, how) for name, how in match.groupdict().items() if how]
    return f"{_TOO.get(language, 'não muito')} {how}"


def _as_not_too(match: re.Match[str]) -> str:
    """ "Not too loud, to study to", and "slow" of "too slow to run to"."""
    if match["refuses"]:
        return f"{match['refuses']}too {match['how']}, {match['what']}"
    return match["how"] if is_sound(match["how"].lower()) else match[0]


def _with_hyphen(match: re.Match[str]) -> str:
    word = match["word"]
    return f"non-{word}" if word.lower() in DESCRIBES else match[0]
