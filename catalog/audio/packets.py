"""What the packets of a file say without being decoded: a hash of the sound, its format, its length."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import soundfile

from catalog.audio.container import claimed, container, opened_file, unreadable
from catalog.audio.decode import WITHOUT_STAMPS, decoded_s
from catalog.audio.links import Source, Span, links
from catalog.audio.stamps import NUMBERED, are_near, can_seek, seconds_of_packet
from catalog.errors import Unreadable

_GUESSING = (*WITHOUT_STAMPS, "mp3", "ac3", "eac3", "dts", "dtshd", "truehd", "mlp")
"""Formats without a head: libav guesses their length by the size and the first packets."""

JUMP_S = 1.0
"""Stamps that go back by more than this begin anew: a recording behind another one."""


@dataclass(slots=True)
class Packets:
    """What was read of one link. `there_s`: how long its packets are; `claimed_s`: what its head says.

    Either is 0 where it is not known. `packets`: how many. `is_timed`: whether their stamps say what their
    lengths do, and what is in the first of them.
    """

    form: str = ""
    there_s: float = 0.0
    claimed_s: float = 0.0
    packets: int = 0
    is_timed: bool = True


def read_packets(path: Path) -> tuple[str, str, float | None, str]:
    """(hash of the packets, format, seconds, what is missing of it) of a file. Raises Unreadable."""
    digest, found = _hashed(path)
    if not found:
        form = soundfile.info(path).format.lower()
        return digest, form, decoded_s(path), ""
    first = found[0]
    if len(found) > 1:
        # What the heads of a chain say was not looked at by whoever chained them: what can be heard counts.
        return digest, first.form, decoded_s(path), ""
    return digest, first.form, *_length(path, first)


def audio_hash(source: Source) -> str:
    """What a sound is known by: the hash that `read_packets` gives its file, of a file or of its bytes.

    Of the encoded packets alone, so new tags and another name keep it; nothing is decoded. Raises Unreadable
    where the file cannot be read.
    """
    return _hashed(source)[0]


def _hashed(source: Source) -> tuple[str, list[Packets]]:
    """The hash, and what the packets of each link say; of the whole content where libav finds no packets."""
    digest = hashlib.blake2b(digest_size=16)
    found = []
    try:
        spans = links(source)
        is_chained = len(spans) > 1
        for span in spans:
            with suppress(Unreadable):
                link = _read_link(source, span if is_chained else None, digest)
                if link.packets:  # without packets, all sounds would be one
                    found.append(link)
        if not found:
            with ExitStack() as stack:
                file = opened_file(stack, source, None)
                while piece := file.read(1 << 20):
                    digest.update(piece)
    except OSError as error:
        raise unreadable(source, f"cannot be read ({error.strerror})") from error
    return digest.hexdigest(), found


def _length(path: Path, link: Packets) -> tuple[float | None, str]:
    """(seconds, what is missing) by the packets and the head together."""
    claimed_s, there_s = link.claimed_s, link.there_s
    if not there_s or not link.is_timed:
        return decoded_s(path), ""
    if _falls_short(there_s, claimed_s) and link.form.startswith("mov"):
        # Where the table of sizes is damaged, one packet may hold all that follows.
        there_s = max(there_s, decoded_s(path))
    if _falls_short(there_s, claimed_s):
        return there_s, f"only {there_s:.0f} of {claimed_s:.0f} s are there"
    # The head knows how much of the first and last packets is padding; where it is far off, it lies.
    agree = claimed_s and abs(claimed_s - there_s) < 1
    return claimed_s if agree else there_s, ""


def _falls_short(there_s: float, claimed_s: float) -> bool:
    return claimed_s - there_s > max(1.0, 0.02 * claimed_s)


def _read_link(source: Source, span: Span | None, digest: Any) -> Packets:
    """Read the packets of one link, into the digest of the whole file, and what they say of its length."""
    with container(source, span) as (opened, stream, _):
        kind = opened.format.name  # "mov,mp4,m4a,3gp,3g2,mj2": all that one demuxer reads
        form = f"{kind.split(',')[0]}/{stream.codec_context.name}"
        claimed_s = 0.0 if kind in _GUESSING else claimed(opened, stream)
        # All in ticks of the stream. offset: what came before a recording that begins anew.
        end = offset = count = lengths = 0
        jump = int(JUMP_S / stream.time_base)
        start = stream.start_time or 0  # stamps need not begin at 0
        for number, packet in enumerate(_packets(opened, stream)):
            digest.update(packet)
            count += 1
            duration = _signed(packet.duration or 0)
            # A packet without a stamp follows the one before.
            lengths += max(duration, 0)
            begin = end if packet.pts is None else offset + packet.pts - start
            if begin < end - jump:
                offset += end - begin
                begin = end
            end = max(end, begin + duration)
            if number == 0 and kind == "mp3":
                frame_s = float(duration * stream.time_base)
                claimed_s = _frames_of_mp3(source, span, packet) * frame_s
        there_s = 0.0 if kind in WITHOUT_STAMPS else float(end * stream.time_base)
        by_lengths_s = float(lengths * stream.time_base)
        by_codec_s = count * seconds_of_packet(stream) if kind.startswith("mov") else 0.0
        agree = all(are_near(there_s, other_s) for other_s in (by_lengths_s, by_codec_s) if other_s)
    is_timed = agree and (kind in NUMBERED or _begins_in_time(source, span))
    return Packets(form, there_s, claimed_s, count, is_timed)


def _begins_in_time(source: Source, span: Span | None) -> bool:
    with container(source, span) as opened:
        return can_seek(opened)


def _signed(ticks: int) -> int:
    """libav counts the last packet of an Ogg file backwards, and PyAV reads that as an unsigned number."""
    return ticks - (1 << 32) if ticks >= 1 << 31 else ticks


def _packets(opened: Any, stream: Any) -> Iterator[Any]:
    """The packets of a stream, up to where the file is broken: what comes before is still a sound."""
    try:
        for packet in opened.demux(stream):
            if packet.size:
                yield packet
    except (av.FFmpegError, OSError):
        return


def _frames_of_mp3(source: Source, span: Span | None, packet: Any) -> int:
    """How many frames a Xing or VBRI frame says that there are; 0 without one, for libav guesses then."""
    with ExitStack() as stack:
        file = opened_file(stack, source, span)
        # That frame holds no sound: libav passes over it, so it lies before the first packet.
        file.seek(max(0, (packet.pos or 0) - 4096))
        head = file.read(4096)
    for mark, offset in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        at = head.find(mark)
        if at >= 0:
            count_at = at + offset
            return int.from_bytes(head[count_at : count_at + 4])
    return 0
