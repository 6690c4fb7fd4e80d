"""Durations that a request asks for: "under three minutes", "about 4:30 long", "a two-minute theme"."""

import re

from models.search.reading.facts.fact import Fact, Reader
from models.search.reading.numbers import NUMBER, number_of
from models.search.reading.patterns import mentions, pattern, unnamed

ABOUT = 0.25
"""Of "about three minutes" a song may differ by so much of it."""
_HALF = r"\s+(?:and a half|et demie?|y medi[ao]|e mezz[oa]|e mei[ao])"
_UNIT = (
    r"(?:seconds?|secs?|sec|s|minutes?|mins?|min|m|hours?|hrs?|h|sekunden?|minuten?|stunden?|secondes?|heures?"
    r"|segundos?|minutos?|horas?|secondi|minuti|minuto|ore|ora)(?:\b|(?<=\dm)(?=\d\ds))"
)
_UNITS_BEGIN = "sec sek seg min hour hr stund heur hor ora ore".split()
_SHORT_UNIT = pattern(r"\d\s?[smh]\b|\d\s?(?:min|sec|sek|seg|hr)|\d:\d")


def may_be_in(text: str) -> bool:
    """Whether a text may ask for a duration: far cheaper than the patterns."""
    return mentions(text, _UNITS_BEGIN) or (any(map(str.isdigit, text)) and bool(_SHORT_UNIT.search(text)))


_REST = (
    r"(?:\s*(?:and\s+)?(?P<rest>\d{1,2})\s?s(?:ec(?:onds)?)?\b"
    r"|(?<=min)\s*(?P<short_rest>[0-5]\d)(?=\s*(?:[,;.]|$|long\b|lang\b|max)))?"
)
_CLOCK = r"\d{1,2}:[0-5]\d(?:\s*min(?:utes|s)?\b)?"
_PARTS = (
    rf"(?:a (?=couple))?(?P<number>{NUMBER})(?P<half>{_HALF})?(?: of| de| d['’])?(?: an?)?"
    rf"\s*-?(?P<unit>{_UNIT})(?P<more>{_HALF})?{_REST}"
)
"""Two and a half minutes, a minute and a half, half an hour, 2 min 30 s."""
_AMOUNT = rf"(?:{_CLOCK}|{unnamed(_PARTS)})"
_LASTS = (
    r"(?:(?:that|which) )?(?:lasts?|lasting|runs?|running|is|are)(?: for)?|die"
    r"|(?:qui|que|che) dur(?:an?|en?t?|ano|ino|[ei])"
)
_LEADS_UP = rf",?\s*(?:(?<!\w)(?:{_LASTS}|d[ei]|com|con|with)\s+)?"
"""What may stand before a limit: "a song that lasts at least ...", "de menos de ..."."""
_SHORTER = (
    r"under|below|sub-|shorter than|less than|at most|no longer than|no more than|up to|within"
    r"|max(?:imum)?\.?(?: (?:length|duration))?(?: of)?|not (?:longer than|over|more than)|<=?"
    r"|unter|kürzer als|weniger als|höchstens|maximal|bis zu|nicht länger als"
    r"|moins de|moins d['’]|au plus|plus courte?s? que|menos de|como máximo|no máximo"
    r"|meno di|al massimo|sotto i|más (?:cort[oa]s?|breves?) (?:que|de)|più (?:cort[oaei]|brev[ei]) di"
    r"|mais curt[oa]s? (?:do )?(?:que|de)"
)
_LONGER = (
    r"over|above|longer than|more than|at least|(?<!\d )(?<!\d)min(?:imum)?\.?"
    r"(?: (?:length|duration))?(?: of)?|not? (?:shorter|less) than|>=?"
    r"|über|länger als|mehr als|mindestens"
    r"|plus de|plus d['’]|plus long(?:ue)?s? que|au moins|más de|al menos|por lo menos|più di|almeno|oltre"
    r"|mais de|pelo menos|más larg[oa]s? (?:que|de)|più lung[oahie]+ di|mais long[oa]s? (?:do )?(?:que|de)"
)
_OR_LESS = (
    r"or (?:less|shorter|under|fewer|below)|(?:and )?(?:no|not) (?:longer|more)|(?:at most|max(?:imum)?|tops)"
    r"|oder (?:weniger|kürzer)|ou (?:moins|menos)|o (?:menos|meno)"
)
_OR_MORE = r"or (?:more|longer|over|above)|at least|oder (?:mehr|länger)|ou (?:plus|mais)|o (?:más|più)"
_ABOUT = r"about|around|roughly|approximately|some|exactly|ca\.?|circa|etwa|ungefähr|environ|unos|cerca de"
_BETWEEN = r"(?:between|from|zwischen|von|entre|de|tra|fra|da)\s+"
# "Two or three minutes" is a range too.
_TO = r"\s*(?:-|–|to|and|or|bis|und|oder|à|et|ou|a|y|e)\s*"
_DECADE = r"(?:(?:1[89]|20)\d|\d)0['’]?s\b"
"""Which begins no range of seconds: "the 80s to 90s"."""
_AFTER = (
    r"(?:(?: long| lang)?(?: dauer[nt]|(?<=lang) sind| ist)\b| long\b| lang\b| of(?=\s))?"
    r"(?: each| apiece| per (?:song|track|piece))?"
)
_BARE_AMOUNT = rf",?\s*\b(?P<amount>{_AMOUNT})"
_LIMITED = rf"\s*(?P<amount>{_AMOUNT}){_AFTER}"
_RANGE = pattern(
    rf",?\s*\b(?:{_BETWEEN})?(?!{_DECADE})(?P<first>{_AMOUNT}|{NUMBER}){_TO}(?P<last>{_AMOUNT}){_AFTER}"
)
_BARE = rf"{NUMBER}\b(?![.,:]?\d)(?!\s*-?{_UNIT})"
_OVER_BUT_UNDER = pattern(
    rf"{_LEADS_UP}(?<!\w)(?:{_LONGER})\s*(?:(?P<first>{_AMOUNT})|(?P<bare_first>{_BARE})),?\s*"
    rf"(?:\b(?:but|and|aber|und|mais|et|pero|y|ma|e|mas)\s+)?(?:{_SHORTER})\s*"
    rf"(?(first)(?P<bare_last>{_BARE})|(?P<last>{_AMOUNT})){_AFTER}"
)
_UNDER = pattern(rf"{_LEADS_UP}(?<!\w)(?:{_SHORTER}){_LIMITED}")
_OVER = pattern(rf"{_LEADS_UP}(?<!\w)(?:{_LONGER}){_LIMITED}")
_PLUS = pattern(
    rf",?\s*\b(?P<number>\d+)\s?(?:\+\s*(?P<unit>{_UNIT})|(?P<unit_before>{unnamed(_UNIT)})\s?\+(?!\w))"
    rf"|,?\s*\b(?P<clock>{_CLOCK})\+(?!\w)"
)
_UNDER_AFTER = pattern(rf"{_BARE_AMOUNT}(?: long)?,?\s+(?:{_OR_LESS})\b")
_OVER_AFTER = pattern(rf"{_BARE_AMOUNT}(?: long)?,?\s+(?:{_OR_MORE})\b")
_NEAR = pattern(
    rf",?\s*\b(?:(?:for|für|pour|durante|per|por) )?(?:{_ABOUT}){_LIMITED}",
    needs="about around roughly approx some exactly ca etwa ungefähr environ unos cerca",
)
_OR_SO = pattern(
    rf"{_BARE_AMOUNT}(?: long)?,?\s+(?:give or take|or so|or thereabouts|more or less|plus or minus"
    rf"|ish)\b{_AFTER}",
    needs="give or more plus ish",
)
_OF = pattern(rf"(?:^|(?<=,\s)|(?<=\ba\s))(?!an? \w+ of)(?P<amount>{_AMOUNT}) of(?=\s)", needs="of")
""" "Ten minutes of rain"."""
_LONG = pattern(rf"{_BARE_AMOUNT} (?:long|lang)\b", needs="long lang")
_THEME = pattern(
    rf"\b(?:(?<=\ba )|(?<=\ban )|^(?!an? |one |half )|(?=\d|half an? )"
    r"|(?=\w+-(?:second|sec|minute|min|hour)\b))"
    rf"(?P<amount>half an? (?:minute|hour)|{NUMBER}(?:{_HALF})?[ -]?(?:second|sec|minute|min|hour))(?= \w)"
)
""" "A two-minute theme", but not "five minutes" alone."""
_APART = pattern(rf"(?:(?<=\S),|^(?=[^,]+,))\s*(?P<amount>{_AMOUNT})\s*(?=,|$)")
""" "Calm piano, 3 minutes", set apart by commas."""
_AT_THE_END = pattern(
    rf"(?<!\bin)(?<!\bfor)(?<!\bevery)(?<!\bafter)(?<!\banother)\s+(?=\d)(?!{_DECADE})(?P<amount>{_AMOUNT})\s*(?=,|$)"
)
""" "Calm piano 3 min", "no choir 120s"."""
_SPELLED = pattern(_PARTS)


def _between(low: float, high: float) -> Fact:
    # Half-open spans are said as limits: "under 3:00" and not "from 0:00 to 3:00".
    if high == float("inf"):
        return Fact("duration_s", f"over {_clock(low)} long", low, high)
    if not low:
        return Fact("duration_s", f"under {_clock(high)} long", low, high)
    return Fact("duration_s", f"from {_clock(low)} to {_clock(high)} long", low, high)


def _under(match: re.Match[str]) -> Fact:
    return _between(0, _seconds(match["amount"]))


def _over(match: re.Match[str]) -> Fact:
    return _between(_seconds(match["amount"]), float("inf"))


def _plus(match: re.Match[str]) -> Fact:
    """ "5+ minutes", "5min+", "5:00+"."""
    if match["clock"]:
        return _between(_seconds(match["clock"]), float("inf"))
    return _between(int(match["number"]) * _unit(match["unit"] or match["unit_before"]), float("inf"))


def _range(match: re.Match[str]) -> Fact:
    """ "3 to 4 minutes", "90 seconds to 2 minutes": the first may go without its unit."""
    first, last = match["first"], match["last"]
    unit = _SPELLED.match(last)
    if unit is not None and re.fullmatch(NUMBER, first, re.IGNORECASE):
        low = number_of(first) * _unit(unit["unit"])
    else:
        low = _seconds(first)
    edges = sorted((low, _seconds(last)))  # "from four to three minutes" is a slip
    return _between(*edges)


def _over_but_under(match: re.Match[str]) -> Fact:
    """ "Over six minutes but under ten", "over two but under four minutes": one goes without its unit."""
    amount = match["first"] or match["last"]
    spelled = _SPELLED.match(amount)
    unit = _unit(spelled["unit"]) if spelled else 60.0
    bare = number_of(match["bare_first"] or match["bare_last"]) * unit
    edges = sorted((bare, _seconds(amount)))
    return _between(*edges)


def _about(match: re.Match[str]) -> Fact:
    seconds = _seconds(match["amount"])
    # Nobody who says "about three minutes" has measured it.
    spread = ABOUT * seconds
    return Fact("duration_s", f"about {_clock(seconds)} long", seconds - spread, seconds + spread)


_LIMIT_BEFORE: tuple[Reader, ...] = ((_UNDER, _under), (_OVER, _over), (_PLUS, _plus))
_LIMIT_AFTER: tuple[Reader, ...] = ((_UNDER_AFTER, _under), (_OVER_AFTER, _over))
_ONE_LENGTH: tuple[Reader, ...] = (
    (_NEAR, _about),
    (_OR_SO, _about),
    (_OF, _about),
    (_LONG, _about),
    (_THEME, _about),
    (_APART, _about),
    (_AT_THE_END, _about),
)
# "From 3 to 4 minutes" holds "4 minutes", and "under 3 minutes long" holds "3 minutes long".
READERS: tuple[Reader, ...] = (
    (_OVER_BUT_UNDER, _over_but_under),
    (_RANGE, _range),
    *_LIMIT_BEFORE,
    *_LIMIT_AFTER,
    *_ONE_LENGTH,
)
"""Each way to ask for a duration, those that hold others first, and what it means."""


def _seconds(amount: str) -> float:
    """Seconds of an amount.

    >>> [_seconds(amount) for amount in ("3:20", "a minute and a half", "2,5 min", "2 min 30 s")]
    [200, 90.0, 150.0, 150.0]
    """
    if ":" in amount:
        minutes, seconds = re.findall(r"\d+", amount)[:2]
        return 60 * int(minutes) + int(seconds)
    parts = _SPELLED.match(amount)
    if parts is None:
        raise ValueError(amount)
    number = number_of(parts["number"])
    if parts["half"] or parts["more"]:
        number += 0.5
    return number * _unit(parts["unit"]) + int(parts["rest"] or parts["short_rest"] or 0)


def _unit(written: str) -> float:
    """Seconds in a unit.

    >>> [_unit(name) for name in ("Sekunden", "min", "heures", "ore", "Stunden")]
    [1.0, 60.0, 3600.0, 3600.0, 3600.0]
    """
    name = written.lower()
    # By the first letters, which all six languages share; only "Stunden" begins as seconds do.
    if name.startswith("m"):
        return 60.0
    if name.startswith("s") and not name.startswith("st"):
        return 1.0
    return 3600.0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
