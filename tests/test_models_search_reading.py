"""How a request is read: negations, alternatives, quotes, years, durations, languages, names; by tables."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.library import exact_match, songs
from catalog.library.fulltext import index_text, words_of
from catalog.library.names.known import known_names
from catalog.records import Facts, Line, SoundFile
from models.search.reading.common_words import GENERIC
from models.search.reading.facts import durations, facts_in, sung_language, years
from models.search.reading.music_words import in_english
from models.search.reading.names.leading import NAME_LEADS, TAG_LEADS, TITLE_LEADS, TITLE_WORDS_LEAD
from models.search.reading.negation import split
from models.search.reading.negation_cues import CUES, WORDS
from models.search.reading.parts import parts_of
from models.search.reading.patterns import mentions
from models.search.reading.query_parser import parse, terms
from models.search.reading.recognition import recognize
from models.search.searcher import Answer
from newwave_cli.output.hits import weakness

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
REQUESTS = ("requests.toml", "requests_more.toml")
THIS_YEAR = date.today().year


def readings(name):
    content = tomllib.loads((BENCHMARKS / name).read_text(encoding="utf-8"))
    for one in content["reading"]:
        read = (one["ask"], one["wanted"], one["unwanted"], one.get("facts", []))
        yield pytest.param(*read, id=f"{one['language']}: {one['ask']}")


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


def test_parts_are_said_and_looked_up_without_the_words_between_them(shelf, catalog):
    parsed = recognize("starts calm then gets loud, no drums, by Maxstack", catalog)
    assert (parsed.parts, parsed.unwanted) == (("calm", "loud"), ("drums",))
    assert parsed.terms == ("calm", "loud")
    assert parsed.reading() == ["“calm”, then “loud”", "by Maxstack", "not drums"]
    assert recognize("no drums then a choir", catalog).unwanted == ("drums",)


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


@pytest.mark.parametrize(
    ("ask", "rest", "column", "low", "high"),
    [
        ("music from 2012", "music", "year", 2012, 2012),
        ("orchestral music of 2010", "orchestral music", "year", 2010, 2010),
        ("songs from the 1980s", "songs", "year", 1980, 1989),
        ("anything before 2005", "anything", "year", 0, 2004),
        ("rock until 2005", "rock", "year", 0, 2005),
        ("rock since 2005", "rock", "year", 2005, 9999),
        ("rock after 2005", "rock", "year", 2006, 9999),
        ("songs between 2007 and 2006 with a guitar", "songs with a guitar", "year", 2006, 2007),
        ("punk 1976-1979", "punk", "year", 1976, 1979),
        ("calm music under two minutes", "calm music", "duration_s", 0, 120),
        ("long ambient, over ten minutes", "long ambient", "duration_s", 600, float("inf")),
        ("a jingle shorter than 30 seconds", "a jingle", "duration_s", 0, 30),
        ("at least 1.5 min of rain", "rain", "duration_s", 90, float("inf")),
        ("less than half an hour", "", "duration_s", 0, 1800),
        ("pop from the 80s", "pop", "year", 1980, 1989),
        ("music of the noughties", "music", "year", 2000, 2009),
        ("rock from the early 2000s", "rock", "year", 2000, 2003),
        ("pop from the late nineties", "pop", "year", 1997, 1999),
        ("metal from '06", "metal", "year", 2006, 2006),
        ("Pop aus den 80ern", "Pop", "year", 1980, 1989),
        ("newer than 2015", "", "year", 2016, 9999),
        ("jazz older than the sixties", "jazz", "year", 0, 1959),
        ("folk released after 2012", "folk", "year", 2013, 9999),
        ("from 2010 onwards", "", "year", 2010, 9999),
        ("under 2:30, cheerful", "cheerful", "duration_s", 0, 150),
        ("orchestral, 3 to 4 minutes long", "orchestral", "duration_s", 180, 240),
        ("folk between 90 seconds and 2 minutes", "folk", "duration_s", 90, 120),
        ("a two-minute theme", "a theme", "duration_s", 90, 150),
        ("pop, about 4 minutes", "pop", "duration_s", 180, 300),
        ("Jazz unter 3 Minuten", "Jazz", "duration_s", 0, 180),
        ("pop from the last five years", "pop", "year", THIS_YEAR - 5, THIS_YEAR),
        ("rock of the past two decades", "rock", "year", THIS_YEAR - 20, THIS_YEAR),
        ("songs older than 20 years", "songs", "year", 0, THIS_YEAR - 21),
        ("pop newer than five years", "pop", "year", THIS_YEAR - 4, 9999),
        ("rock from ten years ago", "rock", "year", THIS_YEAR - 11, THIS_YEAR - 9),
        ("music from 2007, 2008 and 2009", "music", "year", 2007, 2009),
        ("jazz before the year 2000", "jazz", "year", 0, 1999),
        ("pop of the nineteen eighties", "pop", "year", 1980, 1989),
        ("songs released last year", "songs", "year", THIS_YEAR - 1, THIS_YEAR - 1),
        ("electronic music from this year", "electronic music", "year", THIS_YEAR, THIS_YEAR),
        ("musique du 19e siècle", "musique", "year", 1801, 1900),
        ("música del siglo XX", "música", "year", 1901, 2000),
        ("between the 80s and the 90s", "", "year", 1980, 1999),
        ("più lunga di 5 minuti", "", "duration_s", 300, float("inf")),
        ("más largas de 5 minutos", "", "duration_s", 300, float("inf")),
        ("jazz, plus longue que 5 minutes", "jazz", "duration_s", 300, float("inf")),
        ("mais longas do que 5 minutos", "", "duration_s", 300, float("inf")),
        ("più breve di un minuto", "", "duration_s", 0, 60),
        ("más cortas que un minuto", "", "duration_s", 0, 60),
        ("mais curta que um minuto", "", "duration_s", 0, 60),
        ("techno that came out after 2010", "techno", "year", 2011, 9999),
        ("musique sortie en 2010", "musique", "year", 2010, 2010),
        ("Lieder, die länger als 5 Minuten dauern", "Lieder", "duration_s", 300, float("inf")),
        ("canciones que duren menos de un minuto", "canciones", "duration_s", 0, 60),
        ("aus den Jahren 2010 bis 2012", "", "year", 2010, 2012),
        ("the years 2007 to 2009", "", "year", 2007, 2009),
        ("jazz, max 1 min 30", "jazz", "duration_s", 0, 90),
        ("Jazz für etwa 4 Minuten", "Jazz", "duration_s", 180, 300),
        ("rock, 2004 or 2005", "rock", "year", 2004, 2005),
        ("the 80s or later", "", "year", 1980, 9999),
        ("folk after the 90s", "folk", "year", 2000, 9999),
        ("ab den 80ern", "", "year", 1980, 9999),
        ("songs older than 1970 or so", "songs or so", "year", 0, 1969),
        ("pop, älter als 20 Jahre", "pop", "year", 0, THIS_YEAR - 21),
        ("ambient, 2 min 30 s long", "ambient", "duration_s", 112.5, 187.5),
        ("jazz, an hour and a half or more", "jazz", "duration_s", 5400, float("inf")),
    ],
)
def test_years_and_durations(ask, rest, column, low, high):
    text, [fact] = facts_in(ask)
    assert (text, fact.column, fact.low, fact.high) == (rest, column, low, high)


LIMITS = {
    "since 2012": """
in 2012 or later
2012 or newer
since the year 2012
from 2012 to today
2012 - present
2012 onwards
2012 and up
2012+
2012 at the earliest
starting in 2012
since 2012 or later
2012 oder neuer
von 2012 oder später
ab 2012
seit dem Jahr 2012
frühestens 2012
von 2012 bis heute
von 2012 an
en 2012 ou après
de 2012 ou plus récent
depuis 2012
à partir de 2012
2012 o después
2012 o más nuevo
del 2012 en adelante
desde el año 2012
2012 o più recente
del 2012 o dopo
dal 2012 in poi
2012 ou mais recente
de 2012 em diante
a partir de 2012
""",
    "until 1999": """
up to 1999
through 1999
1999 and earlier
of 1999 or older
1999 at the latest
up until 1999
not later than 1999
bis einschließlich 1999
1999 und früher
spätestens 1999
jusqu'en 1999
1999 et avant
1999 ou plus ancien
au plus tard en 1999
hasta 1999
1999 y antes
a más tardar en 1999
fino al 1999
1999 o prima
1999 e precedenti
entro il 1999
até 1999
1999 ou antes
1990s and before
""",
    "before 1990": """
from before 1990
älter als 1990
plus vieux que 1990
más antiguo que 1990
più vecchio del 1990
prima del 1990
mais antigo que 1990
antes de 1990
""",
    "after 2015": """
neuer als 2015
plus récent que 2015
después de 2015
più recente del 2015
mais recente do que 2015
""",
    "from 2006 to 2009": """
von 2006 bis 2009
zwischen 2006 und 2009
de 2006 à 2009
entre 2006 y 2009
de 2006 a 2009
dal 2006 al 2009
tra il 2006 e il 2009
entre 2006 e 2009
""",
    "not before 1980": """
not before 1980
not older than 1980
nicht vor 1980
pas avant 1980
no antes de 1980
non prima del 1980
não antes de 1980
""",
    "not after 1999": """
no newer than 1999
nicht später als 1999
pas après 1999
no más tarde de 1999
non dopo il 1999
não depois de 1999
""",
}
"""How years are said, and what people say for it."""


@pytest.mark.parametrize(
    ("said", "ask"), [(said, ask) for said, table in LIMITS.items() for ask in table.strip().splitlines()]
)
def test_years_with_a_limit_in_six_languages(said, ask):
    text, facts = facts_in(f"piano, {ask}, calm")
    assert (text, [fact.said for fact in facts]) == ("piano, calm", [said])


@pytest.mark.parametrize(
    ("ask", "rest", "codes", "other"),
    [
        ("rap in French", "rap", ("fr",), False),
        ("in Spanish, calm", "calm", ("es",), False),
        ("a German song", "a song", ("de",), False),
        ("Musik auf Deutsch", "Musik", ("de",), False),
        ("Musik auf Englisch", "Musik", ("en",), False),
        ("songs in French or Spanish", "songs", ("fr", "es"), False),
        ("songs not in English", "songs", ("en",), True),
        ("non-English singers", "singers", ("en",), True),
        ("english or german lyrics", "lyrics", ("en", "de"), False),
        ("auf Deutsch gesungen", "gesungen", ("de",), False),
    ],
)
def test_languages(ask, rest, codes, other):
    text, [fact] = facts_in(ask)
    assert (text, fact.column, fact.codes, fact.other) == (rest, "language", codes, other)


@pytest.mark.parametrize(
    ("ask", "rest", "said"),
    [
        ("nothing longer than three minutes", "", "not over 3:00 long"),
        ("jazz, but no songs after 2010", "jazz", "not after 2010"),
        ("techno, not older than 2015", "techno", "not before 2015"),
        ("pop, not from the 90s", "pop", "not from the 1990s"),
        ("folk, no English lyrics", "folk", "not in English"),
    ],
)
def test_facts_that_are_not_wanted(ask, rest, said):
    text, [fact] = facts_in(ask)
    assert (text, fact.said, fact.unwanted) == (rest, said, True)


@pytest.mark.parametrize(
    "ask",
    ["tax return 2023", "eighties synthesizer pop", "French horn", "in love", "in the rain", "love songs",
     "80s synth pop", "five to midnight", "a minute of silence", "3 to 4 guitars", "Paris or Spanish",
     "over the hills", "under the sea", "five minutes", "sad songs", "in 5/4", "last year", "30s to 60s",
     "last summer", "a century ago", "one or two guitars", "a few minutes more",
     "2012 or a harp", "80s or 90s rock", "through the fire", "bis morgen", "1812 overture", "im 80er Stil"],
)  # fmt: skip
def test_what_only_looks_like_a_fact_stays(ask):
    assert facts_in(ask) == (ask, ())


@pytest.mark.parametrize("kind", [durations, years, sung_language])
def test_a_cue_stands_in_whatever_is_read(kind):
    """Without one no pattern is tried, which saves the time of compiling it."""
    asked = [reading.values[0] for name in REQUESTS for reading in readings(name)]
    read = [text for text in asked if any(pattern.search(text) for pattern, _ in kind.READERS)]
    assert len(read) > 5
    assert [text for text in read if not kind.may_be_in(text)] == []


def test_one_decade_or_another_that_it_does_not_touch():
    text, [fact] = facts_in("rock from the 60s or the 80s")
    assert (text, fact.spans) == ("rock", ((1960, 1969), (1980, 1989)))
    assert fact.said == "from the 1960s or from the 1980s"


@pytest.fixture
def shelf(catalog, tmp_path):
    """Songs with names; the folder of each but the last is the artist's."""
    rows = [
        ("Quiet Snow", "Mattias Westlund", "The Long Road", 2008, "calm", "en"),
        ("Battle of Ice", "Mattias Westlund", "The Long Road", 2009, "epic", ""),
        ("Snowy", "Maxstack", "Singularity", 2012, "techno", ""),
        ("Desertsketch", "Maxstack", "Singularity", 2012, "punk rock", ""),
        ("Not About You", "Jonathan Coulton", "Thing a Week", 2006, "rock", "fr"),
        ("Calm", "Ansel Brück & The Two", "Low", 1999, "piano", ""),
        ("Hymn", "", "", None, "", ""),
        ("Filler", "", "", None, "", ""),
        ("Another", "", "", None, "", ""),
    ]
    ids = {}
    for at, (title, artist, album, year, tag, language) in enumerate(rows):
        folder = (artist.split()[0].lower() + "-data") if artist else "loose"
        file = SoundFile(tmp_path / folder / f"{title}.ogg", 1, 1, f"hash {at}", 60.0 * (at + 1))
        values = {"title": title, "artist": artist, "album": album, "language": language}
        facts = Facts(
            "tags",
            values | ({"year": year} if year else {}),
            tags=(tag,) if tag else (),
            lyrics=(Line("snow on the hill"),) if title == "Hymn" else (),
            extra={"composer": "Jan Bruns"} if title == "Filler" else {},
        )
        ids[title] = songs.add_or_update(catalog, [facts], file=file)
    return {song: title for title, song in ids.items()}


def named(shelf, ids):
    return None if ids is None else {shelf[song] for song in ids.tolist()}


WESTLUND = {"Quiet Snow", "Battle of Ice"}
MAXSTACK = {"Snowy", "Desertsketch"}


@pytest.mark.parametrize(
    ("ask", "text", "within"),
    [
        pytest.param("calm music by Mattias Westlund", "calm music", WESTLUND, id="by an artist"),
        pytest.param("calm music by Matias Westlund", "calm music", WESTLUND, id="a letter is missing"),
        pytest.param("something by Ansel Bruck", "", {"Calm"}, id="one of two, without the umlaut"),
        pytest.param("composed by Jan Bruns", "", {"Filler"}, id="a composer in the notes"),
        pytest.param("music from the maxstack folder", "", MAXSTACK, id="from a folder"),
        pytest.param("from the album Thing a Week, slow", "slow", {"Not About You"}, id="an album"),
        pytest.param('"Mattias Westlund" calm', "calm", WESTLUND, id="in quotes: written there"),
        pytest.param('"quiet snow" or "battle"', "", WESTLUND, id="one phrase or the other"),
        pytest.param('"never written"', "", set(), id="a phrase that is nowhere"),
        pytest.param("Mattias Westlund", "", WESTLUND, id="a name and nothing else"),
        pytest.param("techno from 2012", "techno", MAXSTACK, id="a year"),
        pytest.param(
            "slow songs by Maxstack or Jonathan Coulton",
            "slow songs",
            MAXSTACK | {"Not About You"},
            id="by one or the other",
        ),
        pytest.param(
            "music from the maxstack or the mattias folder",
            "",
            MAXSTACK | WESTLUND,
            id="from one or the other folder",
        ),
        pytest.param("calm songs by Max Stack", "calm songs", MAXSTACK, id="a name written apart"),
        pytest.param("something by MattiasWestlund", "", WESTLUND, id="a name written as one word"),
        pytest.param(
            "slow songs by mattias westlnd", "slow songs", WESTLUND, id="a letter too few at the end"
        ),
        pytest.param("play me something by Maxstack", "", MAXSTACK, id="how one asks says nothing"),
        pytest.param("can you find techno from 2012 for me?", "techno", MAXSTACK, id="politely"),
        pytest.param("artist: Maxstack", "", MAXSTACK, id="a field"),
        pytest.param("Musik von Mattias Westlund", "", WESTLUND, id="by, in German"),
        pytest.param("chansons de Maxstack", "", MAXSTACK, id="by, in French"),
        pytest.param("2012 techno", "techno", MAXSTACK, id="a year by itself"),
        pytest.param("tax return 2023", "tax return 2023", None, id="a number that is no year of any song"),
        pytest.param("songs not in English", "", {"Not About You"}, id="another language"),
        pytest.param("rock from 1911", "rock", None, id="a year of no song says nothing"),
        pytest.param("epic, under 90 seconds", "epic", {"Quiet Snow"}, id="a duration"),
        pytest.param("rap in French", "rap", {"Not About You"}, id="a language"),
        pytest.param("anything before 2000", "", {"Calm"}, id="anything describes no sound"),
        pytest.param("calm music by the sea", "calm music by the sea", None, id="by something unknown"),
        pytest.param("sailors far from home", "sailors far from home", None, id="from a word of no name"),
        pytest.param("calm piano", "calm piano", None, id="a description stays one"),
        pytest.param("sales grew by two percent", "sales grew by two percent", None, id="by a number"),
        pytest.param("from the 90s or the 2010s", "", MAXSTACK | {"Calm"}, id="one decade or the other"),
        pytest.param(
            "play not about you", "play not about you", None, id="a title that looks like a negation"
        ),
        pytest.param("Not About You by Jonathan Coulton", "", {"Not About You"}, id="a title and by whom"),
        pytest.param("songs from 2012, fast", "fast", MAXSTACK, id="songs alone describe nothing"),
        pytest.param("songs from 1911", "", set(), id="a year of no song and nothing else"),
        pytest.param("a song in Finnish", "", set(), id="a language of no song and nothing else"),
        pytest.param("calm music by Mozart", "calm music", None, id="by nobody here, but calm"),
        pytest.param("a song by the sea by Maxstack", "a song by the sea", MAXSTACK, id="the second by"),
        pytest.param("Techno aus maxstack", "Techno", MAXSTACK, id="from, in German"),
        pytest.param("techno de maxstack", "techno", MAXSTACK, id="from, in French"),
        pytest.param("songs by Franz Schubert", "", set(), id="by nobody here and nothing else"),
    ],
)
def test_what_narrows(shelf, catalog, ask, text, within):
    parsed = recognize(ask, catalog)
    assert (parsed.text, named(shelf, parsed.within)) == (text, within)


@pytest.mark.parametrize(
    ("ask", "text", "leading"),
    [
        pytest.param("slow Maxstack track", "slow track", {"Snowy": NAME_LEADS}, id="an artist by itself"),
        pytest.param("mattias westlund at night", "at night", {"Battle of Ice": NAME_LEADS}, id="two words"),
        pytest.param("quiet snow", "quiet snow", {"Quiet Snow": TITLE_LEADS}, id="the whole title"),
        pytest.param("quite snow", "quite snow", {}, id="another word that the catalog does not have"),
        pytest.param(
            "not about you", "not about you", {"Not About You": TITLE_LEADS}, id="a title, no negation"
        ),
        pytest.param("calm", "calm", {"Calm": TITLE_LEADS}, id="a title of one word is all of the request"),
        pytest.param(
            "snow",
            "snow",
            {"Quiet Snow": TITLE_WORDS_LEAD, "Snowy": TITLE_WORDS_LEAD, "Hymn": 0.0},
            id="a title has it",
        ),
        pytest.param("calm dreams", "calm dreams", {"Calm": 0.0}, id="in others it describes"),
        pytest.param(
            "punk rock", "punk rock", {"Desertsketch": TAG_LEADS, "Not About You": 0.0}, id="a whole tag"
        ),
        pytest.param(
            "sad punk rock dog", "sad punk rock dog", {"Desertsketch": TAG_LEADS / 2}, id="among others less"
        ),
    ],
)
def test_what_leads(shelf, catalog, ask, text, leading):
    parsed = recognize(ask, catalog)
    gains = dict.fromkeys(shelf.values(), 0.0)
    for ids, by in parsed.leading:
        gains |= {shelf[song]: max(by, gains[shelf[song]]) for song in ids.tolist()}
    assert parsed.text == text
    assert {title: gains[title] for title in leading} == pytest.approx(leading)
    assert bool(leading) == any(gains.values()) or ask == "calm dreams"


@pytest.mark.parametrize(
    ("ask", "excluded", "unwanted"),
    [
        pytest.param("music, not by Mattias Westlund", WESTLUND, (), id="an artist"),
        pytest.param(
            "techno, nothing from maxstack, no drums", MAXSTACK, ("drums",), id="a folder, and a sound"
        ),
        pytest.param("music, not from 2012", MAXSTACK, (), id="a year"),
        pytest.param("not by Maxstack and not by Mattias Westlund", MAXSTACK | WESTLUND, (), id="two"),
        pytest.param("not by Maxstack, nothing from 2008", MAXSTACK | {"Quiet Snow"}, (), id="both"),
        pytest.param("all but the Battle of Ice", {"Battle of Ice"}, (), id="a title"),
        pytest.param("no quiet snow", None, ("quiet snow",), id="a title that describes"),
        pytest.param("not by the sea", None, ("by the sea",), id="no name"),
        pytest.param("calm, no Maxstack", MAXSTACK, (), id="an artist without by"),
        pytest.param("songs without punk rock", None, ("punk rock",), id="a tag is a sound"),
    ],
)
def test_names_that_are_not_wanted_are_left_out(shelf, catalog, ask, excluded, unwanted):
    parsed = recognize(ask, catalog)
    assert (named(shelf, parsed.excluded), parsed.unwanted) == (excluded, unwanted)


@pytest.mark.parametrize(
    ("ask", "within", "excluded", "unwanted"),
    [
        pytest.param("no vocals by Maxstack", MAXSTACK, None, ("vocals",), id="a sound and whose"),
        pytest.param("everything except techno from maxstack", MAXSTACK, None, ("techno",), id="a folder"),
        pytest.param("all but the slow ones by Maxstack", MAXSTACK, None, ("slow ones",), id="the ... ones"),
        pytest.param("nichts Langsames von Maxstack", MAXSTACK, None, ("langsames",), id="in German"),
        pytest.param(
            "nothing loud by Maxstack or Mattias Westlund", MAXSTACK | WESTLUND, None, ("loud",), id="two"
        ),
        pytest.param("no harp or flute by Maxstack", MAXSTACK, None, ("harp", "flute"), id="two sounds"),
        pytest.param("no techno from 2012", MAXSTACK, None, ("techno",), id="a year"),
        pytest.param("no songs by Maxstack", None, MAXSTACK, (), id="songs alone describe no sound"),
        pytest.param("all but the tracks from maxstack", None, MAXSTACK, (), id="nor do tracks"),
        pytest.param(
            "techno, but not the slow tracks from maxstack",
            None, None, ("slow tracks from maxstack",), id="some songs out of others that are wanted",
        ),
        pytest.param(
            "by Mattias Westlund, no techno by Maxstack",
            WESTLUND, None, ("techno by maxstack",), id="whose songs was said before",
        ),
        pytest.param("no songs by the sea", None, None, ("songs by the sea",), id="no name"),
    ],
)  # fmt: skip
def test_a_name_behind_an_unwanted_sound_says_whose_songs_are_wanted(
    shelf, catalog, ask, within, excluded, unwanted
):
    parsed = recognize(ask, catalog)
    assert (named(shelf, parsed.within), named(shelf, parsed.excluded)) == (within, excluded)
    assert parsed.unwanted == unwanted


def test_a_person_is_told_what_is_not_here(shelf, catalog):
    absent = recognize("calm music by Mozart from 1911", catalog)
    assert absent.absent == ("from 1911", "by Mozart")
    assert weakness(Answer([], absent)) == "nothing here is from 1911 or by Mozart"
    assert weakness(Answer([], recognize("calm music", catalog))) is None


def test_a_title_that_looks_like_a_negation_is_none(shelf, catalog):
    parsed = recognize("the song Not About You, no drums", catalog)
    assert (parsed.text, parsed.unwanted) == ("the song Not About You", ("drums",))
    [(ids, by)] = parsed.leading
    assert (named(shelf, ids), by) == ({"Not About You"}, TITLE_LEADS)


def test_few_songs_of_a_decade_lead_and_many_are_all_that_answer(shelf, catalog, monkeypatch):
    few = recognize("2000s rock", catalog)
    assert (few.text, few.within) == ("2000s rock", None)
    assert "first those from the 2000s" in few.said
    monkeypatch.setattr("models.search.reading.names.narrowing.ENOUGH", 3)
    many = recognize("2000s rock", catalog)
    assert (many.text, named(shelf, many.within)) == ("2000s rock", WESTLUND | {"Not About You"})


def test_like_a_song_or_an_artist(shelf, catalog):
    parsed = recognize("music like Not About You", catalog)
    assert ([shelf[song] for song in parsed.like], parsed.text) == (["Not About You"], "")
    assert {shelf[song] for song in recognize("fast, like Maxstack", catalog).like} == MAXSTACK
    assert {shelf[song] for song in recognize("more like Quiet", catalog).like} == {"Quiet Snow"}
    slower = recognize("like the song Not About You but slower", catalog)
    assert ([shelf[song] for song in slower.like], slower.text) == (["Not About You"], "slower")
    assert recognize("like a river", catalog).like == ()
    assert recognize("I don't like Maxstack", catalog).like == ()


def test_names_that_are_joined_take_turns(shelf, catalog):
    for ask in ("songs by Maxstack or Mattias Westlund", "Maxstack or Mattias Westlund"):
        turns = [named(shelf, ids) for ids in recognize(ask, catalog).turns]
        assert sorted(turns, key=sorted) == [WESTLUND, MAXSTACK]


@pytest.mark.parametrize(
    ("ask", "reading"),
    [
        ("piano or harp, no drums", ["“piano” or “harp”", "the tag “piano”", "not drums"]),
        ("calm music by Mattias Westlund", ["“calm music”", "by Mattias Westlund", "the tag “calm”"]),
        ('"snow" from 2008', ["with “snow” written in it", "from 2008"]),
        ("rock from 1911", ["“rock”", "nothing here is from 1911", "the tag “rock”"]),
        ("rock by Mozart", ["“rock”", "nothing here is by Mozart", "the tag “rock”"]),
        ("slow Maxstack track", ["“slow track”", "the artist “Maxstack”"]),
        ("", []),
    ],
)
def test_a_person_is_told_how_the_request_was_read(shelf, catalog, ask, reading):
    assert recognize(ask, catalog).reading() == reading


# ---- exact match ----


def found(catalog, shelf, term, **how):
    [match] = exact_match.find(catalog, [term], **how) or [None]
    if match is None:
        return []
    order = (-match.strengths).argsort(kind="stable")
    return [shelf[int(match.ids[at])] for at in order]


@pytest.mark.parametrize(
    ("term", "titles"),
    [
        pytest.param("snow", ["Quiet Snow", "Snowy", "Hymn"], id="a title before a longer word and lyrics"),
        pytest.param("desert", ["Desertsketch"], id="the beginning of a longer word"),
        pytest.param("filled", [], id="but not of its stem: fill"),
        pytest.param("hills", ["Hymn"], id="the stem: hill is found by hills"),
        pytest.param("maxstack", ["Snowy", "Desertsketch"], id="an artist and a folder"),
        pytest.param("bruns", ["Filler"], id="a composer"),
        pytest.param("sky", [], id="short words begin no others"),
        pytest.param("mattias westlund", ["Quiet Snow", "Battle of Ice"], id="a phrase"),
        pytest.param("westlund mattias", [], id="in its order"),
        pytest.param("zebra", [], id="nowhere"),
        pytest.param("!?", [], id="no letter"),
    ],
)
def test_where_a_word_is_written(shelf, catalog, term, titles):
    assert found(catalog, shelf, term) == titles


def test_a_word_that_is_in_most_songs_names_none(catalog):
    for title in ("a tune", "b tune", "c tune"):
        songs.add_or_update(catalog, [Facts("tags", {"title": title})])
    assert exact_match.find(catalog, ["tune"]) == []


def test_strengths_run_from_the_weight_of_the_column_and_rarity_is_as_sqlite_has_it(shelf, catalog):
    [title] = exact_match.find(catalog, ["desertsketch"])
    assert title.rarity == pytest.approx(1.735, abs=1e-3)  # log((9 - 1 + 0.5) / (1 + 0.5))
    [lyrics] = exact_match.find(catalog, ["hill"])
    assert title.strengths[0] > lyrics.strengths[0] > 0


# ---- names ----


@pytest.mark.parametrize(
    ("ask", "names"),
    [
        pytest.param("MAXSTACK", [("artist", "Maxstack")], id="whatever the case"),
        pytest.param("johnathan colton", [("artist", "Jonathan Coulton")], id="two slips in two words"),
        pytest.param("jonathan", [], id="half a name is none"),
        pytest.param("the week", [], id="nor are words of it"),
        pytest.param("music", [], id="nor a word that names nothing"),
    ],
)
def test_known_names(shelf, catalog, ask, names):
    known = known_names(catalog, words_of(ask), common=GENERIC)
    assert [(one.kind, one.name) for one in known if one.kind == "artist"] == names


def test_full_text_follows_a_song(shelf, catalog):
    [song] = [song for song, title in shelf.items() if title == "Hymn"]
    catalog.execute("UPDATE songs SET title = 'Psalm' WHERE id = ?", (song,))
    assert found(catalog, shelf, "psalm") == []
    index_text(catalog.connection, song)
    assert found(catalog, shelf, "psalm") == ["Hymn"]


# ---- other languages ----


@pytest.mark.parametrize(
    ("text", "english"),
    [
        pytest.param("ruhiges Klavier", "calm piano", id="German"),
        pytest.param("guitare acoustique triste", "guitar acoustique sad", id="what is unknown stays"),
        pytest.param("Boîte à musique", "music box", id="the longer name first"),
        pytest.param("trombes", "trombes", id="no part of a word"),
        pytest.param("sin city para siempre", "sin city para siempre", id="joining words alone say nothing"),
        pytest.param("calm piano with rain", "calm piano with rain", id="English"),
        pytest.param(
            "ruhige Klaviermusik, Weihnachtsmusik", "calm piano music, christmas music", id="in one word"
        ),
    ],
)
def test_words_for_music_in_english(text, english):
    assert in_english(text) == english
