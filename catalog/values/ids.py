"""Ids of tracks and artists, however a table writes them."""

import re


def plain_id(value: object) -> str:
    """The number in a Jamendo id, however a table writes it.

    >>> plain_id("track_0000214"), plain_id(214), plain_id("14/214.2min.mp3"), plain_id("abc")
    ('214', '214', '214', 'abc')
    """
    _, _, last = str(value).rpartition("/")
    text, _, _ = last.partition(".")
    match = re.search(r"(\d+)$", text)
    return str(int(match[1])) if match else text


def track_id(value: object) -> str:
    """An id to compare by: the number where it is one however it is written, else the text itself.

    >>> track_id("track_0000214"), track_id("14/214.2min.mp3"), track_id(214.0), track_id("-0Gj8-vB1q4")
    ('214', '214', '214', '-0Gj8-vB1q4')
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as tables without types read numbers
    text = str(value)
    number = re.fullmatch(r"(?:.*/)?(?:track_|artist_)?(\d+)(?:\.\w+)*", text)
    # int() of text with thousands of digits is an error; no data set counts that far.
    if number is None or len(number[1]) >= 20:
        return text
    return str(int(number[1]))
