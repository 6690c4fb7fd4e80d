"""The demo's synthesizer: every style is sound that can be played, and styles differ as their names say."""

import contextlib
import errno
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC

from catalog.errors import DiskFull, WrongUse
from newwave_cli.demo import library
from newwave_cli.demo.instruments import theory
from newwave_cli.demo.instruments.dsp import RATE, hz, quick_size
from newwave_cli.demo.library import Piece
from newwave_cli.demo.styles import styles

SECONDS = 5.0
_made = {}


def piece_of(style, seed=0):
    """A short piece of a style, (samples, 2); composed once for all tests."""
    if (style, seed) not in _made:
        _made[style, seed] = library.compose(style, seed=seed, seconds=SECONDS)
    return _made[style, seed]


def spectrum(style):
    """(Hz, power) of a piece."""
    power = np.abs(np.fft.rfft(piece_of(style).mean(axis=1))) ** 2
    return np.fft.rfftfreq(len(piece_of(style)), 1 / RATE), power / power.sum()


def centroid(style):
    frequency, power = spectrum(style)
    return float(frequency @ np.sqrt(power) / np.sqrt(power).sum())


def share_below(style, limit):
    frequency, power = spectrum(style)
    return float(power[frequency < limit].sum())


def onsets(style):
    """How much louder each 10 ms is than the ones before; its mean taken away."""
    mono = piece_of(style).mean(axis=1)
    step = RATE // 100
    loud = np.log1p(100 * np.square(mono[: len(mono) // step * step]).reshape(-1, step).mean(axis=1))
    rise = np.maximum(np.diff(loud), 0)
    return rise - rise.mean()


def pulse(style):
    """How well the onsets repeat after one beat of 90 to 180 a minute: (0-1, beats a minute)."""
    rise = onsets(style)
    likeness = [float(rise[lag:] @ rise[:-lag]) / float(rise @ rise) for lag in range(33, 67)]
    best = int(np.argmax(likeness))
    return likeness[best], 6000 / (best + 33)


@pytest.mark.parametrize("style", sorted(styles()))
def test_a_piece_can_be_played(style):
    sound = piece_of(style)
    assert sound.shape == (round(SECONDS * RATE), 2)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 0.98
    assert np.abs(sound.mean(axis=0)).max() < 2e-3
    assert 20 * np.log10(np.sqrt(np.square(sound).mean())) > -34
    assert np.abs(sound[-RATE // 100 :]).max() < 0.01, "it ends in silence, not in a click"


@pytest.mark.parametrize("style", sorted(styles()))
def test_no_piece_is_left_alone_in_one_ear(style):
    left, right = np.square(piece_of(style)).mean(axis=0)
    assert abs(10 * np.log10(left / right)) < 6
    mono = np.square(piece_of(style).mean(axis=1)).mean()
    assert mono > 0.2 * (left + right) / 2, "it can be heard from one loudspeaker"


@pytest.mark.parametrize("style", ["piano", "techno", "campfire"])
def test_the_seed_decides(style):
    again = library.compose(style, seed=0, seconds=SECONDS)
    assert np.array_equal(again, piece_of(style))
    assert not np.array_equal(library.compose(style, seed=1, seconds=SECONDS), again)


def test_another_process_composes_the_same():
    program = (
        "import hashlib\nfrom newwave_cli.demo.library import compose\n"
        f"print(hashlib.sha256(compose('chiptune', seed=0, seconds={SECONDS}).tobytes()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "77"},
    )
    assert run.stdout.strip() == hashlib.sha256(piece_of("chiptune").tobytes()).hexdigest()


def test_techno_beats_and_ambient_does_not():
    steady, tempo = pulse("techno")
    assert steady > 0.6
    assert 118 < tempo < 145
    assert pulse("ambient")[0] < 0.4


def test_drums_strike_and_pads_do_not():
    def strokes(style):
        return int((onsets(style) > 0.3).sum())

    assert strokes("percussion") > 25
    assert strokes("ambient") < 4


@pytest.mark.parametrize(
    ("bright", "dark"),
    [("metal", "ambient"), ("drum_and_bass", "lullaby"), ("harpsichord", "piano"), ("march", "choir")],
)
def test_bright_styles_are_brighter(bright, dark):
    assert centroid(bright) > 1.4 * centroid(dark)


def test_the_bottom_belongs_to_who_has_a_bass():
    assert share_below("techno", 150) > 0.3
    assert share_below("drum_and_bass", 150) > 0.3
    assert share_below("music_box", 150) < 0.01


def test_no_style_is_another_in_disguise():
    """Long-term spectra in thirds of an octave: the nearest two styles still differ."""
    edges = 60 * 2 ** (np.arange(25) / 3)
    bands = []
    for style in sorted(styles()):
        frequency, power = spectrum(style)
        sums = [
            power[(frequency >= a) & (frequency < b)].sum() for a, b in zip(edges, edges[1:], strict=False)
        ]
        bands.append(10 * np.log10(np.array(sums) + 1e-6))
    apart = np.abs(np.array(bands)[:, None] - np.array(bands)[None]).mean(axis=2)
    assert apart[~np.eye(len(bands), dtype=bool)].min() > 1.5


def test_a_style_that_there_is_not():
    with pytest.raises(KeyError):
        library.compose("polka", seed=0, seconds=5)


def test_pieces_are_all_different_and_short():
    written = library.pieces()
    assert {piece.style for piece in written} == set(styles())
    assert len({piece.name for piece in written}) == len(written) >= 24
    assert all(20 <= piece.seconds <= 40 for piece in written)
    assert sum(bool(piece.lyrics) for piece in written) >= 6


def test_no_tag_gives_the_style_away():
    """`nw` has to hear it: neither title nor artist nor album names how the piece sounds."""
    for piece in library.pieces():
        words = f"{piece.title} {piece.artist} {piece.album}".lower()
        assert piece.style.replace("_", " ") not in words


def test_lyrics_end_before_the_music():
    for piece in library.pieces():
        stamps = [line[1:9].split(":") for line in library.lrc(piece).splitlines()]
        starts = [60 * float(minutes) + float(seconds) for minutes, seconds in stamps]
        assert starts == sorted(starts)
        assert len(starts) == len(piece.lyrics)
        assert all(1 < start < piece.seconds - 1 for start in starts)


SHORT = (
    Piece("music_box", "One", "Somebody", "Album", 3.0),
    Piece("chiptune", "Zwei/Ü", "Somebody", "Album", 3.0, ("first line", "second line")),
)


def test_the_library_is_tagged_flac_with_lyrics_beside_it(tmp_path):
    folder = tmp_path / "a" / "b"
    assert {piece.title for piece in library.write_library(folder, SHORT, jobs=2)} == {"One", "Zwei/Ü"}
    assert sorted(p.name for p in folder.iterdir()) == [
        "Somebody - One.flac",
        "Somebody - Zwei-Ü.flac",
        "Somebody - Zwei-Ü.lrc",
    ]
    tags = FLAC(folder / "Somebody - Zwei-Ü.flac")
    assert (tags["title"], tags["artist"], tags["album"]) == (["Zwei/Ü"], ["Somebody"], ["Album"])
    sound, rate = soundfile.read(folder / "Somebody - Zwei-Ü.flac")
    assert (sound.shape, rate) == ((3 * RATE, 2), RATE)
    assert np.abs(sound - library.compose("chiptune", seed=0, seconds=3.0)).max() < 1e-4


def test_only_what_is_missing_is_composed(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "pieces", lambda: list(SHORT))
    assert library.missing(tmp_path) == list(SHORT)
    list(library.write_library(tmp_path, SHORT[:1], jobs=1))
    assert library.missing(tmp_path) == [SHORT[1]]


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse, match="cannot be made"):
        list(library.write_library(tmp_path / "file" / "music", SHORT, jobs=1))


def test_a_name_that_is_taken_by_a_folder(tmp_path):
    (tmp_path / "Somebody - One.flac").mkdir()
    with pytest.raises(WrongUse, match="cannot be written"):
        list(library.write_library(tmp_path, SHORT[:1], jobs=1))
    assert [p.name for p in tmp_path.iterdir()] == ["Somebody - One.flac"], "nothing half done stays"


def test_quick_sizes_are_enough_and_near():
    for n in range(1, 3000, 7):
        assert n <= quick_size(n) <= 1.34 * n + 8


def test_pitches():
    assert hz(69) == 440
    assert theory.above(0, 60) == 60
    assert all(
        theory.above(tone, 43) % 12 == tone and 43 <= theory.above(tone, 43) < 55 for tone in range(12)
    )


@pytest.mark.parametrize(
    ("number", "kind", "command"),
    [
        (errno.ENOSPC, DiskFull, "df -h"),
        (errno.EDQUOT, DiskFull, "df -h"),
        (errno.EFBIG, DiskFull, "df -h"),
        (errno.EACCES, WrongUse, "nw demo"),
    ],
)
def test_music_that_cannot_be_written_says_why(tmp_path, monkeypatch, number, kind, command):
    @contextlib.contextmanager
    def refused(_path):
        raise OSError(number, os.strerror(number))
        yield

    monkeypatch.setattr(library, "written_aside", refused)
    monkeypatch.setattr(library, "compose", lambda *_, **__: np.zeros((100, 2), np.float32))
    problem = library._write((tmp_path, library.pieces()[0]))
    assert type(problem) is kind
    assert os.strerror(number) in str(problem)
    assert problem.try_this.startswith(command)
