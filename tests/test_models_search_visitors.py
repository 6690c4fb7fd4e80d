"""How visitors type: benchmarks/requests_visitors.toml, and what is special about it in tables by kind."""

import pytest
from tables import in_one_test
from test_models_search_listeners import shelf
from test_models_search_names import knows
from written_requests import assert_read, readings

from models.search.reading.asking.plain import plainly
from models.search.reading.asking.refusing import refused
from models.search.reading.asking.shorthand import written_out
from models.search.reading.asking.stories import without_stories
from models.search.reading.facts import facts_in
from models.search.reading.negation import split
from models.search.reading.parts import parts_of
from models.search.reading.query_parser import parse
from models.search.reading.recognition import recognize

__all__ = ["shelf"]  # a fixture


@in_one_test
@pytest.mark.parametrize("one", list(readings("requests_visitors.toml")))
def test_a_visitor_is_understood(shelf, one):
    parsed = recognize(one["ask"], shelf, knows)
    assert_read(parsed, one)


@in_one_test
@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        pytest.param("smth sad w/ piano", "something sad with piano", id="with a thumb"),
        pytest.param("SMTH", "SMTH", id="in capitals it may be a name"),
        pytest.param("lol", "lol", id="nothing else"),
        pytest.param("idk jazz lol", "jazz", id="what says nothing"),
        pytest.param("chill 4 studying", "chill for studying", id="4 is for"),
        pytest.param("4 pianos", "4 pianos", id="4 is four"),
        pytest.param("need 2 relax", "need to relax", id="2 is to"),
        pytest.param("songs w/o drums", "songs w/o drums", id="w/o is read as a negation"),
        pytest.param("rock && pop || jazz", "rock and pop or jazz", id="as programmers join"),
        pytest.param("that song w the sitar", "that song with the sitar", id="w is with"),
        pytest.param("do u have jazz", "do you have jazz", id="u is you"),
        pytest.param("calm > wild > calm", "calm, then wild, then calm", id="arrows"),
        pytest.param("> 3 minutes", "> 3 minutes", id="more than"),
        pytest.param("rain + wind - thunder", "rain + wind minus thunder", id="plus and minus"),
        pytest.param("rain - wind", "rain - wind", id="a dash"),
        pytest.param("lofi|chill", "lofi or chill", id="a bar between words"),
        pytest.param("lofi | chill", "lofi | chill", id="a bar between tags"),
        pytest.param("calm.piano.no.drums", "calm piano no drums", id="dots for blanks"),
        pytest.param("www.example.com", "www.example.com", id="an address"),
        pytest.param("#dark #nodrums #nonsense", "dark no drums nonsense", id="hashtags"),
        pytest.param("calm piano\nSent from my iPhone", "calm piano", id="a signature"),
    ],
)
def test_what_is_shortened_is_written_out(typed, whole):
    assert written_out(typed) == whole


@in_one_test
@pytest.mark.parametrize(
    ("told", "asked"),
    [
        pytest.param("My gran is 90. Play a waltz!", "Play a waltz!", id="a story goes"),
        pytest.param("She loves waltzes. No rock!", "waltzes. No rock!", id="what somebody loves stays"),
        pytest.param("We broke up. Rain and a cello.", "Rain and a cello.", id="music that is only named"),
        pytest.param(
            "A guitar plays. The drums are loud.", "A guitar plays. The drums are loud.", id="a description"
        ),
        pytest.param("Who is Ida Holm? Play her.", "Who is Ida Holm? Play her.", id="a question asks"),
        pytest.param("I am so tired. Good night.", "I am so tired. Good night.", id="nothing asks for music"),
        pytest.param(
            "He played guitar. I want something like that.", "I want guitar.", id="like that: what was heard"
        ),
        pytest.param("It was on the radio, a harp, sad", "a harp, sad", id="what is recalled"),
        pytest.param("it was all a dream", "it was all a dream", id="a line that recalls"),
        pytest.param("I remember a tune, it had horns and was slow", "horns, slow", id="it had, and was"),
    ],
)
def test_what_somebody_tells_before_asking(told, asked):
    assert without_stories(told) == asked


@in_one_test
@pytest.mark.parametrize(
    ("said", "plain"),
    [
        pytest.param("enough techno! a harp", "no techno! a harp", id="enough"),
        pytest.param("enough said", "enough said", id="enough, of no sound"),
        pytest.param("no more flutes", "no flutes", id="no more, of a sound"),
        pytest.param("no more drama", "no more drama", id="no more, of none"),
        pytest.param("drums are a no-go", "no drums", id="what is a no-go"),
        pytest.param("leave the sax at home, slow jazz", "no sax, slow jazz", id="left at home"),
        pytest.param("leave me at home", "leave me at home", id="somebody left at home"),
        pytest.param("if there are drums, skip it", "no drums", id="if there are"),
        pytest.param("not a fan of choirs", "no choirs", id="no fan"),
        pytest.param("too many drums lately, a harp", "no drums, a harp", id="too many, lately"),
        pytest.param("too many tears", "too many tears", id="too many, of no sound"),
        pytest.param("sick of the violins already", "no violins", id="sick of it"),
        pytest.param("non vocal techno", "non-vocal techno", id="non without its hyphen"),
        pytest.param("non troppo lento", "non troppo lento", id="non, in Italian"),
    ],
)
def test_what_refuses_a_sound_in_its_own_way(said, plain):
    assert refused(said) == plain


@in_one_test
@pytest.mark.parametrize(
    ("ask", "plain"),
    [
        pytest.param("give me five medieval dances", "medieval dances", id="how many of what"),
        pytest.param("give me two pianos", "two pianos", id="for two pianos"),
        pytest.param("what's a good song to wake up to", "wake up to", id="a good song to"),
        pytest.param("jazz, or maybe blues", "jazz, or blues", id="or maybe"),
        pytest.param("give me five happy songs", "happy songs", id="how many"),
        pytest.param("a few quiet pieces", "quiet pieces", id="a few"),
        pytest.param("2 minute songs", "2 minute songs", id="how long"),
        pytest.param("shuffle some techno", "some techno", id="shuffle"),
        pytest.param("queue the piano", "the piano", id="queue"),
        pytest.param("no flutes, harp is fine", "no flutes, harp", id="is fine"),
        pytest.param("the weather is fine", "the weather is fine", id="nothing else is asked for"),
        pytest.param("it doesn't have to be fast, but no ballads", "no ballads", id="need not be"),
        pytest.param("a song that lets me cry", "a song that lets me cry", id="lets me is no let's"),
        pytest.param("lets hear a waltz", "a waltz", id="let's"),
    ],
)
def test_what_only_asks_goes(ask, plain):
    assert plainly(ask) == plain


@in_one_test
@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        pytest.param("not piano, not guitar: strings", "strings", ("piano", "guitar"), id="a colon ends it"),
        pytest.param("slow, but god no sax", "slow", ("sax",), id="god no"),
        pytest.param("un-sad, slow", "slow", ("sad",), id="un-"),
        pytest.param("slow, obviously no sax", "slow", ("sax",), id="obviously no"),
        pytest.param("calm without either bass or sax", "calm", ("bass", "sax"), id="either, unwanted"),
        pytest.param("pop nobody raps on", "pop", ("raps",), id="nobody raps on"),
        pytest.param("unplugged songs", "unplugged songs", (), id="un without a hyphen"),
        pytest.param("rock zonder drums", "rock", ("drums",), id="Dutch"),
        pytest.param("jazz pls no sax", "jazz", ("sax",), id="pls"),
        pytest.param(
            "(rain or wind) no drums", "(rain or wind)", ("drums",), id="a choice in brackets stays"
        ),
        pytest.param("rain (no drums or bass)", "rain", ("drums", "bass"), id="a negation in brackets"),
    ],
)
def test_what_is_not_wanted(text, wanted, unwanted):
    assert split(text) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        pytest.param("fast (techno or metal)", ("fast techno", "fast metal"), id="before brackets"),
        pytest.param("(rap or pop) AND fast", ("rap fast", "pop fast"), id="behind brackets"),
        pytest.param("(a or b) (c or d)", ("a c", "a d", "b c", "b d"), id="two choices"),
        pytest.param("drums and either organ or harp", ("drums organ", "drums harp"), id="either, later on"),
        pytest.param("sad or angry metal", ("sad metal", "angry metal"), id="two moods of one thing"),
        pytest.param("piano or electric guitar", ("piano", "electric guitar"), id="two things"),
        pytest.param("techno (or trance)", (), id="one in brackets"),
    ],
)
def test_each_of_a_choice(text, alternatives):
    assert parse(text).alternatives == alternatives


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a fanfare before the choir comes in", ("a fanfare", "the choir")),
        ("calm before the storm", ()),
    ],
)
def test_what_comes_before(text, parts):
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("ask", "rest", "said"),
    [
        ("five minute meditation", "meditation", ["about 5:00 long"]),
        ("half a minute jingle", "jingle", ["about 0:30 long"]),
        ("between sixty and eighty seconds", "", ["from 1:00 to 1:20 long"]),
        ("at most 1m30s", "", ["under 1:30 long"]),
        ("one minute silence", "one minute silence", []),
        ("strings year:2008", "strings", ["from 2008"]),
        ("from 2010 to 2013 but not 2011", "", ["from 2010 to 2013", "not from 2011"]),
        ("meeting moved to 3, not 4", "meeting moved to 3, not 4", []),
    ],
)
def test_facts(ask, rest, said):
    text, facts = facts_in(ask)
    assert (text, [fact.said for fact in facts]) == (rest, said)
