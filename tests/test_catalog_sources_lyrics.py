"""Lyrics: LRC with all its habits, text in any encoding, tags of every kind, folders matched by name."""

import unicodedata

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3, SYLT, TCON, TDRC, TIT2, TPE1, TXXX, USLT

from catalog.errors import Unreadable, WrongUse
from catalog.files.lyrics_file import read_lines
from catalog.files.lyrics_folder import add_lyrics
from catalog.files.tags import name_facts, tag_facts
from catalog.library import songs
from catalog.records import Facts, Line, SoundFile


def test_line_times_in_a_table(tmp_path):
    path = tmp_path / "song.csv"
    path.write_text('start_time,end_time,lyrics_line\n1.25,2,"so, long"\n3,4,\n,5,end\n')
    assert read_lines(path) == (Line("so, long", 1.25), Line("end", None))


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "song.txt"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(Unreadable, match="not a text file"):
        read_lines(path)
    with pytest.raises(Unreadable, match="cannot be read"):
        read_lines(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("name", "title", "artist"),
    [
        ("Nina Simone - Sinnerman.mp3", "Sinnerman", "Nina Simone"),
        ("01 - Nina Simone - Sinnerman.mp3", "Sinnerman", "Nina Simone"),
        ("07. Sinnerman.mp3", "Sinnerman", None),
        ("03 Sinnerman.mp3", "Sinnerman", None),
        ("Nina_Simone_-_Sinner_man.ogg", "Sinner man", "Nina Simone"),
        ("99 Luftballons.flac", "99 Luftballons", None),
        ("1999.mp3", "1999", None),
        ("AC-DC.mp3", "AC-DC", None),
        ("battle_music.ogg", "battle music", None),
        ("- .mp3", "-", None),
        ("夜に駆ける.m4a", "夜に駆ける", None),
        ("A - B - C.mp3", "B - C", "A"),
    ],
)
def test_what_a_name_says(tmp_path, name, title, artist):
    values = name_facts(tmp_path / name).values
    assert (values["title"], values.get("artist")) == (title, artist)


def sound(path):
    soundfile.write(path, np.zeros(8000, np.float32), 8000)
    return path


@pytest.mark.parametrize("ending", ["flac", "ogg"])
def test_vorbis_comments(tmp_path, ending):
    path = sound(tmp_path / f"song.{ending}")
    tags = mutagen.File(path)
    tags["title"], tags["artist"], tags["album"] = "T", ["A", "B"], "L"
    tags["date"], tags["genre"], tags["mood"] = "2004-05-06", ["Jazz; Blues", "Soul"], "sad"
    tags["license"], tags["language"], tags["bpm"] = "CC BY 4.0", "eng", "90"
    tags["unsyncedlyrics"], tags["lyrics"] = "la la\nla", "[00:01]la la\n[00:02]la"
    tags.save()
    facts = tag_facts(path)
    assert facts.values == {
        "title": "T",
        "artist": "A, B",
        "album": "L",
        "year": 2004,
        "genre": "Jazz; Blues",
        "license": "CC BY 4.0",
        "language": "eng",
    }
    assert facts.tags == ("Jazz", "Blues", "Soul", "sad")
    assert facts.lyrics == (Line("la la", 1.0), Line("la", 2.0))
    assert facts.extra["bpm"] == "90"


def test_id3_with_timed_lyrics(tmp_path):
    path = sound(tmp_path / "song.mp3")
    tags = ID3()
    tags.add(TIT2(encoding=3, text="T"))
    tags.add(TPE1(encoding=3, text=["A"]))
    tags.add(TCON(encoding=3, text="(17)"))
    tags.add(TDRC(encoding=3, text="1999"))
    tags.add(TXXX(encoding=3, desc="LICENSE", text="CC0"))
    tags.add(USLT(encoding=3, lang="eng", desc="", text="so long\nfarewell\nand more"))
    syllables = [("\nso ", 1500), ("long", 1800), ("\nfare", 60_250), ("well", 61_000)]
    tags.add(SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=syllables))
    tags.save(path)
    facts = tag_facts(path)
    assert (facts.values["title"], facts.values["year"], facts.values["genre"]) == ("T", 1999, "Rock")
    assert facts.values["license"] == "CC0"
    assert facts.lyrics == (Line("so long", 1.5), Line("farewell", 60.25))


def test_mp4_atoms_and_broken_tags(tmp_path):
    from test_catalog_audio import encode, tones

    path = encode(tmp_path / "song.m4a", tones(1, 44100, 2), 44100, codec="aac")
    tags = mutagen.File(path)
    tags["©nam"], tags["©ART"], tags["©lyr"], tags["tmpo"] = ["T"], ["A"], ["la\nla"], [120]
    tags["----:com.apple.iTunes:MOOD"] = [b"calm"]
    tags.save()
    facts = tag_facts(path)
    assert (facts.values["title"], facts.values["artist"], facts.extra["bpm"]) == ("T", "A", "120")
    assert facts.tags == ("calm",)
    assert len(facts.lyrics) == 2
    broken = sound(tmp_path / "broken.mp3")
    broken.write_bytes(b"ID3\x04\0\0\0\0\x0f\x7fTIT2\xff\xff\xff\xff" + broken.read_bytes())
    assert tag_facts(broken).origin == "tags"


@pytest.fixture
def library(catalog):
    for number, (name, facts) in enumerate(
        [
            ("Séculaire_feat.mp3", {}),
            ("track01.mp3", {"artist": "Ada", "title": "So Long"}),
            ("other.mp3", {}),
        ]
    ):
        file = SoundFile(_path(unicodedata.normalize("NFD", name)), 1, 1, f"h{number}")
        songs.add_or_update(catalog, [Facts("tags", facts, lyrics=(Line("from tags"),))], file=file)
    return catalog


def _path(name):
    from pathlib import Path

    return Path("/m") / name


def lyrics_by_name(catalog):
    return {
        unicodedata.normalize("NFC", song.path.stem): [line.text for line in song.lyrics]
        for song in songs.iterate(catalog, light=False)
    }


def test_a_folder_of_lyrics_is_matched_by_name(library, tmp_path):
    folder = tmp_path / "lyrics" / "deep"
    folder.mkdir(parents=True)
    (folder / unicodedata.normalize("NFC", "SÉCULAIRE feat.txt")).write_text("composed")
    (folder / "Ada - So Long.txt").write_text("plain")
    (folder / "Ada - So Long.lrc").write_text("[00:01]timed")
    (folder / "nobody.txt").write_text("nobody's")
    report = add_lyrics(library, tmp_path / "lyrics", dry_run=True)
    assert (report.changed, report.files) == (2, 3)
    assert lyrics_by_name(library)["track01"] == ["from tags"]
    add_lyrics(library, tmp_path / "lyrics")
    assert lyrics_by_name(library) == {
        "Séculaire_feat": ["composed"],
        "track01": ["timed"],
        "other": ["from tags"],
    }
    again = add_lyrics(library, tmp_path / "lyrics")
    assert (again.changed, again.unchanged) == (0, 2)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Ada - So Long", id="as it is written"),
        pytest.param("ada_-_so_long", id="with underscores, as songs are named too"),
        pytest.param("07. Ada - So Long", id="behind a track's number"),
    ],
)
def test_artist_and_title_are_read_from_a_name_as_those_of_songs_are(library, tmp_path, name):
    (tmp_path / f"{name}.lrc").write_text("[00:01]timed")
    assert add_lyrics(library, tmp_path).changed == 1
    assert lyrics_by_name(library)["track01"] == ["timed"]


def test_lyrics_from_a_folder_outlive_a_new_reading_of_the_song(library, tmp_path):
    (tmp_path / "other.txt").write_text("from the folder")
    add_lyrics(library, tmp_path)
    [song] = [song for song in songs.iterate(library) if song.path.name == "other.mp3"]
    retagged = SoundFile(song.path, 2, 2, "h2")
    songs.add_or_update(library, [Facts("tags", lyrics=(Line("new tags"),))], file=retagged)
    assert lyrics_by_name(library)["other"] == ["from the folder"]
    assert songs.get(library, song.id).origins["lyrics"] == f"lyrics:{tmp_path.name}"


def test_lyrics_that_cannot_be_read_are_listed_and_no_folder_is_wrong_use(library, tmp_path):
    (tmp_path / "other.txt").write_bytes(bytes(1000))
    assert "not a text file" in add_lyrics(library, tmp_path).failed[0]
    with pytest.raises(WrongUse, match="no folder"):
        add_lyrics(library, tmp_path / "none")


@pytest.fixture
def albums(catalog):
    from pathlib import Path

    for number, name in enumerate(["A/01.flac", "B/01.flac", "B/two.flac"]):
        file = SoundFile(Path("/m") / name, 1, 1, f"h{number}")
        songs.add_or_update(catalog, [Facts("tags", {"title": name})], file=file)
    return catalog


@pytest.mark.parametrize(
    ("files", "words", "lost"),
    [
        pytest.param(["A/01.txt", "B/01.txt"], {"A/01": "A/01", "B/01": "B/01"}, (0, 0), id="the same tree"),
        pytest.param(["01.txt"], {}, (0, 1), id="a name that two songs have"),
        pytest.param(["C/01.txt"], {}, (1, 0), id="a track's number in another folder"),
        pytest.param(["B/01.txt", "x/01.txt"], {"B/01": "B/01"}, (1, 0), id="only one folder agrees"),
        pytest.param(["x/two.txt", "y/two.txt"], {}, (0, 2), id="two files for one song, equally near"),
        pytest.param(["B/two.txt", "y/two.txt"], {"B/two": "B/two"}, (1, 0), id="of two files the nearer"),
        pytest.param(["x/two.txt"], {"B/two": "x/two"}, (0, 0), id="a name of its own, wherever it lies"),
    ],
)
def test_lyrics_go_to_the_song_that_is_meant_or_to_none(albums, tmp_path, files, words, lost):
    for name in files:
        path = tmp_path / "lyrics" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name.removesuffix(".txt"))
    report = add_lyrics(albums, tmp_path / "lyrics")
    found = {
        song.title.removesuffix(".flac"): song.lyrics[0].text
        for song in songs.iterate(albums, light=False)
        if song.lyrics
    }
    assert found == words
    assert (report.unmatched, report.ambiguous) == lost
    assert bool(report.examples) == any(lost)
