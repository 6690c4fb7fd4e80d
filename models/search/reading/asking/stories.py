"""What people tell of themselves before they ask: "I'm tired, play me a lullaby"."""

import re

from catalog.library.fulltext import words_of
from models.search.reading.asking.openings import is_music, without_opening
from models.search.reading.negation import split
from models.search.reading.ordinary import is_sound
from models.search.reading.patterns import mentions, pattern

STORY_CUES = frozenset(
    "i im ive id we were weve my our its ich wir mein meine je j nous mon ma estoy mi sono siamo estou meu"
    " minha".split()
)
"""A sentence that begins so may tell of the person who asks, and ask behind that."""
_CLAUSE = pattern(
    r"[.!?;,]\s+(?:(?:and|so|but|und|also|aber|et|donc|mais|y|pero|e|così|ma|mas)\s+)?"
    r"|\s(?:and|so|und|also|et|donc|y|e|così)\s+"
)
_TIMES = frozenset(
    "morning night winter summer christmas party space war world water sleep light live house game scene"
    " battle noise background radio video film".split()
)
"""Describe music, and what a story tells of as well."""
_THINGS = (["something"], ["anything"], ["etwas"], ["algo"], ["qualcosa"])
_ENDS = ".!?"
"""What ends a sentence, behind which another may ask by naming music alone."""
_SENTENCE_END = re.compile(r"(?<=\w{2}[.!?;])\s+|(?<=[!?]{2})\s+")
_FIRST_PERSON = frozenset(
    "i im ive id we weve my our me us ich wir mein meine meinen meiner mir uns je j nous mon ma"
    " mes yo mi mis nosotros io mia mio noi eu meu minha nós".split()
)
_PERSONS = _FIRST_PERSON | frozenset(
    "he she they his her him them you your somebody someone everybody er sie il elle ils elles él ella"
    " lui lei ele ela".split()
)
_TELLS = frozenset(
    "is are was were am has have had does did will would can could isnt wasnt ist sind war hat haben est sont"
    " était es está era è era há theres".split()
)
"""Verbs of a sentence that tells something; one that asks for music has none, or begins with what asks."""
_HEARD = pattern(
    r"\b(?:it|that one|the (?:song|music|tune|track|piece)) (?:had|has|was|is|sounded|sounds|went|goes)"
    r" (?:like |played (?:on|by) |with )?(?P<it>[^,;.!?]+)"
    r"|\b(?:loves?|likes?|adores?|enjoys?|(?:is|are) (?:a fan of|into)) (?P<liked>(?!to\b|it\b)[^,;.!?]+)",
    needs="it that the love like adore enjoy is are",
)
""" "It had horns", "she loves waltzes": what of a story is heard."""
_AND_WAS = pattern(r"\s+and (?:it )?(?:was|is|had|has)\s+")
_LIKE_THAT = pattern(r"\s*\b(?:something|anything|music|some) like (?:that|this|it)\b", needs="like")
""" "Somebody played guitar. I'd like something like that"."""
_RECALLED = pattern(
    r"^(?:it|there) (?:was|were|is)\b|^there['’]s (?:this|that|a)\b|^i (?:once )?(?:remember|recall|heard)\b",
    needs="it there i",
)


_NOT_ALONE = pattern(
    r"[,;]\s*(?:(?:because|as|since|cause|for) )?(?:the|my|our|his|her) (?:baby|babies|kids?"
    r"|children|toddlers?"
    r"|neighbou?rs?|wife|husband|mother|father|mom|mum|dad|boss|parents|guests|girlfriend|boyfriend|dog|cat|son"
    r"|daughter|grandma|family|friends?|colleagues|students|class) (?:is|are|has|have|was|were|will|needs?"
    r"|wants?|just|sleeps?)\b[^,;.!?]*$"
    r"|[,;]\s*(?:(?:because|as|since|cause) )?(?:we|i)(?:['’]ve| have)(?: got)? (?:guests|visitors|company"
    r"|neighbou?rs|kids|children|a baby|(?:people|friends|family) (?:over|here|around))\b[^,;.!?]*$",
    needs="the my our his her we i",
)
""" "Not too loud, the baby is sleeping"."""


def without_stories(text: str) -> str:
    """A request of some sentences without those that tell of whoever asks; what of them is heard stays.

    >>> without_stories("My gran turns 90. She loves waltzes. No rock please!")
    'waltzes. No rock please!'
    >>> without_stories("The drums are loud. A guitar plays along.")
    'The drums are loud. A guitar plays along.'
    """
    if (alone := _NOT_ALONE.sub("", text)) != text:
        asks = _names_sounds(alone) and not _names_sounds(text[len(alone) :])
        text = alone if asks else text
    sentences = _SENTENCE_END.split(text)
    if len(sentences) < 2:
        return _recalled(text)
    asking = [_asks(one) for one in sentences]
    names_music = [not _tells(one) and _names_sounds(one) for one in sentences]
    of_me = [not asks and _tells(one) and _is_of_me(one) for asks, one in zip(asking, sentences, strict=True)]
    kept: list[str] = []
    told: list[str] = []
    for at, one in enumerate(sentences):
        others_ask = any(asking[:at] + asking[at + 1 :])
        tells = not asking[at] and _tells(one) and (of_me[at] or not one.endswith("?"))
        is_story = tells and (others_ask or (any(of_me) and any(names_music)))
        if is_story and (not _PERSONS.isdisjoint(_words(one)) or not _names_sounds(one)):
            told.append(one)
            kept += [f"{heard}." for heard in _heard(one)]
        else:
            kept.append(one)
    if not told or not kept:
        return text
    return _with_what_was_told(" ".join(kept), " ".join(told))


def without_story(text: str) -> str:
    """What asks for music behind a clause about the person who asks: "I'm tired, play me a lullaby"."""
    [first, *_] = words_of(text) or [""]
    if first not in STORY_CUES or without_opening(text) != text:
        return text
    for between in _CLAUSE.finditer(text):
        rest = text[between.end() :]
        story = text[: between.start()]
        asked = without_opening(rest)
        names_music = between[0][0] in _ENDS or words_of(rest)[:1] in _THINGS
        asks = asked != rest or (names_music and not _names_sounds(story))
        if asks and any(map(is_music, words_of(asked))):
            return ", no ".join((_with_what_was_told(asked, story), *_refused(story)))
    return text


def _is_of_me(sentence: str) -> bool:
    return not _FIRST_PERSON.isdisjoint(_words(sentence))


def _words(text: str) -> list[str]:
    """Words as names are compared; of "I'm" and "there's" what stands before the apostrophe too."""
    plain = text.lower().replace("’", "'")
    return [*words_of(plain), *(word.partition("'")[0] for word in plain.split() if "'" in word)]


def _asks(sentence: str) -> bool:
    """Whether a sentence asks for something, or refuses a sound."""
    return without_opening(without_story(sentence)) != sentence or bool(_refused(sentence))


def _tells(sentence: str) -> bool:
    """Whether a sentence tells something, where one that asks only names it: "jazz, bossa nova"."""
    words = words_of(sentence)
    if words[:1] in _THINGS:
        return False
    return bool(set(_words(sentence)) & (_TELLS | STORY_CUES)) or not _PERSONS.isdisjoint(words[:3])


def _names_sounds(text: str) -> bool:
    return any(is_music(word) for word in words_of(text) if word not in _TIMES)


def _sounds(text: str) -> list[str]:
    return [word for word in words_of(text) if is_sound(word) and word not in _TIMES]


def _heard(story: str) -> list[str]:
    """What of a story is said of the music: "horns" and "heroic" of "it had horns and was heroic"."""
    heard: list[str] = []
    for match in _HEARD.finditer(story):
        thing = match["it"] or match["liked"]
        if _names_sounds(thing):
            heard.append(_AND_WAS.sub(", ", thing).strip())
    return heard


def _recalled(text: str) -> str:
    """What is named behind a clause that only recalls: "There was this tune on the radio, a harp, sad"."""
    if not _RECALLED.search(text):
        return text
    clause, *others = re.split(r",\s+", text)
    heard = [] if _sounds(clause) else others
    named = [thing for one in heard for thing in (_heard(one) or [one])]
    fragments = [one for one in named if not _tells(one)]
    return ", ".join(fragments) if any(map(_names_sounds, fragments)) else text


def _with_what_was_told(asked: str, story: str) -> str:
    """What was heard in a story in place of "something like that"."""
    if not mentions(asked, ("like",)) or not (sounds := _sounds(story)):
        return asked
    return _LIKE_THAT.sub(" " + " ".join(sounds), asked).strip()


def _refused(text: str) -> list[str]:
    """The sounds that a sentence does not want: "I hate guitars", but none of "I'm not well"."""
    _, unwanted = split(text)
    return [thing for thing in unwanted if any(map(is_sound, words_of(thing)))]
