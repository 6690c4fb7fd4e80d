"""nw index: through the command line, killed, starved, twice at once."""

import contextlib
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import index_with_fakes
import pytest
from fakes import tone
from waiting import any_alive, children_of, wait_for

from catalog.errors import NoIndex, NotReady
from catalog.index_manifest import read_manifest, verify
from catalog.library.database import Catalog
from catalog.song_index import SongIndex
from models.indexing.build import build_index

HERE = Path(__file__).parent
FAKES = [sys.executable, str(HERE / "index_with_fakes.py")]


def nw(home, *arguments):
    command = [sys.executable, "-m", "newwave_cli", "--home", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def home(add_song, tmp_path):
    """Twelve songs in a catalog: tones, every third with words."""
    for i in range(12):
        add_song(f"Tone {i}", tone(80 + 170 * i, 3), lyrics="the sea\nin winter" if i % 3 == 0 else "")
    return tmp_path / "home"


def whole(home):
    """Whether both indexes are sound and hold all songs."""
    counts = [SongIndex(home / "indexes" / role).manifest.songs for role in ("sound", "words")]
    return counts == [12, 4] and not any(verify(home / "indexes" / role) for role in ("sound", "words"))


@pytest.mark.parametrize(
    "kills", [pytest.param(4, id="a few"), pytest.param(60, id="all", marks=pytest.mark.soak)]
)
@pytest.mark.slow
def test_killed_at_any_moment(home, kills):
    """The catalog opens, no index is half there, and the next run goes on."""
    moments = random.Random(5)
    for _ in range(kills):
        process = subprocess.Popen([*FAKES, str(home), "0.05"])
        time.sleep(moments.uniform(0.2, 2.2))
        process.kill()
        process.wait()
        with Catalog.open(home / "catalog.db") as catalog:
            assert catalog.fetch("PRAGMA quick_check") == [("ok",)]
        for role in ("sound", "words"):
            with contextlib.suppress(NoIndex):
                assert verify(home / "indexes" / role) == []
    assert subprocess.run([*FAKES, str(home)], check=False).returncode == 0
    assert whole(home)
    assert not list((home / "indexes").glob("*/.nw-*"))


@pytest.mark.slow
def test_two_at_once(home):
    processes = [subprocess.Popen([*FAKES, str(home), "0.02"]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert whole(home)


@pytest.mark.slow
@pytest.mark.parametrize("room", [200, 500])
def test_no_room_left(home, room):
    """A file size limit stands for the full disk: one line that says so, and all is as it was before."""
    index_with_fakes.index(home, 0)
    before = read_manifest(home / "indexes" / "sound")
    (home / "indexes" / "sound" / "manifest.json").unlink()
    run = subprocess.run(
        [*FAKES, str(home)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert run.returncode == 2
    assert "no room left" in run.stderr
    assert "Traceback" not in run.stderr
    index_with_fakes.index(home, 0)
    assert whole(home)
    assert read_manifest(home / "indexes" / "sound").songs == before.songs


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A home that the real nw made: ingested and indexed by two worker processes."""
    import numpy as np
    import soundfile

    folder = tmp_path_factory.mktemp("real")
    (folder / "music").mkdir()
    for i in range(6):
        time_s = np.arange(16_000 * 4) / 16_000
        sound = 0.4 * np.sin(2 * np.pi * 110 * 2**i / 2 * time_s) * np.exp(-(time_s % 0.5) * (i + 1))
        soundfile.write(folder / "music" / f"Tone {i}.flac", sound, 16_000)
    (folder / "music" / "Tone 1.txt").write_text("the sea is wide\nthe ship is small\nwe sail tonight")
    assert nw(folder / "home", "ingest", str(folder / "music")).returncode == 0
    run = nw(folder / "home", "--jobs", "2", "index")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.slow
def test_says_what_it_made(real, nw_in):
    out, err = nw_in(real / "home", "index")
    assert "sound: 6 songs, 6 vectors by mini, recall@10 1.000 (up to date)" in err
    assert "words: 1 song," in err
    assert out == ""


@pytest.mark.slow
def test_one_worker_or_two_give_the_same_vectors(real, tmp_path, nw_in):
    nw_in(tmp_path, "ingest", real / "music")
    nw_in(tmp_path, "--jobs", "1", "index", "--encoder", "mini")
    one, two = (SongIndex(home / "indexes" / "sound") for home in (tmp_path, real / "home"))
    assert (one.base.vectors.all == two.base.vectors.all).all()


@pytest.mark.slow
def test_dry_run_says_what_is_missing_and_writes_nothing(real, tmp_path, nw_in):
    nw_in(tmp_path, "ingest", real / "music")
    assert "sound: 6 songs to analyse with mini" in nw_in(tmp_path, "index", "--dry-run").err
    assert not (tmp_path / "indexes").exists()


@pytest.mark.slow
def test_workers_leave_when_their_parent_is_killed(real, tmp_path, nw_in):
    nw_in(tmp_path, "ingest", real / "music")
    command = [sys.executable, "-m", "newwave_cli", "--home", str(tmp_path), "--jobs", "2", "index"]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    wait_for(lambda: children_of(process) >= 2, process)
    process.kill()
    process.wait()
    wait_for(lambda: not any_alive(process.pid))


def test_nothing_to_index(nw_in, tmp_path):
    (tmp_path / "music").mkdir()
    nw_in(tmp_path / "home", "ingest", tmp_path / "music")
    assert "try: nw ingest" in nw_in(tmp_path / "home", "index", code=4).err


@pytest.mark.slow
def test_an_unknown_encoder(real, nw_in):
    err = nw_in(real / "home", "index", "--encoder", "ear", code=2).err
    assert "there is no encoder 'ear'; there are: " in err


@pytest.mark.slow
def test_doctor_finds_a_changed_file_and_rebuild_mends_it(real, nw_in):
    nw_in(real / "home", "doctor")
    content = real / "home" / "indexes" / "words" / read_manifest(real / "home" / "indexes" / "words").content
    (content / "background.npy").write_bytes(b"changed")
    assert "background.npy" in nw_in(real / "home", "doctor", code=2).out
    nw_in(real / "home", "index", "--rebuild")
    nw_in(real / "home", "doctor")


@pytest.mark.slow
def test_models_lists_what_is_ready_and_indexed(real, nw_in):
    out = nw_in(real / "home", "models").out
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in out.splitlines()}
    assert rows["mini"][:3] == ["sound", "yes", "6 songs"]
    assert rows["minilm"][:3] == ["words", "yes", "1 song"]


def test_a_catalog_of_songs_without_sound_or_words_is_not_called_empty(nw, catalog):
    from catalog.library import songs
    from catalog.records import Facts

    songs.add_or_update(catalog, [Facts("t", {"title": "Unheard", "source": "t", "source_id": "1"})])
    said = nw("index", code=4).err
    assert "of 1 song in the catalog none has its sound here, lyrics or captions" in said
    assert "holds no song" not in said


def test_chunks_of_words_beyond_the_limit_are_said(catalog, add_song, reader, monkeypatch):
    from models.indexing.embed import embed_words
    from newwave_cli.commands.index import _cut

    monkeypatch.setattr("catalog.indexes.MOST_PARTS", 3)
    add_song("Audiobook", lyrics="\n".join(f"line {n} of a long book" for n in range(60)))
    add_song("Song", lyrics="the sea")
    assert _cut(catalog, [reader]) == []  # nothing is embedded yet
    embed_words(catalog, reader)
    [said] = _cut(catalog, [reader])
    assert said.startswith("Audiobook: of ")
    assert said.endswith(" chunks of its words the first 3 are searched")


@pytest.mark.slow
def test_a_library_without_words_is_told_so_in_plain_words(catalog, add_song, reader, tmp_path):
    """And not that "nothing was embedded with minilm/53aa5117/256-tokens/mean/f32 yet"."""
    add_song("Tone", tone(100, 3))
    with pytest.raises(NotReady, match="no song has lyrics or captions"):
        build_index(catalog, reader, tmp_path / "index")


@pytest.mark.slow
def test_a_song_that_failed_is_tried_again_when_that_is_asked_for(home, tmp_path, nw_in):
    """And not before: it may cost all the time that a file is given."""
    odd = tmp_path / "music" / "Tone 3.wav"
    sound = odd.read_bytes()
    odd.write_bytes(b"RIFF")
    only_sound = ("index", "--encoder", "mini")

    first = nw_in(home, *only_sound, code=3).err
    assert first.count("failed: ") == 1
    assert "Tone 3.wav" in first
    odd.write_bytes(sound)  # a disk that answers again
    later = nw_in(home, *only_sound).err
    assert "1 song failed before and was not tried (--retry-failed tries again)" in later
    again = nw_in(home, *only_sound, "--retry-failed").err
    assert "before" not in again
    assert SongIndex(home / "indexes" / "sound").manifest.songs == 12


@pytest.mark.slow
def test_a_song_whose_file_is_away_is_tried_when_it_is_back(home, tmp_path, nw_in):
    away = tmp_path / "music" / "Tone 3.wav"
    away.rename(tmp_path / "elsewhere.wav")
    nw_in(home, "index", "--encoder", "mini", code=3)
    (tmp_path / "elsewhere.wav").rename(away)
    nw_in(home, "index", "--encoder", "mini")
    assert SongIndex(home / "indexes" / "sound").manifest.songs == 12
