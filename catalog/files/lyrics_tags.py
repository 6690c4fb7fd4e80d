"""Lyrics inside tags: what a frame says about itself, and which of several are the song's.

ID3v2.4.0 frames, sections 4.8 (USLT: language, descriptor, text) and 4.9 (SYLT: language, time stamp format,
content type, descriptor, pieces of text with their times).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.files.lrc import Lyrics, has_words, parse_lyrics
from catalog.records import Line
from catalog.values.columns import LONGEST_LYRICS
from catalog.values.languages import language_code

_SUNG = (0, 1, 2)
"""SYLT's content types that hold the words: other, lyrics, transcription. Then come parts, events, chords,
trivia, and addresses of pages and pictures."""
_IN_FRAMES, _IN_MS = 1, 2
"""SYLT's time stamp formats."""
_TRANSLATED = re.compile(r"transl|übersetz|traduc|tradu[zç]|romani[sz]|romaji|pinyin|phonetic", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LyricsTag:
    """The words of one frame or field; `language` as a code, "" where it says none."""

    lyrics: Lyrics
    language: str = ""
    translated: bool = False


def unsynchronised(text: str, language: str, descriptor: str) -> LyricsTag:
    """Lyrics as one text, which is LRC in the files of many taggers."""
    lyrics = parse_lyrics(text[:LONGEST_LYRICS])
    if len(text) > LONGEST_LYRICS:
        note = f"of lyrics of {len(text):,} characters the first {LONGEST_LYRICS:,} are used"
        lyrics = replace(lyrics, note=note)
    is_translated = bool(_TRANSLATED.search(descriptor))
    return LyricsTag(lyrics, language_code(language), is_translated)


def synchronised(frame: Any, sound: Any) -> LyricsTag | None:
    """The words of a SYLT frame, with their times where its format is known; None for what is not sung.

    sound: mutagen's description of the stream, which knows how long an MPEG frame is, or None.
    """
    if frame.type not in _SUNG:
        return None
    units_s = {_IN_MS: 0.001, _IN_FRAMES: _frame_s(sound)}
    unit_s = units_s.get(frame.format)
    lines = []
    for text, at in _joined(frame.text):
        words = " ".join(text.split())
        if has_words(words):
            start_s = None if unit_s is None else round(at * unit_s, 3)
            lines.append(Line(words, start_s))
    is_translated = bool(_TRANSLATED.search(frame.desc))
    return LyricsTag(Lyrics(tuple(lines)), language_code(frame.lang), is_translated)


def songs_lyrics(tags: Iterable[LyricsTag], language: str) -> Lyrics:
    """Of several lyrics those in the song's language, else of no known one; originals before translations.

    Among equals timed lines win, then what comes first in the file. `language` is the song's code or "".
    """
    with_words = [tag for tag in tags if tag.lyrics.lines]
    if not with_words:
        instrumental = (tag.lyrics for tag in tags if tag.lyrics.instrumental)
        return next(instrumental, Lyrics())
    return min(with_words, key=lambda tag: _order(tag, language)).lyrics


def _order(tag: LyricsTag, language: str) -> tuple[int, bool, bool]:
    match = 1  # as likely as not: one of the two languages is not known
    if language and tag.language:
        match = 0 if tag.language == language else 2
    is_timed = any(line.start_s is not None for line in tag.lyrics.lines)
    return match, tag.translated, not is_timed


def _frame_s(sound: Any) -> float | None:
    """How long an MPEG audio frame is: its samples go by layer and version (ISO 11172-3, 13818-3)."""
    rate, layer = getattr(sound, "sample_rate", 0), getattr(sound, "layer", 0)
    if not rate or layer not in (1, 2, 3):
        return None
    samples = 384 if layer == 1 else 1152
    if layer == 3 and sound.version != 1:  # MPEG-2 halves layer III's frames
        samples = 576
    return float(samples / rate)


def _joined(pieces: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The pieces of a SYLT frame as lines; where line ends are marked, those between them are syllables."""
    syllables = any("\n" in text for text, _ in pieces)
    lines: list[tuple[str, int]] = []
    ended = False
    for text, at in pieces:
        if not lines or not syllables or ended or text.startswith("\n"):
            lines.append((text.strip("\n"), at))
        else:
            before, start = lines[-1]
            lines[-1] = (before + text.rstrip("\n"), start)
        ended = text.endswith("\n")
    return lines
