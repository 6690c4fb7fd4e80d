"""What a row of a data set says of its song: columns, notes, and what rows before it said."""

import pytest

from catalog.clip_facts import added_to, facts_of, left_out_of
from catalog.data_sets import Excluded
from catalog.library import songs
from catalog.records import Caption, Clip, Facts

CLIP = Clip(
    "7",
    None,
    (Caption("a shanty", origin="list"),),
    {"title": "Sea", "year": 1971, "tags": ["folk", "sea"], "duration_s": 12.5, "bpm": 90},
)


def test_a_row_becomes_columns_and_what_has_none_becomes_notes():
    told = facts_of(CLIP, "list")
    assert told.origin == "list"
    assert told.values == {"title": "Sea", "year": 1971, "source": "list", "source_id": "7"}
    assert (told.tags, told.captions) == (("folk", "sea"), CLIP.texts)
    assert told.extra == {"bpm": 90}  # and no length: the sound itself says it better


def test_what_a_column_cannot_hold_is_said():
    odd = Clip("7", None, (), {"year": "long ago", "duration_s": "a while"})
    assert left_out_of(CLIP, "list") == []
    assert left_out_of(odd, "list") == ["year 'long ago' is no year", "duration_s 'a while' is no length"]


def test_rows_of_one_song_add_up_in_their_order_each_thing_once(catalog):
    before = [
        Facts("list", tags=("folk",), captions=(Caption("first", origin="list"),)),
        Facts("user", tags=("mine",), captions=(Caption("of a person", origin="user"),)),
    ]
    song_id = songs.add_or_update(catalog, before)
    row = Facts(
        "list",
        tags=("sea", "folk"),
        captions=(Caption("second", origin="list"), Caption("first", origin="list")),
    )
    told = added_to(catalog, song_id, row)
    assert [caption.text for caption in told.captions] == ["first", "second"]
    assert told.tags == ("folk", "sea")  # what a person said is said by that person alone
    songs.add_or_update(catalog, [told], song_id=song_id)
    assert songs.get(catalog, song_id).tags == ("folk", "mine", "sea")


@pytest.mark.parametrize("what", ["tracks", "artists", "sounds"])
def test_something_is_excluded_by_any_of_three(what):
    assert Excluded(**{what: frozenset({"1"})})
    assert not Excluded(sets={"song-describer": 2})
