"""Scores as sound: written as one MIDI file and played by fluidsynth with a soundfont."""

import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from catalog.errors import NotReady
from models.networks.mini import spectra
from models.training.mini.material.figures import SECONDS
from models.training.mini.material.scores import Score

SLOT_MS = 15_000
"""From the start of one score to the next: 12 s of music, and room for its tail."""
_PROGRAM, _CONTROL, _NOTE_ON, _NOTE_OFF = 0xC0, 0xB0, 0x90, 0x80  # MIDI status bytes, the channel below
_ALL_SOUND_OFF = 120  # controller number


def render(
    scores: Sequence[Score], soundfont: Path, *, rate_hz: int = spectra.RATE_HZ, effects: bool = True
) -> list[NDArray[np.float32]]:
    """The scores as mono sound of 12 s. Raises NotReady where fluidsynth is not installed.

    effects: fluidsynth's own reverb and chorus.
    """
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "scores.mid"
        wav = Path(folder) / "scores.wav"
        midi.write_bytes(midi_file(scores))
        # -n, -i: no MIDI input, no shell. -g: gain. -F: as fast as it goes, into a file.
        command = ["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", "32000", "-F", str(wav)]
        if not effects:
            command += ["-R", "0", "-C", "0"]
        try:
            subprocess.run([*command, str(soundfont), str(midi)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotReady(
                f"fluidsynth could not play the scores ({error}), so this part of the material is missing.",
                try_this="apt-get install fluidsynth fluid-soundfont-gm",
            ) from error
        stereo, rate = soundfile.read(wav, dtype="float32", always_2d=True)  # (samples, 2)
    sound = soxr.resample(stereo.mean(1), rate, rate_hz)
    length = int(SECONDS * rate_hz)
    slot = SLOT_MS * rate_hz // 1000
    missing = max(0, slot * len(scores) - sound.size)
    padded = np.pad(sound, (0, missing))
    starts = range(0, slot * len(scores), slot)
    return [padded[start : start + length].astype(np.float32) for start in starts]


def midi_file(scores: Sequence[Score]) -> bytes:
    """A standard MIDI file with one score every 15 s, its clock in milliseconds."""
    events: list[tuple[int, bytes]] = []
    for place, score in enumerate(scores):
        events += _events(score, place * SLOT_MS)
    track = bytearray()
    now = 0
    for time, event in sorted(events, key=lambda timed: timed[0]):
        track += _variable_length(time - now) + event
        now = time
    track += b"\x00\xff\x2f\x00"  # end of track
    # Format 0 with one track. At MIDI's default tempo, 120 beats a minute, 500 ticks a beat are 1 ms each.
    header = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 500)
    return header + struct.pack(">4sI", b"MTrk", len(track)) + bytes(track)


def _events(score: Score, base_ms: int) -> Iterator[tuple[int, bytes]]:
    """Time in ms and MIDI message of everything in a score that starts at `base_ms`."""
    beat_ms = 60_000 / score.bpm
    end_ms = SECONDS * 1000
    for channel, program in score.programs.items():
        yield base_ms, bytes([_PROGRAM | channel, program])
    for start, length, channel, pitch, velocity in score.notes:
        on = start * beat_ms
        if on >= end_ms:
            continue
        held = max(length * beat_ms, 40)
        off = min(on + held, end_ms)
        # A millisecond late, so that the programs are set before the first note.
        first_ms = base_ms + 1
        yield first_ms + round(on), bytes([_NOTE_ON | channel, pitch, velocity])
        yield first_ms + round(off), bytes([_NOTE_OFF | channel, pitch, 0])
    silence = base_ms + int(end_ms) + 200
    for channel in range(16):
        yield silence, bytes([_CONTROL | channel, _ALL_SOUND_OFF, 0])


def _variable_length(number: int) -> bytes:
    """MIDI's numbers: seven bits a byte, the highest first, and bit 8 set on all but the last."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))
