"""A clip of a data set to vectors, without the catalog: its sound, or the chunks of its lyrics."""

from catalog.errors import NewWaveError, WrongUse
from catalog.records import Clip, Line
from catalog.vectors import Vectors
from models.encoders import SoundEncoder, WordsEncoder
from models.indexing.chunking import parts
from models.indexing.embed_source import embed_or_error

Encoder = SoundEncoder | WordsEncoder


def vectors_or_error(encoder: Encoder, clip: Clip) -> Vectors | NewWaveError:
    """The same as `vectors_of`, or what is wrong with the clip."""
    try:
        return vectors_of(encoder, clip)
    except NewWaveError as problem:
        return problem


def vectors_of(encoder: Encoder, clip: Clip) -> Vectors:
    """A song's track vector (1, dimensions), or the vectors of the parts of its lyrics."""
    if encoder.role == "words":
        lyrics = str(clip.song.get("lyrics") or "")
        lines = list(map(Line, lyrics.splitlines()))
        pieces = parts(lines, ())
        if not pieces:
            raise WrongUse("it has no lyrics", try_this="nw evaluate mini --on library    (judges by sound)")
        return encoder.encode_lyrics([piece.text for piece in pieces])
    if clip.audio is None:
        raise WrongUse("its sound is not here", try_this="name the folder with the sound after the table")
    embedded = embed_or_error(encoder, clip.audio)
    if isinstance(embedded, NewWaveError):
        raise embedded
    return embedded.track[None]
