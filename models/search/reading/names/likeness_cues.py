"""How people compare with a song, in six languages: "like NAME", "slower than NAME", "NAME vibes"."""

import re

from models.search.reading.patterns import pattern

# "I like" and "I don't like" say what a person thinks, and are no request for more of it.
_LIKE = pattern(
    r",?\s*\b(?:(?:that|which)(?:['’](?:s|re)| is| are) )?(?:(?:some )?more |(?:a bit|a "
    r"little|a lot|kind of|sort of|somewhat|exactly|un peu"
    r"|ein bisschen|un poco|um pouco) )?(?<!i )(?<!['’]d )(?<!would )(?<!we )(?<!you )(?<!they )"
    r"(?<!really )(?<!don['’]t )(?<!not )"
    r"(?:like|similar to|in the (?:style|vein|spirit) of|(?:that )?(?:sounds?|sounding) (?:(?:a bit"
    r"|a little|just) )?like"
    r"|for (?:(?:the )?(?:fans?|lovers?|friends) of|(?:people|those|anyone|someone) who (?:likes?|loves?"
    r"|enjoys?))"
    r"|(?:similar|like this|so wie|ähnlich|similaire|similar a|simile):"
    r"|(?:in|with) the same (?:\w+ )?as|(?:the )?same (?:\w+ )?as|along the lines of|reminiscent of"
    r"|resembl(?:es?|ing)|akin to|comparable (?:to|with)|(?:that )?reminds? (?:me|one|you) of"
    r"|[àa] la(?= \w)"
    r"|im stil von|in der art von|erinnert an|ähnlich zu|dans le (?:style|genre|goût|esprit) d[eu]"
    r"|(?:qui )?ressemble(?:nt)? à|(?:qui )?rappelle(?:nt)?|à la manière d[eu]|proche d[eu]|semblable à"
    r"|(?:al|por el) estilo del?"
    r"|(?:que )?se parezcan? a|que suenen? (?:como|a)|que recuerden? a|nello stile d(?:i|ei|ella)"
    r"|(?:che )?(?:as)?somigli\w* a|che ricord\w+|no estilo d[eoa]|que lembrem?|semelhantes? a"
    r"|not unlike|(?:so (?:ähnlich |etwas |was )?|ähnlich |sowas )?wie|comme|parecid[oa]s? "
    r"(?:a|com)|similar(?:es)? a|simil[ei] a|como"
    r"|(?<=qualcosa )come|(?<=musica )come|(?<=brani )come|(?<=canzoni )come|proprio come)"
    r"\s+(?P<name>[^,;]+)"
)
_LESS = r"not|less|nicht|weniger|pas|moins|no|menos|nada|non|meno|não"
_QUITE = (
    r"(?:(?:so|too|at all|du tout|quite|very|really|much|exactly|sehr|ganz|unbedingt|trop|vraiment|tan|tanto"
    r"|muy|tão|così|molto|muito) )*"
)
UNLIKE = pattern(
    rf",?\s*\b(?<!do )(?<!does )(?<!did )(?:(?:{_LESS}) {_QUITE}(?:sounding )?(?:like|similar to|so wie|wie"
    r"|comme|como|come|parecid[oa]s? (?:a|com)|simil[ei] a|in the (?:style|vein|spirit) of)"
    r"|(?<!not )unlike|nothing like|(?:very |completely )?different (?:from|to|than)|(?:the )?opposite of"
    r"|(?:ganz )?anders als|im gegensatz zu|rien à voir avec|différente?s? de|contrairement à"
    r"|(?:distint|divers)[oaei]s? (?:a|de|da)|diferentes? (?:a|de)|al contrario (?:de|di)|a differenza di"
    r"|ao contrário d[eo]|(?:(?:should|must|does|do)(?: not|n['’]t) )sound (?:anything )?like)"
    r"\s+(?P<name>[^,;]+)",
    needs="no less unlike diff dis div opposite nicht wenig ander rien pas moins men nada não contra contrá"
    " gegensatz should must do",
)
""" "Less like NAME", "unlike NAME"; that one does not like NAME is read as a negation."""
_THAN = r"\s+(?P<name>[^,;]+)"
_A_BIT = (
    r"(?:(?:a bit|a little|much|even|etwas|ein bisschen|viel|noch|un peu|beaucoup|un poco|mucho|un po['’]"
    r"|molto|um pouco|muito) )?"
)
_MORE = "plus|moins|más|menos|più|meno|mais"
_NO_SUPERLATIVE = r"(?<!\b[aio] )(?<!\b(?:l[eao]|il|el) )(?<!\b(?:les|los|las) )"
""" "Les plus calmes de NAME" are songs of NAME."""
_NOT_AS = "pas (?:aussi|si)|no tan|non (?:così|tanto)|não tão"
_AS = "(?:que|como|come|quanto)"
_VERSION = "version|variant|take|variation|rendition|fassung|variante|versión|versione|versão"
COMPARED = (
    (
        pattern(
            rf"\b(?:an? )?{_A_BIT}(?P<how>\w+er|(?:more|less) \w+) (?:{_VERSION}) (?:of|on|von){_THAN}",
            needs=_VERSION.replace("|", " "),
        ),
        "",
    ),
    # "Not as loud as" before "as loud as", which it holds.
    (pattern(rf"\bnot (?:as|so) (?P<how>\w+) as{_THAN}", needs="not"), "less "),
    (pattern(rf"\bas (?P<how>\w+) as{_THAN}", needs="as"), ""),
    (
        pattern(
            rf"\b{_A_BIT}(?P<how>(?!(?:an)?other\b|rather\b)\w+er|(?:more|less) \w+) than{_THAN}",
            needs="than",
        ),
        "",
    ),
    (pattern(rf"\b(?:nicht|kein\w*) so (?P<how>\w+) wie{_THAN}", needs="wie"), "nicht "),
    (pattern(rf"\b(?:genau)?so (?P<how>(?!ähnlich|etwas|was\b)\w+) wie{_THAN}", needs="wie"), ""),
    (pattern(rf"\b{_A_BIT}(?P<how>\w+er|(?:mehr|weniger) \w+) als{_THAN}", needs="als"), ""),
    (pattern(rf"\b(?:{_NOT_AS}) (?P<how>\w+) {_AS}{_THAN}", needs="pas no non não"), "not "),
    (pattern(rf"\b(?:aussi|tan|così|tão) (?P<how>\w+) {_AS}{_THAN}", needs="aussi tan così tão"), ""),
    (
        pattern(
            rf"\b(?:(?:une?|una|uma) (?:{_VERSION}) )?{_NO_SUPERLATIVE}{_A_BIT}(?P<how>(?:{_MORE}) \w+)"
            rf" (?:que|del?|di|dell['’]|do que|d['’])(?<=['’\w]){_THAN}",
            needs="plus moins más menos più meno mais",
        ),
        "",
    ),
)
""" "Slower than NAME" is like it, but slower; each with the word that goes before how it differs."""
_HOW = r"(?P<how>[^,;]+?)"
_ALL_BEHIND = r"[\s.!?]*(?=[,;]|$)"
_RENDITION = rf"{_VERSION}|remix|cover|arrangement|edit|interpretation|reprise"
AS_PLAYED = pattern(
    rf"^(?:imagine |how about |what about )?(?P<name>[^,;]+?)(?<! but)(?<! only)(?<! just)"
    rf"(?P<behind> (?:(?:played "
    rf"|performed |done )?(?:on|as)"
    rf" (?:(?:an?|the) )?{_HOW}|(?P<unplugged>unplugged)){_ALL_BEHIND})",
    needs="on_ as_ unplugged",
)
""" "NAME on a harp", "NAME as a waltz"."""
VERSIONS = (
    pattern(
        rf"(?:\b(?:an?|the|some|any|eine?|une|una|uma) )?\b{_HOW}[ -](?:{_RENDITION})s? (?:of|on"
        rf"|von)\s+(?P<name>[^,;]+)",
        needs=_RENDITION.replace("|", " "),
    ),
    pattern(
        rf"(?:\b(?:une|una|uma|un) )?\b(?:{_RENDITION})\s+{_HOW} (?:de|di|d['’])\s*(?P<name>[^,;]+)",
        needs=_RENDITION.replace("|", " "),
    ),
    pattern(
        r"^(?:(?:but )?(?:what|imagine|something like what) )?(?:if|wenn|si|se)\s+"
        r"(?P<name>[^,;]+?)(?P<behind>"
        r" (?:was|were|is|had been|would be|became|used|had|sounded|était|serait|fuera|fuese|era|fosse)"
        rf" (?:(?:played|performed|done|made|sung|turned into) )?(?:(?:on|as|into|for|by|like|with|into) )?"
        rf"(?:(?:an?|the) )?{_HOW}{_ALL_BEHIND})",
        needs="if si se",
    ),
    pattern(
        rf"^(?:was )?wenn (?P<name>[^,;]+?)(?P<behind> (?P<how>[^\s,;]+) wäre{_ALL_BEHIND})",
        needs="wenn was",
    ),
)
""" "An acoustic version of NAME", "if NAME was acoustic": like it, and so."""
_LIKED = pattern(
    r"\b(?:if|since|because|as) (?:you|i|we) (?:really |also )?(?:like|love|enjoy)d?\s+(?P<name>[^,;?]+)",
    needs="if since because as",
)
""" "If you like NAME": more of it is wanted."""
BETWEEN = pattern(
    r",?\s*\b(?P<mixed>(?:(?:an? )?(?:cross|mix(?:ture)?|blend|something|somewhere|halfway) (?:of|between)"
    r"|eine mischung (?:aus|von)|un mélange (?:de|entre)|una mezcla (?:de|entre)|un misto (?:di|tra)"
    r"|uma mistura (?:de|entre)|(?:(?:etwas|irgendwo|was|quelque chose|un truc|algo|qualcosa) )?"
    r"(?:zwischen|entre|tra|fra))\s+)(?P<name>[^,;]+)",
    needs="cross mix blend something somewhere halfway misch mélange mezcla misto mistura zwischen entre"
    " tra fra",
)
""" "A cross between NAME and NAME"; where these are no names, "jazz and folk" of it."""
_NEAR = pattern(
    r",?\s*\b(?:(?:that|which|to|the) )?(?:most )?(?:similar|same|close(?:st|r)?|nearest"
    r"|match(?:es|ing)?|pairs?|goes|fits?|reminds?|comparable)"
    r"(?: \w+){0,3}? (?:to|as|with|of)\s+(?P<name>[^,;]+)",
    needs="similar same close nearest match pair goes fit remind comparable",
)
""" "The closest thing to NAME", "similar in mood to NAME", "that goes well with NAME"."""
_NEXT = pattern(
    r",?\s*\b(?:(?:what|something|songs?|tracks?|music) )?(?:(?:(?:would|should|could|can) (?:you|i|we)"
    r" (?:play|hear|listen to|put on)|to (?:play|hear|put on|listen to)|that comes?|coming)"
    r" (?:(?:next|right|straight) )?(?:after|following)"
    r"|(?:(?:to|that|which) )?(?:mix(?:es)?|blends?|segues?)(?: well)? (?:out of|into|with))"
    r"\s+(?P<name>[^,;?]+)",
    needs="after following mix blend segue",
)
""" "What would you play after NAME?", "something to mix out of NAME"."""
_ANOTHER = pattern(r"\banother\s+(?P<name>[^,;]+)", needs="another")
_IN_ITS_STYLE = pattern(
    r"^(?P<name>[^,;]+?)(?P<behind>"
    r"(?:[\s-]+(?:vibes?|style|type|esque|feel|feeling)|(?:-|\s+)like(?! (?:an?|the|in|when|it|you))"
    r"|['’]s (?:style|vibe|sound))\b"
    r"(?: (?:songs?|music|tracks?|tunes?|stuff|pieces?))?)",
    needs="vibe like style type esque feel s sound",
)
""" "NAME vibes", "NAME-like"."""
_LOVED = pattern(
    r"^(?:i|we|(?:my|our) \w+) (?:really |just |absolutely )?(?:like|love|enjoy)[ds]?\s+"
    r"(?P<name>[^,;.!?]+)(?P<behind>[,;.!?]\s*"
    r"(?=.*\b(?:similar|like (?:it|that|this)|more|else)\b)"
    r"(?:(?:what|anything|something|got|is|any|more|find|play|else|there|do|you|have|me|can)\S* )*"
    r"(?:similar(?: to (?:it|that))?|(?:of|like) (?:it|that|this)|else)?)",
    needs="like love enjoy",
)
""" "I loved NAME, what's similar?"."""
_MEETS = pattern(r"^(?P<name>[^,;]+? meets [^,;]+)", needs="meets")
""" "NAME meets NAME"."""
_HEARD = pattern(
    r"^i\b[^,.;]*?\b(?:listening to|(?:get )?enough of|obsessed with|hooked on|playing|heard|found"
    r"|discovered)"
    r"\s+(?P<name>[^,;.!?]+?)(?P<behind>(?: (?:all|every) (?:day|week|night|month|year)| a lot| lately"
    r"| recently"
    r"| again| on repeat)*(?:[,.;!]| and\b| so\b).*?\b(?:like|similar to) (?:it|that|this|them)\b)",
    needs="listening enough obsessed hooked playing heard found discovered",
)
""" "I've been listening to NAME all week and want something like it"."""
TWO = pattern(r"\s+(?:meets|and|or|und|oder|et|ou|y|o|e)\s+|\s*[&/]\s*")
WHOLLY = (_LIKED, _LOVED, _HEARD, _MEETS, BETWEEN, _NEAR, _NEXT, _ANOTHER, _IN_ITS_STYLE)
"""Behind these a name stands whole: "close to thee" is no part of a title."""
NAMED = tuple((cue, "") for cue in (*WHOLLY[:5], _LIKE, *WHOLLY[5:]))
BUT = "but only just aber nur mais pero ma mas".split()
THOUGH = pattern(rf"^(?P<name>[^,;]+?),?\s+(?:{'|'.join(BUT)})\s+")
COMPARATIVE = pattern(
    r"not (?:quite )?(?:as|so|that) \w+|(?:(?:a (?:bit|little)|much|viel|un peu|un po['’]) )?"
    r"(?:\w+er|more|less|mehr|weniger|plus|moins|más|menos|più|meno|mais|menos)\b"
)
""" "NAME but slower", "NAME, only not as loud"."""
TELLING = 2
"""Words of a title that is meant by "NAME but sad"."""
BEFORE_THE_NAME = pattern(
    r"^(?:think (?:of )?|imagine |both |(?:the )?(?:song|track|title|artist|band|music of|music by)\s+)"
)
BEHIND_THE_NAME = pattern(
    r"\s+(?:for|to (?=\w+ (?:to|with|in)\b)|that|while|when"
    r"|but|only|just|without|with|aber|nur|ohne|mais|sans|pero|sin|ma|senza|mas|sem"
    r"|(?:and|und|et|y|e) (?:more|less|not|no|with|without|mehr|nicht|ohne|plus|pas|más|sin|più|non|mais|sem)"
    r"|at all|please|bitte|what|which|can|could|minus|plus|except|instead|w/o|though"
    r"|(?:you|i)(?:['’]d|['’]ll| would| might| could))(?:\s.*)?$"
)
LOOSE = pattern(
    r"^\s*,?\s*(?:but|and|only|just|aber|und|nur|mais|et|pero|y|ma|e|mas|at all)(?:\s+|$)"
    r"(?:en (?=plus|moins))?"
)
SENTENCE = re.compile(r"[.!?]\s")
LOOSE_AT_THE_END = pattern(r"[\s,]+(?:but|and|only|just|aber|und|nur|mais|et|pero|y|ma|e|mas)$")
LIKENESS_CUES = (
    "à_ la_ cover remix arrangement edit interpretation reprise if_ si_ se_ wenn_ on_ unplugged"
    " after following mix segue meets fan lover friend zwischen entre tra fra another stil "
    "art erinner ressembl rappell manière proche"
    " semblable estilo parezca suen recuerd ricord"
    " somigli assomigli lembr semelhant nearest match pair goes fit"
    " like love enjoy same along reminiscent resembl akin close comparable remind vibe type feel esque sound"
    " between cross mix blend version variant take variation rendition fassung misto mistura"
    " unlike similar style vein spirit than as wie als comme como come parecid simil differ différ"
    " diferent"
    " plus moins más menos più meno mais aussi tan così tão opposite gegensatz voir contrair distint divers"
).split()
"""One of these stands in whatever compares with a song."""
