"""Scores as sound: written as one MIDI file and played by fluidsynth with a soundfont."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from catalog.errors import NotReady
from models.networks import mini_mel
from models.training.mini.material.scores import SECONDS, Score

SLOT_MS = 15_000


def render(
    scores: Sequence[Score], soundfont: Path, *, rate_hz: int = mini_mel.RATE_HZ, effects: bool = True
) -> list[NDArray[np.float32]]:
    """The scores as mono sound of 12 s. Raises NotReady where fluidsynth is not installed.

    effects: fluidsynth's own echoes and chorus.
    """
    with tempfile.TemporaryDirectory() as folder:
        midi, wav = Path(folder) / "scores.mid", Path(folder) / "scores.wav"
        midi.write_bytes(midi_file(scores))
        command = ["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", "32000", "-F", str(wav)]
        dry = [] if effects else ["-R", "0", "-C", "0"]
        try:
            subprocess.run([*command, *dry, str(soundfont), str(midi)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotReady(
                f"fluidsynth could not play the scores ({error}), so this part of the material is missing.",
                try_this="apt-get install fluidsynth fluid-soundfont-gm",
            ) from error
        stereo, rate = soundfile.read(wav, dtype="float32", always_2d=True)
    sound = soxr.resample(stereo.mean(1), rate, rate_hz)
    length, slot = int(SECONDS * rate_hz), SLOT_MS * rate_hz // 1000
    padded = np.pad(sound, (0, max(0, slot * len(scores) - sound.size)))
    return [padded[i * slot : i * slot + length].astype(np.float32) for i in range(len(scores))]


def midi_file(scores: Sequence[Score]) -> bytes:
    """A standard MIDI file with one score every 15 s, its clock in milliseconds."""
    events: list[tuple[int, bytes]] = []
    for place, score in enumerate(scores):
        base, beat_ms = place * SLOT_MS, 60_000 / score.bpm
        events += [(base, bytes([0xC0 | c, p])) for c, p in score.programs.items()]
        for start, length, channel, pitch, velocity in score.notes:
            on = start * beat_ms
            if on < SECONDS * 1000:
                off = min(on + max(length * beat_ms, 40), SECONDS * 1000)
                events.append((base + round(on) + 1, bytes([0x90 | channel, pitch, velocity])))
                events.append((base + round(off) + 1, bytes([0x80 | channel, pitch, 0])))
        events += [(base + int(SECONDS * 1000) + 200, bytes([0xB0 | c, 120, 0])) for c in range(16)]
    body, now = bytearray(), 0
    for time, event in sorted(events, key=lambda e: e[0]):
        body += _variable_length(time - now) + event
        now = time
    body += b"\x00\xff\x2f\x00"
    header = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x00\x00\x01" + (500).to_bytes(2, "big")
    return header + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _variable_length(number: int) -> bytes:
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))
