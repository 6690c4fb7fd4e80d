"""Texts to words, and the language of a text by its function words."""

import re
import unicodedata
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

FUNCTION_WORDS = {
    "en": "the of and a to in is it that with for as on was are this be by an at from or which has its there"
    " i you he she we they my your not but have can no over out into while some all me so do",
    "de": "der die das und in zu den ist nicht von mit sich ein eine auf für dem des im ich du wir sie es wie"
    " auch an aus war bei nach einem einer noch nur wenn mir mich dich mein dein",
    "fr": "le la les de des du et un une est que qui dans pour pas sur au aux ce je tu il elle nous vous on"
    " ne se sont avec mais où mon ton son ma ta sa mes tes ses comme plus par",
    "es": "el la los las de y que en un una es por con para no se lo al del su me te mi tu como más pero"
    " sin le ya yo si sobre este esta cuando muy hay ser",
    "it": "il lo la i gli le di e che un una è per con non si da al del della nel mi ti ci come più ma se"
    " sono io tu questo questa anche sei dei nella quando",
    "pt": "o a os as de e que em um uma é por com para não se do da no na dos das eu você meu minha como mais"
    " mas sem ao seu sua quando muito ser isso",
    "nl": "de het een en van in is dat op te niet met voor zijn aan er ik je hij ze wij maar om ook als bij"
    " nog naar door dan wat mijn jouw zo",
}
"""The commonest small words of a language; a few lines of text hold many of them."""

_FUNCTION = {language: frozenset(words.split()) for language, words in FUNCTION_WORDS.items()}
_ALSO_SMALL = (
    "also their them his her our were been being had will would could should may like up down then than too"
    " very just about more most other such these those one two it's there's that's what when where who how"
    " if any each both only own same between through during before after again further once here"
)
SMALL = _FUNCTION["en"] | frozenset(_ALSO_SMALL.split())
"""English words that say little by themselves."""
_WORDS_NEEDED = 4  # to tell a language by


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without numbers and signs.

    >>> words_of("It's a café: 120 BPM, lo-fi!")
    ["it's", 'a', 'café', 'bpm', 'lo', 'fi']
    """
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    return _WORD.findall(plain)


def language_of(words: Iterable[str]) -> str:
    """The language that most small words of a text belong to, "" where it is too short or none of seven.

    >>> language_of(words_of("It sounds like a song that plays in the back of a shop"))
    'en'
    >>> language_of(words_of("Ich weiß nicht, was soll es bedeuten, dass ich so traurig bin"))
    'de'
    >>> language_of(words_of("rock, guitar, sad"))
    ''
    """
    held = list(words)
    if len(held) < _WORDS_NEEDED:
        return ""
    hits = {}
    for language, small in _FUNCTION.items():
        hits[language] = sum(word in small for word in held)
    by_hits = sorted(hits, key=lambda language: -hits[language])
    best, second = by_hits[:2]
    enough = max(2, 0.12 * len(held))  # one word in eight, and no single one
    if hits[best] < enough or hits[best] == hits[second]:
        return ""
    return best
