"""What of a request only asks for it to be answered: "do you have ...?", "could you please play me ...".

Plain phrases, no patterns: most requests begin with none of them, and nothing need be compiled to see that.
"""

import re
from collections.abc import Sequence
from functools import cache

from catalog.library.fulltext import words_of
from models.search.reading.ordinary import is_sound
from models.search.reading.patterns import mentions, pattern
from models.search.reading.preferring import preferably
from models.search.reading.query_parser import STOP


@cache
def _phrases(table: str) -> tuple[str, ...]:
    """The phrases of a table, the longer first, for the shorter begin them."""
    named = table.replace("\n", ",").split(",")
    return tuple(sorted(filter(None, map(str.strip, named)), key=len, reverse=True))


_ASK_FOR_ANY = """
can you, could you, would you, will you, please, kindly, would you mind, playing, putting on, put on
play, play me, play us, find, find me, give, give me, give us, show, show me, recommend, recommend me
suggest, suggest me, i want, i need, i would like, i'd like, i would love, i'd love, i'm after, have you got
do you have, you got, got, have you, is there, are there, what, how about, what about
would you have, would you happen to have, do you happen to have, can i have, can i get, could i have
could i get, may i have, can i ask for, could i ask for, may i ask for
i could use, i'm in the mood for, i am in the mood for, in the mood for, i feel like
let's hear, i prefer, i'd prefer, i would prefer, we need, we want, we'd like, we would like
hast du, habt ihr, haben sie, gibt es, gibt's, kannst du, könntest du, spiel, spiel mir, spiele, zeig mir
ich suche, ich brauche, ich will, ich möchte, ich hätte gern, ich hätte gerne, suche, bitte
est-ce que, est-ce qu', tu as, vous avez, as-tu, avez-vous, y a-t-il, il y a, je cherche, je veux, je voudrais
mets, mets-moi, joue, joue-moi, trouve-moi
tienes, tienen, hay, busco, quiero, quisiera, pon, ponme, hai, avete, c'è, ci sono, cerco, voglio, vorrei
metti, mettimi, tem, têm, há, procuro, quero, queria, gostaria de, toca, põe
"""
"""Ask where words for any music follow: "play some", "i want a", but not "play that" or "i want you"."""
_ASK = """
search for, look for, looking for, i'm looking for, i am looking for, let me hear, i want to hear
i need to hear, i would like to hear, i'd like to hear, i'd love to hear, i would love to hear
what do you have, what have you got, can i hear, could i hear, any chance of
which songs have, which songs are, which tracks have, which tracks are
what songs have, what songs do you have, what music do you have, where can i hear, where can i find
je veux écouter, je voudrais écouter, quiero oír, quiero escuchar, voglio sentire, voglio ascoltare
vorrei sentire, quero ouvir, gostaria de ouvir
"""
"""Ask whatever follows."""
_ANY = """
all some any something anything song songs track tracks music a an no nothing more sounds
was etwas irgendwas irgendetwas musik lieder ein eine einen nichts keine quelque de du des une musique rien
algo alguna alguno música canciones una nada qualcosa qualche della un musica canzoni niente alguma uma
"""
"""Words for any music, of which one follows."""
_ONLY = "just, only, solely, nur, seulement, uniquement, sólo, solamente, soltanto, só, apenas"
"""At the beginning and the end they say no more than that something is asked for."""
_SOMETHING = """
etwas, irgendwas, irgendetwas, was, quelque chose de, quelque chose d', quelque chose, un morceau, une chanson
algo de, algo, qualcosa di, qualcosa, alguma coisa, algum, alguma
"""
"""Describe nothing; that English "something" does not, the encoders know."""
_HAIL = """
hey, hi, hello, hey there, hi there, hello there, good morning, good afternoon, good evening, hallo
guten morgen, guten tag, guten abend, salut, bonjour, bonsoir, hola, buenos días, buenas tardes, buenas noches
ciao, buongiorno, buonasera, olá, bom dia, boa tarde, boa noite
"""
"""Before a comma or an exclamation mark at the beginning."""
_PLEASE = """
please, pls, bitte, s'il te plaît, s'il vous plaît, por favor, per favore
"""
"""At the end."""
_THANKS = """
thanks, thank you, thx, thanks a lot, thank you so much, thank you very much, thanks in advance
danke, vielen dank, merci, merci beaucoup, gracias, muchas gracias, grazie, grazie mille, obrigado, obrigada
nothing else, and nothing else, no other instruments, sonst nichts, rien d'autre, nada más, nient'altro
mais nada
"""
"""Behind a comma at the end."""
_FOR_ME = "for me, hören"
"""At the end of what was asked for: "songs for me" without "play" says who they are for."""
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
    "i im ive we my our ich wir mein meine je j nous mon ma estoy mi sono siamo estou meu minha".split()
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
_ALWAYS, _OPENINGS = _phrases(_ASK), _phrases(_ASK + "," + _ASK_FOR_ANY)
_MUSIC = frozenset(words_of(_ANY))
_QUOTES = ('"', "'", "“", "„", "«", "‘")
_MARK = re.compile(r"[,.!?;]\s+")
_MARKS = " ,;.:!?¿¡"


def plainly(request: str) -> str:
    """A request without what only asks for it to be answered, and with cues in place of names of fields.

    >>> plainly("can you play me something by Bach?"), plainly("artist: Bach"), plainly("show me the way")
    ('something by Bach', 'by Bach', 'show me the way')
    >>> plainly("hey, do you have any jazz, please?"), plainly("habt ihr was ohne Gesang?")
    ('any jazz', 'was ohne Gesang')
    """
    text = _without_opening(preferably(_without_story(_without_courtesy(request))))
    text = _without_beginning(text, _phrases(_ONLY))
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
    return _without_beginning(text, _phrases(_SOMETHING))


def _without_courtesy(text: str) -> str:
    """A request without a greeting, thanks and marks around it."""
    text = text.strip().lstrip("¿¡").rstrip(" ?!") or text
    if "?" in text:
        text = _NO_THANKS.sub(r"no \g<thing>,", text)
    first, *others = _MARK.split(text, maxsplit=1)
    if others and _said(first) in _phrases(_HAIL):
        text = others[0]
    *others, last = _MARK.split(text)
    if others and _said(last) in _phrases(_THANKS):
        text = text[: -len(last)].rstrip(_MARKS)
    text = _without_end(text.strip(), _phrases(_PLEASE))
    strictly = _without_end(text, _phrases(_ONLY))
    return text if set(words_of(strictly)) <= STOP else strictly  # "if only" asks for nothing


def _without_story(text: str) -> str:
    """What asks for music behind a sentence about the person who asks: "I'm tired, play me a lullaby"."""
    [first, *_] = words_of(text) or [""]
    if first not in _STORY_CUES or _without_opening(text) != text:
        return text
    for between in _SENTENCE.finditer(text):
        rest = text[between.end() :]
        asked = _without_opening(rest)
        if asked != rest and any(map(is_sound, words_of(asked))):
            return asked
    return text


def _without_opening(text: str) -> str:
    """A request without "could you play me"; whole where what follows shows that nothing was asked for."""
    rest, opening = text, ""
    while phrase := _beginning(rest, _OPENINGS):
        opening = phrase
        rest = rest[len(phrase) :].lstrip(_MARKS)
    [first, *_] = words_of(rest) or [""]
    asks = opening in _ALWAYS or (
        opening and (first in _MUSIC or is_sound(first) or rest.startswith(_QUOTES))
    )
    return _without_end(rest, _phrases(_FOR_ME)) if asks and rest else text


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
