"""Which song a sound is. A song **is** its sound: the hash of its encoded audio (`waveform.audio_hash`).

A path is where the sound was last seen, a name is what someone calls it. What a person, a table or a lyrics
file said of a song goes with its sound to another path, and never passes to another sound that comes to lie
at the old one. Folders, data sets, tables, lyrics and evaluation go by this file and by `song_names`, which
says when a name is enough.
"""

import hashlib
from itertools import islice
from pathlib import Path

from catalog.audio.apart import audio_hash
from catalog.errors import Unreadable
from catalog.library.database import Catalog
from catalog.records import Clip

_EXAMPLES = 3  # ids that a note names


def sounds_of(catalog: Catalog) -> dict[int, str]:
    """The hash of each song's sound, by the song's id: equal ones are one song."""
    rows = catalog.fetch("SELECT id, audio_hash FROM songs WHERE audio_hash IS NOT NULL")
    return {int(song_id): digest for song_id, digest in rows}


class Contents:
    """What the clips of a data set are known by; a file that many rows name is read once."""

    def __init__(self) -> None:
        self._of_files: dict[Path, str] = {}

    def sound(self, clip: Clip) -> str:
        """The hash of a clip's sound. Raises Unreadable where it has none, or it cannot be read."""
        if clip.audio is None:
            why = clip.trouble or "its sound is not here"
            raise Unreadable(why, try_this="name the folder with the sound after the table")
        if isinstance(clip.audio, bytes):
            return audio_hash(clip.audio)
        if clip.audio not in self._of_files:
            self._of_files[clip.audio] = audio_hash(clip.audio)
        return self._of_files[clip.audio]

    def lyrics(self, clip: Clip) -> str:
        """The hash of a clip's lyrics. Raises Unreadable where it has none."""
        text = str(clip.song.get("lyrics") or "").strip()
        if not text:
            raise Unreadable(
                "it has no lyrics", try_this="nw evaluate mini --on library    (judges by sound)"
            )
        return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


class Claims:
    """Ids that rows give their songs, so that one id over several sounds can be told."""

    def __init__(self) -> None:
        self._songs: dict[str, set[str]] = {}

    def add(self, name: str, song: str) -> None:
        """A row calls `song` (its hash) so."""
        self._songs.setdefault(name, set()).add(song)

    def notes(self) -> list[str]:
        """What a person should know: each sound is a song of its own, whatever it is called."""
        shared = {name: songs for name, songs in self._songs.items() if len(songs) > 1}
        if not shared:
            return []
        songs = sum(map(len, shared.values()))
        examples = ", ".join(map(repr, islice(shared, _EXAMPLES)))
        ids = "one id stands"
        if len(shared) > 1:
            ids = f"{len(shared)} ids stand"
        return [f"{ids} for several songs ({examples}): by their sound they are {songs}, and each is one"]
