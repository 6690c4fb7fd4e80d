"""Cue sheets: the tracks of one file, by the grammar."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.files.cue import cue_facts, cue_tracks
from catalog.records import Caption

ALBUM = """REM GENRE Jazz
PERFORMER "Ada"
TITLE "Two Pieces"
FILE "C:\\rips\\Album.wav" WAVE
  TRACK 01 AUDIO
    TITLE "Tone"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Storm "in" May"
    PERFORMER "Bob"
    INDEX 00 00:19:00
    INDEX 01 00:20:37
"""
TWO_FILES = """FILE "01.wav" WAVE
TRACK 01 AUDIO
TITLE One
INDEX 01 00:00:00
FILE 02.wav WAVE
TRACK 02 AUDIO
TITLE "Two"
INDEX 01 00:00:00
"""


@pytest.mark.parametrize(
    ("text", "song", "tracks"),
    [
        pytest.param(
            ALBUM, "album.flac", [("Ada", "Tone", 0, 20.493), ("Bob", 'Storm "in" May', 20.493, None)],
            id="tracks with their singers, frames of 1/75 s, no gaps",
        ),
        pytest.param(ALBUM.split("  TRACK 02")[0], "renamed.flac", [("Ada", "Tone", 0, None)],
                     id="one file is the one beside it"),
        pytest.param(TWO_FILES, "02.FLAC", [("", "Two", 0, None)], id="of several files its own"),
        pytest.param(TWO_FILES, "03.flac", [], id="and none of others"),
        pytest.param(ALBUM.replace("AUDIO", "MODE1/2352", 1), "a", [("Bob", 'Storm "in" May', 20.493, None)],
                     id="data is no track"),
        pytest.param(ALBUM.replace("00:20:37", "soon"), "a", [("Ada", "Tone", 0, None)],
                     id="a track without a moment is none"),
        pytest.param(ALBUM.lower().replace("\n", "\r"), "a",
                     [("ada", "tone", 0, 20.493), ("bob", 'storm "in" may', 20.493, None)],
                     id="commands in any case, any line end"),
        pytest.param("", "a", [], id="nothing"),
    ],
)  # fmt: skip
def test_tracks(text, song, tracks):
    assert [(t.performer, t.title, t.start_s, t.end_s) for t in cue_tracks(text, song)] == tracks


def test_what_a_sheet_tells_of_a_song():
    facts = cue_facts(ALBUM, "album.flac", "album.cue")
    assert facts.captions == (
        Caption("Ada - Tone", 0, 20.493, "sidecar"),
        Caption('Bob - Storm "in" May', 20.493, None, "sidecar"),
    )
    assert facts.extra["cue_note"].startswith("2 tracks of album.cue are moments of this one song: Tone")
    assert "not used" in cue_facts(TWO_FILES, "03.flac", "x.cue").extra["cue_note"]


ODD_LINES = st.sampled_from(
    [
        'FILE "a.flac" WAVE',
        "TRACK 01 AUDIO",
        "INDEX 01 00:02:00",
        "INDEX 00 99:99:99",
        'TITLE "x"',
        "TRACK",
        "INDEX 01",
    ]
)


@given(st.lists(ODD_LINES | st.text(max_size=20)))
def test_any_text_has_tracks_or_none(lines):
    """Whatever stands in it, nothing is raised, and a track has a beginning."""
    text = "\n".join(lines)
    for track in cue_tracks(text, "a.flac"):
        assert track.start_s >= 0
        assert "INDEX 01 00:02:00" in lines


def test_the_sheet_of_the_cases_is_read():
    cases = Path(__file__).parents[2] / "shared" / "cases" / "inputs" / "audio"
    if not cases.is_dir():
        pytest.skip("needs ../shared/cases")
    assert [t.title for t in cue_tracks((cases / "album.cue").read_text(), "album.flac")] == ["Tone", "Storm"]
