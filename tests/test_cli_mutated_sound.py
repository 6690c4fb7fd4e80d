"""Mutated sound files through `nw ingest` and `nw index`: no signal, no raw error, nothing lost or double."""

import subprocess
import sys
import time

import mutated_sound
import pytest

from catalog.library import embeddings, unembedded
from catalog.library.database import Catalog
from catalog.library.failures import failures
from models import encoders
from models.indexing.embed import embed_sound

SEED = 14
RAW = ("Traceback", "stumbled", "Error:", "Exception:")
HANGS_S = 7_200
"""Far more than the slowest machine needs: only what never ends is stopped."""


def write_files(music, count):
    music.mkdir()
    for name, content in mutated_sound.mutated(count, SEED):
        (music / name).write_bytes(content)


def all_listed(catalog, music, said):
    """Every file is a song, a copy of one or was refused by name, none twice; how many were read and not."""
    songs = [path for [path] in catalog.fetch("SELECT path FROM songs UNION ALL SELECT path FROM copies")]
    refused = [str(failure.path) for failure in failures(catalog)]
    assert sorted(songs + refused) == sorted(map(str, music.iterdir()))
    assert [path for path in refused if f"failed: {path}" not in said] == []
    assert [line for line in said.splitlines() if any(word in line for word in RAW)] == []
    return len(songs), len(refused)


def test_mutated_files_cost_themselves(tmp_path, nw, ears):
    music = tmp_path / "music"
    write_files(music, 40)
    said = nw("ingest", music, "--jobs", 2, code=3).err
    with Catalog.open(tmp_path / "home" / "catalog.db") as catalog:
        songs, refused = all_listed(catalog, music, said)
        assert songs > refused > 0
        unheard = {str(one.path): one.message for one in embed_sound(catalog, ears, jobs=2)}
        assert sorted(unembedded.reasons(catalog, ears.pipeline).values()) == sorted(unheard.values())
        assert embeddings.missing(catalog, ears.pipeline, "sound") == []


@pytest.mark.soak
def test_two_thousand_mutated_files_through_the_command_line(tmp_path):
    music, home, count = tmp_path / "music", tmp_path / "home", 2_000
    write_files(music, count)
    began = time.monotonic()
    runs = []
    for arguments in (("ingest", music), ("index", "--encoder", "mini")):
        command = [sys.executable, "-m", "newwave_cli", "--home", home, "--jobs", "2", *arguments]
        runs.append(subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS_S))
        assert runs[-1].returncode in (0, 3), runs[-1].stderr[-2000:]
    took_s = time.monotonic() - began
    with Catalog.open(home / "catalog.db", read_only=True) as catalog:
        songs, refused = all_listed(catalog, music, runs[0].stderr + runs[1].stderr)
        missing = embeddings.missing(catalog, encoders.load("mini").pipeline, "sound")
    assert [song.path for song in missing if str(song.path) not in runs[1].stderr] == []
    assert runs[1].returncode == (3 if missing else 0)
    figures = f"{songs} songs or copies, {refused} refused, {len(missing)} not embedded; {took_s:.0f} s"
    sys.stdout.write(f"{count} mutated files: {figures}\n")
