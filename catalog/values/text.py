"""Text on its way into the catalog, and how texts are compared: the one door for words of any origin."""

import re
import unicodedata

_TERMINAL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # ECMA-48 control sequences: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands: titles, links
)
_SPACES = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_NO_CHARACTERS = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that are no space
    "\u202a-\u202e\u2066-\u2069"  # they turn the direction of whatever is printed after them
    "\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]"  # byte order mark, annotations, no characters at all
)
_SPACE = "".join(filter(str.isspace, map(chr, range(0x3001))))  # U+3000 is the last
_UNSEEN = _SPACE + "\u00ad\u200b\u200c\u200d\u2060\u2800\u3164"
"""Space, and what can be seen no more: soft hyphens, joiners, fillers. In a word they may mean something."""
_HALVES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text as the catalog keeps it: composed (NFC), whole characters, on one line, without controls.

    Composition: Unicode Standard Annex 15. Pairs of surrogates become the character that they mean, half
    of a pair becomes "?", for neither SQLite nor JSON can carry it.

    >>> clean("Cafe\\u0301\\x1b[31m red\\x00\\n\\ud83c\\udfb9 \\ud800")
    'Café red 🎹 ?'
    """
    if text.isascii() and text.isprintable():  # most of what comes by
        return text.strip()
    text = _whole(text)
    # Escape sequences first: once their first character is gone as a control, "[31m" would be words.
    text = _TERMINAL.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _NO_CHARACTERS.sub("", text)
    return unicodedata.normalize("NFC", text.strip(_UNSEEN))


def clean_lines(text: str) -> str:
    r"""As `clean`, for text of several lines: every kind of line end becomes a newline.

    >>> clean_lines("so\x00 long\r\n\tfarewell\u2028end")
    'so long\nfarewell\nend'
    """
    return "\n".join(clean(line) for line in text.splitlines())


def folded(text: str) -> str:
    """A text as texts are compared everywhere: without case, composed, spaces as one.

    Caseless matching as the Unicode Standard defines it (section 3.13, D145): case folding of the
    decomposed text, decomposed again; composed here, so that it equals what is kept.

    >>> folded("  ÉTHE\\u0301RE\\u0301 ") == folded("éthéré"), folded("STRASSE") == folded("Straße")
    (True, True)
    """
    if text.isascii():
        return " ".join(text.lower().split())
    once = unicodedata.normalize("NFD", text).casefold()
    return " ".join(unicodedata.normalize("NFC", once).split())


def _whole(text: str) -> str:
    """Text without halves of characters, which JSON with \\ud83c in it and names of files bring."""
    if not _HALVES.search(text):
        return text
    # Through UTF-16, where a pair of surrogates is what one character looks like.
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _HALVES.sub("?", joined)
