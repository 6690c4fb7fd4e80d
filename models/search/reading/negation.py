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
from collections.abc import Iterator, Sequence

from models.search.reading.negation_cues import BEFORE, CUES, WORDS
from models.search.reading.patterns import pattern

_ANYTHING = re.compile(
    r"""(?:(?:i\ want|i['’]d\ like|give\ me|play|find|show\ me|ich\ will|ich\ möchte)\ ?)?
    (?:(?:an?|the|some|any|de\ la|du|des|une?|la|les?|el|los|las|un[ao]?|il|l[aei]|della|uma?|eine?)\ )?
    (?:anything|everything|all|something|stuff|songs?|tracks?|tunes?|music|musik|musique|música|musica
    |alles|etwas|irgend(?:et)?was|tout|quelque\ chose|n['’]importe\ quoi|todo|algo|cualquier\ cosa
    |tutto|qualcosa|qualsiasi\ cosa|tudo|qualquer\ coisa)?
    (?:\ ?(?:that|which)\ (?:has|have|is|are|contains?))?
    |i['’]m|it|please|bitte|s['’]il\ vous\ plaît""",
    re.IGNORECASE | re.VERBOSE,
)
_DETERMINER = pattern(
    r"^(?:(?:single )?(?:notes?|traces?|hints?|touch|shred) of|single|slightest|nach|like"
    r"|ninguém|nadie|personne ne|nessuno|niemand|l['’]|any(?:one|body)?|some(?:one|body)|que (?:nadie"
    r"|personne ne|nessuno|ninguém)|dass jemand"
    r"|either|another|yet another|as|too?|much|many|very|so|the|an?|with|being|mit|avec|être"
    r"|con|com|ser|essere|zu|sehr|allzu|viel[e]?"
    r"|(?:is|are)(?:n['’]t| not)|not|no|without|nicht|ohne|pas|sans"
    r"|das|die|der|den|de la|des|de l['’]|du|de|d['’]|beaucoup|trop|très|le|la|les|el|los"
    r"|las|un|una|muy|much[oa]|demasiad[oa]|il|lo|gli|i|di|molt[oa]|tropp[oa]|o|os|as|um|uma|muit[oa])"
    r"(?:(?<=['’])|\s+)(?=\S)"
)
_LOOSE = pattern(
    r"^(?:[/+&]|and|but|with|plus|instead|rather|more like|preferably|otherwise|und|aber|mit|dafür"
    r"|stattdessen"
    r"|lieber|am liebsten|nur|sonst|ansonsten|et|mais|plutôt|juste|seulement|sinon|mejor|meglio"
    r"|piuttosto|melhor|avec|y|pero|con|ma|invece|com)\s+"
    r"|\s*\b(?:only|instead|and|but|with|or|und|aber|mit|et|mais|y|pero|e|ma|mas)$|\s+[/+&]$"
    r"|(?<=\w) by (?:anyone|anybody|everyone|everybody|someone|somebody)(?: else)?$"
)
"""Joining words that nothing follows or precedes any more."""
_FILLER = pattern(r"[\s,;.]*\b(?:please|pls|plz|bitte|per favore|por favor|s'il vous plaît)\b[\s,;.]*")
_TRAILING = pattern(
    r"\s+(?:at all|what(?:so)?ever|in (?:it|them)|anywhere|today|tonight|for (?:once|a "
    r"change)|this once|zur abwechslung|pour une fois|por una vez|per una volta|(?:right "
    r"|just |for )?now|this time"
    r"|any ?more|again|either|too|though|in (?:either|any) case|klingt|klingen|allowed|involved|included"
    r"|for me|on"
    r"|near me|around here|heute|jetzt|mehr"
    r"|aujourd['’]hui|ce soir|maintenant|hoy|ahora|oggi|stasera|adesso|hoje|agora|sein|ist|sind|haben|hören"
    r"|dabei|du tout|est|sont)$"
)
_IN_ALL = (
    r"(?:in|dans|en|em) (?:an?|einem|einer|une?|uno?|una|uma) (?:\S+ ){0,2}?"
    r"(?:songs?|tunes?|tracks?|pieces?|styles?|moods?|tempo|key|ballads?|lied|stück|stil|morceau|chanson|canción"
    r"|tema|estilo|canzone|brano|stile|canção|música)"
)
"""What is said of all: "flute instead of violin in a folk tune"."""
_REASON = (
    r"\s+(?:of course|obviously|natürlich|bien sûr|claro|ovviamente)\b"
    r"|\s+(?:because|cause|weil|denn|parce qu[e'’]|porque|perché)\b"
)
_BARE_MUSIC = "".join(
    rf"(?<!\b{cue} {noun})"
    for cue in ("no", "not", "any", "want", "like", "play", "without", "hate", "than", "except")
    for noun in ("music", "songs")
)
""" "No music for sleeping" is one thing; "no scary music for my kids" speaks of what is wanted too."""
_PURPOSE = (
    rf"{_BARE_MUSIC}(?<!anything)(?<!nothing)\s+(?:for (?:\w+ing|my|our)|while|when)\b"
    r"|(?<!musik)(?<!lieder)\s+(?:zum|beim) \w"
    r"|(?<!m[uú]sica)(?<!musique)(?<!chansons)(?<!canciones)\s+(?:pour|para|per) \w+[aei]re?\b"
)
"""What it is for, or when it is heard, is said of all: "without vocals for studying"."""
_MORE_OF_IT = r"\s+and (?:(?:a (?:bit|little)|much|slightly|somewhat) \w+|more|less)\b"
_END = (
    rf"(?=\s*(?:[,;.!?\ue001]|:\s|$)|\s+[/+]\s|\s+{_IN_ALL}\b"
    rf"|{_REASON}|{_PURPOSE}|{_MORE_OF_IT}"
    # "Words that distract me" are one thing, of "jazz without drums that is slow" the jazz is slow.
    r"|\s+(?:that|which)(?= \w+s\b)|(?<!s)\s+(?:that|which)\b"
    r"|\s+(?:any ?more|instead)(?=\s+(?:play|give|put|find|show)\b)"
    r"|\s+(?:(?:and|so|then) )?(?:instead |just |now |rather )?(?:(?:give|play|find|show) me|put on|play)\b"
    r"|\s+(?:but|with|just|only|then|later|more|plus"
    r"|mehr|más|più|aber|mit|sondern|mais|avec|pero"
    r"|con|ma|mas|com)\b)"
)
_JOIN = pattern(
    r"\s*,\s*|\s+(?:or|and|nor|oder|und|noch|ou|et|ni|y|e|o|né|nem)\s+"
    r"(?:(?:nothing|no|not|without|ohne|keine?n?|nicht|sans|pas de|sin|senza|non|sem|não)\s+)?"
    r"|\s+(?:no|not|without|ohne|keine?n?|nicht|sans|sin|senza|non|sem|não)\s+"
)
_LISTED = r"(?:(?:,\s*[^\s,;]+(?:\s[^\s,;]+)?)+,?\s+(?:or|nor|oder|noch|ou|ni|né|nem)\s+\S.*?)"
"""The rest of "no vocals, drums or bass"."""
_OF_SONGS = (
    r"(?:(?:(?:any|all|the|those|these|die|les|des|de|las|los|le|delle|i|as) )?"
    r"(?:ones?|those|songs?|tracks?|tunes?|pieces?|music|stuff|anything|something|lieder[n]?|musik|stücke[n]?"
    r"|chansons?|morceaux|musique|celles|ceux|canciones|música|canzoni|brani|musica|quelle|músicas) )?"
    r"(?:(?:that|which) (?:ha(?:s|ve)|contains?|uses?|sounds?|is|are)|containing|featuring|involving|using"
    r"|with|mit|avec|con|com|qui (?:ont|a|sont|est)|que (?:teng[ao]n?|tien[ei]n?|sean?|tenham|têm))\s"
)
""" "No songs with drums", "nothing that has drums": the drums are not wanted."""
_SAYS_NOTHING = "|".join(word.strip() for word in BEFORE.replace("\n", "|").split("|"))
_NEGATION = pattern(
    rf"(?:^|(?<=[\s,;]))(?:(?:{_SAYS_NOTHING})\s+)*(?:{'|'.join(CUES)})\s*(?<=[\s'’])"
    rf"(?:{_OF_SONGS}\s*)?(?P<thing>\S.*?{_LISTED}?){_END}(?:(?:{_REASON})[^,;.!?]*|\s+any ?more\b)?",
    needs=WORDS,
)
_OUT = pattern(
    r"\b(?:please )?(?:leav|tak|keep)(?:e|ing)? (?P<thing>(?:the|any|all) [^\s,;]+(?: [^\s,;]+){0,3}?) out"
    r"(?: of it)?\b"
)
""" "Leave the vocals out"; "leave out the vocals" is a cue as others are."""
_LITTLE = pattern(
    r"\b(?:with )?(?:as (?:little|few) (?P<little>[^,;]+?) as possible"
    r"|the (?:less|fewer) (?P<less>[^,;]+?),? the better)"
    r"|\bso wenig(?:e)? (?P<wenig>[^,;]+?) wie möglich|\ble moins de (?P<moins>[^,;]+?) possible",
    needs="little few less fewer wenig moins",
)
""" "As little drumming as possible"."""
_YES_NO = pattern(
    r"(?<=\w)\s+(?:yes|ja|oui|sí|sì|sim)\b[,;]?\s+(?:(?:but|aber|mais|pero|ma|mas)\s+)?(?P<thing>[^,;]+?)"
    r"\s+(?:no|nein|non|não)(?=\s*(?:[,;.!]|$))",
    needs="yes ja oui sí sì sim",
)
""" "Drums yes, guitars no"."""
_IS_OUT = pattern(
    r"(?:^|(?<=[,;] )|(?<=but )|(?<=and ))(?P<thing>(?!(?:but|and) )[^,;.!?]+?) (?:is|are)"
    r" (?:out|off limits|forbidden|banned|unwanted|not (?:wanted|allowed|welcome))(?=\s*(?:[,;.!?]|$))",
    needs="out off forbidden banned unwanted wanted allowed welcome",
)
""" "Guitars are out"."""
_IF = pattern(
    r"\bif (?:it|there|they)(?: (?:has|have|had|is|are|contains?)|['’]s) (?P<thing>[^,;]+?)(?: in (?:it"
    r"|them))?,?"
    r" (?:then )?i (?:do not|don['’]t) (?:want|need|like) (?:it|them|that)\b(?: at all)?",
    needs="if",
)
""" "If it has a flute in it I don't want it"."""
_MINUS = re.compile(r"(?:^|(?<=\s))[-!](?P<thing>[^\W\d][\w'-]*)")
_PREFIX = pattern(r"\b(?:non|un)-(?P<thing>(?!stop\b|profit\b|fiction\b)[^\W\d]{3,})\b")
_SUFFIX = pattern(r"\b(?P<thing>[^\W\d]{3,}?)(?:-?less|-free)\b")
_GERMAN_SUFFIX = pattern(
    r"\b(?P<thing>[^\W\d]{4,}?)s?frei(?:e[nrsm]?)?\b"
    r"|\b(?P<part>gesang|stimm|wort|text|vokal|schlagzeug|trommel|beat|bass|gitarren|klavier|bläser|rhythmus)s?"
    r"los(?:e[nrsm]?)?\b"
)
# "Metal-free" is without metal, where "drumless" is without drums.
_UNCOUNTED = pattern(r"metal|rock|pop|jazz|punk|techno|rap|noise|bass|\w+(?:ing|ion|ness|ic|ics)")
"""Sounds that have no plural."""
# Only between spaces: "hip-hop" and "lo-fi" have a hyphen of their own.
_OPENS, _CLOSES = "\ue001\ue002"
"""Stand for brackets around a choice, "(piano or harp)", while negations are read: nobody types them."""
_CHOICE = pattern(r"\((?P<either>[^()]*\s(?:or|oder|ou|oppure)\s[^()]*)\)", needs="or oder ou oppure")
_APART = re.compile(r"[()\[\]]|(?<=\s)[-–—](?=\s)")
"""What sets a part of a sentence apart as a comma does: "lofi beats (no vocals)", "rock - no screaming"."""
_BUT = pattern(r"\s*\b(?:but|aber|sondern|mais|pero|ma|mas)\b")
_ONLY = pattern(r"^\s*(?:nothing (?:but|except)|nichts (?:als|außer)|rien que)\s+")
_STAYS = pattern(
    # what is said so
    r"\bno (?:more|one|way|matter|time|doubt|problem|limits?|fear|man|woman|cry|surrender|regrets?|end)\b"
    r"|\bnot? (?:bad|only|just|necessarily|alone|again|yet|forget|enough|dead|for sale|number|found|available"
    r"|working|responding)\b|\bwhere nothing\b|\bno\.? ?\d"
    r"|\b(?:say|said|get|got|ain['’]t|there['’]?s|there is) no\b"
    r"|\b(?:do|does|did|can|could|will|would|should|am|was|it is) not\b(?! want| like| need"
    r"| have| contain| use| include| (?:play|give|show)(?: me)? any)"
    r"|\bwho (?:do|does|did|would|could|can|will)(?: not|n['’]t)\b"
    # "My printer is not working" tells of no music
    r"|(?<!\bthat )(?<!\bwhich )(?<!music )(?<!song )(?<!songs )(?<!something )\b(?:is|are) not\b"
    r"|\beverything but the kitchen sink\b"
    r"|\bless is more\b|\bmore or less\b|\bnothing (?:but|except|else|more|compares|is)\b"
    r"|\bnothing to (?:lose|do|say|hide|fear|prove|wear|be|see|it|me|you|worry|declare|write|live|gain)\b"
    r"|\bnot? .{0,40}\bbut also\b"
    r"|\bnicht (?:schlecht|nur|mehr|allein)\b|\bnichts (?:als|außer)\b"
    r"|\bpas (?:mal|seulement|à pas|encore|si)\b|\bsans cesse\b|\bn['’]est pas mal\b"
    r"|\brien de rien\b|\bregrette rien\b|\bnada mal\b|\bno (?:está|esta) mal\b|\bno solo\b"
    r"|\bnon (?:male|solo|più|è male)\b"
    r"|\bnão (?:é ruim|só|é mau)\b"
    # a time or a place that something is missing in
    r"|\b(?:an?|another|this|my|our) (?:day|night|week|year|summer|winter|christmas|world|life|house|town)"
    r" without\b"
    # people, love and the end
    r"|\b(?:without|ohne|sans|sin|senza|sem) (?:di )?(?:you|me|him|her|us|them|love|a trace|an? end|end"
    r"|dich|mich|dir|uns|ende"
    r"|toi|moi|lui|elle|nous|vous|ti|mí|ella|él|te|me|lei|noi|você|mim|ele|ela|fin|fine|fim|amor"
    r"|amore|amour|liebe)\b"
)
_TELLS = pattern(
    r"\b(?:about|über|sobre|parle de)\b(?:(?!\bwith\b)[^,;.!?])*"
    r"\b(?:no|not|without|less|ohne|kein\w*|nicht|sans|pas|sin|senza|non|sem|não)\b[^,;]*"
)
"""What a song is about is not what it should sound like."""
_OWN_WORDS = frozenset(
    """aim base boundary bound breath care cloud color count doubt effort end face fear flaw form ground
    harm heart
    heed help home hope law life love meaning merci moon motion name need none the un pain point price
    reck regard
    rest ruth seam self sense shame sin sleep soul sound spot star taste time tire tree use weight wire
    worth
    royalty drug duty toll hands gluten vogel jugend barriere schmerz steuer kosten sorgen""".split()
)
"""What "-less", "-free" or "-frei" makes a word of its own: endless, restless, royalty-free."""

ANYTHING = "music"
"""What a request is for that says only what is not wanted."""


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """A request as (what is wanted, what is not), each unwanted thing in lower case without its article.

    >>> split("not piano")
    ('music', ('piano',))
    """
    # Every character stays where it is, so that places found in one text hold in the other.
    rest = _CHOICE.sub(_as_choice, text)
    rest = _APART.sub(_as_comma, rest)
    found = sorted(_found(rest))
    if not found:
        return _ONLY.sub("", text).strip(), ()
    for start, end, _ in found:
        # What follows with "but" is another wish, whatever stood before the negation.
        mark = "," if _BUT.match(rest, end) else " "
        blank = mark * (end - start)
        rest = rest[:start] + blank + rest[end:]
    things: list[str] = []
    for _, _, thing in found:
        things += map(_named, _JOIN.split(thing))
    # Each once, in the order that they were said in.
    unwanted = dict.fromkeys(filter(None, things))
    wanted = _tidy(rest).replace(_OPENS, "(").replace(_CLOSES, ")")
    return wanted or ANYTHING, tuple(unwanted)


def _as_choice(match: re.Match[str]) -> str:
    """Brackets around a choice stay, unless they hold what is not wanted: "(no drums or bass)"."""
    return match[0] if any(_found(match["either"])) else f"{_OPENS}{match['either']}{_CLOSES}"


def _as_comma(match: re.Match[str]) -> str:
    return ","


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Each negation: where it begins and ends, and what it speaks of."""
    # Whole phrases first: what one takes is no wish of its own any more.
    found = []
    for negation in (
        _LITTLE,
        _YES_NO,
        _IS_OUT,
        _IF,
        _NEGATION,
        _OUT,
        _MINUS,
        _PREFIX,
        _SUFFIX,
        _GERMAN_SUFFIX,
    ):
        found += [(match, negation) for match in negation.finditer(text)]
    if not found:
        return  # as most requests; nothing more need be compiled
    taken: list[tuple[int, int]] = []
    for what_stays in (_STAYS, _TELLS):
        taken += [match.span() for match in what_stays.finditer(text)]
    for match, negation in found:
        thing = _thing(match, negation)
        if thing and not _overlaps(match.span(), taken):
            taken.append(match.span())
            yield *match.span(), thing


def _overlaps(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    start, end = span
    return any(start < last and first < end for first, last in others)


def _thing(match: re.Match[str], negation: re.Pattern[str]) -> str:
    """What a negation speaks of; "" for words of their own, like "endless"."""
    thing = match[match.lastgroup or 0]
    if not any(map(str.isalpha, thing)):
        return ""  # "at 3 pm, not 4"
    if negation not in (_SUFFIX, _GERMAN_SUFFIX):
        return thing
    if thing.lower() in _OWN_WORDS:
        return ""
    if negation is _GERMAN_SUFFIX or _UNCOUNTED.fullmatch(thing):
        return thing
    return thing.rstrip("s") + "s"  # "drumless": sounds are named in the plural


def _named(thing: str) -> str:
    """A thing without "any", "too" or an article, in lower case."""
    plain = _FILLER.sub(" ", thing).strip().lower()
    named = plain
    while (shorter := _TRAILING.sub("", named)) != named:
        named = shorter
    # Several may stand there: "any of the", "zu sehr".
    while (shorter := _DETERMINER.sub("", named)) != named:
        named = shorter
    return named


def _unbound(piece: str) -> str:
    """A piece without joining words that join nothing any more."""
    while (shorter := _LOOSE.sub("", piece)) != piece:
        piece = shorter
    return piece


def _tidy(rest: str) -> str:
    """What is wanted, without what the negations leave behind."""
    kept = []
    for written in re.split(r"[,;:]\s|[,;]", _FILLER.sub(" , ", rest)):
        piece = _ONLY.sub("", _unbound(" ".join(written.split())))
        if piece and not _ANYTHING.fullmatch(piece):
            kept.append(piece)
    return ", ".join(kept).strip(" .")
