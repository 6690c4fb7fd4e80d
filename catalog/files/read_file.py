"""One file to what the catalog keeps of it; runs in worker processes."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.audio import waveform
from catalog.errors import NewWaveError, Unreadable, quoted
from catalog.files.cue import cue_facts
from catalog.files.lrc import Lyrics, parse_lyrics
from catalog.files.lyrics_file import read_lyrics, read_text
from catalog.files.tags import name_facts, tag_facts
from catalog.files.walk import CUE, Found, names_beside
from catalog.records import Facts, SoundFile
from catalog.values.columns import left_out

_LICENSE = re.compile(r"https?://creativecommons\.org/\S+?(?=[\s)>\"',]|$)")


@dataclass(frozen=True, slots=True)
class ToRead:
    """A file to read; `song_id` where the catalog knows its path."""

    path: Path
    found: Found
    song_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds and what is said about it.

    `notes` say what was cut, left out or understood in a way that a person may want to know; `unread`
    what lies beside it and could not be read.
    """

    file: SoundFile
    facts: tuple[Facts, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read(file: ToRead) -> Reading | NewWaveError:
    """Read one file; what goes wrong with it is the result."""
    try:
        # Size and time from before it was read: what changes meanwhile is read again next time.
        found = file.found
        probed = waveform.probe(file.path)
        sound = replace(probed, size=found.size, mtime_ns=found.mtime_ns, sidecar=found.sidecar)
        partly = {"partly": sound.partly} if sound.partly else {}
        beside, unread = _beside(file)
        tags = tag_facts(file.path)
        if any(fact.captions for fact in beside):
            tags = replace(tags, captions=())  # the cue sheet beside it tells what the one inside tells
        named = name_facts(file.path)
        facts = (named, tags, Facts("tags", extra=partly), *beside)  # the surer, the later
        notes = []
        for fact in facts:
            notes += [*left_out(fact), *_said(fact)]
        return Reading(sound, facts, tuple(notes), tuple(unread))
    except NewWaveError as error:
        return error
    except OSError as error:
        why = f"{file.path}: {error.strerror}."
        return Unreadable(why, try_this=f"ls -l {quoted(file.path)}")
    except Exception as error:  # one strange file must not end the run; it is listed with this reason
        kind = type(error).__name__
        why = f"{file.path}: {kind}: {error}."
        return Unreadable(why, try_this="check that a music player can play it")


def _said(fact: Facts) -> list[str]:
    """What the reader of a text had to say about it."""
    said = (fact.extra.get("lyrics_note"), fact.extra.get("cue_note"))
    return [str(note) for note in said if note is not None]


def _beside(file: ToRead) -> tuple[list[Facts], list[str]]:
    """What the texts beside a song say, and the sentences about those that cannot be read."""
    facts, unread = [], []
    for name in names_beside(file.found.sidecar):
        text = file.path.parent / name
        try:
            facts.append(_text_beside(text, file.path))
        except Unreadable as error:
            unread.append(str(error))
            facts.append(Facts("sidecar", extra={"lyrics_problem": str(error)}))
    return facts, unread


def _text_beside(path: Path, song: Path) -> Facts:
    """A text beside a song is its lyrics; with a web address in it, a note on author and licence."""
    if path.suffix.lower() == CUE:
        return cue_facts(read_text(path)[0], song.name, path.name)
    if path.suffix.lower() != ".txt":
        return _sung(read_lyrics(path))
    text, note = read_text(path)
    # Downloads from netlabels come with a readme called like the song: who made it, and under which licence.
    if "://" not in text:
        return _sung(replace(parse_lyrics(text), note=note))
    found = _LICENSE.search(text)
    license_ = found[0].rstrip(".") if found else ""
    return Facts("sidecar", values={"license": license_}, extra={"notes": text.strip()})


def _sung(lyrics: Lyrics) -> Facts:
    extra = {"lyrics_note": lyrics.note} if lyrics.note else {}
    if lyrics.instrumental:
        extra["instrumental"] = "the lyrics file says so"
    return Facts("sidecar", values={"language": lyrics.language}, lyrics=lyrics.lines, extra=extra)
