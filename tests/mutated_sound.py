"""Sound files with flipped bits, cut ends, heads that lie, pieces of others: the same ones for one seed."""

from collections.abc import Iterator

import numpy as np
import odd_sound

KINDS = (*(kind for kind in odd_sound.KINDS if kind != "ts"), "m4a", "mka", "wma", "aiff")
BY_AV = {
    "m4a": ("aac", "mp4"),
    "mka": ("aac", "matroska"),
    "wma": ("wmav2", "asf"),
    "aiff": ("pcm_s16be", "aiff"),
}
SECONDS = 1.0


def whole_files():
    """One sound file of each kind, by its ending."""
    files = {}
    for number, kind in enumerate(KINDS):
        hz = 300 + 40 * number
        if kind in BY_AV:
            codec, form = BY_AV[kind]
            files[kind] = odd_sound.by_av(codec, form, 44_100, [odd_sound.tone(hz, 44_100, 2, SECONDS)])
        else:
            files[kind] = odd_sound.encoded(kind, hz, channels=1 + number % 2, seconds=SECONDS)
    return files


def flip_bits(random, content, others):
    """Up to 40 bits anywhere."""
    places = random.integers(0, len(content), random.integers(1, 40))
    for place in places:
        content[place] ^= 1 << int(random.integers(8))
    return content


def flip_bits_of_the_head(random, content, others):
    """Up to ten bits where the numbers are that a decoder believes."""
    for place in random.integers(0, min(200, len(content)), random.integers(1, 10)):
        content[place] ^= 1 << int(random.integers(8))
    return content


def lie_in_the_head(random, content, others):
    """A number of four bytes becomes nothing, all, or anything."""
    place = int(random.integers(4, min(100, len(content) - 4)))
    lies = (bytes(4), b"\xff" * 4, b"\x01\0\0\0", b"\x7f\xff\xff\xff", random.bytes(4))
    content[place : place + 4] = lies[int(random.integers(len(lies)))]
    return content


def cut_off(random, content, others):
    """The end is missing."""
    return content[: int(random.integers(1, len(content)))]


def lose_the_middle(random, content, others):
    """Some of the middle is missing."""
    first, last = sorted(random.integers(0, len(content), 2))
    return content[:first] + content[last:]


def noise_in_the_middle(random, content, others):
    """Up to 3,000 bytes are others."""
    place = int(random.integers(len(content)))
    size = min(int(random.integers(1, 3_000)), len(content) - place)
    content[place : place + size] = random.bytes(size)
    return content


def go_on_as_another(random, content, others):
    """A file behind it, of its own kind or not."""
    return content + others[int(random.integers(len(others)))]


def go_over_into_another(random, content, others):
    """Its beginning, then the end of another file."""
    other = others[int(random.integers(len(others)))]
    return content[: int(random.integers(1, len(content)))] + other[int(random.integers(len(other))) :]


WAYS = (
    flip_bits,
    flip_bits_of_the_head,
    lie_in_the_head,
    cut_off,
    lose_the_middle,
    noise_in_the_middle,
    go_on_as_another,
    go_over_into_another,
)


def mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(file name, content) of so many mutated files."""
    random = np.random.default_rng(seed)
    files = whole_files()
    others = list(files.values())
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        way = WAYS[int(random.integers(len(WAYS)))]
        content = way(random, bytearray(files[kind]), others)
        if random.random() < 0.3 and content:  # and once more
            content = flip_bits(random, bytearray(content), others)
        yield f"{number:04} {way.__name__}.{kind}", bytes(content)
