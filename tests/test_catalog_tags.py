"""Tags: what a frame says about itself, dates of any spelling; each container asked for what is missing."""

import struct

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.apev2 import APEv2
from mutagen.id3 import (
    ID3,
    SYLT,
    TALB,
    TCON,
    TDOR,
    TDRC,
    TDRL,
    TIT2,
    TLAN,
    TPE1,
    TXXX,
    USLT,
    Encoding,
)
from tables import in_one_test

from catalog.files.lyrics_tags import songs_lyrics, synchronised, unsynchronised
from catalog.files.tags import tag_facts
from catalog.records import Line
from catalog.values.columns import LONGEST_LYRICS


def sound(path, kind=None):
    with path.open("wb") as file:
        soundfile.write(file, np.zeros(8000, np.float32), 8000, format=kind or path.suffix[1:].upper())
    return path


def with_id3(path, *frames, kind="MP3"):
    sound(path, kind)
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(path)
    return path


@pytest.mark.parametrize(
    ("frames", "year"),
    [
        pytest.param([TDRC(text="2009-05"), TDOR(text="1971")], 2009, id="this issue before the first"),
        pytest.param([TDRC(text="0000"), TDOR(text="1987")], 1987, id="0000 is no year"),
        pytest.param([TDRL(text="1994-03-01")], 1994, id="a release alone"),
        pytest.param([TXXX(desc="ORIGINALYEAR", text="1971")], 1971, id="ORIGINALYEAR"),
        pytest.param([TXXX(desc="Original Year", text="1971")], 1971, id="with a space"),
        pytest.param([TXXX(desc="originaldate", text="1971-02-03")], 1971, id="ORIGINALDATE"),
        pytest.param([TXXX(desc="RELEASE_DATE", text="03.02.1971")], 1971, id="RELEASE_DATE"),
        pytest.param([TXXX(desc="YEAR", text="unknown"), TDRL(text="1999")], 1999, id="a word is no year"),
        pytest.param([TIT2(text="1999")], None, id="a title is none"),
    ],
)
def test_the_year_of_id3(tmp_path, frames, year):
    assert tag_facts(with_id3(tmp_path / "a.mp3", *frames)).values["year"] == year


@pytest.mark.parametrize(
    ("comments", "year"),
    [
        ({"date": "20040317"}, 2004),
        ({"date": "17/03/2004"}, 2004),
        ({"date": ["n/a", "2003"]}, 2003),
        ({"date": "0000", "originaldate": "1987-06"}, 1987),
        ({"year": "1988"}, 1988),
        ({"originalyear": "1971"}, 1971),
        ({"releasedate": "1972"}, 1972),
        ({}, None),
    ],
)
def test_the_year_of_vorbis_comments(tmp_path, comments, year):
    path = sound(tmp_path / "a.flac")
    tags = mutagen.File(path)
    for name, value in {"title": "T", **comments}.items():
        tags[name] = value
    tags.save()
    assert tag_facts(path).values["year"] == year


def test_a_value_that_nobody_sees_is_none(tmp_path):
    path = sound(tmp_path / "a.flac")
    tags = mutagen.File(path)
    tags["title"] = ["", "\t", "\u200b", "Harbour"]
    tags["artist"] = ["\u3000", "Ada"]
    tags.save()
    values = tag_facts(path).values
    assert (values["title"], values["artist"]) == ("Harbour", "Ada")


DEU, ENG = "am Fluss\ngehe ich", "(by someone)\nalong the river\nI walk\nhome"
TIMED = "[00:01]by the river"


@in_one_test
@pytest.mark.parametrize(
    ("frames", "language", "first"),
    [
        pytest.param([("eng", "", ENG), ("deu", "", DEU)], "de", "am Fluss", id="the song's language"),
        pytest.param([("deu", "", DEU), ("eng", "", ENG)], "", "am Fluss", id="not told: the first"),
        pytest.param([("eng", "translation", ENG), ("deu", "", DEU)], "", "am Fluss", id="no translation"),
        pytest.param([("eng", "Translation", TIMED), ("deu", "", DEU)], "", "am Fluss", id="timed or not"),
        pytest.param([("eng", "", ENG), ("XXX", "", DEU)], "de", "am Fluss", id="unknown before another"),
        pytest.param([("fra", "", DEU), ("eng", "", ENG)], "it", "am Fluss", id="others: the first"),
        pytest.param([("eng", "", ENG), ("eng", "", TIMED)], "en", "by the river", id="times win"),
        pytest.param([("eng", "", TIMED), ("deu", "", DEU)], "de", "am Fluss", id="but not over language"),
        pytest.param([("deu", "", " \n"), ("eng", "", ENG)], "de", "(by someone)", id="nothing is no lyrics"),
        pytest.param([], "de", None, id="none"),
    ],
)
def test_which_lyrics_are_the_songs(frames, language, first):
    lines = songs_lyrics([unsynchronised(t, lang, desc) for lang, desc, t in frames], language).lines
    assert (lines[0].text if lines else None) == first


class Mpeg:
    def __init__(self, version, layer, rate):
        self.version, self.layer, self.sample_rate = version, layer, rate


PIECES = [("so long", 0), ("farewell", 100)]


@in_one_test
@pytest.mark.parametrize(
    ("frame", "info", "lines"),
    [
        pytest.param({"format": 2, "type": 1}, None, [("so long", 0), ("farewell", 0.1)], id="ms"),
        pytest.param({"format": 2, "type": 2}, None, [("so long", 0), ("farewell", 0.1)], id="transcription"),
        *(pytest.param({"format": 2, "type": kind}, None, None, id=f"type {kind}") for kind in range(3, 9)),
        pytest.param(
            {"format": 1, "type": 1}, Mpeg(1, 3, 44100), [("so long", 0), ("farewell", 2.612)], id="frames"
        ),
        pytest.param(
            {"format": 1, "type": 1}, Mpeg(2, 3, 22050), [("so long", 0), ("farewell", 2.612)], id="MPEG 2"
        ),
        pytest.param(
            {"format": 1, "type": 1}, Mpeg(1, 1, 32000), [("so long", 0), ("farewell", 1.2)], id="layer I"
        ),
        pytest.param({"format": 1, "type": 1}, None, [("so long", None), ("farewell", None)], id="no rate"),
        pytest.param({"format": 9, "type": 1}, None, [("so long", None), ("farewell", None)], id="no unit"),
    ],
)
def test_synchronised_lyrics(frame, info, lines):
    read = synchronised(SYLT(lang="eng", desc="", text=PIECES, **frame), info)
    assert (read and [(line.text, line.start_s) for line in read.lyrics.lines]) == lines


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        pytest.param([("\nso ", 1500), ("long", 1800), ("\nfare", 60_250), ("well", 61_000)],
                     [("so long", 1.5), ("farewell", 60.25)], id="line ends in front"),
        pytest.param([("so ", 1500), ("long\n", 1800), ("fare", 60_250), ("well\n", 61_000)],
                     [("so long", 1.5), ("farewell", 60.25)], id="line ends behind"),
        pytest.param([("so long\n", 1500), ("farewell\n", 60_250)],
                     [("so long", 1.5), ("farewell", 60.25)], id="lines with their ends"),
        pytest.param([("so long", 1500), ("", 1600), ("♪", 1700), ("farewell", 60_250)],
                     [("so long", 1.5), ("farewell", 60.25)], id="lines without; gaps"),
    ],
)  # fmt: skip
def test_pieces_of_synchronised_lyrics(pieces, lines):
    read = synchronised(SYLT(lang="eng", format=2, type=1, desc="", text=pieces), None)
    assert [(line.text, line.start_s) for line in read.lyrics.lines] == lines


def test_chords_are_no_lyrics_and_the_songs_language_decides(tmp_path):
    path = with_id3(
        tmp_path / "a.mp3",
        TLAN(text=["deu"]),
        SYLT(lang="eng", format=2, type=5, desc="chords", text=[("Am", 0), ("F", 800)]),
        USLT(lang="eng", desc="", text=ENG),
        USLT(lang="deu", desc="", text=DEU),
    )
    facts = tag_facts(path)
    assert facts.lyrics == (Line("am Fluss"), Line("gehe ich"))
    assert facts.values["language"] == "deu"


@pytest.mark.slow
def test_a_very_long_lyrics_tag_is_cut_and_that_is_said(tmp_path):
    text = "la la\n" * (LONGEST_LYRICS // 5)
    lyrics = USLT(encoding=Encoding.UTF8, lang="eng", text=text)  # mutagen reads UTF-16 letter by letter
    path = with_id3(tmp_path / "a.mp3", TIT2(text="T"), lyrics)
    facts = tag_facts(path)
    assert (facts.values["title"], len(facts.lyrics)) == ("T", LONGEST_LYRICS // 6 + 1)
    assert facts.extra["lyrics_note"] == "of lyrics of 2,400,000 characters the first 2,000,000 are used"


def append_id3v1(path, title, artist):
    with path.open("ab") as file:
        file.write(struct.pack("3s30s30s30s4s30sB", b"TAG", title, artist, b"", b"1998", b"", 17))


@pytest.mark.parametrize(
    ("version", "frame", "date", "year"),
    [
        (4, "TDRC", " 1999 ", 1999),
        (4, "TDRC", "c1994", 1994),
        (3, "TYER", "June 1987", 1987),
        (3, "TYER", "[1975]", 1975),
        (3, "TORY", "ca. 1920", 1920),
        (4, "TDRL", "1994?", 1994),
        (4, "TDRC", "20040317", 2004),
        (3, "TYER", "94", None),
    ],
)
def test_a_date_of_id3_that_is_no_timestamp(tmp_path, version, frame, date, year):
    """Written by hand, for mutagen writes timestamps alone."""
    content = b"\0" + date.encode()
    frames = frame.encode() + struct.pack(">IH", len(content), 0) + content
    path = sound(tmp_path / "a.mp3")
    path.write_bytes(b"ID3" + bytes([version, 0, 0, 0, 0, 0, len(frames)]) + frames + path.read_bytes())
    assert tag_facts(path).values["year"] == year


def test_what_ape_says_whole_comes_before_what_id3v1_cuts(tmp_path):
    path = with_id3(tmp_path / "a.mp3", TALB(text="L"))
    ape = APEv2()
    ape["Title"], ape["Record Date"] = "A title of more than thirty letters", "1988-02"
    ape.save(path)
    append_id3v1(path, b"A title of more than thirty le", b"Ada")
    values = tag_facts(path).values
    assert (values["title"], values["year"]) == ("A title of more than thirty letters", 1988)
    assert (values["artist"], values["album"], values["genre"]) == ("Ada", "L", "Rock")


def test_every_container_is_asked_for_what_those_before_it_lack(tmp_path):
    path = with_id3(tmp_path / "a.mp3", TIT2(text="from ID3"))
    ape = APEv2()
    ape["Title"], ape["Artist"], ape["Album Artist"] = "from APE", ["Ada", "Bob"], "Both"
    ape["Lyrics"] = "la la"
    ape.save(path)
    facts = tag_facts(path)
    assert (facts.values["title"], facts.values["artist"]) == ("from ID3", "Ada, Bob")
    assert facts.extra["albumartist"] == "Both"
    assert facts.lyrics == (Line("la la"),)


@pytest.mark.parametrize("version2", [[], [TALB(text="L")]], ids=["alone", "behind an ID3v2 without title"])
def test_id3v1(tmp_path, version2):
    path = with_id3(tmp_path / "a.mp3", *version2) if version2 else sound(tmp_path / "a.mp3")
    append_id3v1(path, b"Caf\xe9", b"Ada")
    values = tag_facts(path).values
    assert (values["title"], values["artist"], values["year"], values["genre"]) == (
        *("Café", "Ada", 1998, "Rock"),
    )


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.m4a", "a.wav", "a.xyz", "a"])
def test_a_name_that_lies_costs_no_tag(tmp_path, name):
    path = with_id3(
        tmp_path / name,
        *(TIT2(text="T"), TPE1(text=["Ada", "Bob"]), TCON(text=["Jazz", "Soul"]), TDRC(text="1999")),
    )
    facts = tag_facts(path)
    assert (facts.values["title"], facts.values["artist"], facts.values["year"]) == ("T", "Ada, Bob", 1999)
    assert facts.tags == ("Jazz", "Soul")


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.wav", "a"])
def test_vorbis_comments_under_a_name_that_lies(tmp_path, name):
    path = sound(tmp_path / "a.flac")
    tags = mutagen.File(path)
    tags["title"], tags["artist"], tags["genre"] = "T", ["Ada", "Bob"], ["Jazz", "Soul"]
    tags.save()
    facts = tag_facts(path.rename(tmp_path / name))
    assert (facts.values["title"], facts.values["artist"]) == ("T", "Ada, Bob")
    assert facts.tags == ("Jazz", "Soul")


def test_the_list_of_a_wav(tmp_path):
    path = tmp_path / "a.wav"
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        file.title, file.artist, file.date = "T", "Ada", "1999"
        file.write(np.zeros(800, np.float32))
    values = tag_facts(path).values
    assert (values["title"], values["artist"], values["year"]) == ("T", "Ada", 1999)


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("cp1251", "Группа крови на рукаве"),
        ("gbk", "月亮代表我的心，你问我爱你有多深"),
        ("utf-8", "Für Élise"),
    ],
)
def test_what_says_that_it_is_latin_1_and_is_not(tmp_path, encoding, title):
    told = title.encode(encoding).decode("latin-1")
    path = with_id3(tmp_path / "a.mp3", TIT2(encoding=0, text=told), TPE1(encoding=3, text="Цой"))
    values = tag_facts(path).values
    assert (values["title"], values["artist"]) == (title, "Цой")


@pytest.mark.parametrize("title", ["Motörhead", "Ænima", "Ágætis byrjun", "Où es-tu passé?", "¡Olé!"])
def test_latin_1_stays_latin_1(tmp_path, title):
    path = with_id3(tmp_path / "a.mp3", TIT2(encoding=0, text=title))
    assert tag_facts(path).values["title"] == title
