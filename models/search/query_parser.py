"""A request's text to a parsed query: what is wanted, what is not, and the words that may name something.

>>> query = parse("calm piano without drums, no vocals")
>>> query.text, query.unwanted
('calm piano', ('drums', 'vocals'))
>>> parse("a song about life without you").unwanted
()
>>> parse('"vinyl crackle" by The Cogs').terms
('vinyl crackle', 'cogs')
"""

import re
from dataclasses import dataclass

_THINGS = (
    "vocals? vocalists? voices? singing singers? sung lyrics words rap rapping speech talking spoken "
    "choirs? chorus drums? drumming drummers? percussion beats? cymbals? guitars? bass basses pianos? "
    "keyboards? organs? strings? violins? cellos? orchestras? brass trumpets? horns? saxophones? sax "
    "saxes flutes? woodwinds? winds? synths? synthesi[sz]ers? electronics? distortion noise reverb "
    "effects accordions? banjos? harps? bells? harmonicas? fiddles? applause crackle hiss autotune"
).split()
_THING = rf"(?:\w+ )?(?:{'|'.join(_THINGS)})"
_NEGATION = re.compile(
    rf"(?:,?\s*\b(?:but|and|with)\b)?,?\s*\b(?:no|without(?: any)?|not any|minus|free of)\s+"
    rf"({_THING}(?:(?:\s*,\s*|\s+(?:or|and|nor)\s+)(?:no\s+)?{_THING})*)\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*,\s*|\s+(?:or|and|nor)\s+", re.IGNORECASE)
_TERM = re.compile(r'"([^"]+)"|([^\s",.;:!?()]+)')
_FRAME = re.compile(
    r"^(?:(?:an?|the|some|any) )?(?:songs?|lyrics|tracks?|tunes?|music|something) (?:that (?:is|are) )?"
    r"(?:about|in which|where) ",
    re.IGNORECASE,
)
VOICE = re.compile(r"\b(vocals?|vocalists?|voices?|singing|singers?|sung|lyrics|words)\b", re.IGNORECASE)
"""What a song with lyrics has for certain."""
_STOP = frozenset(
    """a about after all am an and any are as at be been but by can could did do does for from get give had
    has have he her here him his how i if in into is it its just like made make me more most much my no
    not of off on one or our out over she so some something sound sounds than that the their them then
    there they this to too track tracks tune tunes up us very was we were what when where which who will
    with without would you your song songs music piece musical kind style feel feeling mood""".split()
)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """text: what is wanted. unwanted: what must not be heard. terms: words that may name a song."""

    text: str
    unwanted: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    def text_for(self, role: str) -> str:
        """What an index is asked: words are not asked for "a song about", which stands in no lyrics.

        >>> parse("a song about the sea").text_for("words")
        'the sea'
        """
        return (_FRAME.sub("", self.text) if role == "words" else "") or self.text


def parse(sentence: str) -> ParsedQuery:
    """Take "no vocals" and "without drums" out of a description; only what can be heard is negated."""
    unwanted: list[str] = []
    for match in _NEGATION.finditer(sentence):
        unwanted += [re.sub(r"^no\s+", "", thing, flags=re.I) for thing in _SPLIT.split(match.group(1))]
    text = " ".join(_NEGATION.sub("", sentence).split()).strip(" ,") if unwanted else sentence.strip()
    return ParsedQuery(
        text or ("music" if unwanted else ""), tuple(thing.lower() for thing in unwanted), terms(text)
    )


def terms(text: str) -> tuple[str, ...]:
    """Phrases in quotes and words that are not among the commonest, each once, in lower case."""
    found = []
    for phrase, word in _TERM.findall(text.lower()):
        if phrase or (word not in _STOP and any(c.isalnum() for c in word)):
            found.append(phrase or word.strip("'-*"))
    return tuple(dict.fromkeys(found))
