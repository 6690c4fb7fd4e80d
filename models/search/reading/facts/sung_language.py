"""Languages that a request asks for: "in French", "a German song", "chanson française", "not in English"."""

import re

from catalog.values.languages import language_code, language_names
from models.search.reading.facts.fact import Fact, Reader
from models.search.reading.patterns import mentions, pattern

# Of all languages that have codes: each more name is one more word that may mean something else.
_SINGABLE = frozenset(
    "en de fr es it pt nl sv da no fi pl cs ru uk el tr ja zh ko he ar fa hi eu ca ro hu is ga cy la".split()
)
_NAMES = language_names(_SINGABLE)
_CUES = (
    *_NAMES,
    *"deutsch allemand aleman tedesc alemã français francophone französisch frances español spanisch".split(),
    *"espagnol spagnol espanhol italien italian portug portoghes englisch anglais ingles".split(),
)
"""One of these stands in whatever asks for a language."""


def may_be_in(text: str) -> bool:
    """Whether a text may ask for a language: far cheaper than the patterns."""
    return mentions(text, _CUES)


# The longer first, for one name may begin another.
_NAME = "|".join(sorted(_NAMES, key=len, reverse=True))
_STYLES = frozenset("latin irish".split())
"""Music is called so, whatever is sung in it."""
_NAME_ALONE = "|".join(name for name in _NAME.split("|") if name not in _STYLES)
_SUNG = r"\s+(?:songs?|lyrics|vocals?|singing|singers?|words)\b"
SUNG = pattern(_SUNG)
_AND = r"\b(?:or|and|oder|und|ou|et|o|y|e)"
_NOT = (
    r"(?P<not>(?:but |aber |mais |pero )?"
    r"(?:not|(?:that|which) (?:is|are)(?:n['’]t| not)|nicht|pas|no|non|não) )?"
)
# "In French" ends there: "in French restaurants" is no language of a song.
_ENDS = (
    r"(?=\s*(?:[,.;]|$)"
    r"|\s+(?:gesungen|please|bitte|with|without|but|from|by|under|over|about|über|sur|sobre)\b)"
)
_ADJECTIVES = {
    "de": "deutsch(?:e[nrs]?|sprachige[nrs]?)|allemande?s?|aleman(?:as?|es)|tedesc(?:a|he|hi|o)|alemãe?s?",
    "fr": "français(?:es?)?|francophones?|französische[nrs]?|frances(?:as?|es|e|i)",
    "es": "español(?:as?|es)|spanische[nrs]?|espagnole?s?|spagnol[aei]|espanhol(?:as?|is)",
    "it": "italienische[nrs]?|italienne?s?|italian[aoei]s?",
    "pt": "portugiesische[nrs]?|portugaise?s?|portugues(?:as?|es)|portoghes[ei]",
    "en": "englische[nrs]?|englischsprachige[nrs]?|anglaise?s?|ingles(?:as?|es|e|i)",
}
"""What a language is called beside a word for a song, where that is not its name."""
_ADJECTIVE = "|".join(rf"(?P<{code}>{words})" for code, words in _ADJECTIVES.items())
_SONG = (
    r"lied(?:er[n]?)?|musik|texte[n]?|chansons?|paroles|musique|cancion(?:es)?|canción|letras?|música"
    r"|canzon[ei]|musica|canç(?:ão|ões)"
)
_TWO = rf"(?P<first>{_NAME})(?:\s+{_AND}\s+(?P<second>{_NAME}))?"
_LISTED = rf"(?P<first>{_NAME})(?:\s*(?:,|{_AND})\s+(?P<second>{_NAME}))?"
_OTHER = pattern(
    rf",?\s*\b(?:sung |written )?in (?:an?|any|another|some)(?: other)? languages?(?P<not> (?:other )?than"
    rf"| but| except| besides| that (?:is not|isn['’]t)) {_LISTED}{_ENDS}",
    needs="language",
)
""" "In another language than English"."""
_IN = pattern(
    rf",?\s*\b{_NOT}(?:(?:(?:with )?(?:vocals?|lyrics|words|singing) )|sung |written |(?:where"
    rf"|in which) (?:they|he|she|people) sings? )?(?:in|auf|en"
    rf"|em)\s+(?:either\s+)?{_LISTED}{_ENDS}"
)
_NOT_ALONE = pattern(
    rf"(?:^|(?<=[,;] )|(?<=but ))(?P<not>not|nicht|pas|non|não) (?P<first>{_NAME_ALONE})(?=\s*(?:[,;.]|$))"
)
""" "Reggae, not English"."""
_WITH_WORDS = pattern(rf"\bwith\s+{_TWO}\s+(?:lyrics|words|vocals)\b")
_SONGS = pattern(rf"\b(?P<non>non-)?{_TWO}(?:(?={_SUNG})|[\s-](?:language|sung)\b)")
_SONG_BEFORE = pattern(rf"\b(?P<kept>{_SONG})\s+(?:{_ADJECTIVE})\b")
_SONG_AFTER = pattern(rf"\b(?:{_ADJECTIVE})(?=\s+(?:{_SONG})\b)")


def _named(match: re.Match[str]) -> Fact:
    groups = match.groupdict()
    named = [groups[group] for group in ("first", "second") if groups.get(group)]
    codes = tuple(map(language_code, named))
    other = bool(groups.get("not") or groups.get("non"))
    languages = " or ".join(map(_in_english, codes))
    said = f"{'not ' if other else ''}in {languages}"
    return Fact("language", said, codes=codes, other=other)


def _in_english(code: str) -> str:
    return language_names({code})[0].capitalize()


def _described(match: re.Match[str]) -> Fact:
    """ "chanson française", "deutsche Lieder"."""
    [code] = [code for code in _ADJECTIVES if match[code]]
    return Fact("language", f"in {_in_english(code)}", codes=(code,))


READERS: tuple[Reader, ...] = (
    (_OTHER, _named),
    (_IN, _named),
    (_NOT_ALONE, _named),
    (_WITH_WORDS, _named),
    (_SONGS, _named),
    (_SONG_BEFORE, _described),
    (_SONG_AFTER, _described),
)
"""Each way to ask for a language, and what it means."""
