"""A song to hear and to see: its file with ranges, its cover, its waveform. Nothing outside the catalog."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from catalog.audio.peaks import cached_peaks
from catalog.library.overview import Playable, playable
from newwave_cli.server.library import WAVEFORMS, Library, LibraryDep, SongId

routes = APIRouter(tags=["media"])
AN_HOUR = {"Cache-Control": "private, max-age=3600"}  # private: what needs a token is for no shared cache
TYPES = {
    ".mp3": "audio/mpeg", ".mp2": "audio/mpeg", ".ogg": "audio/ogg", ".oga": "audio/ogg",
    ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav", ".m4a": "audio/mp4",
    ".mp4": "audio/mp4", ".m4b": "audio/mp4", ".aac": "audio/aac", ".webm": "audio/webm",
    ".mka": "audio/x-matroska", ".aif": "audio/aiff", ".aiff": "audio/aiff", ".wma": "audio/x-ms-wma",
}  # fmt: skip
ANYTHING = "application/octet-stream"


class _SoundFile(FileResponse):
    """A file; of several ranges of it, those beyond its end are left out (RFC 9110, 14.1.2)."""

    @classmethod
    def _parse_ranges(cls, range_: str, file_size: int) -> list[tuple[int, int]]:
        ranges = super()._parse_ranges(range_, file_size)
        there = [(begin, end) for begin, end in ranges if begin < file_size]
        return there or ranges


@routes.get("/audio/{song}", name="audio", response_class=FileResponse)
async def audio(request: Request, song: SongId, library: LibraryDep) -> Response:
    """The file of a song as it lies on the disk; ranges are served, so players can seek."""
    file = await _file(request, song, library)
    kind = TYPES.get(file.path.suffix.lower(), ANYTHING)
    return _SoundFile(file.path, media_type=kind, headers={"Cache-Control": "private, no-cache"})


@routes.get("/cover/{song}", responses={204: {"description": "It has none."}}, response_class=Response)
async def cover(request: Request, song: SongId, library: LibraryDep) -> Response:
    """The picture in the song's tags, or beside its file."""
    file = await _file(request, song, library)
    found = await library.cover(request, file.path)
    if found is None:
        return Response(status_code=204, headers=AN_HOUR)
    image, kind = found
    return Response(image, media_type=kind, headers=AN_HOUR)


@routes.get("/api/waveform/{song}")
async def waveform(request: Request, song: SongId, library: LibraryDep) -> Response:
    """{"duration_s", "peaks"}: 600 peaks of 0 to 255 over the length of the song."""
    file = await _file(request, song, library)
    folder = library.settings.home / WAVEFORMS
    peaks = (file.path, file.audio_hash, folder)
    text = await library.file_readers.call(request, cached_peaks, *peaks)
    return Response(text, media_type="application/json", headers=AN_HOUR)


async def _file(request: Request, song: int, library: Library) -> Playable:
    return await library.ask(request, lambda reader: playable(reader.catalog, song))
