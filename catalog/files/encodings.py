"""Bytes to text: which encoding a text is in, where nobody says so."""

import codecs
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from catalog.values.languages import guessed_language

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SHIFTED = {b"\x1b$)C": "iso2022_kr", b"\x1b$": "iso2022_jp_2", b"\x1b(J": "iso2022_jp_2"}
"""Encodings of seven bits, by how they begin to speak of another script; the first that fits counts."""

_LANGUAGES = {
    "cp1252": "en fr de es pt it nl sv da no fi is ca gl eu ga fo af",
    "cp1250": "pl cs sk hu sl hr bs sr ro sq",
    "iso8859_2": "pl cs sk hu sl hr bs ro",
    "cp1251": "ru uk bg sr mk be kk mn tt",
    "koi8_r": "ru",
    "koi8_u": "uk",
    "cp866": "ru",
    "cp1253": "el",
    "iso8859_7": "el",
    "cp1254": "tr az",
    "cp1255": "he yi",
    "cp1256": "ar fa ur",
    "cp1257": "lt lv et",
    "gb18030": "zh",
    "big5": "zh",
    "cp932": "ja",
    "shift_jis": "ja",
    "euc_jp": "ja",
    "cp949": "ko",
    "cp874": "th",
}
"""Encodings that lyrics are met in, and the languages that are written in them."""

_WESTERN = ("cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257")

_LEAST = 0.2
"""What is less plausible than this is no text of that encoding; of 300 noises 11 were more so."""
_MOSTLY_ASCII = 0.25
"""Share of the letters: a text of a western language has fewer that are not ASCII."""
_FEWEST = 16
"""So many bytes of another script tell which it is; of fewer, most readings are wrong."""
_LOOKED_AT = 4_000  # bytes: enough to be sure, and thirty encodings of them are still quick to try


def decode(data: bytes) -> str:
    """Bytes to text. Raises UnicodeError where no encoding makes words of them: better none than mojibake.

    By byte order mark; else UTF-16 that shows by its zeros, or ISO 2022 by its escapes; else UTF-8, also with
    some bytes that are broken; else what `_by_language` finds; else, where nearly all is ASCII, Windows'
    western page, as players do.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    wide = _wide_encoding(data)
    if wide:
        return data.decode(wide, errors="replace")
    for mark, name in _SHIFTED.items():
        if mark in data:
            return data.decode(name, errors="replace")
    if _is_utf8(data):
        return data.decode(errors="replace")
    name = _western_or_foreign(data)
    if not name:
        raise UnicodeError("these bytes are words in no encoding that nw knows")
    return data.decode(name, errors="replace")


def true_encoding(text: str) -> str:
    """The encoding that a text is really in whose tag says Latin-1; "" where it may well be.

    Taggers of the nineties wrote what their machine had: Cyrillic in cp1251, Chinese in GBK, later UTF-8.

    >>> true_encoding("Motörhead"), true_encoding("Группа крови на рукаве".encode("cp1251").decode("latin-1"))
    ('', 'cp1251')
    """
    data = text.encode("latin-1", errors="replace")
    if data.isascii():
        return ""
    with suppress(UnicodeDecodeError):
        data.decode()
        return "utf-8"
    foreign, letters = _counts(data)
    if foreign < _FEWEST or foreign <= letters / 2:
        return ""
    name = _by_language(data)
    return name if name and name not in _WESTERN else ""


def _western_or_foreign(data: bytes) -> str:
    foreign, letters = _counts(data)
    mostly_ascii = foreign <= _MOSTLY_ASCII * letters
    if foreign < _FEWEST and not mostly_ascii:
        return ""
    return _by_language(data) or ("cp1252" if mostly_ascii else "")


def _counts(data: bytes) -> tuple[int, int]:
    """How many bytes are not ASCII, and how many are those or ASCII's letters."""
    foreign = sum(byte >= 0x80 for byte in data)
    letters = sum(65 <= byte & 0xDF <= 90 for byte in data)  # bit 32 is a letter's case
    return foreign, foreign + letters


def _wide_encoding(data: bytes) -> str:
    head = data[:400]
    # UTF-16 without its mark: half of the bytes of a western text are zeros, and no other text has any.
    has_pairs = len(data) >= 4 and len(data) % 2 == 0
    has_zeros = head.count(0) > len(head) // 3
    if not has_pairs or not has_zeros:
        return ""
    return "utf-16-le" if data[1] == 0 else "utf-16-be"


def _is_utf8(data: bytes) -> bool:
    """Whether it is UTF-8; a few broken bytes among many good sequences are damage, not another encoding."""
    try:
        data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        broken = text.count("\ufffd")
        good = sum(character > "\x7f" for character in text) - broken
        return good >= 4 * broken
    return True


def _by_language(data: bytes) -> str | None:
    """The encoding in which the bytes read as a language that is written in it.

    charset-normalizer proposes; py3langid decides among its proposals, and among all encodings where none
    of those convinces. On 299 song texts in 24 encodings and 264 beginnings of 60 characters this was right
    for 98 % and 97 %, charset-normalizer alone for 77 % and 72 %.
    """
    sample = _telling_lines(data)
    for proposals in (_proposed(sample), iter(_LANGUAGES)):
        judged = [(_plausible(sample, name), name) for name in proposals]
        plausible, best = max(judged, default=(0.0, ""))
        if plausible >= _LEAST:
            return best
    return None


def _telling_lines(data: bytes) -> bytes:
    """The first lines that are not ASCII alone; no encoding here has a newline inside a character."""
    lines: list[bytes] = []
    length = 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line[:_LOOKED_AT])
            length += len(line)
        if length > _LOOKED_AT:
            break
    return b"\n".join(lines)


def _proposed(sample: bytes) -> Iterator[str]:
    from charset_normalizer import from_bytes  # only for texts that are not UTF

    return (match.encoding for match in from_bytes(sample, cp_isolation=list(_LANGUAGES)))


def _plausible(sample: bytes, name: str) -> float:
    """How surely the bytes are text in that encoding, from 0 (not at all) to 1."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError:
        return 0.0
    language, confidence = guessed_language(text)
    if language not in _LANGUAGES[name].split():
        return 0.0
    odd_share = _oddities(text) / max(1, len(text))
    return confidence - 2 * odd_share


_THAI_ON_TOP = (
    "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e"
)


def _oddities(text: str) -> int:
    """Characters that words do not hold, or not in that place; the worst count five times."""
    count = 0
    before = " "
    for character in text:
        category = unicodedata.category(character)
        is_control = category == "Cc" and not character.isspace()
        if is_control or category in ("Cn", "Co"):  # not assigned, or for private use
            count += 5
        elif category in ("Sm", "Sk", "So", "Sc", "No", "Lm"):
            count += 1
        if character.isupper() and before.islower():
            count += 1
        if before in "ςךםןףץ" and character.isalpha():  # forms that only end words
            count += 2
        count += 3 * _breaks_thai(before, character)
        before = character
    return count


def _breaks_thai(before: str, character: str) -> bool:
    """Whether Thai would not put this after that: vowels and tones stand on consonants, some before them."""
    if before in "เแโใไ":
        return not "ก" <= character <= "ฮ"
    if character in _THAI_ON_TOP:
        can_carry = "ก" <= before <= "ฮ" or before in _THAI_ON_TOP
        return not can_carry or before == character
    return False
