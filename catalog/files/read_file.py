"""One file to what the catalog keeps of it; runs in worker processes."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.audio import waveform
from catalog.errors import NewWaveError, Unreadable
from catalog.files.lyrics_file import lines_of, read_lines, read_text
from catalog.files.tags import name_facts, tag_facts
from catalog.files.walk import Found
from catalog.records import Facts, SoundFile

_LICENSE = re.compile(r"https?://creativecommons\.org/\S+?(?=[\s)>\"',]|$)")


@dataclass(frozen=True, slots=True)
class ToRead:
    """A file to read; `song_id` where the catalog knows its path."""

    path: Path
    found: Found
    song_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds and what is said about it."""

    file: SoundFile
    facts: tuple[Facts, ...]


def read(file: ToRead) -> Reading | NewWaveError:
    """Read one file; what goes wrong with it is the result."""
    try:
        # Size and time from before it was read: what changes meanwhile is read again next time.
        found = file.found
        sound = replace(
            waveform.probe(file.path), size=found.size, mtime_ns=found.mtime_ns, sidecar=found.sidecar
        )
        notes = {"partly": sound.partly} if sound.partly else {}
        facts = (name_facts(file.path), tag_facts(file.path), Facts("tags", extra=notes))
        return Reading(sound, (*facts, *_beside(file)))
    except NewWaveError as error:
        return error
    except OSError as error:
        return Unreadable(f"{file.path}: {error.strerror}.", try_this=f"ls -l {file.path}")
    except Exception as error:  # one strange file must not end the run; it is listed with this reason
        return Unreadable(
            f"{file.path}: {type(error).__name__}: {error}.", try_this="check that a music player can play it"
        )


def _beside(file: ToRead) -> tuple[Facts, ...]:
    if not file.found.sidecar:
        return ()
    path = file.path.parent / file.found.sidecar.rsplit(" ", 2)[0]
    try:
        if path.suffix.lower() == ".lrc":
            return (Facts("sidecar", lyrics=read_lines(path)),)
        return (_text_beside(read_text(path)),)
    except Unreadable as error:
        return (Facts("sidecar", extra={"lyrics_problem": str(error)}),)


def _text_beside(text: str) -> Facts:
    """A text beside a song is its lyrics; with a web address in it, a note on author and licence."""
    if "://" not in text:
        return Facts("sidecar", lyrics=lines_of(text))
    found = _LICENSE.search(text)
    return Facts(
        "sidecar", values={"license": found[0].rstrip(".") if found else ""}, extra={"notes": text.strip()}
    )
