"""The same file has the same vectors, bit for bit, for any number of workers and threads."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from catalog.library import embeddings, songs
from catalog.library.database import Catalog
from catalog.records import Facts, SoundFile
from models import encoders
from models.indexing.embed import embed_sound
from models.indexing.embed_source import embed_source

RATE = 22_050
SECONDS = (5, 31, 47, 64)

PROGRAM = """
import sys
from pathlib import Path
from test_models_same_vectors import embedded
print(embedded(Path(sys.argv[1]), Path(sys.argv[2]), jobs=int(sys.argv[3])))
"""


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Four songs of noise and tones."""
    folder = tmp_path_factory.mktemp("music")
    random = np.random.default_rng(0)
    for seconds in SECONDS:
        time = np.arange(seconds * RATE) / RATE
        tone = np.sin(2 * np.pi * 20 * seconds * time) * np.exp(-(time % 0.5))
        noise = random.standard_normal(len(time))
        soundfile.write(folder / f"{seconds}.wav", 0.3 * tone + 0.1 * noise, RATE)
    return folder


def embedded(music, home, *, jobs):
    """The hash of all vectors that a fresh catalog of the songs gets."""
    encoder = encoders.load("mini")
    home.mkdir()
    with Catalog.open(home / "catalog.db") as catalog:
        for path in sorted(music.iterdir()):
            file = SoundFile(path, 1, 1, path.name, 1.0, RATE, 1, "WAV")
            songs.add_or_update(catalog, [Facts("tags", {"title": path.name})], file=file)
        assert embed_sound(catalog, encoder, jobs=jobs) == []
        ids, tracks = embeddings.tracks(catalog, encoder.pipeline)
        windows = embeddings.windows(catalog, encoder.pipeline, ids.tolist())
    content = tracks.tobytes() + b"".join(windows[song].tobytes() for song in sorted(windows))
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def expected(music, tmp_path_factory):
    """With one worker, and as many threads as torch takes."""
    return embedded(music, tmp_path_factory.mktemp("homes") / "one", jobs=1)


@pytest.mark.parametrize(("jobs", "threads"), [(2, 1), (2, 2), (1, 3)])
def test_workers_and_threads_change_no_bit(music, tmp_path, expected, jobs, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert embedded(music, tmp_path / "home", jobs=jobs) == expected
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_a_process_with_other_threads_changes_no_bit(music, tmp_path, expected):
    """OpenBLAS and OpenMP read the environment once, when they are loaded."""
    threads = {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "3"}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, music, tmp_path / "home", "2"],
        env=os.environ | threads | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == expected


def test_a_file_that_is_asked_about_has_the_vector_that_it_has_in_the_index(music, tmp_path):
    encoder = encoders.load("mini")
    one, two = (embed_source(encoder, music / "47.wav") for _ in range(2))
    assert np.array_equal(one.windows, two.windows)
    embedded(music, tmp_path / "home", jobs=2)
    with Catalog.open(tmp_path / "home" / "catalog.db") as catalog:
        ids, tracks = embeddings.tracks(catalog, encoder.pipeline)
        known = {songs.get(catalog, int(song)).title: track for song, track in zip(ids, tracks, strict=True)}
    assert np.array_equal(known["47.wav"], one.halves()[1])
