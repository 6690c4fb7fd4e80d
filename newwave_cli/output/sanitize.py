"""Text on its way out, sanitized in this one place: no stranger's title moves the cursor or turns a line.

Control characters (ECMA-48, C0 and C1) and what overrides the direction of text (Unicode Annex 9) are spelled
out; a half character is U+FFFD. Bytes of a file's name that are no UTF-8 pass, for a path must stay a path.
"""

import re

_UNSAFE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udc7f\udd00-\udfff]"
)
"""Not tab and newline: a row spells them as its format does."""


def sanitized(text: str) -> str:
    r"""Text as a terminal may have it.

    >>> sanitized("\x1b[2J red \u202e \x9b31m \ud800")
    '\\x1b[2J red \\u202e \\x9b31m �'
    """
    return _UNSAFE.sub(_spelled, text)


def sanitized_json(document: str) -> str:
    r"""JSON as a terminal may have it: the same document, with more of it as \u escapes.

    >>> sanitized_json('{"title": "a\x9b2J\u202e"}')
    '{"title": "a\\u009b2J\\u202e"}'
    """
    return _UNSAFE.sub(_escaped, document)


def _escaped(found: re.Match[str]) -> str:
    letter = found[0]  # those up to U+001F are line ends between values: json has escaped all within them
    return letter if letter <= "\x1f" else f"\\u{ord(letter):04x}"


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code >= 0xD800:  # half a surrogate pair has no UTF-8
        return "\ufffd"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
