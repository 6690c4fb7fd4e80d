"""What a request would rather have than something else: "I'd prefer a harp over a piano", "lieber A als B".

"A over B" alone is both: singing over a guitar, strings over a beat.
"""

import re

from catalog.library.fulltext import words_of
from models.search.reading.common_words import GENERIC
from models.search.reading.patterns import mentions, pattern

_CUES = "prefer rather sooner would d lieber eher plutôt préf prefi mejor antes piuttosto meglio".split()
"""One of these stands in whatever prefers."""
_I_WOULD = r"(?:i(?:['’]d| would)? )?"
_THING = r"[^,;]+?"
_PREFERRED = (
    # "I'd rather be a hammer than a nail" is sung.
    rf"(?:{_I_WOULD}(?:(?:much )?prefer|(?:rather|sooner) (?:have|hear))|^rather) (?P<en>{_THING})"
    r" (?:over|(?P<to>to)|(?:rather )?than|instead of)",
    rf"i(?:['’]d| would) (?:take|choose|pick|favou?r) (?P<take>{_THING}) (?:over|instead of)",
    rf"(?:ich (?:mag|will|möchte|höre) )?(?:lieber|eher) (?P<de>{_THING}) (?:als|statt)",
    rf"plutôt (?!que\b)(?P<fr>{_THING}) que|je préf(?:ère|érerais) (?P<pref>{_THING}) (?:à|plutôt que)",
    rf"(?:prefiero|preferiría) (?P<es>{_THING}) (?:antes que|que|al?)",
    rf"(?:mejor|antes) (?P<mejor>{_THING}) que",
    rf"preferi(?:sco|rei) (?P<it>{_THING}) (?:piuttosto che|che|al?|alla)",
    rf"(?:piuttosto|meglio) (?!che\b)(?P<meglio>{_THING}) che",
    rf"prefiro (?P<pt>{_THING}) (?:do que|a[o]?|à)|antes (?P<antes>{_THING}) do que",
)
_PREFERS = pattern(
    rf"\b(?:{'|'.join(_PREFERRED)}) (?P<other>[^,;]+?)(?:\s+any ?(?:day|time))?(?=\s*(?:[,;.!?]|$))"
)


def preferably(text: str) -> str:
    """A text with ", not B" for what it likes A better than.

    >>> preferably("I'd prefer a harp over a piano"), preferably("singing over a guitar")
    ('a harp, not a piano', 'singing over a guitar')
    >>> preferably("I'd prefer music to sleep to")
    "I'd prefer music to sleep to"
    """
    return _PREFERS.sub(_instead, text) if mentions(text, _CUES) else text


def _instead(match: re.Match[str]) -> str:
    [wanted] = [thing for name, thing in match.groupdict().items() if thing and name not in ("to", "other")]
    # "Music to sleep to" is no music that is liked better than sleep.
    if match["to"] and words_of(wanted)[-1] in GENERIC:
        return match[0]
    return f"{wanted}, not {match['other']}"
