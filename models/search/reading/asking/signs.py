"""What a request says without words that an encoder knows: emoji, and a tempo in beats a minute.

>>> in_words("warm pads, no 😢")
('warm pads, no sad', ('“sad” for “😢”',))
>>> in_words("techno at 140 bpm"), in_words("under 90 bpm")
(('techno fast', ('“fast” for “140 bpm”',)), ('slow', ('“slow” for “under 90 bpm”',)))
"""

import re

from catalog.library.fulltext import words_of
from models.search.reading.patterns import pattern

_TABLE = """
sad: 😢 😭 🥲 💔 😞 😔 ☹
happy: 😀 😃 😄 😁 😊 🙂 😺
calm: 😌
sleep: 😴 💤 🛌
angry: 😡 🤬 😠
scary: 👻 😱
romantic: ❤ 💕 😍 🥰 💘
party: 🎉 🥳
dance: 💃 🕺 🪩
running: 🏃
workout: 🏋 💪
meditation: 🧘
piano: 🎹
guitar: 🎸
drums: 🥁 🪘
violin: 🎻
trumpet: 🎺
saxophone: 🎷
accordion: 🪗
banjo: 🪕
flute: 🪈
harp: 🪉
singing: 🎤
bells: 🔔
rain: 🌧 ☔
thunder: ⛈ 🌩
snow: ❄ ☃ 🌨
summer: ☀ 🌞 🌴
sea: 🌊
night: 🌙 🌃
space: 🚀 🌌
christmas: 🎄 🎅
halloween: 🎃
battle: ⚔
forest: 🌲 🌳
birds: 🐦
church: ⛪
robots: 🤖
video game: 🎮 👾
rock: 🤘
"""
"""A word, and the emoji that say it."""
_WORD_OF = {
    emoji: word
    for line in _TABLE.strip().splitlines()
    for word, emojis in [line.split(": ")]
    for emoji in emojis.split()
}
# With what follows one: its variants, tones of skin, and what it is joined with.
_EMOJI = re.compile(
    "[\u2600-\u27bf\U0001f300-\U0001faff](?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[\u2640\u2642]\ufe0f?)*"
)
_TEMPO = pattern(
    r"(?:\b(?:(?P<under>under|below|less than|at most|up to|(?:no|not) (?:more|faster) than"
    r"|not over|max(?:imum)?"
    r"|slower than|unter|höchstens|moins de|menos de|meno di)"
    r"|(?P<over>over|above|more than|at least|(?:no|not) (?:less|slower) than|min(?:imum)?|faster than|über"
    r"|mindestens|plus de|más de|più di|mais de)"
    r"|at|around|about|roughly|with|between|by|bei|etwa|um|mit|zwischen|à|environ|entre|a|unos)\s+|~\s*)*"
    r"(?P<number>(?P<low>\d{2,3})(?:\s*(?:-|–|to|and|bis|und|à|et|a|y|e)\s*(?P<high>\d{2,3}))?"
    r"\s*-?(?:bpm|beats (?:per|a|each) minute|schläge (?:pro|die|in der) minute|battements (?:par"
    r"|à la) minute"
    r"|pulsaciones por minuto|battiti al minuto|batidas por minuto))\b"
    r"(?P<limit>,? (?:or (?P<or_less>less|slower|under)|or (?P<or_more>more|faster|over))\b"
    r"|(?P<plus>\+))?",
    needs="bpm beats schläge battements pulsaciones battiti batidas 1 2 3 4 5 6 7 8 9",
)
_SLOW, _FAST = 80, 116
"""The most beats a minute of what is called slow, and the fewest of what is called fast."""
_BEYOND = 20
"""Beats a minute that a song may lie beyond a limit."""


def in_words(text: str) -> tuple[str, tuple[str, ...]]:
    """A text with words for emoji and for beats a minute, and how that is said.

    A word that stands there already is not said again. An emoji that says nothing of music goes, where
    something else is asked for.
    """
    said: list[str] = []
    stands_there = set(words_of(text))

    def put(word: str, sign: str) -> str:
        said.append(f"“{word}” for “{sign}”")
        if word in stands_there:
            return ""
        stands_there.add(word)
        return word

    def word_of(match: re.Match[str]) -> str:
        word = _WORD_OF.get(match[0][0])
        return f" {put(word, match[0])} " if word else " "

    def tempo_of(match: re.Match[str]) -> str:
        limit = match["under"] or match["over"]
        sign = f"{limit} {match['number']}" if limit else match["number"]
        return put(_tempo(match), sign + (match["limit"] or ""))

    plain = _TEMPO.sub(tempo_of, text)
    plain = _EMOJI.sub(word_of, plain)
    if plain == text:
        return text, ()
    plain = re.sub(r"\s+(?=[,.;!?])", "", " ".join(plain.split())).strip(" ,;")
    return (plain, tuple(dict.fromkeys(said))) if words_of(plain) else (text, ())


def _tempo(match: re.Match[str]) -> str:
    """How fast so many beats a minute are."""
    beats = (int(match["low"]) + int(match["high"] or match["low"])) / 2
    if match["under"] or match["or_less"]:
        beats -= _BEYOND
    elif match["over"] or match["or_more"] or match["plus"]:
        beats += _BEYOND
    if beats <= _SLOW:
        return "slow"
    return "fast" if beats >= _FAST else "mid-tempo"
