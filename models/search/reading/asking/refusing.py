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
        rf"|(?:down|away|to hell) with|too (?:many|much))"
        rf" {_THE}{_THING}(?: (?:already|lately|today))?{_ENDS}",
        needs="forget ditch scrap nix mute cut drop lose screw enough more sick tired bored fed fan"
        " down away hell too",
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
    return _NON.sub(_with_hyphen, text) if "on " in text else text


def _as_no(match: re.Match[str]) -> str:
    thing = match["thing"]
    return f"no {thing}" if any(map(is_sound, words_of(thing))) else match[0]


def _with_hyphen(match: re.Match[str]) -> str:
    word = match["word"]
    return f"non-{word}" if word.lower() in DESCRIBES else match[0]
