"""Who plays what when, and the mix: notes on parts become stereo sound."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments import effects
from newwave_cli.demo.instruments.dsp import RATE, Sound, samples
from newwave_cli.demo.instruments.theory import Tone

Instrument = Callable[[float, float, float, Generator], Sound]
"""(MIDI pitch, seconds, velocity 0-1, randomness) -> mono sound, at least that long."""

Insert = Callable[[Sound], Sound]
_LOUDNESS = {"X": 1.0, "x": 0.8, "o": 0.55, ".": 0.3}
_TAKES = 3
"""How often an equal note is played anew before a take is used again: enough to sound alive."""


@dataclass
class Part:
    """One instrument's notes. pan: -1 left to 1 right; spread: how far pitch moves it to the sides;
    send: how much of it the room hears; loose_s: how unsteady the player is."""

    instrument: Instrument
    stage: "Stage"
    gain: float = 1.0
    pan: float = 0.0
    spread: float = 0.0
    send: float = 0.2
    loose_s: float = 0.006
    inserts: tuple[Insert, ...] = ()
    notes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def note(self, beat: float, pitch: float, beats: float, velocity: float = 0.8) -> None:
        """Play one note."""
        stage = self.stage
        start, end = stage.at(beat), stage.at(beat + beats)
        self.notes.append((start, pitch, end - start, velocity))

    def chord(
        self, beat: float, pitches: Iterable[float], beats: float, velocity: float = 0.8, strum: float = 0.0
    ) -> None:
        """Play several at once, or `strum` beats after each other."""
        for i, pitch in enumerate(pitches):
            self.note(beat + i * strum, pitch, beats - i * strum, velocity)

    def tune(self, tones: Iterable[Tone], velocity: float = 0.8, *, legato: float = 1.0, up: int = 0) -> None:
        """Play a melody; the beat of the bar gets a little more weight."""
        for tone in tones:
            accent = 0.08 if tone.beat % self.stage.bar == 0 else 0.0
            self.note(tone.beat, tone.pitch + up, tone.beats * legato, velocity + accent)

    def pattern(self, beat: float, steps: str, pitch: float = 60, velocity: float = 1.0) -> None:
        """A bar of drum strokes: X x o . from loud to soft, - for none."""
        length = self.stage.bar / len(steps)
        for i, step in enumerate(steps):
            if step in _LOUDNESS:
                self.note(beat + i * length, pitch, length, velocity * _LOUDNESS[step])

    def render(self, n: int) -> Sound:
        """The part alone, (2, n), before the room."""
        out = np.zeros((2, n), np.float32)
        takes: dict[tuple[float, float, float, int], Sound] = {}
        rng = self.stage.rng
        for number, (start, pitch, seconds, velocity) in enumerate(self.notes):
            key = (pitch, round(seconds, 2), round(velocity * 10) / 10, number % _TAKES)
            if key not in takes:
                takes[key] = self.instrument(pitch, max(key[1], 0.02), key[2], rng)
            begin = max(0, round((start + rng.normal(0, self.loose_s)) * RATE))
            sound = takes[key][: max(0, n - begin)]
            place = np.clip(self.pan + self.spread * (pitch - 62) / 30, -1, 1) * np.pi / 4 + np.pi / 4
            sides = np.array([np.cos(place), np.sin(place)], np.float32) * np.float32(self.gain * 1.2)
            out[:, begin : begin + len(sound)] += sides[:, None] * sound
        for insert in self.inserts:
            out = insert(out)
        return out


class Stage:
    """A piece being written.

    It fills `seconds` with whole bars at about `tempo` beats a minute and leaves `tail_s` for the last chord,
    which belongs at `end` (in beats). swing 1 is triplets, 0 is straight.
    """

    def __init__(
        self,
        rng: Generator,
        seconds: float,
        tempo: float,
        *,
        bar: float = 4,
        swing: float = 0,
        tail_s: float = 2.5,
    ) -> None:
        self.rng, self.seconds, self.bar = rng, seconds, bar
        playing = seconds - min(tail_s, seconds / 4)
        self.bars = max(1, round(playing * tempo / 60 / bar))
        self.end = self.bars * bar
        self.beat_s = playing / self.end
        self._off = 0.5 + swing / 6
        self.parts: list[Part] = []

    def at(self, beat: float) -> float:
        """When a beat comes, in seconds; off-beats come late when the music swings."""
        whole, part = divmod(beat, 1)
        swung = part * 2 * self._off if part < 0.5 else self._off + (part - 0.5) * 2 * (1 - self._off)
        return float((whole + swung) * self.beat_s)

    def part(self, instrument: Instrument, gain: float = 1.0, *inserts: Insert, **how: Any) -> Part:
        """Someone joins; `how` are Part's pan, spread, send, loose_s."""
        made = Part(instrument, self, gain, inserts=inserts, **how)
        self.parts.append(made)
        return made

    def starts(self, first: int = 0, last: int | None = None, every: int = 1) -> list[tuple[int, float]]:
        """(number, beat) of each bar, or of every so-many-th."""
        return [
            (i, i * self.bar)
            for i in range(first, self.bars if last is None else min(last, self.bars), every)
        ]

    def mix(
        self,
        *,
        room_s: float = 1.2,
        dark: float = 6000,
        wet: float = 1.0,
        decibels: float = -17,
        width: float = 1.0,
    ) -> Sound:
        """Everyone together in a room of that reverberation time, at that loudness: (2, samples)."""
        n = samples(self.seconds)
        dry, sent = np.zeros((2, n), np.float32), np.zeros((2, n), np.float32)
        for part in self.parts:
            sound = part.render(n)
            dry += sound
            sent += np.float32(part.send) * sound
        both = dry + np.float32(wet * 0.9) * effects.reverb(sent, room_s, dark)
        return effects.master(_faded(effects.widen(both, width)), decibels)


def _faded(sound: Sound) -> Sound:
    """The last moment goes to silence, so that no piece ends in a click."""
    n = sound.shape[1]
    fade = min(n, samples(min(1.2, n / RATE / 6)))
    out = sound.copy()
    out[:, n - fade :] *= np.linspace(1, 0, fade, dtype=np.float32) ** 1.5
    return out
