"""Clips that somebody sends: taken in within bounds, embedded in another process, forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect, Request

from catalog.errors import Unreadable, WrongUse
from newwave_cli.server.errors import Gone, TooLarge
from newwave_cli.server.library import Library, Reader

if TYPE_CHECKING:
    from catalog.index_manifest import Manifest

MOST_BYTES = 32 << 20  # half an hour of mp3 at 128 kbit/s
WITHIN_S = 60.0  # a clip that trickles in would hold its place for ever


async def clip_embedding(request: Request, library: Library) -> NDArray[np.float32]:
    """The embedding (dimensions,) of the clip in the body of a request, in the space of the sound index.

    Raises TooLarge, WrongUse for a body that is empty or too slow, Unreadable for what is no sound, NoIndex.
    """
    async with _received(request, library) as path:
        # Only now: to look whether somebody is still there takes the next message, a piece of the clip even.
        manifest = await library.ask(request, _sound_manifest)
        try:
            return await library.embedder.call(request, embed, path, manifest)
        except Unreadable as problem:  # which names a file that nobody has seen
            said = str(problem).replace(str(path), "the clip")
            raise Unreadable(said, try_this="a clip that a music player can play") from problem


_SEND = "curl --data-binary @clip.mp3 ADDRESS/api/similar"


def _sound_manifest(reader: Reader) -> "Manifest":
    return reader.searcher.indexes.index("sound").manifest


@asynccontextmanager
async def _received(request: Request, library: Library) -> AsyncIterator[Path]:
    """The body as a file that is gone afterwards."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):  # `curl -F`: the clip is somewhere in it
        raise WrongUse("a form was sent, not a clip.", try_this=_SEND)
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise _too_large()
    with library.uploads.place() as file:
        try:
            async with asyncio.timeout(WITHIN_S):
                await _copy(request, file)
        except TimeoutError:
            raise WrongUse(
                f"the clip did not arrive within {WITHIN_S:.0f} s.", try_this="a shorter clip"
            ) from None
        except ClientDisconnect:
            raise Gone from None
        yield Path(file.name)


def _too_large() -> TooLarge:
    return TooLarge(f"the clip has more than {MOST_BYTES >> 20} MB.", try_this="a few minutes of it, as mp3")


async def _copy(request: Request, file: IO[bytes]) -> None:
    size = 0
    async for piece in request.stream():
        size += len(piece)
        # Content-Length may be missing (chunked) or a lie, so what arrives is counted too.
        if size > MOST_BYTES:
            raise _too_large()
        file.write(piece)
    if not size:
        raise WrongUse("no clip was sent.", try_this=_SEND)
    file.flush()


def embed(path: Path, manifest: "Manifest") -> NDArray[np.float32]:
    """The vector (dimensions,) of a file by the index's encoder. Raises Unreadable, Incompatible."""
    from models.encoders import same_pipeline
    from models.indexing.embed_source import embed_here, encoder_here

    same_pipeline(encoder_here(manifest.encoder), manifest)
    return embed_here(manifest.encoder, path).track
