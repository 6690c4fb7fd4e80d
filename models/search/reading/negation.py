"""What a request does not want, in six languages: "no vocals", "anything but piano", "ohne Schlagzeug".

A cue, then any noun phrase up to the next comma, "but", "with" or the end. What only looks like a negation
stays: fixed phrases ("no more drama", "not bad"), people ("without you") and what a song
tells of ("a song about having no money").

>>> split("calm piano, no drums or vocals")
('calm piano', ('drums', 'vocals'))
>>> split("nicht schlecht")
('nicht schlecht', ())
"""

import re
from collections.abc import Iterator

_CUES = (
    # English
    r"(?:but |and )?i (?:hate|dislike)|(?:but |and )?(?:i )?(?:do not|don['’]t) (?:want|like"
    r"|need)(?: to hear)?",
    r"(?:that|which) (?:is|are) not|(?:that|which) (?:isn['’]t|aren['’]t)|where there (?:is|are) no",
    r"(?:that|which) (?:do not|don['’]t|does not|doesn['’]t) (?:have|contain|use|include)",
    r"(?:anything|everything|all) (?:but|except|besides|other than|apart from)|(?:other"
    r"|rather) than|instead of",
    r"but (?:not|no|without)|and (?:no|not|without)|with (?:no|less|fewer)|except(?: for)?"
    r"|excluding|apart from",
    r"avoid(?:ing)?|leave out|leaving out|free (?:of|from)|nothing with|nothing|neither",
    # German
    r"(?:aber )?(?:ich )?(?:will|möchte|mag) keine?|alles (?:außer|ausser)|aber (?:nicht|keine?|ohne)",
    r"(?:die|das|der) nicht|und (?:ohne|keine?)|ohne|keine[nmrs]?|kein|nicht|weniger|außer"
    r"|ausser|nichts mit",
    # French
    r"(?:je )?(?:ne |n['’])?(?:veux|aime) pas|tout sauf|mais (?:pas|sans)|qui (?:n['’]est|ne sont) pas",
    r"sans|pas d['’]|pas|sauf|moins de",
    # Spanish
    r"no (?:quiero|me gustan?)|todo (?:menos|excepto|salvo)|pero (?:no|sin)|que no (?:sea|sean|es|son)",
    r"sin|nada de|menos|excepto",
    # Italian
    r"non (?:voglio|mi piac(?:e|iono))|tutto tranne|ma (?:non|senza)|che non (?:è|sia|siano)",
    r"senza|niente|tranne|meno|non",
    # Portuguese
    r"não (?:quero|gosto de)|tudo (?:menos|exceto)|mas (?:não|sem)|que não (?:seja|sejam|é)|sem|não|exceto",
    # and the shortest last, for they begin others
    r"not|no|without|minus|less|fewer",
)
_ANYTHING = re.compile(
    r"^(?:anything|everything|all|something|alles|tout|todo|tutto|tudo)$|^(?:please|bitte"
    r"|s'il vous plaît)$",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"^(?:any|too|very|so|the|an?|zu|sehr|das|die|der|den|de la|des|de l['’]|du|de|d['’]|trop"
    r"|très|le|la|les|el|los"
    r"|las|un|una|muy|demasiado|il|lo|gli|i|troppo|o|os|as|um|uma|muito)(?:(?<=['’])|\s+)(?=\S)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"^(?:and|but|with|und|aber|mit|et|mais|avec|y|pero|con|ma|com)\s+"
    r"|\s*\b(?:and|but|with|or|und|aber|mit|et|mais|y|pero|e|ma|mas)$",
    re.IGNORECASE,
)
"""Joining words that nothing follows or precedes any more."""
_FILLER = re.compile(
    r"[\s,;.]*\b(?:please|bitte|per favore|por favor|s'il vous plaît)\b[\s,;.]*", re.IGNORECASE
)
_END = r"(?=\s*(?:[,;.!?]|$)|\s+(?:but|with|that|which|aber|mit|mais|avec|pero|con|ma|mas|com)\b)"
_JOIN = re.compile(
    r"\s*,\s*|\s+(?:or|and|nor|oder|und|noch|ou|et|ni|y|e|o|né|nem)\s+"
    r"(?:(?:no|not|without|ohne|kein|keine|sans|sin|senza|sem)\s+)?",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    rf"(?:^|(?<=[\s,;]))(?:{'|'.join(_CUES)})\s*(?<=[\s'’])(?P<thing>\S.*?){_END}", re.IGNORECASE
)
_MINUS = re.compile(r"(?:^|(?<=\s))-(?P<thing>[^\W\d][\w'-]*)")
_SUFFIX = re.compile(r"\b(?P<thing>[^\W\d]{3,})(?:less|-free)\b", re.IGNORECASE)
_ONLY = re.compile(r"^\s*(?:nothing (?:but|except)|nichts (?:als|außer)|rien que)\s+", re.IGNORECASE)
_STAYS = re.compile(
    # what is said so
    r"\bno (?:more|one|way|matter|time|doubt|problem|limits?|fear|man|woman|cry|surrender|regrets?|end)\b"
    r"|\bnot? (?:bad|only|just|alone|again|yet|forget|enough|dead|for sale|number)\b|\bno\.? ?\d"
    r"|\b(?:say|said|get|got|ain['’]t|there['’]?s|there is) no\b"
    r"|\b(?:do|does|did|can|could|will|would|should|am|was|it is) not\b(?! want| like| need"
    r"| have| contain| use)"
    r"|\bless is more\b|\bmore or less\b|\bnothing (?:but|except|else|more|compares|to|is)\b"
    r"|\bnot? .{0,40}\bbut also\b"
    r"|\bnicht (?:schlecht|nur|mehr|allein)\b|\bnichts (?:als|außer)\b"
    r"|\bpas (?:mal|seulement|à pas|encore|si)\b|\bsans cesse\b|\bn['’]est pas mal\b"
    r"|\bnada mal\b|\bno (?:está|esta) mal\b|\bno solo\b|\bnon (?:male|solo|più|è male)\b"
    r"|\bnão (?:é ruim|só|é mau)\b"
    # people, love and the end
    r"|\b(?:without|ohne|sans|sin|senza|sem) (?:you|me|him|her|us|them|love|a trace|an? end|end"
    r"|dich|mich|dir|uns|ende"
    r"|toi|moi|lui|elle|nous|vous|ti|mí|ella|él|te|me|lei|noi|você|mim|ele|ela|fin|fine|fim|amor"
    r"|amore|amour|liebe)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:about|über|sobre|parle de)\b(?:(?!\bwith\b)[^,;])*"
    r"\b(?:no|not|without|less|ohne|kein\w*|nicht|sans|pas|sin|senza|non|sem|não)\b[^,;]*",
    re.IGNORECASE,
)
"""What a song is about is not what it should sound like."""
_OWN_WORDS = frozenset(
    """aim base boundary bound breath care cloud color count doubt effort end face fear flaw form ground
    harm heart
    heed help home hope law life love meaning merci moon motion name need none the un pain point price
    reck regard
    rest ruth seam self sense shame sin sleep soul sound spot star taste time tire tree use weight wire
    worth
    royalty drug duty toll hands gluten""".split()
)
"""What "-less" or "-free" makes a word of its own: endless, restless, royalty-free."""

ANYTHING = "music"
"""What a request is for that says only what is not wanted."""


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """A request as (what is wanted, what is not), each unwanted thing in lower case without its article.

    >>> split("not piano")
    ('music', ('piano',))
    """
    found = sorted(_found(text))
    if not found:
        return _ONLY.sub("", text).strip(), ()
    rest = text
    for start, end, _ in found:
        rest = rest[:start] + " " * (end - start) + rest[end:]
    things = [_named(part) for _, _, thing in found for part in _JOIN.split(thing)]
    return _tidy(rest) or ANYTHING, tuple(dict.fromkeys(filter(None, things)))


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Each negation: where it begins and ends, and what it speaks of."""
    taken = [match.span() for match in (*_STAYS.finditer(text), *_TELLS.finditer(text))]
    for pattern in (_NEGATION, _MINUS, _SUFFIX):
        for match in pattern.finditer(text):
            start, end = match.span()
            thing = match["thing"]
            if pattern is _SUFFIX:
                if thing.lower() in _OWN_WORDS:
                    continue
                thing = thing.rstrip("s") + "s"  # "drumless": sounds are named in the plural
            if not any(start < last and first < end for first, last in taken):
                taken.append((start, end))
                yield start, end, thing


def _named(thing: str) -> str:
    """A thing without "any", "too" or an article, in lower case."""
    named = _FILLER.sub(" ", thing).strip().lower()
    while (shorter := _DETERMINER.sub("", named)) != named:
        named = shorter
    return named


def _tidy(rest: str) -> str:
    """What is wanted, without what the negations leave behind."""
    pieces = [" ".join(piece.split()) for piece in re.split(r"[,;]", _FILLER.sub(" , ", rest))]
    pieces = [_LOOSE.sub("", piece) for piece in pieces]
    return ", ".join(piece for piece in pieces if piece and not _ANYTHING.match(piece)).strip(" .")
