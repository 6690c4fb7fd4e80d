"""How ten people ask, each in their own way: benchmarks/requests_people.toml, and what "
"is special about it."""

import pytest
from test_models_search_listeners import shelf
from test_models_search_names import knows
from written_requests import assert_read, readings

from models.search.reading.asking.plain import plainly
from models.search.reading.asking.refusing import refused
from models.search.reading.asking.shorthand import written_out
from models.search.reading.names.likeness import likeness
from models.search.reading.negation import split
from models.search.reading.parts import parts_of
from models.search.reading.query_parser import parse
from models.search.reading.recognition import recognize
from models.search.reading.sung_lines import as_topics, sung_line

__all__ = ["shelf"]  # a fixture


@pytest.mark.parametrize("one", list(readings("requests_people.toml")))
def test_a_person_is_understood(shelf, one):
    parsed = recognize(one["ask"], shelf, knows)
    assert_read(parsed, one)


@pytest.mark.parametrize(
    ("text", "rest", "name"),
    [
        pytest.param("an acoustic version of Exit Nine", "acoustic", "Exit Nine", id="a version"),
        pytest.param("a heavy metal cover of Exit Nine", "heavy metal", "Exit Nine", id="a cover"),
        pytest.param("Exit Nine remix", "Exit Nine remix", None, id="a remix that says nothing of it"),
        pytest.param("an acoustic version of Wonderwall", "", None, id="of what nobody here has"),
        pytest.param("if Exit Nine was acoustic", "acoustic", "Exit Nine", id="if it was"),
        pytest.param("what if Exit Nine had been a waltz", "waltz", "Exit Nine", id="had it been"),
        pytest.param("if Vierzehn used strings, slow", "strings, slow", "Vierzehn", id="of an artist"),
        pytest.param("if you were a tree", "if you were a tree", None, id="if, of nothing here"),
        pytest.param("Exit Nine as a waltz, no drums", "waltz, no drums", "Exit Nine", id="as"),
        pytest.param("Exit Nine on piano", "piano", "Exit Nine", id="on"),
        pytest.param("Exit Nine unplugged", "unplugged", "Exit Nine", id="unplugged"),
        pytest.param("Sad as a waltz", "Sad as a waltz", None, id="what describes is no title there"),
        pytest.param("Ida Holm on piano", "Ida Holm on piano", None, id="who plays it is no song"),
        pytest.param("eine akustische Version von Exit Nine", "akustische", "Exit Nine", id="German"),
        pytest.param("wenn Exit Nine akustisch wäre", "akustisch", "Exit Nine", id="German, if"),
        pytest.param("une version acoustique de Exit Nine", "acoustique", "Exit Nine", id="French"),
        pytest.param(
            "une version plus lente de Exit Nine", "plus lente", "Exit Nine", id="French, in a comparison"
        ),
        pytest.param("si Exit Nine fuera acústica", "acústica", "Exit Nine", id="Spanish"),
        pytest.param("we love Exit Nine, more like it", "", "Exit Nine", id="what others love"),
        pytest.param(
            "what do you have that's similar to Exit Nine", "what do you have", "Exit Nine", id="that's"
        ),
    ],
)
def test_a_song_in_another_way(shelf, text, rest, name):
    found, songs, said = likeness(text, shelf, knows)
    assert (found, said) == (rest if name else text, (f"like {name}",) if name else ())
    assert bool(songs) == bool(name)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("ambient with a techno ending", ("ambient", "techno"), id="an ending"),
        pytest.param("techno with an ambient intro", ("ambient", "techno"), id="an intro"),
        pytest.param("strings and a harp, with a loud climax", ("strings and a harp", "loud"), id="a climax"),
        pytest.param("a song with a happy ending", (), id="of nothing that is heard before"),
        pytest.param("ambient con un final techno", ("ambient", "techno"), id="Spanish"),
        pytest.param("ça commence fort et ça finit calme", ("fort", "calme"), id="French"),
    ],
)
def test_what_begins_and_ends_otherwise(text, parts):
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("not so calm that I fall asleep", "not too calm", id="so that"),
        pytest.param("nicht so laut, dass es stört", "nicht zu laut", id="German"),
        pytest.param("pas si fort que ça réveille", "pas trop fort", id="French"),
        pytest.param("no tan lento que me duerma", "no demasiado lento", id="Spanish"),
        pytest.param("so calm that I fall asleep", "so calm that I fall asleep", id="so that, wanted"),
        pytest.param("nothing too loud to study to", "nothing too loud, to study to", id="too ... to"),
        pytest.param("too slow to run to", "slow", id="too ... to, wanted"),
        pytest.param("too good to be true", "too good to be true", id="too ... to, of no sound"),
        pytest.param("stop playing techno, a harp", "no techno, a harp", id="stop playing"),
        pytest.param("stop crying", "stop crying", id="stop, of no sound"),
    ],
)
def test_what_refuses_too_much(text, plain):
    assert refused(text) == plain


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        pytest.param("no techno and play jazz instead", "play jazz", ("techno",), id="and play"),
        pytest.param("no piano anymore play strings", "play strings", ("piano",), id="anymore"),
        pytest.param("no scary music for my kids", "for my kids", ("scary music",), id="of some music"),
        pytest.param("two harps and none with drums", "two harps", ("drums",), id="none with"),
        pytest.param("no music for my kids", "music", ("music for my kids",), id="of all music"),
    ],
)
def test_where_what_is_not_wanted_ends(text, wanted, unwanted):
    assert split(text) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        pytest.param("sad but not too sad", (), id="what is wanted as well"),
        pytest.param("sad piano, no sad singing", ("sad singing",), id="in part"),
        pytest.param("no music", ("music",), id="nothing else is wanted"),
    ],
)
def test_what_is_wanted_is_not_unwanted(text, unwanted):
    assert parse(text).unwanted == unwanted


def test_an_o_between_words_with_accents_is_an_or():
    assert parse("guitarra o violín").alternatives == ("guitarra", "violín")


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        pytest.param("chill n dreamy", "chill and dreamy", id="n"),
        pytest.param("rock n roll", "rock n roll", id="a name for a kind of music"),
        pytest.param("the best song u got", "the best song you got", id="u"),
        pytest.param("battle music um not loud", "battle music not loud", id="a voice hesitates"),
        pytest.param("um die Welt", "um die Welt", id="a German word"),
    ],
)
def test_what_is_shortened_or_stammered(typed, whole):
    assert written_out(typed) == whole


@pytest.mark.parametrize(
    ("ask", "text", "said"),
    [
        pytest.param("Lava and Snowy", "", ["the title “Lava”", "the title “Snowy”"], id="several titles"),
        pytest.param("Sad, Lava", "Sad, Lava", [], id="one of which describes"),
        pytest.param("something to play after Elf Land", "", ["like Elf Land"], id="what comes next"),
        pytest.param("music like Elf Land for naps", "music for naps", ["like Elf Land"], id="for"),
        pytest.param("harps, excluding wesnoth", "harps", ["not wesnoth"], id="a word of a folder"),
        pytest.param(
            "Maxstack or Muldjord, loud",
            "loud",
            ["the artist “Maxstack”", "the artist “Muldjord”"],
            id="two names, and how",
        ),
    ],
)
def test_names_among_other_words(shelf, ask, text, said):
    parsed = recognize(ask, shelf, knows)
    assert (parsed.text, list(parsed.said), parsed.alternatives) == (text, said, ())


@pytest.mark.parametrize(
    ("ask", "plain"),
    [
        pytest.param("a harp; lyrics don't matter", "a harp", id="what does not matter"),
        pytest.param("with or without drums, slow", "slow", id="with or without"),
        pytest.param("I don't care", "I don't care", id="nothing else is asked for"),
        pytest.param("no drums, the baby is sleeping", "no drums", id="who is near"),
        pytest.param("no worry, the boss is away", "no worry, the boss is away", id="of no sound"),
        pytest.param("a harp, the strings are soft", "a harp, the strings are soft", id="what is heard"),
        pytest.param("wich songs are sad", "sad", id="wich"),
        pytest.param("instrumentals please, hard", "instrumentals, hard", id="please, in the middle"),
        pytest.param("what would fit a funeral scene?", "a funeral scene", id="what would fit"),
    ],
)
def test_what_asks_for_nothing(ask, plain):
    assert plainly(ask) == plain


@pytest.mark.parametrize(
    ("ask", "plain"),
    [
        pytest.param("cheerful, but keep it quiet", "cheerful, quiet", id="keep it"),
        pytest.param("loud and make it up to me", "loud and make it up to me", id="make it up"),
        pytest.param("sitar or tabla, either is fine", "sitar or tabla", id="either is fine"),
        pytest.param("no drums, we have guests", "no drums", id="who is here"),
        pytest.param("a harp, I have a harp", "a harp, I have a harp", id="who has what is heard"),
        pytest.param("songs 2 cry 2", "songs to cry to", id="2"),
        pytest.param("that one song with a harp", "song with a harp", id="that one is a song"),
    ],
)
def test_what_is_said_beside_the_wish(ask, plain):
    assert plainly(ask) == plain


def test_songs_whose_words_mention_something_are_about_it():
    assert as_topics("songs whose lyrics mention rain") == "songs about rain"


def test_the_name_of_the_song_that_goes_so_is_asked_by_its_line():
    assert sung_line("what's the name of the song that goes rain on me") == "rain on me"
