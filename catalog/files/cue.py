r"""Cue sheets: the tracks of an album that lies in one file.

Grammar, as in the CDRWIN user's guide (appendix A) and Hydrogenaudio's "Cue sheet":

    sheet = line*            line = command [argument]*       an argument with blanks stands in quotes
    FILE "name" WAVE|MP3|…   TRACK number AUDIO|MODE1/2352|…  TITLE, PERFORMER: of the track, before it of all
    INDEX 01 mm:ss:ff        where the track begins, in frames of 1/75 s; 00 is the gap before it
    REM GENRE|DATE|…         remarks, REM COMMENT too; what else there is says nothing about moments
"""

import re
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from catalog.files.walk import stem_key
from catalog.records import Caption, Facts
from catalog.values.numbers import counted
from catalog.values.text import clean, folded

FRAMES_A_SECOND = 75  # of a CD, in which cue sheets tell time
MOST_TRACKS = 999  # a CD has 99; a sheet of more is taken in part
_SHOWN = 3  # titles that a note names

_INDEX = re.compile(r"0*1\s+(\d{1,4}):(\d{1,2})(?::(\d{1,2}))?\s*")
_FILE = re.compile(r'(?:"(?P<quoted>[^"]*)"|(?P<plain>.+?))(?:\s+\w+)?\s*')


@dataclass(frozen=True, slots=True)
class Track:
    """A part of a file, in seconds from its start; `end_s` is None for the last one."""

    title: str
    performer: str = ""
    start_s: float | None = None
    end_s: float | None = None
    file: str = ""


@dataclass
class _Sheet:
    performer: str = ""
    file: str = ""
    files: list[str] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    in_data: bool = False
    """True inside a track that is no sound."""


def cue_tracks(text: str, song: str) -> tuple[Track, ...]:
    """The tracks of a cue sheet that lie in the file called `song`; none where it speaks of other files.

    A sheet of one file belongs to the song that it lies beside: rips are converted, and names change.
    """
    sheet = _read(text)
    if len(sheet.files) > 1:
        stem = folded(stem_key(song))
        sheet.tracks = [track for track in sheet.tracks if _is_of(track, stem)]
    placed = [track for track in sheet.tracks if track.start_s is not None]
    del placed[MOST_TRACKS:]
    placed.sort(key=lambda track: track.start_s or 0.0)
    # A track ends where the next one begins; where the last one ends, only the sound knows.
    ends = [track.start_s for track in placed[1:]]
    tracks = []
    for track, end_s in zip_longest(placed, ends):
        tracks.append(replace(track, end_s=end_s))
    return tuple(tracks)


def _is_of(track: Track, song: str) -> bool:
    return folded(stem_key(_name(track.file))) == song


def cue_facts(text: str, song: str, sheet: str, origin: str = "sidecar") -> Facts:
    """What a cue sheet says about a song: its tracks as captions with their moments, and a note."""
    tracks = cue_tracks(text, song)
    if not tracks:
        return Facts(origin, extra={"cue_note": f"{sheet} names no track in this file, so it was not used"})
    titles = [track.title for track in tracks if track.title]
    further = len(titles) - _SHOWN
    more = f" and {further} more" if further > 0 else ""
    named = ", ".join(titles[:_SHOWN])
    one = f"track of {sheet} is a moment"
    several = f"tracks of {sheet} are moments"
    moments = counted(len(tracks), one, several)
    note = f"{moments} of this one song: {named}{more}"
    captions, plain = [], []
    for track in tracks:
        captions.append(Caption(_told(track), track.start_s, track.end_s, origin))
        plain.append({"title": track.title, "performer": track.performer, "start_s": track.start_s})
    return Facts(origin, captions=tuple(captions), extra={"cue_note": note, "cue_tracks": plain})


def _told(track: Track) -> str:
    return " - ".join(filter(None, (track.performer, track.title)))


def _name(path: str) -> str:
    """The last part of a path, which is Windows' as often as not."""
    return re.split(r"[\\/]", path)[-1]


def _read(text: str) -> _Sheet:
    """All lines, one after the other; of commands that are not known here nothing is taken."""
    sheet = _Sheet()
    for line in text.splitlines():
        command, _, argument = clean(line).partition(" ")
        reader = _COMMANDS.get(command.upper())
        if reader is not None:
            reader(sheet, argument.strip())
    return sheet


def _file(sheet: _Sheet, argument: str) -> None:
    sheet.file = argument
    # The word behind the name is its type, WAVE or MP3; a name without quotes may have blanks as well.
    found = _FILE.fullmatch(argument)
    if found:
        sheet.file = found["quoted"] or found["plain"] or ""
    sheet.files.append(sheet.file)


def _track(sheet: _Sheet, argument: str) -> None:
    sheet.in_data = not argument.upper().endswith("AUDIO")  # games and enhanced CDs have data tracks
    if not sheet.in_data:
        # The album's performer is the track's, until a line below says another.
        sheet.tracks.append(Track("", sheet.performer, file=sheet.file))


def _title(sheet: _Sheet, argument: str) -> None:
    if sheet.tracks and not sheet.in_data:
        last = sheet.tracks[-1]
        sheet.tracks[-1] = replace(last, title=_unquoted(argument))


def _performer(sheet: _Sheet, argument: str) -> None:
    if sheet.tracks and not sheet.in_data:
        last = sheet.tracks[-1]
        sheet.tracks[-1] = replace(last, performer=_unquoted(argument))
    elif not sheet.tracks:
        sheet.performer = _unquoted(argument)


def _index(sheet: _Sheet, argument: str) -> None:
    found = _INDEX.fullmatch(argument)
    if found and sheet.tracks and not sheet.in_data:
        minutes, seconds, frames = (int(part or 0) for part in found.groups())
        whole = minutes * 60 + seconds
        start_s = round(whole + frames / FRAMES_A_SECOND, 3)
        last = sheet.tracks[-1]
        # Of a gap that is appended to the track before, INDEX 00 lies in one file and INDEX 01 in the next.
        sheet.tracks[-1] = replace(last, start_s=start_s, file=sheet.file)


def _unquoted(argument: str) -> str:
    begins = argument.startswith('"')
    is_quoted = len(argument) > 1 and begins and argument.endswith('"')
    return argument[1:-1].strip() if is_quoted else argument


_COMMANDS = {"FILE": _file, "TRACK": _track, "TITLE": _title, "PERFORMER": _performer, "INDEX": _index}
