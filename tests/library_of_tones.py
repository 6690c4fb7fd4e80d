"""A small library of real files for the tests of the command line: eight pieces, half of them with words."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000
SECONDS = 12
WORDS = {
    "Rivets": [
        "I am a robot made of steel",
        "my circuits hum and count to nine",
        "beep beep goes the machine",
    ],
    "Harbour": [
        "the ship sails over the deep blue sea",
        "sailors are singing on the deck",
        "haul the anchor",
    ],
    "Frost": ["snow is falling on the frozen lake", "cold winter nights without a fire", "ice on my window"],
    "Sunday Dog": ["my dog runs through the garden", "he barks at every bird he sees", "good dog, come home"],
}


def make(folder: Path) -> None:
    """Write the pieces as WAV, with timed lyrics beside those that are sung."""
    sounds = {
        "Nocturne": _plucks(3, [262, 330, 392, 494]),
        "Anvil": _beat(140),
        "Hum": _drone(110),
        "Whistle": _drone(1_760),
        "Rivets": _beat(120),
        "Harbour": _plucks(2, [220, 277, 330]),
        "Frost": _drone(330),
        "Sunday Dog": _plucks(4, [196, 247, 294]),
    }
    folder.mkdir(parents=True)
    for title, sound in sounds.items():
        soundfile.write(folder / f"{title}.wav", 0.4 * sound / np.abs(sound).max(), RATE)
        if lines := WORDS.get(title):
            timed = "".join(f"[00:0{2 * i}.00]{line}\n" for i, line in enumerate(lines))
            (folder / f"{title}.lrc").write_text(timed)
    (folder / "facts.csv").write_text(
        "file,artist,year,tags\nRivets.wav,The Cogs,1984,synth;drums\n"
        "Harbour.wav,Old Salts,1971,guitar;folk\n"
        "Sunday Dog.wav,The Cogs,1999,guitar\nNocturne.wav,Ada Keys,1999,piano;calm\n"
    )


def _time() -> np.ndarray:
    return np.arange(SECONDS * RATE) / RATE


def _drone(hz: float) -> np.ndarray:
    return sum(np.sin(2 * np.pi * hz * n * _time()) / n**2 for n in (1, 2, 3))


def _plucks(a_second: float, notes: list[float]) -> np.ndarray:
    sound = np.zeros(SECONDS * RATE)
    for i in range(int(SECONDS * a_second)):
        start = round(i * RATE / a_second)
        time = _time()[: len(sound) - start]
        hz = notes[i % len(notes)]
        sound[start:] += sum(np.sin(2 * np.pi * hz * n * time) / n for n in (1, 2, 3, 4)) * np.exp(-3 * time)
    return sound


def _beat(per_minute: float) -> np.ndarray:
    noise = np.random.default_rng(7).standard_normal(SECONDS * RATE)
    phase = (_time() * per_minute / 60) % 1
    kick = np.sin(2 * np.pi * 55 * _time()) * np.exp(-phase * 8)
    hat = noise * np.exp(-((phase + 0.5) % 1) * 30) * 0.3
    return kick + hat
