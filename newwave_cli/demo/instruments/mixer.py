"""Who plays what when, and the mix: notes on parts become stereo sound."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from newwave_cli.demo.instruments import effects
from newwave_cli.demo.instruments.dsp import RATE, Sound, samples
from newwave_cli.demo.instruments.theory import Chord, Tone, melody, progression, repeated, voicings

Instrument = Callable[[float, float, float, Generator], Sound]
"""(MIDI pitch, seconds, velocity 0-1, randomness) -> mono sound, at least that long."""

Insert = Callable[[Sound], Sound]
_LOUDNESS = {"X": 1.0, "x": 0.8, "o": 0.55, ".": 0.3}
_TAKES = 3
"""How often an equal note is played anew before a take is used again: enough to sound alive."""


@dataclass(frozen=True, slots=True)
class Note:
    """When, a MIDI pitch, how long, and how hard (0-1)."""

    start_s: float
    pitch: float
    seconds: float
    velocity: float


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
    notes: list["Note"] = field(default_factory=list)

    def note(self, beat: float, pitch: float, beats: float, velocity: float = 0.8) -> None:
        """Play one note."""
        start = self.stage.at(beat)
        end = self.stage.at(beat + beats)
        note = Note(start, pitch, end - start, velocity)
        self.notes.append(note)

    def chord(
        self, beat: float, pitches: Iterable[float], beats: float, velocity: float = 0.8, strum: float = 0.0
    ) -> None:
        """Play several at once, or `strum` beats after each other."""
        for i, pitch in enumerate(pitches):
            later = i * strum  # all end together
            self.note(beat + later, pitch, beats - later, velocity)

    def tune(self, tones: Iterable[Tone], velocity: float = 0.8, *, legato: float = 1.0, up: int = 0) -> None:
        """Play a melody; the beat of the bar gets a little more weight."""
        for tone in tones:
            begins_bar = tone.beat % self.stage.bar == 0
            accent = 0.08 if begins_bar else 0.0
            held = tone.beats * legato
            self.note(tone.beat, tone.pitch + up, held, velocity + accent)

    def run(
        self, beat: float, pitches: Iterable[float], every: float, beats: float, velocity: float = 0.8
    ) -> None:
        """Play pitches one after the other, a new one `every` so many beats, each held for `beats`."""
        for i, pitch in enumerate(pitches):
            self.note(beat + i * every, pitch, beats, velocity)

    def pattern(self, beat: float, steps: str, pitch: float = 60, velocity: float = 1.0) -> None:
        """A bar of drum strokes: X x o . from loud to soft, - for none."""
        length = self.stage.bar / len(steps)
        for i, step in enumerate(steps):
            loudness = _LOUDNESS.get(step)
            if loudness is not None:
                at = beat + i * length
                self.note(at, pitch, length, velocity * loudness)

    def render(self, n: int) -> Sound:
        """The part alone, (2, n), before the room."""
        out = np.zeros((2, n), np.float32)
        takes: dict[tuple[Note, int], Sound] = {}
        rng = self.stage.rng
        for number, note in enumerate(self.notes):
            # Notes that are nearly alike share a take: a synthesizer of many partials is what takes the time.
            seconds = round(note.seconds, 2)
            velocity = round(note.velocity * 10) / 10
            take = (Note(0, note.pitch, seconds, velocity), number % _TAKES)
            if take not in takes:
                takes[take] = self.instrument(note.pitch, max(seconds, 0.02), velocity, rng)
            late_s = rng.normal(0, self.loose_s)
            begin = max(0, round((note.start_s + late_s) * RATE))
            left = max(0, n - begin)
            sound = takes[take][:left]
            end = begin + len(sound)
            out[:, begin:end] += self._sides(note.pitch) * sound
        for insert in self.inserts:
            out = insert(out)
        return out

    def _sides(self, pitch: float) -> Sound:
        """Gains (2, 1) of left and right: on a quarter circle, so that the power is the same everywhere."""
        moved = self.spread * (pitch - 62) / 30
        pan = np.clip(self.pan + moved, -1, 1)
        eighth_turn = np.pi / 4
        angle = pan * eighth_turn + eighth_turn
        sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
        return sides * np.float32(self.gain * 1.2)


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
        beats = playing * tempo / 60
        self.bars = max(1, round(beats / bar))
        self.end = self.bars * bar
        # The tempo gives way, so that the last bar ends where the piece does.
        self.beat_s = playing / self.end
        self._off = 0.5 + swing / 6  # where the second eighth of a beat is: at 2/3 with full swing
        self.parts: list[Part] = []

    def at(self, beat: float) -> float:
        """When a beat comes, in seconds; off-beats come late when the music swings."""
        whole, part = divmod(beat, 1)
        # Both halves of a beat are stretched to their share of it.
        swung = part * 2 * self._off
        if part >= 0.5:
            of_second_half = (part - 0.5) * 2
            swung = self._off + of_second_half * (1 - self._off)
        return float((whole + swung) * self.beat_s)

    def part(self, instrument: Instrument, gain: float = 1.0, *inserts: Insert, **how: Any) -> Part:
        """Someone joins; `how` are Part's pan, spread, send, loose_s."""
        made = Part(instrument, self, gain, inserts=inserts, **how)
        self.parts.append(made)
        return made

    def starts(self) -> list[tuple[int, float]]:
        """(number, beat) of each bar."""
        return [(number, number * self.bar) for number in range(self.bars)]

    def chords(self, numerals: str, tonic: int) -> list[Chord]:
        """A chord for each bar: a progression (`theory.progression`) again and again."""
        return repeated(progression(numerals, tonic), self.bars)

    def with_chords(self, chords: list[Chord]) -> Iterator[tuple[int, float, Chord]]:
        """(number, beat, chord) of each bar."""
        for (number, beat), harmony in zip(self.starts(), chords, strict=True):
            yield number, beat, harmony

    def harmonized(
        self, chords: list[Chord], low: int, count: int = 3
    ) -> Iterator[tuple[int, float, Chord, list[int]]]:
        """(number, beat, chord, pitches) of each bar: its chord, voiced with `count` pitches above `low`."""
        hands = voicings(chords, low, count)
        for (number, beat, harmony), hand in zip(self.with_chords(chords), hands, strict=True):
            yield number, beat, harmony, hand

    def melody(
        self, scale: list[int], chords: list[Chord], rhythms: list[str], *, leap: float = 0.15
    ) -> list[Tone]:
        """A tune for the whole piece over these chords, as `theory.melody` makes it."""
        return melody(self.rng, scale, chords, self.bar, rhythms, leap=leap)

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
        dry = np.zeros((2, n), np.float32)
        sent = np.zeros((2, n), np.float32)  # one room for everybody: each gives as much as stands far away
        for part in self.parts:
            sound = part.render(n)
            dry += sound
            sent += np.float32(part.send) * sound
        room = effects.reverb(sent, room_s, dark)
        both = dry + np.float32(wet * 0.9) * room
        wide = effects.widen(both, width)
        return effects.master(_faded(wide), decibels)


def _faded(sound: Sound) -> Sound:
    """The last moment goes to silence, so that no piece ends in a click."""
    n = sound.shape[1]
    seconds = min(1.2, n / RATE / 6)
    fade = min(n, samples(seconds))
    out = sound.copy()
    ramp = np.linspace(1, 0, fade, dtype=np.float32)
    out[:, n - fade :] *= ramp**1.5
    return out
