""" "like Code Monkey", "less like Code Monkey": songs of the library to be gone nearer to, or away from."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.lookup import ids_named, ids_titled
from models.search.ranking import union
from models.search.reading.common_words import DESCRIBES
from models.search.reading.narrowing import names_in
from models.search.reading.ordinary import Knows, is_ordinary
from models.search.reading.patterns import mentions, pattern
from models.search.reading.query_parser import STOP

Likeness = tuple[str, tuple[int, ...], tuple[str, ...]]
"""The rest of a request, the songs (ids) to go nearer to or away from, and how that is said."""
# A wish by two hundred songs at once would be like none of them.
MOST_LIKE = 5
"""Songs of an artist that "like ARTIST" goes by."""
# "I like" and "I don't like" say what a person thinks, and are no request for more of it.
_LIKE = pattern(
    r",?\s*\b(?:(?:some )?more )?(?<!i )(?<!['’]d )(?<!would )(?<!we )(?<!you )(?<!they )"
    r"(?<!really )(?<!don['’]t )(?<!not )"
    r"(?:like|similar to|in the (?:style|vein|spirit) of|(?:that )?(?:sounds?|sounding) like"
    r"|(?:in|with) the same (?:\w+ )?as|(?:the )?same (?:\w+ )?as|along the lines of|reminiscent of"
    r"|resembl(?:es?|ing)|akin to|comparable (?:to|with)|(?:that )?reminds? (?:me|one|you) of|à la"
    r"|im stil von|in der art von|erinnert an|ähnlich zu|dans le (?:style|genre|goût|esprit) d[eu]"
    r"|(?:qui )?ressemble(?:nt)? à|(?:qui )?rappelle(?:nt)?|à la manière d[eu]|proche d[eu]|semblable à"
    r"|(?:al|por el) estilo del?"
    r"|(?:que )?se parezcan? a|que suenen? (?:como|a)|que recuerden? a|nello stile d(?:i|ei|ella)"
    r"|(?:che )?(?:as)?somigli\w* a|che ricord\w+|no estilo d[eoa]|que lembrem?|semelhantes? a"
    r"|not unlike|(?:so |ähnlich )?wie|comme|parecid[oa]s? (?:a|com)|similar(?:es)? a|simil[ei] a|como"
    r"|(?<=qualcosa )come|(?<=musica )come|(?<=brani )come|(?<=canzoni )come|proprio come)"
    r"\s+(?P<name>[^,;]+)"
)
_LESS = r"not|less|nicht|weniger|pas|moins|no|menos|nada|non|meno|não"
_QUITE = (
    r"(?:(?:so|too|at all|du tout|quite|very|really|much|exactly|sehr|ganz|unbedingt|trop|vraiment|tan|tanto"
    r"|muy|tão|così|molto|muito) )*"
)
_UNLIKE = pattern(
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
_COMPARED = (
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
    (pattern(rf"\b(?:genau)?so (?P<how>\w+) wie{_THAN}", needs="wie"), ""),
    (pattern(rf"\b{_A_BIT}(?P<how>\w+er|(?:mehr|weniger) \w+) als{_THAN}", needs="als"), ""),
    (pattern(rf"\b(?:{_NOT_AS}) (?P<how>\w+) {_AS}{_THAN}", needs="pas no non não"), "not "),
    (pattern(rf"\b(?:aussi|tan|così|tão) (?P<how>\w+) {_AS}{_THAN}", needs="aussi tan così tão"), ""),
    (
        pattern(
            rf"\b{_NO_SUPERLATIVE}{_A_BIT}(?P<how>(?:{_MORE}) \w+)"
            rf" (?:que|del?|di|dell['’]|do que|d['’])(?<=['’\w]){_THAN}",
            needs="plus moins más menos più meno mais",
        ),
        "",
    ),
)
""" "Slower than NAME" is like it, but slower; each with the word that goes before how it differs."""
_LIKED = pattern(
    r"\b(?:if|since|because|as) (?:you|i|we) (?:really |also )?(?:like|love|enjoy)d?\s+(?P<name>[^,;?]+)",
    needs="if since because as",
)
""" "If you like NAME": more of it is wanted."""
_BETWEEN = pattern(
    r",?\s*\b(?:(?:an? )?(?:cross|mix(?:ture)?|blend|something|somewhere|halfway) (?:of|between)"
    r"|eine mischung aus|un mélange (?:de|entre)|una mezcla (?:de|entre)|un misto (?:di|tra)"
    r"|uma mistura (?:de|entre))"
    r"\s+(?P<name>[^,;]+)",
    needs="cross mix blend something somewhere halfway misch mélange mezcla misto mistura",
)
""" "A cross between NAME and NAME"."""
_NEAR = pattern(
    r",?\s*\b(?:(?:that|which|to|the) )?(?:most )?(?:similar|same|close(?:st|r)?|nearest"
    r"|match(?:es|ing)?|pairs?|goes|fits?|reminds?|comparable)"
    r"(?: \w+){0,3}? (?:to|as|with|of)\s+(?P<name>[^,;]+)",
    needs="similar same close nearest match pair goes fit remind comparable",
)
""" "The closest thing to NAME", "similar in mood to NAME", "that goes well with NAME"."""
_ANOTHER = pattern(r"\banother\s+(?P<name>[^,;]+)", needs="another")
_IN_ITS_STYLE = pattern(
    r"^(?P<name>[^,;]+?)(?P<behind>"
    r"(?:[\s-]+(?:vibes?|like|style|type|esque|feel|feeling)|['’]s (?:style|vibe|sound))\b"
    r"(?: (?:songs?|music|tracks?|tunes?|stuff|pieces?))?)",
    needs="vibe like style type esque feel s sound",
)
""" "NAME vibes", "NAME-like"."""
_LOVED = pattern(
    r"^i (?:really |just |absolutely )?(?:like|love|enjoy)d?\s+(?P<name>[^,;.!?]+)(?P<behind>[,;.!?]\s*"
    r"(?=.*\b(?:similar|like (?:it|that|this)|more|else)\b)"
    r"(?:(?:what|anything|something|got|is|any|more|find|play|else|there|do|you|have|me|can)\S* )*"
    r"(?:similar(?: to (?:it|that))?|(?:of|like) (?:it|that|this)|else)?)",
    needs="like love enjoy",
)
""" "I loved NAME, what's similar?"."""
_TWO = pattern(r"\s+(?:and|or|und|oder|et|ou|y|o|e)\s+|\s*[&/]\s*")
_WHOLLY = (_LIKED, _LOVED, _BETWEEN, _NEAR, _ANOTHER, _IN_ITS_STYLE)
"""Behind these a name stands whole: "close to thee" is no part of a title."""
_NAMED = tuple((cue, "") for cue in (_LIKED, _LOVED, _BETWEEN, _LIKE, _NEAR, _ANOTHER, _IN_ITS_STYLE))
_BUT = "but only just aber nur mais pero ma mas".split()
_THOUGH = pattern(rf"^(?P<name>[^,;]+?),?\s+(?:{'|'.join(_BUT)})\s+")
_COMPARATIVE = pattern(
    r"not (?:quite )?(?:as|so|that) \w+|(?:(?:a (?:bit|little)|much|viel|un peu|un po['’]) )?"
    r"(?:\w+er|more|less|mehr|weniger|plus|moins|más|menos|più|meno|mais|menos)\b"
)
""" "NAME but slower", "NAME, only not as loud"."""
_TELLING = 2
"""Words of a title that is meant by "NAME but sad"."""
_BEFORE_THE_NAME = pattern(r"^(?:the )?(?:song|track|title|artist|band|music of|music by)\s+")
_BEHIND_THE_NAME = pattern(
    r"\s+(?:but|only|just|without|with|aber|nur|ohne|mais|sans|pero|sin|ma|senza|mas|sem"
    r"|(?:and|und|et|y|e) (?:more|less|not|no|with|without|mehr|nicht|ohne|plus|pas|más|sin|più|non|mais|sem)"
    r"|at all|please|bitte|what|which|can|could|minus|plus|except|instead|w/o|though"
    r"|(?:you|i)(?:['’]d|['’]ll| would| might| could))(?:\s.*)?$"
)
_LOOSE = pattern(
    r"^\s*,?\s*(?:but|and|only|just|aber|und|nur|mais|et|pero|y|ma|e|mas|at all)(?:\s+|$)"
    r"(?:en (?=plus|moins))?"
)
_LOOSE_AT_THE_END = pattern(r"[\s,]+(?:but|and|only|just|aber|und|nur|mais|et|pero|y|ma|e|mas)$")
_CUES = (
    "another stil art erinner ressembl rappell manière proche semblable estilo parezca suen recuerd ricord"
    " somigli assomigli lembr semelhant nearest match pair goes fit"
    " like love enjoy same along reminiscent resembl akin close comparable remind vibe type feel esque sound"
    " between cross mix blend version variant take variation rendition fassung misto mistura"
    " unlike similar style vein spirit than as wie als comme como come parecid simil differ différ"
    " diferent"
    " plus moins más menos più meno mais aussi tan così tão opposite gegensatz voir contrair distint divers"
).split()
"""One of these stands in whatever compares with a song."""


def titled(catalog: Catalog, words: Sequence[str], knows: Knows) -> NDArray[np.int64]:
    """Songs (ids, ascending) whose title is all of these words, or but for a slip of the hand."""
    exactly = ids_titled(catalog, words)
    if len(exactly) or not words:
        return exactly
    whole = []
    for one in names_in(catalog, words, knows):
        if one.kind == "title" and one.end - one.start == len(words):
            whole.append(ids_titled(catalog, words_of(one.name)))
    return union(whole)


def likeness(request: str, catalog: Catalog, knows: Knows) -> Likeness:
    """The rest of a request, the songs to go nearer to, and how that is said; none where no name is known."""
    # A name that nobody here has stays a description: "like a river", "better than ever".
    for cue, before in (*_COMPARED, *_NAMED) if mentions(request, _CUES) else ():
        match = cue.search(request)
        named = match and _named(match, catalog, knows, wholly=cue in _WHOLLY)
        if match and named:
            name, songs = named
            how = before + match["how"] if "how" in match.groupdict() else ""
            return _rest(request, match, name, how), songs, (f"like {name}",)
    return _changed(request, catalog, knows)


def _changed(request: str, catalog: Catalog, knows: Knows) -> Likeness:
    """A song that is named to be like, but not quite so: "Frantic but slower"."""
    match = _THOUGH.search(request) if not set(_BUT).isdisjoint(words_of(request)) else None
    if match is None:
        return request, (), ()
    name = _BEFORE_THE_NAME.sub("", match["name"])
    rest = request[match.end() :]
    words = words_of(name)
    # "Sad but hopeful" describes, whatever songs are called.
    if not _COMPARATIVE.match(rest) and (len(words) < _TELLING or set(words) <= DESCRIBES):
        return request, (), ()
    songs = titled(catalog, words, knows)[:1]
    if not len(songs):
        return request, (), ()
    return rest, tuple(songs.tolist()), (f"like {name}",)


def unlikeness(request: str, catalog: Catalog, knows: Knows) -> Likeness:
    """The rest of a request, the songs to go away from, and how that is said; none where no name is known."""
    match = _UNLIKE.search(request) if mentions(request, _CUES) else None
    named = match and _named(match, catalog, knows)
    if match and named:
        name, songs = named
        return _rest(request, match, name, ""), songs, (f"unlike {name}",)
    return request, (), ()


def _rest(request: str, match: re.Match[str], name: str, how: str) -> str:
    """A request without what names a song; how the answer should differ stays in its place: "but slower"."""
    end = request.index(name, match.start("name")) + len(name)
    if "behind" in match.groupdict():
        end = match.end("behind")
    before = _LOOSE_AT_THE_END.sub("", request[: match.start()])
    behind = _LOOSE.sub(" ", request[end:])
    rest = " ".join(f"{before} {how} {behind}".split()).replace(" ,", ",")
    rest = rest.strip(" ,?!")
    # "Mais" is "but" in French, and "more" in Portuguese: "mais calmo do que NAME".
    return rest if how else _LOOSE.sub("", rest).strip(" ,")


def _named(
    match: re.Match[str], catalog: Catalog, knows: Knows, *, wholly: bool = False
) -> tuple[str, tuple[int, ...]] | None:
    """The name behind "like" that is known here, as it is written, and its songs (ids).

    wholly: it must be all of a title or an artist.
    """
    # A title may have commas in it.
    for rest in _longest_first(match.string[match.start("name") :]):
        if len(songs := titled(catalog, words_of(rest), knows)):
            return rest, (int(songs[0]),)
    written = _BEFORE_THE_NAME.sub("", match["name"]).strip(" .?!")
    if len(songs := titled(catalog, words_of(written), knows)):
        return written, (int(songs[0]),)  # a title may have "without" in it
    name = _BEHIND_THE_NAME.sub("", written).strip(" .?!")
    like = _meant(name, catalog, knows, wholly=wholly)
    if len(like):
        return name, tuple(like.tolist())
    each = [_meant(one, catalog, knows, wholly=wholly) for one in _TWO.split(name)]
    if len(each) > 1 and all(map(len, each)):
        return name, tuple(union(each)[:MOST_LIKE].tolist())
    return None


def _longest_first(text: str) -> Iterator[str]:
    """A text whole, then up to its last comma, and so on; not up to the first."""
    while "," in text:
        yield text.strip(" .?!")
        text = text[: text.rindex(",")]


def _meant(name: str, catalog: Catalog, knows: Knows, *, wholly: bool) -> NDArray[np.int64]:
    """The song of that title; else some songs of that artist; else those whose title has the name in it."""
    words = words_of(name)
    songs = titled(catalog, words, knows)
    if len(songs):
        return songs[:1]
    for one in names_in(catalog, words, knows):
        if one.kind == "artist" and one.start == 0:
            return one.ids[:MOST_LIKE]
    # "Like a river" is no "cocoa river".
    has_capital = not name.isupper() and any(word[0].isupper() for word in name.split())
    if wholly or not has_capital and all(word in STOP or is_ordinary(word, knows) for word in words):
        return np.empty(0, np.int64)
    return ids_named(catalog, "title", name)[:MOST_LIKE]
