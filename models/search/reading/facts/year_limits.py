"""Years with one limit, in six languages: "since 2012", "2012 or newer", "bis 1999", "1999 at the latest"."""

import re

from models.search.reading.facts.fact import LAST_YEAR, Fact, Reader
from models.search.reading.facts.year_words import EITHER, IN, MADE, THE, THE_YEAR, TO, YEAR, edges
from models.search.reading.patterns import pattern

OLDER = (
    r"older|earlier|ältere?[rsn]?|frühere?[rsn]?|plus (?:vieux|vieilles?|anciens?|anciennes?|tôt)"
    r"|más (?:viej[oa]s?|antigu[oa]s?)|anterior[ei]?s?|più (?:vecchi[oae]?|antic[oah]\w?)|precedent[ei]"
    r"|mais (?:velh[oa]s?|antig[oa]s?|cedo)"
)
NEWER = (
    r"newer|later|younger|more recent|neuere?[rsn]?|jüngere?[rsn]?|spätere?[rsn]?"
    r"|plus (?:récente?s?|jeunes?|tard)|más (?:nuev[oa]s?|recientes?|tarde)|posterior[ei]?s?"
    r"|più (?:nuov[oaei]|recent[ei]|tardi)|successiv[oaei]|mais (?:nov[oa]s?|recentes?|tarde)"
)
"""How songs are compared by their year."""
THAN = r"than|als|que|del?|di|dell['’]|do(?: que)?|al?|ao"
_AT_EARLIEST = r"at the earliest|frühestens|au plus tôt|como muy pronto|al più presto|no mínimo"
_AT_LATEST = r"at the latest|spätestens|au plus tard|a más tardar|al più tardi|no máximo"
_BEFORE = rf"before|prior to|vor|avant|antes del?|prima del(?:l['’])?|(?:{OLDER}) (?:{THAN})|pre(?=[- ])"
_AFTER = rf"after|nach|après|después del?|dopo (?:il|l['’])|depois de|(?:{NEWER}) (?:{THAN})|post(?=[- ])"
_SINCE = (
    r"since|(?:in|from|on) (?:or|and) after|(?:no|not) earlier than|(?:start|beginn)ing (?:in|from|with)"
    r"|seit|ab|depuis|(?:à|a) partir d[eu]l?|desde|dal|a partire dal|dall['’]|a partire dall['’]"
    rf"|(?:{_AT_EARLIEST})(?: (?:from|in|von|aus|en|de|del|nel))?"
)
_UNTIL = (
    r"until|till|up (?:to|until)(?: and including)?|through|(?:in|from|on) (?:or|and) before"
    r"|(?:no|not) later than|bis(?: (?:zu[mr]?|einschließlich|maximal))?|jusqu['’](?:en|à|aux?)|hasta"
    rf"|fino a(?:l|ll['’])|entro (?:il|l['’])|até|(?:{_AT_LATEST})(?: (?:from|in|von|aus|en|de|del|nel|até))?"
)
_OR = r",?\s*\b(?:or|and|oder|und|ou|et|o|y|e)\s+(?:even\s+|noch\s+)?"
_OR_OLDER = rf"{_OR}(?:{OLDER}|before|prior|davor|vorher|avant|antes|prima)|,?\s+(?:{_AT_LATEST})"
_OR_NEWER = (
    rf"{_OR}(?:{NEWER}|after(?:wards?)?|beyond|up(?:wards?)?|onwards?|since|danach|nachher|après|después|dopo"
    rf"|depois)|,?\s+(?:{_AT_EARLIEST})|\s+(?:and up|onwards?|upwards?|aufwärts|en adelante|in (?:poi|avanti)"
    r"|em diante)"
)
_NOW = (
    r"(?:today|now|(?:the )?present(?: day)?|heute|jetzt|aujourd['’]hui|maintenant|hoy|ahora"
    r"|la actualidad|oggi|adesso|hoje|agora)"
)
_FROM = rf"(?:(?:since|seit|ab|depuis|desde|dall['’]|à partir d[eu])\s*(?<=['’\s])|{IN})?"
_EDGE = rf"{THE}{THE_YEAR}(?P<edge>{EITHER})"
# "Before 2010 and after 2001" sets two limits.
_NO_OTHER = r"\b(?!\s+(?:\S+\s+)?['’]?\d)"
# No part of a path, a time or a version.
_ALONE = r"(?<![\w:./-])"

_COMPARED = (
    "older earlier älter früher newer later younger more neuer jünger später plus más più mais anterior"
    " precedent posterior successiv"
)
_SIDES = "before prior vor avant antes prima after nach après despu dopo depois"
_TO_NOW = pattern(
    rf",?\s*{_ALONE}{_FROM}{_EDGE}\s*(?:-|–|\b(?:{TO})\b)\s*{_NOW}\b",
    needs="today now present heute jetzt aujourd maintenant hoy ahora actualidad oggi adesso hoje agora",
)
_EDGE_OR_OLDER = pattern(
    rf",?\s*{_ALONE}{_FROM}{_EDGE}(?:{_OR_OLDER}){_NO_OTHER}",
    needs=f"{_COMPARED} {_SIDES} davor vorher latest spätestens tard máximo",
)
_EDGE_OR_NEWER = pattern(
    rf",?\s*{_ALONE}{_FROM}{_EDGE}(?:{_OR_NEWER}){_NO_OTHER}",
    needs=f"{_COMPARED} {_SIDES} beyond up onward since danach earliest frühestens tôt pronto presto mínimo"
    " aufwärts adelante poi avanti diante",
)
_EDGE_AND_PLUS = pattern(rf",?\s*{_ALONE}(?P<edge>{YEAR})\s?\+(?!\w)")
_FROM_ON = pattern(rf",?\s*\b(?:from|von|ab)\s+{_EDGE}\s+(?:on|an)\b", needs="on an")
_LIMIT = pattern(
    rf",?\s*\b(?:(?:from|of|von|de|d['’])\s*(?<=['’\s]))?{MADE}(?:(?P<since>{_SINCE})|(?P<until>{_UNTIL})"
    rf"|(?P<before>{_BEFORE})|(?P<after>{_AFTER}))(?:\s*(?<=['’\s])|-){_EDGE}(?!\w)",
    needs=f"{_COMPARED} {_SIDES} since start begin seit ab depuis partir desde dal earliest frühestens tôt"
    " pronto presto mínimo until till up through bis jusqu hasta fino entro até latest spätestens tard máximo"
    " pre post",
)


def before(year: int) -> Fact:
    """All years before one, which is not among them."""
    return Fact("year", f"before {year}", 0, year - 1)


def after(year: int) -> Fact:
    """All years after one, which is not among them."""
    return Fact("year", f"after {year}", year + 1, LAST_YEAR)


def _since(match: re.Match[str]) -> Fact:
    first, _ = edges(match["edge"])
    return Fact("year", f"since {first}", first, LAST_YEAR)


def _until(match: re.Match[str]) -> Fact:
    _, last = edges(match["edge"])
    return Fact("year", f"until {last}", 0, last)


def _limit(match: re.Match[str]) -> Fact:
    first, last = edges(match["edge"])
    if match["since"]:
        return _since(match)
    if match["until"]:
        return _until(match)
    return before(first) if match["before"] else after(last)


TO_NOW: tuple[Reader, ...] = ((_TO_NOW, _since),)
# "Since 2012 or later" holds "since 2012".
READERS: tuple[Reader, ...] = (
    (_EDGE_OR_OLDER, _until), (_EDGE_OR_NEWER, _since), (_EDGE_AND_PLUS, _since),
    (_FROM_ON, _since), (_LIMIT, _limit),
)  # fmt: skip
"""Each way to set one end to years, those that hold others first, and what it means."""
