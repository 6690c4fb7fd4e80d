"""Lyrics as text: the grammar of LRC, and what plain text and LRC have in common.

LRC has no standard. Written down here is what players agree on: the "simple" and "enhanced" (A2) formats and
Walaoke's voices as in Wikipedia's "LRC (file format)", the signs that LRCGET writes (`[au: instrumental]`),
and the habits of collections in which stamps stand at the end of lines and inside them.

    text     = line*
    line     = tag+ | stamp* words | words               a text is timed where a line begins with a stamp
    tag      = "[" key ":" value "]"                     ar, ti, al, au, by, re, ve, length, la, offset, #
    stamp    = "[" m+ ":" s+ [(":" | "." | ",") part] "]" | "[" h ":" mm ":" ss "." part "]"
    words    = [voice ":"] text with stamps or <stamps>  those time a word, the last one the end of the line
    offset   = "[offset:" [+-] milliseconds "]"          positive: the lines come sooner; the last one counts
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.records import Line
from catalog.values.text import folded


@dataclass(frozen=True, slots=True)
class Lyrics:
    """Lines without empty ones, in the order of their times; `language` as the text itself names it.

    `instrumental`: the text says that there are no words. `note`: what was left out of it, and why.
    """

    lines: tuple[Line, ...] = ()
    language: str = ""
    instrumental: bool = False
    note: str = ""


_TIME = r"(\d{1,3}):(\d{1,2})(?::(\d{1,2}))?(?:[.,](\d{1,6}))?"
_STAMP = re.compile(rf"\[\s*{_TIME}\s*\]")
_WORD_STAMP = re.compile(rf"<\s*{_TIME}\s*>")
_UNTIMED = re.compile(r"\s*\[--:--(?:[.:]--)?\]")
_TAG = re.compile(r"\s*\[\s*([A-Za-z#][\w#-]*)\s*:([^\[\]]*)\]")
_VOICE = re.compile(r"^\s*(?:[FMD]|v\d{1,2}|bg)\s*:\s*(?=\S)")
_OFFSET = re.compile(r"\s*([+-]?\d{1,9}(?:\.\d+)?)\s*(?:ms)?\s*")

_KEYS = frozenset(
    "ar al ti au lr by re ve tool length offset la lang id # hash sign qq total encoding key mb"
    " instrumental".split()
)
"""Tags that are known also where no line is timed; there, "[Chorus: both]" is a heading."""
_BACKGROUND = "bg"
_NO_WORDS = {
    "instrumental",
    "instrumental track",
    "this song is instrumental",
    "this track is instrumental",
    "no lyrics",
    "no lyrics available",
    "纯音乐，请欣赏",
    "此歌曲为没有填词的纯音乐，请您欣赏",
}
"""What collections write in place of words, folded."""
_YES = {"true", "yes", "1"}


def parse_lyrics(text: str) -> Lyrics:
    """Lyrics from LRC or plain text. Lines without a letter or a digit, as "♪", are no words.

    >>> parse_lyrics("[au: instrumental]")
    Lyrics(lines=(), language='', instrumental=True, note='')
    """
    # A byte order mark is no space, so a tag behind it would not begin its line.
    raw_lines = text.replace("\ufeff", "").splitlines()
    timed = any(_is_stamped(line.lstrip()) for line in raw_lines)
    reader = _Reader(timed)
    keyed: list[tuple[float, Line]] = []  # each with what to sort it by
    for raw in raw_lines:
        keyed += reader.read(raw)
    if reader.says_instrumental or _says_no_words([line for _, line in keyed]):
        return Lyrics(language=reader.language, instrumental=True)
    # A line without a time stays behind the one before it: sorting keeps the order of equals.
    in_order = sorted(keyed, key=lambda pair: pair[0])
    moved = [reader.moved(line) for _, line in in_order]
    return Lyrics(tuple(moved), reader.language)


def _is_stamped(line: str) -> bool:
    return bool(_STAMP.match(line) or _WORD_STAMP.match(line))


def lines_of(text: str) -> tuple[Line, ...]:
    """Lyrics as lines, without empty ones; times where the text is LRC.

    >>> lines_of("[offset:500][ar:x]\\n[00:02.50][00:10.5]Oh\\n[00:04]dear[00:05]")
    (Line(text='Oh', start_s=2.0), Line(text='dear', start_s=3.5), Line(text='Oh', start_s=10.0))
    """
    return parse_lyrics(text).lines


def has_words(text: str) -> bool:
    """Whether anything in it could be sung."""
    return any(character.isalnum() for character in text)


@dataclass
class _Reader:
    """Reads line by line; `tags` are those of the header, folded, and the last of a kind counts."""

    timed: bool

    def __post_init__(self) -> None:
        self.tags: dict[str, str] = {}
        self._last = 0.0

    @property
    def language(self) -> str:
        return self.tags.get("la", "") or self.tags.get("lang", "")

    @property
    def says_instrumental(self) -> bool:
        author = self.tags.get("au", "")
        instrumental = self.tags.get("instrumental", "")
        return author in _NO_WORDS or instrumental in _YES

    def read(self, raw: str) -> Iterator[tuple[float, Line]]:
        """What is sung in a line, each with the time that orders it; nothing for tags and empty lines."""
        raw = self._without_tags(raw)
        if not self.timed:
            words = " ".join(raw.split())
            if has_words(words):
                yield self._last, Line(words)
            return
        starts, words = _timed_words(raw)
        if not has_words(words):
            return
        if not starts:
            yield self._last, Line(words)
        for start in starts:
            self._last = start
            yield start, Line(words, start)

    def moved(self, line: Line) -> Line:
        """The line as the offset of the header moves it."""
        found = _OFFSET.fullmatch(self.tags.get("offset", ""))
        if line.start_s is None or found is None:
            return line
        start_s = line.start_s - float(found[1]) / 1000
        return Line(line.text, round(max(0.0, start_s), 3))

    def _without_tags(self, raw: str) -> str:
        """The line without the tags that it begins with, which are kept; what a choir sings stays."""
        while found := _TAG.match(raw):
            key = found[1].casefold()
            if key == _BACKGROUND:  # [bg: ...] are words of a second voice
                return found[2] + raw[found.end() :]
            if not self.timed and key not in _KEYS:
                return raw
            self.tags[key] = folded(found[2])
            raw = raw[found.end() :]
        return raw


def _timed_words(raw: str) -> tuple[list[float], str]:
    """The times at which a line is sung, without doubles, and its words."""
    raw = _UNTIMED.sub("", raw).lstrip()
    starts: list[float] = []
    while found := _STAMP.match(raw):
        starts.append(_seconds(*found.groups()))
        raw = raw[found.end() :].lstrip()
    first_word = _WORD_STAMP.match(raw)
    if first_word and not starts:
        starts.append(_seconds(*first_word.groups()))
    # Stamps inside the line time single words, which is finer than a line is searched by.
    without_stamps = _WORD_STAMP.sub("", _STAMP.sub("", raw))
    words = _VOICE.sub("", without_stamps).split()
    return list(dict.fromkeys(starts)), " ".join(words)


def _seconds(first: str, second: str, third: str | None, decimals: str | None) -> float:
    """m:s, m:s.x, m:s:xx as some write it, or h:m:s.x."""
    larger, smaller = int(first), int(second)
    if third and decimals:
        minutes = larger * 60 + smaller
        return round(minutes * 60 + float(f"{third}.{decimals}"), 3)
    part = float(f"0.{third or decimals or 0}")
    return round(larger * 60 + smaller + part, 3)


def _says_no_words(lines: Sequence[Line]) -> bool:
    said = {folded(line.text).strip(" ()[]{}<>*~-♪♫.!") for line in lines}
    return bool(said) and said <= _NO_WORDS
