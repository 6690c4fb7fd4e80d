"""Lines of a song that a request quotes: "the song that goes hold me till the morning", "lyrics: ...".

What is sung there is no request: "the chorus goes no no no" refuses nothing.
"""

import re

from models.search.reading.patterns import pattern

_SONG = (
    r"(?:(?:(?:what|where|who)(?:['’]s| is)|which is|wie heißt|quelle est|cuál es|qual è|qual é) )?"
    r"(?:the (?:name|title) of )?(?:(?:the|a|that|any|das|ein|la|le|une?|una|il|el|o|a|uma) )?"
    r"(?:song|track|one|tune|lied|chanson|canción|canzone|música)s?"
)
_SAYS = r"(?:goes?|says?|geht|fait|dit|dice|diz)"
_NO_LINE = r"(?:from|on|up|down|with|well|into|in|to|back|for|at|out|by|through|fast|slow|very|so|how)\b"
""" "A song that goes from calm to loud" quotes nothing."""
_LINE = pattern(
    rf"^(?:{_SONG} (?:that|which|das|der|qui|que|che) {_SAYS}|(?:(?:the|its) )?(?:chorus|lyrics|refrain"
    rf"|verse) {_SAYS}"
    rf"|{_SONG} (?:with|mit|avec|con|com) (?:the |dem |les |la |le |a )?"
    r"(?:words?|lyrics?|lines?|text|paroles|letra|parole)"
    rf"|{_SONG} (?:in which|where) (?:he|she|they|someone|somebody) (?:sings?|says?)"
    r"|(?:lyrics?|text|paroles|letra|testo)\s*:|how does (?:it|that|that one) go)"
    rf"(?: (?:like(?: this)?|so|comme|wie))?[\s,:]+(?!{_NO_LINE})(?P<line>\S+(?:\s+\S+)+)$",
    needs="go say geht fait dit dice diz word lyric line text paroles parole letra testo sing",
)
_MENTION = pattern(
    r"\b(?P<song>songs?|tracks?|lyrics|music|something|anything) (?:that|which) (?:mentions?|talks? about"
    r"|speaks? (?:of|about)|tells? (?:of|about)|deals? with)\b"
    r"|\b(?P<sung>songs?|tracks?|music|something|anything) (?:whose|in whose|where the|with) "
    r"(?:lyrics|words|text)"
    r" (?:(?:that|which) )?(?:mentions?|talks? (?:about|of)|speaks? (?:of|about)|are about|is "
    r"about|deals? with)\b",
    needs="about mention talk speak tell deal",
)
_WHO_SINGS = pattern(
    r"^(?:who|some(?:one|body)|he|she|they) (?:sings?|sang|singing|has songs) about\b",
    needs="who some he she they",
)
_QUOTATION = "\"'‘“„«"
_QUOTES = pattern(
    rf"(?:^|,\s*){_SONG}?\s*(?:(?:that|which) {_SAYS}|(?:with|mit|avec|con|com) (?:the |dem |les |la "
    rf"|le |a )?"
    r"(?:words?|lyrics?|lines?|phrase|text|paroles|letra|parole))\s*$"
)


def sung_line(request: str) -> str | None:
    """The line of a song that a request quotes without quotation marks; None where it quotes none.

    >>> sung_line("the song that goes hold me tight"), sung_line("a song that goes from calm to loud")
    ('hold me tight', None)
    """
    match = _LINE.search(request)
    if match is None or match["line"][0] in _QUOTATION:
        return None
    return match["line"].strip(" .?!")


def as_topics(request: str) -> str:
    """A request with "about" for "that mention": what songs are about is looked for in their words.

    >>> as_topics("songs that mention money")
    'songs about money'
    """
    return _WHO_SINGS.sub("songs about", _MENTION.sub(_about, request))


def _about(match: re.Match[str]) -> str:
    return f"{match['song'] or match['sung']} about"


def without_words_that_quote(text: str) -> str:
    """What is left of a request beside what it has in quotation marks, without "a song with the words".

    >>> without_words_that_quote("a song with the words"), without_words_that_quote("a calm song")
    ('', 'a calm song')
    """
    return _QUOTES.sub("", text)
