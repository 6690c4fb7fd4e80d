"""What of a request only asks for it to be answered: "do you have ...?", "could you please play me ...".

Plain phrases, no patterns: most requests begin with none of them, and nothing need be compiled to see that.
"""

import re
import unicodedata
from typing import NamedTuple

from catalog.library.fulltext import words_of
from models.search.reading.asking.amounts import counted
from models.search.reading.asking.openings import (
    MARKS,
    BeginsWithName,
    as_said,
    begins_with_none,
    is_music,
    without_beginning,
    without_end,
    without_opening,
)
from models.search.reading.asking.phrases import AT_THE_END, HAIL, ONLY, PLEASE, SOMETHING, THANKS, phrases
from models.search.reading.asking.refusing import refused
from models.search.reading.asking.shorthand import written_out
from models.search.reading.asking.stories import STORY_CUES, without_stories, without_story
from models.search.reading.patterns import mentions, pattern
from models.search.reading.preferring import preferably
from models.search.reading.query_parser import STOP

_UNMARKED = pattern(
    r"\b(?P<verb>do|does|did|is|are|was|were|has|have|should|would|could|ca|wo)nt\b"
    r"|\b(?P<who>i(?=ve\b|m (?:in|not|so|a|after|looking|feeling|really|just|sick|tired)\b)|you(?=ve\b|re\b)"
    r"|what(?=s\b)|that(?=s\b)|there(?=s\b)|where(?=s (?:the|that)\b)|let(?=s (?:hear|listen"
    r"|play|have|try|go|get)\b))"
    r"(?P<is>m|ve|re|s)\b"
)
""" "Dont", "whats", "im" (which is a word in German): as many type them."""
_UNMARKED_CUES = (
    "dont doesnt didnt isnt arent wasnt werent hasnt havent shouldnt wouldnt couldnt cant wont im ive"
    " youve youre whats thats theres wheres lets"
).split()
_NO_THANKS = pattern(
    r"(?:^|(?<=[.,;!] ))(?P<thing>[^.,;!?]+)\?\s+(?:no,? (?:thanks|thank you|gracias|grazie)|nein,? danke"
    r"|non,? merci|não,? obrigad[oa])\b[.,!]*"
)
""" "Vocals? No thanks."."""
_AMOUNT = pattern(
    r"\b(?:an? (?:little )?bit of|ein bisschen|un peu de|un poco de|un po['’] di|um pouco de)\s+"
)
_NEED_NOT_BE = pattern(
    r"(?:^|(?<=[,;.!] ))(?:(?:it|they|that) )?(?:(?:doesn['’]t|does not|don['’]t|do not) (?:have|need) to"
    r"|need(?:n['’]t| not)|muss nicht|müssen nicht) [^,;.!?]+?(?:[,;.!?]\s*|\s+(?=but\b|aber\b)|$)"
    r"(?:(?:but|aber)\s+)?",
    needs="doesn does don do need needn muss müssen",
)
""" "It doesn't have to be fast" neither wants it fast nor slow."""
_MATTERS_NOT = pattern(
    r"(?:^|(?<=[,;.!] )|(?<=but )|(?<=and ))[^,;.!?]+? (?:(?:do|does)(?:n['’]t| not) matter|is irrelevant)"
    r"|\bi (?:do not|don['’]t) (?:care|mind)(?: (?:about|if|whether) [^,;.!?]+)?"
    r"|\b(?:with or without|mit oder ohne|avec ou sans|con o sin|con o senza|com ou sem) [^,;.!?]+",
    needs="matter irrelevant care mind without ohne sans sin senza sem",
)
""" "Lyrics don't matter", "with or without drums"."""
_MAKE_IT = pattern(
    r",?\s+(?:but|and|just|only) (?:please )?(?:keep|make) it (?=(?!up\b|to\b|go\b|real\b|all\b)\w)",
    needs="keep make",
)
""" "Cheerful, but keep it quiet"."""
_EITHER_WAY = pattern(
    r"[,;]\s*(?:either(?: one| of them| way)?|any of (?:them|those)|whichever|one or the other)"
    r"(?: (?:is|are|would be|will do|works?)(?: fine| ok(?:ay)?| good)?)?[\s.!]*$",
    needs="either any whichever one",
)
""" "Sitar or tabla, either one is fine"."""
_IS_FINE = pattern(
    r"(?:(?<=[,;.!] )|(?<=but ))(?P<thing>[^,;.!?]+?) (?:is|are|would be)"
    r" (?:fine|ok(?:ay)?|good|welcome|allowed|great"
    r"|nice|a plus|perfect)(?: though| with me| by me)?(?=\s*(?:[,;.!?]|$))",
    needs="fine ok okay good welcome allowed great nice plus perfect",
)
""" "No flutes; a harp is fine"."""
_MAYBE = pattern(
    r"(?:^|(?<=[,;] )|(?<=with )|(?<=and )|(?<=\bor ))"
    r"(?:maybe|perhaps|vielleicht|peut-être|quizás?|tal vez|forse|magari|talvez)\s+(?=\S)"
)
""" "Maybe some strings" is a wish too; at the end of "call me maybe" it is not."""
_AMOUNT_CUES = "bit bisschen peu poco po pouco maybe perhaps vielleicht quiz tal forse magari".split()
_FIELDS = (
    (pattern(r"\bartist\s*[:=]\s*"), "by "),
    (pattern(r"\b(?:album|folder)\s*[:=]\s*"), "from "),
    (pattern(r"\b(?:title|genre|tag|mood|style|instruments?|length|duration|tempo)\s*[:=]\s*"), ""),
)
"""As search boxes of other programs want it: "artist: Bach"."""
_FLAG = pattern(
    r"\b(?P<thing>[^\W\d_]+)\s*[:=]\s*(?:(?P<no>no|none|off|false|0|nein|non|não)|yes|on|true|1|ja|oui|sí|sì|sim)\b"
)
""" "Drums=no, strings=yes"."""
_NOT_FIELD = pattern(r"\b(?:must not have|avoid|exclude|without|no|not)\s*:\s*(?P<things>[^.;:]+)")
_PLEASE_INSIDE = pattern(
    r"(?<=\w)\s+(?:please|bitte|por favor|per favore)(?=\s*[,;.!])", needs="please bitte por per"
)
_MARK = re.compile(r"[,.!?;]\s+")
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e\u3000]")
_NEXT_SENTENCE = re.compile(r"(?<=[.!?;] )[^.!?;]+")


class Asked(NamedTuple):
    """What is asked for, without what only asks, and of how many songs; None where no number is named."""

    text: str
    limit: int | None = None


def plainly(request: str, begins_with_name: BeginsWithName = begins_with_none) -> str:
    """A request without what only asks for it to be answered, and with cues in place of names of fields.

    begins_with_name: whether a text begins with a name of the library, which then is asked for: "play NAME".

    >>> plainly("can you play me something by Bach?"), plainly("artist: Bach"), plainly("show me the way")
    ('something by Bach', 'by Bach', 'show me the way')
    >>> plainly("hey, do you have any jazz, please?"), plainly("habt ihr was ohne Gesang?")
    ('any jazz', 'was ohne Gesang')
    """
    return asked(request, begins_with_name).text


def asked(request: str, begins_with_name: BeginsWithName = begins_with_none) -> Asked:
    """What `plainly` leaves, and how many songs were asked for.

    >>> asked("give me five calm songs, please")
    Asked(text='calm songs', limit=5)
    """
    text = refused(_without_courtesy(_with_apostrophes(written_out(request))))
    text = without_stories(text)
    before = preferably(without_story(text))
    text = without_opening(before, begins_with_name)
    opened = text != before
    text = _NEXT_SENTENCE.sub(
        lambda sentence: without_opening(without_story(sentence[0]), begins_with_name), text
    )
    text = without_beginning(text, phrases(ONLY))
    text, limit = counted(text, begins_with_name, is_asked=opened)
    text = _EITHER_WAY.sub("", text)
    if (rest := _IS_FINE.sub(r"\g<thing>", _MATTERS_NOT.sub("", _NEED_NOT_BE.sub("", text)))) != text:
        text = rest.strip(" ,;.") or text
    text = _MAKE_IT.sub(", ", text)
    if mentions(text, _AMOUNT_CUES):
        text = _MAYBE.sub("", _AMOUNT.sub("", text))
    return Asked(_without_fields(text).strip(), limit)


def _without_fields(text: str) -> str:
    """A text with "by Bach" for "artist: Bach" and "no drums" for "drums=no"."""
    if ":" in text or "=" in text:
        text = _NOT_FIELD.sub(_as_negation, text)
        text = _FLAG.sub(lambda flag: f"no {flag['thing']}" if flag["no"] else flag["thing"], text)
        for field, cue in _FIELDS:
            text = field.sub(cue, text)
    return text


def described(text: str) -> str:
    """A description without "something" in other languages than English.

    >>> described("qualcosa di allegro"), described("algo")
    ('allegro', 'algo')
    """
    return without_beginning(text, phrases(SOMETHING))


def _without_courtesy(text: str) -> str:
    """A request without a greeting, thanks and marks around it."""
    text = _in_half_width(text).strip().lstrip("¿¡").rstrip(" ?!") or text
    if "?" in text:
        text = _NO_THANKS.sub(r"no \g<thing>,", text)
    text = _PLEASE_INSIDE.sub("", _without_hail(text))
    while (hailed := _MARK.search(text)) and as_said(text[: hailed.start()]) in phrases(HAIL):
        text = text[hailed.end() :]
    *others, last = _MARK.split(text)
    if others and as_said(last) in phrases(THANKS):
        text = text[: -len(last)].rstrip(MARKS)
    text = without_end(text.strip(), phrases(PLEASE))
    if any(map(is_music, words_of(text))):
        text = without_end(text, phrases(AT_THE_END))
    strictly = without_end(text, phrases(ONLY))
    return text if set(words_of(strictly)) <= STOP else strictly  # "if only" asks for nothing


def _without_hail(text: str) -> str:
    """A request without "ok so basically" before what asks or a story, where no mark sets it off."""
    rest = without_beginning(text, phrases(HAIL))
    [first, *_] = words_of(rest) or [""]
    asks = first in STORY_CUES or without_opening(rest) != rest
    return rest if asks else text


def _with_apostrophes(text: str) -> str:
    """A text with the apostrophes that people leave out.

    >>> _with_apostrophes("dont play it, whats this? im tired"), _with_apostrophes("im Regen")
    ("don't play it, what's this? i'm tired", 'im Regen')
    """

    def marked(match: re.Match[str]) -> str:
        return f"{match['verb']}n't" if match["verb"] else f"{match['who']}'{match['is']}"

    return _UNMARKED.sub(marked, text) if mentions(text, _UNMARKED_CUES) else text


def _in_half_width(text: str) -> str:
    """A text with Latin letters as they are typed elsewhere, where they stand in full width.

    >>> _in_half_width("ｃａｌｍ　ｐｉａｎｏ")
    'calm piano'
    """
    return unicodedata.normalize("NFKC", text) if _FULL_WIDTH.search(text) else text


def _as_negation(match: re.Match[str]) -> str:
    """ "without vocals or drums" of "avoid: vocals, drums"."""
    return "without " + match["things"].strip().replace(",", " or")
