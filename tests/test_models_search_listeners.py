"""How listeners type: benchmarks/requests_listeners.toml, and what is special about it in tables by kind."""

import pytest
from tables import in_one_test
from test_models_search_names import knows
from written_requests import assert_read, readings, table

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Facts, SoundFile
from models.search.reading.asking.plain import plainly
from models.search.reading.facts import facts_in
from models.search.reading.names.likeness import likeness
from models.search.reading.negation import split
from models.search.reading.ordinary import knows_none
from models.search.reading.parts import parts_of
from models.search.reading.recognition import recognize
from models.search.searcher import Answer
from newwave_cli.output.hits import weakness

LISTENERS = table("requests_listeners.toml")
LIBRARY = [
    ("Frantic", "Stephen Rozanc"),
    ("Battle Epic", "Doug Kaufman"),
    ("Through Space", "Maxstack"),
    ("Steam Engine", "Maxstack"),
    ("Eureka", "Ken Seguro"),
    ("cocoa river", ""),
    ("Two Rivers Over", "Maren Dell"),
    ("Weather Station, Unmanned", "Ice Shelf"),
    ("theme", ""),
]


@pytest.fixture(scope="module")
def library(read_catalog, tmp_path_factory):
    music = tmp_path_factory.mktemp("music")
    for at, (title, artist) in enumerate(LIBRARY):
        file = SoundFile(music / f"{title}.ogg", 1, 1, f"hash {at}", 60.0 * (at + 1))
        year = {"year": 2012} if title == "Frantic" else {}
        facts = Facts("tags", {"title": title, "artist": artist} | year)
        songs.add_or_update(read_catalog, [facts], file=file)
    return read_catalog


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """The songs of the requests of listeners."""
    folder = tmp_path_factory.mktemp("listeners")
    with Catalog.open(folder / "catalog.db") as catalog:
        for at, song in enumerate(LISTENERS["song"]):
            values = {"title": song["title"], "artist": song.get("artist", "")}
            values |= {"album": song.get("album", ""), "language": song.get("language", "")}
            values |= {"year": song["year"]} if "year" in song else {}
            path = folder / song["folder"] / f"{song['title']}.ogg"
            songs.add_or_update(
                catalog, [Facts("tags", values)], file=SoundFile(path, 1, 1, f"hash {at}", 60.0 + at)
            )
        yield catalog


@in_one_test
@pytest.mark.parametrize("one", list(readings("requests_listeners.toml")))
def test_a_listener_is_understood(shelf, one):
    parsed = recognize(one["ask"], shelf, knows)
    assert_read(parsed, one)


@in_one_test
@pytest.mark.parametrize(
    ("ask", "plain"),
    [
        pytest.param("do you by any chance have a waltz", "a waltz", id="words that ask, in any order"),
        pytest.param("I'd really just like to hear some salsa", "some salsa", id="many of them"),
        pytest.param("I want to dance with somebody", "I want to dance with somebody", id="who dances"),
        pytest.param("I want to listen to a waltz", "a waltz", id="to listen to"),
        pytest.param("I want you", "I want you", id="a person"),
        pytest.param("give me your most epic song", "your most epic song", id="a sound, three words on"),
        pytest.param("need focus music", "focus music", id="music, two words on"),
        pytest.param("könntet ihr bitte mal eine Ballade", "eine Ballade", id="in German"),
        pytest.param("vous auriez de la musique", "la musique", id="in French"),
        pytest.param("podrías ponerme algo alegre", "algo alegre", id="in Spanish"),
        pytest.param("mi serve una ballata", "una ballata", id="in Italian"),
        pytest.param("eu queria ouvir samba", "samba", id="in Portuguese"),
        pytest.param("my sister wants a waltz", "a waltz", id="for somebody"),
        pytest.param("my heart wants you", "my heart wants you", id="a heart"),
        pytest.param("I'm tired. A calm waltz", "A calm waltz", id="a story, then music alone"),
        pytest.param("I hate flutes, play a waltz", "a waltz, no flutes", id="what it refuses"),
        pytest.param("I'm not well, play a waltz", "a waltz", id="a story that refuses no sound"),
        pytest.param("would you play the one with the harmonica", "the one with the harmonica", id="far on"),
        pytest.param("I've got guests, something soft", "something soft", id="what somebody has"),
        pytest.param("I need you", "I need you", id="a person behind words that ask"),
        pytest.param("we have guests, play a waltz", "a waltz", id="up to a comma"),
        pytest.param("I'm making a film and I need a theme", "a theme", id="a theme is music"),
        pytest.param("which of these has a harp in it?", "a harp", id="which of these"),
        pytest.param("what is love", "what is love", id="what is no music"),
        pytest.param("is there a waltz in here somewhere", "a waltz", id="where"),
        pytest.param("take me somewhere", "take me somewhere", id="where, of no music"),
        pytest.param("jazz or anything similar", "jazz", id="or similar"),
        pytest.param("calm strings, any ideas?", "calm strings", id="a question behind"),
        pytest.param("well, ok, play jazz", "jazz", id="two openings"),
        pytest.param("avoid guitars. Want soft strings", "avoid guitars. soft strings", id="each sentence"),
        pytest.param("dont play any salsa", "don't play any salsa", id="an apostrophe is missing"),
        pytest.param("tents", "tents", id="letters that look so"),
    ],
)
def test_what_only_asks_is_taken_away(ask, plain):
    assert plainly(ask) == plain


@in_one_test
@pytest.mark.parametrize(
    ("ask", "wanted", "unwanted"),
    [
        pytest.param("no songs with drums", "music", ["drums"], id="songs with"),
        pytest.param("all songs except the ones that have vocals", "music", ["vocals"], id="ones that have"),
        pytest.param("jazz, nothing that sounds sad", "jazz", ["sad"], id="that sounds"),
        pytest.param("keine Lieder mit Gesang", "music", ["gesang"], id="songs with, in German"),
        pytest.param("pas de morceaux avec du piano", "music", ["piano"], id="in French"),
        pytest.param("no songs about love", "music", ["songs about love"], id="songs about are no sound"),
        pytest.param("happy, nobody singing", "happy", ["singing"], id="nobody"),
        pytest.param("strings, sin que nadie cante", "strings", ["cante"], id="que nadie"),
        pytest.param("nobody knows", "nobody knows", [], id="nobody, of no sound"),
        pytest.param("my printer is not working", "my printer is not working", [], id="what is broken"),
        pytest.param("music which is not loud", "music", ["loud"], id="what music is not"),
        pytest.param("no drums or bass today", "music", ["drums", "bass"], id="a time behind"),
        pytest.param("harp / flute / no drums", "harp / flute", ["drums"], id="slashes"),
        pytest.param("no drums, rather a harp", "a harp", ["drums"], id="rather"),
        pytest.param("salsa by anyone except Bach", "salsa", ["bach"], id="by anyone"),
        pytest.param(
            "strings only, leave the harp and drums out of it", "strings", ["harp", "drums"], id="out of it"
        ),
        pytest.param("piano, but spare me the drums", "piano", ["drums"], id="spare me"),
        pytest.param("stay away from metal", "music", ["metal"], id="away from"),
        pytest.param("a light on the hill", "a light on the hill", [], id="a light"),
        pytest.param("jazz with as little drumming as possible", "jazz", ["drumming"], id="as little as"),
        pytest.param("upbeat, the less singing the better", "upbeat", ["singing"], id="the less the better"),
        pytest.param("drums yes, guitars no", "drums", ["guitars"], id="yes and no"),
        pytest.param("harp, but drums are out", "harp", ["drums"], id="are out"),
        pytest.param("the lights are out", "music", ["lights"], id="whatever is out"),
        pytest.param("nobody should be singing", "music", ["singing"], id="nobody should"),
        pytest.param("I really don't feel like drums", "music", ["drums"], id="feel like"),
        pytest.param(
            "for people who don't like drums", "for people who don't like drums", [], id="what others dislike"
        ),
        pytest.param("en moins rapide", "music", ["rapide"], id="less, in French"),
        pytest.param("guitars no", "guitars no", [], id="no, where nothing is a yes"),
        pytest.param("don't give me guitars again", "music", ["guitars"], id="again"),
        pytest.param("none of self", "none of self", [], id="none of"),
        pytest.param("don't give me that", "don't give me that", [], id="that is no sound"),
        pytest.param("not classical and isn't jazz", "music", ["classical", "jazz"], id="a cue again"),
        pytest.param("error 404 not found", "error 404 not found", [], id="not found"),
        pytest.param("ganz ohne Flöten, lieber ein Walzer", "ein Walzer", ["flöten"], id="ganz, lieber"),
        pytest.param("nothing to loud", "music", ["loud"], id="to for too"),
        pytest.param("nothing to lose", "nothing to lose", [], id="to, where it is right"),
        pytest.param("ich hab keine Lust auf Gitarren", "music", ["gitarren"], id="no mood, in German"),
        pytest.param("j'en ai marre de la salsa", "music", ["salsa"], id="enough, in French"),
        pytest.param("estoy harto de guitarras", "music", ["guitarras"], id="in Spanish"),
        pytest.param("non ho voglia di rock", "music", ["rock"], id="in Italian"),
        pytest.param("chega de samba", "music", ["samba"], id="in Portuguese"),
    ],
)
def test_what_is_not_wanted(ask, wanted, unwanted):
    assert split(ask) == (wanted, tuple(unwanted))


@in_one_test
@pytest.mark.parametrize(
    ("ask", "rest", "said"),
    [
        pytest.param("rain 5min+", "rain", "over 5:00 long", id="a sign behind the unit"),
        pytest.param("rain 3 min", "rain", "about 3:00 long", id="digits at the end"),
        pytest.param("10 min rain", "rain", "about 10:00 long", id="and at the beginning"),
        pytest.param("a two and a half minute rain", "a rain", "about 2:30 long", id="a half in the middle"),
        pytest.param("rain, under two minutes each", "rain", "under 2:00 long", id="each"),
        pytest.param("rain, que no dure más de 2 minutos", "rain", "not over 2:00 long", id="not to last"),
        pytest.param("rain that doesn't last over 2 minutes", "rain", "not over 2:00 long", id="in English"),
        pytest.param("rain, a couple of minutes", "rain", "about 2:00 long", id="a couple"),
        pytest.param("sub-2-minute rain", "rain", "under 2:00 long", id="sub-"),
        pytest.param("max length 2:30, rain", "rain", "under 2:30 long", id="max length"),
        pytest.param("short (under a minute) rain", "short rain", "under 1:00 long", id="in brackets"),
        pytest.param("rain, year 2008", "rain", "from 2008", id="year"),
        pytest.param("2007/2008 rain", "rain", "from 2007 to 2008", id="a stroke between years"),
        pytest.param("a song that isn't in English", "a song", "not in English", id="that is not in"),
        pytest.param("rain 8:00+", "rain", "over 8:00 long", id="or behind a clock"),
        pytest.param("over six minutes but under ten", "", "from 6:00 to 10:00 long", id="a unit once"),
        pytest.param("more than 2, less than 4 minutes", "", "from 2:00 to 4:00 long", id="or at the end"),
        pytest.param("jazz, half a minute", "jazz", "about 0:30 long", id="set apart"),
        pytest.param("3 minutes, jazz", "jazz", "about 3:00 long", id="set apart before"),
        pytest.param("jazz, pre 2003", "jazz", "before 2003", id="pre"),
        pytest.param("2008ish jazz", "jazz", "from 2006 to 2010", id="-ish"),
        pytest.param("rock d'avant 2013", "rock", "before 2013", id="d'avant"),
        pytest.param("songs in english about work", "songs about work", "in English", id="about"),
        pytest.param("reggae; not english", "reggae;", "not in English", id="a language alone"),
    ],
)
def test_years_lengths_and_languages(ask, rest, said):
    text, [fact] = facts_in(ask)
    assert (text, fact.said) == (rest, said)


@pytest.mark.parametrize(
    "ask",
    [
        "in 5 minutes",
        "pop 80s",
        "another 5 min",
        "jazz, not latin",
        "convert 5 minutes to seconds",
        "five minutes",
        "a selfish jazz",
        "presto 2000",
    ],
)
def test_what_only_looks_like_a_fact_stays(ask):
    assert facts_in(ask) == (ask, ())


@in_one_test
@pytest.mark.parametrize(
    ("ask", "rest", "like"),
    [
        pytest.param("a calmer version of Frantic", "calmer", ["Frantic"], id="a version"),
        pytest.param("Frantic, only not as loud", "not as loud", ["Frantic"], id="not as"),
        pytest.param("if you like Frantic, with a flute", "with a flute", ["Frantic"], id="if you like"),
        pytest.param("I loved Frantic. what's similar?", "", ["Frantic"], id="I loved"),
        pytest.param("I loved Frantic", "I loved Frantic", [], id="but nothing like it is asked for"),
        pytest.param("same mood as Frantic, slower", "slower", ["Frantic"], id="same as"),
        pytest.param("something reminiscent of Frantic", "something", ["Frantic"], id="reminiscent of"),
        pytest.param("Through Space vibes but slower", "slower", ["Through Space"], id="vibes"),
        pytest.param("Steam Engine but on a harp", "on a harp", ["Steam Engine"], id="but, of a name"),
        pytest.param("Battle Epic but sad", "Battle Epic but sad", [], id="but, of what describes"),
        pytest.param("Frantic but sad", "Frantic but sad", [], id="but, of a word that may describe"),
        pytest.param("a cross between Frantic and Eureka", "", ["Frantic", "Eureka"], id="between two"),
        pytest.param("like Frantic or Eureka", "", ["Frantic", "Eureka"], id="two"),
        pytest.param("like Frantic or a storm", "like Frantic or a storm", [], id="one of which is none"),
        pytest.param("another Steam Engine", "", ["Steam Engine"], id="another"),
        pytest.param("closest thing to Frantic", "", ["Frantic"], id="closest to"),
        pytest.param("music similar in mood to Frantic", "music", ["Frantic"], id="in something similar to"),
        pytest.param("goes well with Frantic", "", ["Frantic"], id="goes with"),
        pytest.param("qui ressemble à Frantic", "", ["Frantic"], id="in French"),
        pytest.param("al estilo de Eureka", "", ["Eureka"], id="in Spanish"),
        pytest.param("close to space", "close to space", [], id="no part of a title there"),
        pytest.param("I'd like Frantic", "I'd like Frantic", [], id="who would like it"),
        pytest.param("like Frantic minus the drums", "minus the drums", ["Frantic"], id="minus"),
        pytest.param(
            "as calm as Weather Station, Unmanned", "calm", ["Weather Station, Unmanned"], id="a comma"
        ),
        pytest.param("plus calmes que Frantic", "plus calmes", ["Frantic"], id="calmer in French"),
        pytest.param("les plus calmes de Frantic", "les plus calmes de Frantic", [], id="the calmest of"),
        pytest.param("anything other than Frantic", "anything other than Frantic", [], id="other than"),
        pytest.param("like a river", "like a river", [], id="words that a title has too"),
        pytest.param(
            "like Rivers", "", ["cocoa river", "Two Rivers Over"], id="parts of titles, by a capital"
        ),
    ],
)
def test_what_is_like_a_song(library, ask, rest, like):
    left, ids, _ = likeness(ask, library, {"river", "storm", "frantic"}.__contains__)
    assert (left, [LIBRARY[song - 1][0] for song in ids]) == (rest, like)


@in_one_test
@pytest.mark.parametrize(
    ("ask", "parts"),
    [
        pytest.param("piano, drums come in later", ("piano", "drums"), id="behind a comma"),
        pytest.param("rain where a beat kicks in halfway through", ("rain", "a beat"), id="where"),
        pytest.param("calm until the beat drops", ("calm", "the beat"), id="until"),
        pytest.param("it should open with bells and close with a choir", ("bells", "a choir"), id="should"),
        pytest.param("a harp that builds into a storm", ("a harp", "a storm"), id="builds into"),
        pytest.param("violins take turns to play", (), id="turns"),
        pytest.param("a choir and heavy bass drops", (), id="drops that are no verb"),
        pytest.param("a slow build to a storm", (), id="a build"),
        pytest.param("come in", (), id="nobody comes in"),
        pytest.param("open doors and close friends", (), id="neither a beginning nor an end"),
    ],
)
def test_one_after_the_other(ask, parts):
    assert parts_of(ask) == parts


@in_one_test
@pytest.mark.parametrize(
    ("ask", "reading"),
    [
        ("the song Steam Engine", ["“Steam Engine”", "the title of a song"]),
        ("a title theme", ["“a title theme”"]),
        ("play Maxstack", ["the artist “Maxstack”"]),
        ("could you play some Ken Seguro for me", ["the artist “Ken Seguro”"]),
        ("I'd like Frantic", ["“Frantic”", "the title of a song"]),
        ("no drums, give me strings", ["“strings”", "not drums"]),
        ("I need another Steam Engine", ["like Steam Engine"]),
        ("find my way", ["“find my way”"]),
        ("by Hans Zimmer, or calm", ["“calm”", "nothing here is by Hans Zimmer"]),
        ("anything by Hans Zimmer, or calm", ["“calm”", "nothing here is by Hans Zimmer"]),
        ("music by Maxstack and songs by Ken Seguro", ["by Maxstack and songs by Ken Seguro"]),
        ("what has Maren Dell recorded?", ["the artist “Maren Dell”"]),
        ("Ken Seguro but only the quiet ones", ["“the quiet ones”", "the artist “Ken Seguro”"]),
        ("Seguro's quiet ones", ["“quiet ones”", "the artist “Seguro”"]),
        ("songs by Maxstack other than Steam Engine", ["by Maxstack", "not steam engine"]),
        ("music since 2099", ["nothing here is from 2099 or later"]),
        ("music until 1911", ["nothing here is from 1911 or earlier"]),
        ("before 1911", ["nothing here is from 1910 or earlier"]),
        ("chansons en français", ["nothing here is in French"]),
        ("a song not in Welsh", ["nothing here is in another language than Welsh"]),
    ],
)
def test_a_person_is_told_how_it_was_read(library, ask, reading):
    assert recognize(ask, library, knows_none).reading() == reading


def test_where_no_song_is_all_that_was_asked_for_the_last_counts_and_that_is_said(library):
    """Song 3 and 4 are by Maxstack; the one of a minute is by somebody else."""
    by, bare = (
        recognize("by Maxstack, under 90 seconds", library),
        recognize("Maxstack under 90 seconds", library),
    )
    assert by.within.tolist() == bare.within.tolist() == [3, 4]
    assert by.absent == bare.absent == ("by Maxstack and under 1:30 long",)
    assert weakness(Answer([], by)) == "nothing here is by Maxstack and under 1:30 long"
    assert recognize("Maxstack since 2010", library).absent == ("by Maxstack and from 2010 or later",)
    fitting = recognize("by Maxstack, under 200 seconds", library)
    assert (fitting.within.tolist(), fitting.absent) == ([3], ())
