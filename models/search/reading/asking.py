"""What of a request only asks for it to be answered: "do you have ...?", "could you please play me ...".

Plain phrases, no patterns: most requests begin with none of them, and nothing need be compiled to see that.
"""

import re
from collections.abc import Callable, Sequence

from catalog.library.fulltext import words_of
from models.search.reading.asking_phrases import (
    ANY,
    ASK,
    ASK_FOR_ANY,
    ASKING,
    AT_THE_END,
    FOR_ME,
    HAIL,
    ONLY,
    PLEASE,
    SOMETHING,
    THANKS,
    phrases,
)
from models.search.reading.negation import split
from models.search.reading.ordinary import is_sound
from models.search.reading.patterns import mentions, pattern
from models.search.reading.preferring import preferably
from models.search.reading.query_parser import STOP

_UNMARKED = pattern(
    r"\b(?P<verb>do|does|did|is|are|was|were|has|have|should|would|could|ca|wo)nt\b"
    r"|\b(?P<who>i(?=ve\b|m (?:in|not|so|a|after|looking|feeling|really|just|sick|tired)\b)|you(?=ve\b|re\b)"
    r"|what(?=s\b)|that(?=s\b)|there(?=s\b)|let(?=s\b))(?P<is>m|ve|re|s)\b"
)
""" "Dont", "whats", "im" (which is a word in German): as many type them."""
_UNMARKED_CUES = (
    "dont doesnt didnt isnt arent wasnt werent hasnt havent shouldnt wouldnt couldnt cant wont im ive"
    " youve youre whats thats theres lets"
).split()
_SOMEBODY = pattern(
    r"^(?:my|our|the) \w+ (?:wants?|needs?|ask(?:s|ed) for|would (?:like|love)|(?:is|are) (?:looking|asking)"
    r" for)(?: to (?:hear|listen to))?\s",
    needs="want need ask would looking",
)
""" "My daughter wants a lullaby"."""
_WHICH = pattern(
    r"^(?:which|what)(?: (?:ones?|songs?|tracks?|pieces?|tunes?))?"
    r"(?: of (?:these|those|them|(?:my|your|the) \w+))? (?:has|have|is|are|contains?|features?|uses?)\s",
    needs="which what",
)
""" "Which of these has an accordion?"."""
_NO_THANKS = pattern(
    r"(?:^|(?<=[.,;!] ))(?P<thing>[^.,;!?]+)\?\s+(?:no,? (?:thanks|thank you|gracias|grazie)|nein,? danke"
    r"|non,? merci|não,? obrigad[oa])\b[.,!]*"
)
""" "Vocals? No thanks."."""
_AMOUNT = pattern(
    r"\b(?:an? (?:little )?bit of|ein bisschen|un peu de|un poco de|un po['’] di|um pouco de)\s+"
)
_MAYBE = pattern(
    r"(?:^|(?<=[,;] )|(?<=with )|(?<=and ))"
    r"(?:maybe|perhaps|vielleicht|peut-être|quizás?|tal vez|forse|magari|talvez)\s+(?=\S)"
)
""" "Maybe some strings" is a wish too; at the end of "call me maybe" it is not."""
_AMOUNT_CUES = "bit bisschen peu poco po pouco maybe perhaps vielleicht quiz tal forse magari".split()
_STORY_CUES = frozenset(
    "i im ive id we were weve my our its ich wir mein meine je j nous mon ma estoy mi sono siamo estou meu"
    " minha".split()
)
"""A sentence that begins so may tell of the person who asks, and ask behind that."""
_SENTENCE = pattern(r"[.!?;,]\s+|\s(?:and|so|und|also|et|donc|y|e|così)\s+")
_FIELDS = (
    (pattern(r"\bartist\s*[:=]\s*"), "by "),
    (pattern(r"\b(?:album|folder)\s*[:=]\s*"), "from "),
    (pattern(r"\b(?:title|genre|tag|mood|style|instruments?|length|duration|tempo)\s*[:=]\s*"), ""),
)
"""As search boxes of other programs want it: "artist: Bach"."""
_NOT_FIELD = pattern(r"\b(?:must not have|avoid|exclude|without|no|not)\s*:\s*(?P<things>[^.;:]+)")
_ALWAYS, _OPENINGS = phrases(ASK), phrases(ASK + "," + ASK_FOR_ANY)
_MUSIC = frozenset(words_of(ANY))
_PIECES = frozenset(
    words_of(
        "theme soundtrack score jingle loop track tracks tune tunes piece pieces song songs music musik lied"
        " lieder musique chanson chansons morceau morceaux música canción canciones musica canzone canzoni"
        " brano brani músicas canção canções"
    )
)
_NO_THING = frozenset("to you me him her us them it i be".split())
"""Behind "I want" they ask for no music: "I want to dance with somebody"."""
_SAID_OF_IT = 4
"""Telling words behind an opening of which one names a sound, or music: "give me your most epic song"."""
_QUOTES = ('"', "'", "“", "„", "«", "‘")
_MARK = re.compile(r"[,.!?;]\s+")
_WRITTEN = re.compile(r"\S+")
_ENDS = ".!?"
"""What ends a sentence, behind which another may ask by naming music alone."""
_LISTEN = ("listen", "listening")
_CLAUSE = re.compile(r"[,.!?;]")
_NEXT_SENTENCE = re.compile(r"(?<=[.!?;] )[^.!?;]+")
_MARKS = " ,;.:!?¿¡"


BeginsWithName = Callable[[str], bool]


def begins_with_none(text: str) -> bool:
    """Of no library: no name is known."""
    return False


def plainly(request: str, begins_with_name: BeginsWithName = begins_with_none) -> str:
    """A request without what only asks for it to be answered, and with cues in place of names of fields.

    begins_with_name: whether a text begins with a name of the library, which then is asked for: "play NAME".

    >>> plainly("can you play me something by Bach?"), plainly("artist: Bach"), plainly("show me the way")
    ('something by Bach', 'by Bach', 'show me the way')
    >>> plainly("hey, do you have any jazz, please?"), plainly("habt ihr was ohne Gesang?")
    ('any jazz', 'was ohne Gesang')
    """
    text = _without_courtesy(_with_apostrophes(request))
    text = _without_opening(preferably(_without_story(text)), begins_with_name)
    text = _NEXT_SENTENCE.sub(lambda sentence: _without_opening(sentence[0], begins_with_name), text)
    text = _without_beginning(text, phrases(ONLY))
    if mentions(text, _AMOUNT_CUES):
        text = _MAYBE.sub("", _AMOUNT.sub("", text))
    if ":" in text or "=" in text:
        text = _NOT_FIELD.sub(_as_negation, text)
        for field, cue in _FIELDS:
            text = field.sub(cue, text)
    return text.strip()


def described(text: str) -> str:
    """A description without "something" in other languages than English.

    >>> described("qualcosa di allegro"), described("algo")
    ('allegro', 'algo')
    """
    return _without_beginning(text, phrases(SOMETHING))


def _without_courtesy(text: str) -> str:
    """A request without a greeting, thanks and marks around it."""
    text = text.strip().lstrip("¿¡").rstrip(" ?!") or text
    if "?" in text:
        text = _NO_THANKS.sub(r"no \g<thing>,", text)
    while (hailed := _MARK.search(text)) and _said(text[: hailed.start()]) in phrases(HAIL):
        text = text[hailed.end() :]
    *others, last = _MARK.split(text)
    if others and _said(last) in phrases(THANKS):
        text = text[: -len(last)].rstrip(_MARKS)
    text = _without_end(text.strip(), phrases(PLEASE))
    if any(map(_is_music, words_of(text))):
        text = _without_end(text, phrases(AT_THE_END))
    strictly = _without_end(text, phrases(ONLY))
    return text if set(words_of(strictly)) <= STOP else strictly  # "if only" asks for nothing


def _without_story(text: str) -> str:
    """What asks for music behind a sentence about the person who asks: "I'm tired, play me a lullaby"."""
    [first, *_] = words_of(text) or [""]
    if first not in _STORY_CUES or _without_opening(text) != text:
        return text
    for between in _SENTENCE.finditer(text):
        rest = text[between.end() :]
        asked = _without_opening(rest)
        asks = asked != rest or (
            between[0][0] in _ENDS and not any(map(_is_music, words_of(text[: between.start()])))
        )
        if asks and any(map(_is_music, words_of(asked))) and not _refuses(text[: between.start()]):
            return asked
    return text


def _refuses(text: str) -> bool:
    """Whether a sentence says what sound is not wanted: "I hate guitars", but not "I'm not well"."""
    _, unwanted = split(text)
    return any(is_sound(word) for thing in unwanted for word in words_of(thing))


def _without_opening(text: str, begins_with_name: BeginsWithName = begins_with_none) -> str:
    """A request without "could you play me"; whole where what follows shows that nothing was asked for."""
    rest, asks, opened = text, False, False
    while phrase := _told(rest) or max(_beginning(rest, _OPENINGS), _asking(rest), key=len):
        opened = True
        asks |= _beginning(rest, _ALWAYS) != ""
        rest = rest[len(phrase) :].lstrip(_MARKS)
    if not opened or not rest or not (asks or _is_asked_for(rest) or begins_with_name(rest)):
        return text
    return _without_end(rest, phrases(FOR_ME))


def _told(text: str) -> str:
    """The beginning of a text that tells who wants to hear something, or asks which songs do."""
    for cue in (_SOMEBODY, _WHICH):
        if match := cue.search(text):
            return match[0].strip()
    return ""


def _asking(text: str) -> str:
    """What a text begins with where all of it are words that ask: "do you by any chance have"."""
    for words, verbs in ASKING:
        told: list[str] = []
        end = 0
        for written in _WRITTEN.finditer(text):
            own = words_of(written[0])
            if not own or not words.issuperset(own):
                break
            told += own
            # "Any jazz" is asked for.
            if own != ["any"]:
                end = written.end()
        # "I want to hear", but not "I want to".
        if not verbs.isdisjoint(told) and (told[-1] != "to" or told[-2] in _LISTEN):
            return text[:end].rstrip(_MARKS)
    return ""


def _is_asked_for(text: str) -> bool:
    """Whether a text names music by its first words."""
    [clause, *_] = _CLAUSE.split(text)
    words = words_of(clause) or [""]
    if words[0] in _MUSIC or text.startswith(_QUOTES):
        return True
    telling = [word for word in words if word not in STOP or word in _PIECES]
    return words[0] not in _NO_THING and any(map(_is_music, telling[:_SAID_OF_IT]))


def _is_music(word: str) -> bool:
    return word in _PIECES or is_sound(word)


def _with_apostrophes(text: str) -> str:
    """A text with the apostrophes that people leave out.

    >>> _with_apostrophes("dont play it, whats this? im tired"), _with_apostrophes("im Regen")
    ("don't play it, what's this? i'm tired", 'im Regen')
    """

    def marked(match: re.Match[str]) -> str:
        return f"{match['verb']}n't" if match["verb"] else f"{match['who']}'{match['is']}"

    return _UNMARKED.sub(marked, text) if mentions(text, _UNMARKED_CUES) else text


def _without_beginning(text: str, phrases: Sequence[str]) -> str:
    while phrase := _beginning(text, phrases):
        rest = text[len(phrase) :].lstrip(_MARKS)
        if not rest:
            break
        text = rest
    return text


def _without_end(text: str, phrases: Sequence[str]) -> str:
    for phrase in phrases:
        if _said(text).endswith(f" {phrase}"):
            return text.rstrip(_MARKS)[: -len(phrase)].rstrip(_MARKS)
    return text


def _beginning(text: str, phrases: Sequence[str]) -> str:
    """The longest phrase that a text begins with; "" for none."""
    said = _as_compared(text).rstrip(_MARKS) + " "
    for phrase in phrases:
        if said.startswith((f"{phrase} ", f"{phrase}:")) or (phrase[-1] == "'" and said.startswith(phrase)):
            return phrase
    return ""


def _said(text: str) -> str:
    """A phrase without the marks around it."""
    return _as_compared(text).strip(_MARKS)


def _as_compared(text: str) -> str:
    return text.lower().replace("’", "'")


def _as_negation(match: re.Match[str]) -> str:
    """ "without vocals or drums" of "avoid: vocals, drums"."""
    return "without " + match["things"].strip().replace(",", " or")
