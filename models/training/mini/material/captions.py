"""From what is known about a piece to what a person might say about it, in many wordings."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.mini.material.scores import Score

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
TEMPLATES: Sequence[str] = _TABLES["templates"]
TAG_WORDS: Mapping[str, Sequence[str]] = _TABLES["tags"]
VOICES: Mapping[str, str] = _TABLES["voices"]


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
    moods = _shuffled(traits.moods, rng) if traits.moods else []
    # There are two to fill in; a template that needs more than are known is not among the fitting ones.
    mood, mood2, *_ = [*moods, "", ""]
    count = 0
    if traits.instruments:
        most = min(len(traits.instruments), 3)
        count = int(rng.integers(1, most + 1))
    played = _shuffled(traits.instruments, rng)[:count]
    template = str(rng.choice(fitting))
    style = str(rng.choice(list(traits.styles))) if traits.styles else ""
    return template.format(
        style=style,
        mood=mood,
        mood2=mood2,
        tempo=traits.tempo,
        instruments=_listed(played),
        vocals=traits.vocals,
    )


def _shuffled(words: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [str(word) for word in rng.permutation(list(words))]


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
