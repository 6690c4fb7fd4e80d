"""Texts and tables, mutated by a seed, that a music folder could hold."""

import random
from pathlib import Path

import numpy as np
import soundfile

SEEDS = {
    "lrc": (
        "[ti:Song][ar:Ada]\n[offset:+120]\n[00:01.00][00:09.50]so long\n"
        "[00:02.00]<00:02.1>fare <00:02.9>well\n"
        "[00:04.00]très loin[00:05.00]\n[au: Ada]\n"
    ),
    "txt": "Chorus\nso long, farewell\n夜に駆ける\n[Verse 1: Ada]\nje ne regrette rien\n",
    "cue": (
        'REM GENRE Jazz\nPERFORMER "Ada"\nFILE "a.wav" WAVE\n  TRACK 01 AUDIO\n    TITLE "One"\n'
        '    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    TITLE "Two"\n    INDEX 01 00:20:37\n'
    ),
    "csv": "file,title,year,tags,lyrics,caption,duration\n"
    'a.wav,One,1999,"rock; pop",la la,"calm, slow",3:20\n',
    "tsv": "file\ttitle\tyear\ttags\na.wav\tOne\t1999\trock, pop\n",
    "jsonl": '{"file": "a.wav", "year": 1999, "tags": ["rock", null], '
    '"lyrics": ["so", "long"], "x": {"y": 1}}\n',
    "json": '[{"file": "a.wav", "title": "One", "year": "1999", "captions": ["calm"]}]',
}
"""One good text of each kind that `nw ingest` reads."""

_TOKENS = (
    "\0 \ud800 \x1b[31m \ufeff \u202e [00:00.00] [99:99.999] [offset:-99999999] <00:01> [au: instrumental]"
    " nan inf -1 1e999 NULL None {} [] [[[[[[ \" '' , ;; \t \r \u2028 é ÿ 夜 999999999999999999999"
    " 0000 20040317 a.wav"
).split(" ")
_RAW = (b"\xff", b"\xfe\xff", b"\xc3", b"\x80\x81", b"\0\0", b"\xef\xbb\xbf", b"\xb0\xb2\xbe\xb2")


def mutated(kind: str, seed: int) -> bytes:
    """A text of one kind with some pieces cut out, doubled, or put in, also such as are no text at all."""
    rng = random.Random(f"{kind} {seed}")
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "utf-16", "cp1252", "gb18030"))
    data = bytearray(SEEDS[kind].encode(encoding, errors="replace"))
    for _ in range(rng.choice((1, 3, 10, 40))):
        at = rng.randrange(len(data) + 1)
        act = rng.randrange(5)
        if act == 0:
            del data[at : at + rng.randrange(1, 30)]
        elif act == 1:
            data[at:at] = data[at : at + rng.randrange(1, 60)] * rng.choice((1, 1, 50))
        elif act == 2:
            data[at:at] = rng.choice(_TOKENS).encode(errors="surrogatepass") * rng.choice((1, 1, 200))
        elif act == 3:
            data[at:at] = rng.choice(_RAW)
        elif data:
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[:200_000])


def write_sound(path: Path, seed: int) -> None:
    """A short song that sounds like no other."""
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 1600).astype(np.float32)
    soundfile.write(path, noise, 8000)
