"""How a request is read: negations, alternatives, parts, quotes; by tables."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import in_one_test

from models.search.reading.facts import facts_in
from models.search.reading.negation import split
from models.search.reading.negation_cues import CUES, WORDS
from models.search.reading.parts import parts_of
from models.search.reading.patterns import mentions
from models.search.reading.query_parser import parse, terms

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
REQUESTS = ("requests.toml", "requests_more.toml")


def readings(name):
    content = tomllib.loads((BENCHMARKS / name).read_text(encoding="utf-8"))
    for one in content["reading"]:
        read = (one["ask"], one["wanted"], one["unwanted"], one.get("facts", []))
        yield pytest.param(*read, id=f"{one['language']}: {one['ask']}")


@in_one_test
@pytest.mark.parametrize(
    ("ask", "wanted", "unwanted", "facts"),
    [reading for name in REQUESTS for reading in readings(name)],
)
def test_negations_and_facts_in_six_languages(ask, wanted, unwanted, facts):
    text, found = facts_in(ask)
    said = [[fact.column, *(fact.codes or (fact.low, fact.high))] for fact in found]
    assert split(text) == (wanted, tuple(unwanted))
    assert sorted(said) == sorted(facts)


@pytest.mark.parametrize("cue", CUES)
@settings(max_examples=25)
@given(st.data())
def test_what_says_no_has_one_of_the_words_by_which_a_negation_is_known(cue, data):
    after_something, apart_from_the_next = r"\A(?:|x, |but |bitte )", r"[\s'’]"
    said = data.draw(st.from_regex(f"{after_something}(?:{cue}){apart_from_the_next}"))
    assert mentions(said, WORDS.split())


@in_one_test
@pytest.mark.parametrize(
    ("ask", "wanted", "unwanted"),
    [
        pytest.param("no drums but lots of bass", "lots of bass", ["drums"], id="what follows but is wanted"),
        pytest.param("music that doesn't have drums", "music", ["drums"], id="a clause"),
        pytest.param("nothing too loud", "music", ["loud"], id="an adjective without too"),
        pytest.param("neither fast nor loud", "music", ["fast", "loud"], id="neither, nor"),
        pytest.param("guitars instead of pianos", "guitars", ["pianos"], id="instead of"),
        pytest.param("sin guitarras ni batería", "music", ["guitarras", "batería"], id="two in Spanish"),
        pytest.param("no drums, drums, no drums", "drums", ["drums"], id="each once"),
        pytest.param("do not disturb", "do not disturb", [], id="a verb is no sound"),
        pytest.param("I can't get no satisfaction", "I can't get no satisfaction", [], id="a phrase"),
        pytest.param("royalty-free music", "royalty-free music", [], id="a word of its own"),
        pytest.param(
            "strings over a beat without a voice", "strings over a beat", ["voice"], id="an article"
        ),
        pytest.param("a song about war with no drums", "a song about war", ["drums"], id="with ends a topic"),
        pytest.param("I'm not in the mood for drums", "music", ["drums"], id="a mood"),
        pytest.param("I want no drums at all", "music", ["drums"], id="nothing else is wanted"),
        pytest.param("jazz w/o vocals", "jazz", ["vocals"], id="in short"),
        pytest.param("non-electronic dance music", "dance music", ["electronic"], id="non-"),
        pytest.param("metal-free guitars", "guitars", ["metal"], id="what has no plural"),
        pytest.param("happy, but please no choir", "happy", ["choir"], id="words before the cue"),
        pytest.param("no vocals, drums or bass", "music", ["vocals", "drums", "bass"], id="a list"),
        pytest.param("no vocals no drums", "music", ["vocals", "drums"], id="one after the other"),
        pytest.param("guitar, never loud", "guitar", ["loud"], id="never"),
        pytest.param("never mind the rain", "never mind the rain", [], id="never in a phrase"),
        pytest.param("schlagzeuglose Musik", "music", ["schlagzeug"], id="-los"),
        pytest.param("gesangsfreier Jazz", "Jazz", ["gesang"], id="-frei"),
        pytest.param("two piccolos, not three", "two piccolos", ["three"], id="what only ends like -los"),
        pytest.param("Jazz, bloß nicht mit Geige", "Jazz", ["geige"], id="words before a German cue"),
        pytest.param("weder Geigen noch Flöten", "music", ["geigen", "flöten"], id="weder, noch"),
        pytest.param("du jazz mais surtout pas de flûte", "du jazz", ["flûte"], id="before a French cue"),
        pytest.param("ni batterie ni guitare", "music", ["batterie", "guitare"], id="ni, ni"),
        pytest.param("cualquier cosa menos salsa", "music", ["salsa"], id="anything but, in Spanish"),
        pytest.param("qualcosa che non sia rock", "music", ["rock"], id="something that is not, in Italian"),
        pytest.param("samba sem bateria nem voz", "samba", ["bateria", "voz"], id="two in Portuguese"),
        pytest.param("beats, please leave the vocals out", "beats", ["vocals"], id="leave out, apart"),
        pytest.param("take me out", "take me out", [], id="take out somebody"),
        pytest.param("rock but drop the screaming", "rock", ["screaming"], id="but drop the"),
        pytest.param("drop the bass", "drop the bass", [], id="drop the, by itself"),
        pytest.param("skip metal", "music", ["metal"], id="skip"),
        pytest.param("skip to my lou", "skip to my lou", [], id="skip to"),
        pytest.param("not necessarily slow", "not necessarily slow", [], id="not necessarily"),
        pytest.param("as long as it isn't country", "music", ["country"], id="as long as it is not"),
        pytest.param("as long as you love me", "as long as you love me", [], id="as long as, of people"),
        pytest.param("all instruments but the piano", "music", ["piano"], id="all but"),
        pytest.param("please don't play me any pop", "music", ["pop"], id="what not to play"),
        pytest.param("less bass more treble", "more treble", ["bass"], id="less and more"),
        pytest.param("no quiero oír nada de rock", "music", ["rock"], id="not to hear, in Spanish"),
        pytest.param("non voglio sentire chitarre", "music", ["chitarre"], id="in Italian"),
        pytest.param("não quero ouvir rock", "music", ["rock"], id="in Portuguese"),
        pytest.param("je ne veux pas entendre de piano", "music", ["piano"], id="in French"),
        pytest.param("ich will keinen Techno hören", "music", ["techno"], id="in German"),
        pytest.param("vocal-less techno", "techno", ["vocals"], id="-less behind a hyphen"),
        pytest.param("piano, hardly any drums", "piano", ["drums"], id="hardly any"),
        pytest.param("strings but hold the brass", "strings", ["brass"], id="hold the"),
        pytest.param("hold the line", "hold the line", [], id="hold the, by itself"),
        pytest.param("not much piano", "music", ["piano"], id="much"),
        pytest.param("Klavier, aber bitte nichts Trauriges", "Klavier", ["trauriges"], id="nichts"),
        pytest.param("im Westen nichts Neues", "im Westen nichts Neues", [], id="nichts in a phrase"),
        pytest.param("musica calma mas nada triste", "musica calma", ["triste"], id="mas nada"),
        pytest.param("samba sem muita bateria", "samba", ["bateria"], id="muita"),
        pytest.param("flute instead of violin in a folk song", "flute in a folk song", ["violin"], id="in a"),
        pytest.param(
            "no singing in a choir", "music", ["singing in a choir"], id="in a, of what is unwanted"
        ),
        pytest.param("de la musique sans paroles", "music", ["paroles"], id="an article of music"),
        pytest.param("keine Geige, dafür Flöte", "Flöte", ["geige"], id="dafür"),
        pytest.param("no", "no", [], id="a cue alone is a word"),
        pytest.param("", "", [], id="nothing"),
    ],
)
def test_what_is_not_wanted(ask, wanted, unwanted):
    assert split(ask) == (wanted, tuple(unwanted))


@in_one_test
@pytest.mark.parametrize(
    ("ask", "alternatives"),
    [
        pytest.param("piano or harp", ("piano", "harp"), id="or"),
        pytest.param("either a choir, or an organ", ("a choir", "an organ"), id="either, or"),
        pytest.param("piano or harp or lute", ("piano", "harp", "lute"), id="three"),
        pytest.param("Klavier oder Harfe", ("Klavier", "Harfe"), id="in German"),
        pytest.param("rain, wind or snow", ("rain", "wind", "snow"), id="a list"),
        pytest.param("calm pop, lute or harp", ("calm pop, lute", "calm pop, harp"), id="of both"),
        pytest.param("lute or harp, calm pop", ("lute, calm pop", "harp, calm pop"), id="of both, behind"),
        pytest.param("flute or lute, slow", ("flute, slow", "lute, slow"), id="of both, in a word"),
        pytest.param("lute, harp or sax, slow", ("lute, slow", "harp, slow", "sax, slow"), id="of three"),
        pytest.param("more or", (), id="an or without a second"),
        pytest.param("piano and harp", (), id="and is one wish"),
        pytest.param("forest", (), id="letters of a word"),
        pytest.param("arpa o flauto, lento", ("arpa, lento", "flauto, lento"), id="o between two sounds"),
        pytest.param("toca o piano", (), id="o is an article in Portuguese"),
        pytest.param("piano/harp", ("piano", "harp"), id="a stroke"),
        pytest.param("AC/DC", (), id="a stroke in a name"),
    ],
)
def test_alternatives(ask, alternatives):
    assert parse(ask).alternatives == alternatives


def test_either_says_nothing_beside_or():
    assert parse("either a lute or a harp").text == "a lute or a harp"
    assert parse("either way").text == "either way"


@in_one_test
@pytest.mark.parametrize(
    ("ask", "parts"),
    [
        pytest.param("piano, then drums", ("piano", "drums"), id="then"),
        pytest.param("piano, later on drums", ("piano", "drums"), id="later on"),
        pytest.param("a harp followed by a choir", ("a harp", "a choir"), id="followed by"),
        pytest.param("piano then drums then a choir", ("piano", "drums", "a choir"), id="three"),
        pytest.param("starts calm then gets loud", ("calm", "loud"), id="starts, gets"),
        pytest.param("begins slowly and ends fast", ("slowly", "fast"), id="begins and ends"),
        pytest.param("a song that opens with bells, but turns into techno", ("bells", "techno"), id="a song"),
        pytest.param("at first quiet, then a choir", ("quiet", "a choir"), id="at first"),
        pytest.param("fängt ruhig an, wird dann laut", ("ruhig", "laut"), id="in German"),
        pytest.param("commence doucement puis devient fort", ("doucement", "fort"), id="in French"),
        pytest.param("empieza lento y termina rápido", ("lento", "rápido"), id="in Spanish"),
        pytest.param("piano at the beginning, a choir at the end", ("piano", "a choir"), id="places behind"),
        pytest.param("at the end a choir, at first a harp", ("a harp", "a choir"), id="the last said first"),
        pytest.param(
            "quiet at first, at the end loud", ("quiet", "loud"), id="a place behind, and one before"
        ),
        pytest.param("begins with a harp, drums at the end", ("a harp", "drums"), id="a verb and a place"),
        pytest.param("quiet intro, loud ending", ("quiet", "loud"), id="stretches of a song"),
        pytest.param(
            "rock, intro quiet, ending loud", ("quiet", "loud"), id="and what is heard all the time"
        ),
        pytest.param("rock with a calm intro and a wild finish", ("a calm", "a wild"), id="joined by and"),
        pytest.param("quiet intro, wild middle, sad ending", ("quiet", "wild", "sad"), id="three stretches"),
        pytest.param("first a harp, then drums, finally rain", ("a harp", "drums", "rain"), id="first, then"),
        pytest.param(
            "drums and bass at first, rain at the end", ("drums and bass", "rain"), id="two at first"
        ),
        pytest.param("at first a harp, drums at the end", ("a harp", "drums"), id="a clause for each of two"),
        pytest.param(
            "harp at the start of it, rain at the end of the song", ("harp", "rain"), id="of the song"
        ),
        pytest.param("starts slow, gets fast", ("slow", "fast"), id="a comma between verbs"),
        pytest.param("ends with drums but begins with rain", ("rain", "drums"), id="verbs in any order"),
        pytest.param("ruhiger Anfang, lautes Ende", ("ruhiger", "lautes"), id="stretches in German"),
        pytest.param("fängt leise an und hört laut auf", ("leise", "laut"), id="verbs in two pieces"),
        pytest.param("erst Geigen, am Schluss Trommeln", ("Geigen", "Trommeln"), id="places in German"),
        pytest.param("au début calme, à la fin fort", ("calme", "fort"), id="places in French"),
        pytest.param("commence calme et se termine fort", ("calme", "fort"), id="a reflexive verb"),
        pytest.param("inicio tranquilo y final fuerte", ("tranquilo", "fuerte"), id="stretches in Spanish"),
        pytest.param("piano al principio, coro al final", ("piano", "coro"), id="places in Spanish"),
        pytest.param("all'inizio piano, alla fine coro", ("piano", "coro"), id="places in Italian"),
        pytest.param("inizia lento e finisce veloce", ("lento", "veloce"), id="verbs in Italian"),
        pytest.param("piano no início, coro no fim", ("piano", "coro"), id="places in Portuguese"),
        pytest.param("começa com chuva e termina com piano", ("chuva", "piano"), id="verbs in Portuguese"),
        pytest.param("goes from lento to a storm", ("lento", "a storm"), id="from, to, with a verb"),
        pytest.param("builds slowly from rain to a big storm", ("rain", "a big storm"), id="and an adverb"),
        pytest.param(
            "from calm piano to loud metal", ("calm piano", "loud metal"), id="from a sound to another"
        ),
        pytest.param("geht von leise zu laut", ("leise", "laut"), id="from, to, in German"),
        pytest.param("from Paris to London", (), id="from a place to another"),
        pytest.param("in the middle drums, begins calm", ("calm", "drums"), id="a beginning and a middle"),
        pytest.param("calm start, then rain", ("calm", "rain"), id="a stretch, then"),
        pytest.param("harp first, drums come in later", ("harp", "drums"), id="come in later"),
        pytest.param("a quiet intro", (), id="one place"),
        pytest.param("epic from start to finish", (), id="from start to finish"),
        pytest.param("laut vom Anfang bis zum Ende", (), id="from start to finish, in German"),
        pytest.param("opening theme and end credits", (), id="themes of a film"),
        pytest.param("the beginning of spring, the end of summer", (), id="of something else"),
        pytest.param("every now and then a flute", (), id="now and then"),
        pytest.param("nothing until then", (), id="a time"),
        pytest.param("a song about a boy who then leaves", (), id="what a song tells of"),
        pytest.param("see you later", (), id="a farewell"),
        pytest.param("drums and piano", (), id="no order"),
        pytest.param(
            "drums, then it slows and ends", ("drums", "it slows and ends"), id="and, where nothing begins"
        ),
        pytest.param("then", (), id="nothing before"),
    ],
)
def test_parts_one_after_the_other(ask, parts):
    assert parts_of(ask) == parts


@pytest.mark.parametrize(
    ("ask", "unwanted"),
    [
        pytest.param("instrumental jazz", ("vocals",), id="nobody sings"),
        pytest.param("instrumental, no singing", ("singing",), id="said already"),
        pytest.param("jazz, not instrumental", ("instrumental",), id="the opposite"),
        pytest.param("instruments of the orchestra", (), id="another word"),
    ],
)
def test_instrumental_music_has_no_vocals(ask, unwanted):
    assert parse(ask).unwanted == unwanted


def test_quotes_must_be_there_and_describe_nothing():
    parsed = parse('calm “night owl” "at dawn" music')
    assert (parsed.must, parsed.text) == (("night owl", "at dawn"), "calm music")
    assert parse('"love theme"').text == ""
    assert parse('"love theme"').terms == ("love theme",)
    assert parse('"" music').must == ()


def test_terms_are_rare_words_each_once_in_lower_case():
    assert terms('Calm calm music by the "Old Salts", 1999!') == ("calm", "old salts", "1999")
