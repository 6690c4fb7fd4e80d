"""From what is known about a piece to what a person might say about it, in many wordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.training.mini.material.scores import Score

TEMPLATES = (
    "{style}",
    "{mood} {style}",
    "{tempo} {style}",
    "{tempo}, {mood} {style}",
    "{style} with {instruments}",
    "{mood} {style} with {instruments}",
    "{instruments}, {mood}",
    "{mood} music played on {instruments}",
    "{instruments}",
    "{mood}, {mood2} music",
    "{mood} and {mood2} {style}",
    "A {tempo} {style} piece featuring {instruments}.",
    "A {mood} {style} track with {instruments} and a {tempo} tempo.",
    "This is a {style} piece with {instruments}. The mood is {mood} and {mood2}. The tempo is {tempo}.",
    "The song is {style}. It is played by {instruments} at a {tempo} pace. The atmosphere is {mood}.",
    "This music features {instruments}. It sounds {mood}, like something one would hear in {style}.",
    "Music for a {mood} scene: {style}.",
    "{style}, {vocals}",
    "{mood} {style}, {vocals}, {tempo}",
    "The {vocals} music is {mood}, {mood2} and {tempo}. It features {instruments}.",
)
"""`vocals` is words such as "instrumental" or "male vocals"."""

TAG_WORDS: Mapping[str, Sequence[str]] = {
    "style": [
        "rock",
        "pop",
        "alternative",
        "indie",
        "electronic",
        "dance",
        "jazz",
        "metal",
        "soul",
        "electronica",
        "folk",
        "punk",
        "blues",
        "ambient",
        "experimental",
        "hip-hop",
        "country",
        "funk",
        "electro",
        "house",
        "techno",
        "classical",
        "opera",
    ]
    + ["alternative rock", "classic rock", "indie rock", "hard rock", "easy listening", "heavy metal"]
    + [
        "progressive rock",
        "rnb",
        "indie pop",
        "new age",
        "indian",
        "chillout",
        "oldies",
        "80s",
        "90s",
        "70s",
        "60s",
    ],
    "instruments": [
        "guitar",
        "strings",
        "drums",
        "piano",
        "violin",
        "synth",
        "harpsichord",
        "flute",
        "sitar",
        "harp",
        "cello",
        "choir",
        "beats",
    ],
    "moods": [
        "beautiful",
        "mellow",
        "chill",
        "party",
        "sexy",
        "catchy",
        "sad",
        "happy",
        "loud",
        "quiet",
        "soft",
        "weird",
        "acoustic",
    ],
    "tempo": ["slow", "fast"],
}
"""The teacher's tags, lower case, by what they tell. Voices are told by VOICES."""

VOICES: Mapping[str, str] = {
    "female vocalists": "female vocals",
    "female vocalist": "female vocals",
    "female vocal": "a woman singing",
    "female voice": "a female voice",
    "woman": "a woman singing",
    "male vocalists": "male vocals",
    "male vocal": "a man singing",
    "male voice": "a male voice",
    "man": "a man singing",
    "singing": "singing",
    "vocals": "vocals",
    "choral": "a choir singing",
    "opera": "opera singing",
    "instrumental": "instrumental",
    "no vocals": "instrumental",
    "no vocal": "instrumental",
    "no voice": "without vocals",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known about a piece, in words. Empty where nothing is."""

    styles: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    tempo: str = ""
    vocals: str = ""


def of_score(score: Score) -> Traits:
    """A score's traits; it has no voice but the choir's."""
    if score.bpm < 76:
        tempo = "slow"
    elif score.bpm > 132:
        tempo = "fast"
    else:
        tempo = "medium"
    return Traits(score.words, score.instruments, score.moods, tempo, "instrumental")


def of_tags(tags: Sequence[str], standing: np.ndarray, mood: Mapping[str, float]) -> Traits:
    """Traits of a real song from a teacher's tags.

    standing: how far each tag stands out, in standard deviations. mood: energy, valence and acousticness of
    the second teacher, likewise.
    """
    best = []  # what stands out most comes first
    for i in np.argsort(-standing).tolist():
        if standing[i] > 0.6:
            best.append(tags[i].lower())
    found = {}
    for kind, words in TAG_WORDS.items():
        of_kind = (tag for tag in best if tag in words)
        found[kind] = tuple(dict.fromkeys(of_kind))  # two networks share tags: each once
    voices = [VOICES[tag] for tag in best if tag in VOICES]
    tempo = next(iter(found["tempo"]), "")
    vocals = next(iter(voices), "")
    # A few of each: what stands out less is less sure.
    styles = found["style"][:3]
    instruments = found["instruments"][:3]
    moods = found["moods"][:2] + feelings(mood)
    return Traits(styles, instruments, moods, tempo, vocals)


def feelings(mood: Mapping[str, float]) -> tuple[str, ...]:
    """Words for energy (arousal) and valence in standard deviations, after Russell's circle of moods.

    Source: J. A. Russell, "A circumplex model of affect", 1980.
    """
    if not {"energy", "valence", "acousticness"} <= mood.keys():
        return ()
    energy, valence = mood["energy"], mood["valence"]
    words: list[str] = []
    if energy > 0.7:
        words += ["energetic", "intense", "driving", "powerful"]
        words += _by_valence(valence, 0.5, ["joyful", "exciting"], ["aggressive", "dark"])
    elif energy < -0.7:
        words += ["calm", "gentle", "relaxing", "peaceful"]
        words += _by_valence(valence, 0.5, ["sweet", "tender"], ["melancholic", "gloomy"])
    pleasant = ["happy", "cheerful", "uplifting"]
    unpleasant = ["sad", "dark", "somber", "eerie"]
    words += _by_valence(valence, 0.8, pleasant, unpleasant)
    if mood["acousticness"] > 0.9:
        words.append("acoustic")
    return tuple(words)


def _by_valence(valence: float, limit: float, pleasant: list[str], unpleasant: list[str]) -> list[str]:
    """The words for a valence beyond the limit on either side of 0."""
    if valence > limit:
        return pleasant
    return unpleasant if valence < -limit else []


def describe(traits: Traits, rng: np.random.Generator) -> str:
    """One of many ways to say it; what is not known is not said."""
    fitting = [template for template in TEMPLATES if _can_fill(template, traits)]
    if not fitting:
        return "music"
    moods: list[str] = []
    if traits.moods:
        moods = list(map(str, rng.permutation(list(traits.moods))))
    moods += ["", ""]  # so that there are two to fill in; no template that is left needs more than there are
    mood, mood2, *_ = moods
    count = 0
    if traits.instruments:
        most = min(len(traits.instruments), 3)
        count = int(rng.integers(1, most + 1))
    shuffled = [str(instrument) for instrument in rng.permutation(list(traits.instruments))]
    template = str(rng.choice(fitting))
    style = str(rng.choice(list(traits.styles))) if traits.styles else ""
    return template.format(
        style=style,
        mood=mood,
        mood2=mood2,
        tempo=traits.tempo,
        instruments=_listed(shuffled[:count]),
        vocals=traits.vocals,
    )


def _can_fill(template: str, traits: Traits) -> bool:
    """Whether all that a template asks for is known."""
    known = {
        "{style}": len(traits.styles) > 0,
        "{mood}": len(traits.moods) > 0,
        "{mood2}": len(traits.moods) > 1,
        "{tempo}": bool(traits.tempo),
        "{instruments}": len(traits.instruments) > 0,
        "{vocals}": bool(traits.vocals),
    }
    return all(there or field not in template for field, there in known.items())


def _listed(words: Sequence[str]) -> str:
    """Commas between words, and "and" before the last."""
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last
