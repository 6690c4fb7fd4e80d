"""Requests of strangers are read as a listener means them: benchmarks/requests_stranger.toml."""

import tomllib
from pathlib import Path

import pytest
from tables import in_one_test

from catalog.library import songs
from catalog.library.fulltext import words_of
from catalog.records import Facts, SoundFile
from models.search.reading.asking.plain import plainly
from models.search.reading.common_words import GENERIC
from models.search.reading.names.likeness import likeness, unlikeness
from models.search.reading.ordinary import knows_none, rightly_spelled
from models.search.reading.patterns import pattern
from models.search.reading.recognition import recognize

CONTENT = tomllib.loads(
    (Path(__file__).parents[1] / "benchmarks" / "requests_stranger.toml").read_text(encoding="utf-8")
)["reading"]
LIBRARY = [
    ("Frantic", "Stephen Rozanc", "wesnoth-1.16-music", 2006),
    ("Battle Epic", "Doug Kaufman", "wesnoth-1.16-music", 2007),
    ("Nunc Dimittis", "Mattias Westlund", "wesnoth-1.16-music", 2008),
    ("Breaking the Chains", "Mattias Westlund", "wesnoth-1.16-music", 2009),
    ("Armygeddon", "Muldjord", "fretsonfire-songs-muldjord", 2004),
    ("Through Space", "Maxstack", "singularity-music", 2012),
    ("Steam Engine", "Maxstack", "singularity-music", 2012),
    ("Eureka", "Ken Seguro", "naev-data", 2013),
    ("Dvaered Theme", "Ken Seguro", "naev-data", 2013),
    ("stormbolts", "", "redeclipse-data", 2010),
    ("track3", "", "warzone2100-music", 2001),
    ("cocoa river", "", "supertuxkart-data", 2011),
]
MISSPELLED = frozenset(
    "relaxng pinao orchestrl wihtout batle musci wesnotj amient spcae drmus gutiars epcic orchstral".split()
)
NAMES = frozenset(
    "naev wesnoth maxstack seguro muldjord armygeddon mattias westlund redeclipse dvaered warzone2100".split()
)
VOCABULARY = frozenset(word for one in CONTENT for word in words_of(one["ask"])) - MISSPELLED - NAMES
"""What an encoder may know; of a name it has only pieces."""


@pytest.fixture(scope="module")
def library(read_catalog, tmp_path_factory):
    music = tmp_path_factory.mktemp("music")
    for at, (title, artist, folder, year) in enumerate(LIBRARY):
        file = SoundFile(music / folder / f"{title}.ogg", 1, 1, f"hash {at}", 20 + 60.0 * at)
        facts = Facts("tags", {"title": title, "artist": artist, "year": year})
        songs.add_or_update(read_catalog, [facts], file=file)
    return read_catalog


def telling(text):
    return set(words_of(text)) - GENERIC


def cases():
    for one in CONTENT:
        missed = pytest.mark.xfail(strict=True, reason="not read so yet")
        yield pytest.param(one, id=one["ask"], marks=[missed] if one.get("missed") else [])


@in_one_test
@pytest.mark.parametrize("one", list(cases()))
def test_a_stranger_is_understood(library, one):
    parsed = recognize(one["ask"], library, VOCABULARY.__contains__)
    unwanted = one.get("unwanted", [])
    assert [telling(thing) for thing in parsed.unwanted] == [telling(thing) for thing in unwanted]
    assert parsed.alternatives == tuple(one.get("either", []))
    parts = one.get("parts", [])
    assert [telling(part) for part in parsed.parts] == [telling(part) for part in parts]
    if not parts:
        assert telling(parsed.text) == telling(one.get("wanted", ""))
    said = one.get("said", [])
    assert sorted(map(str.casefold, parsed.said)) == sorted(map(str.casefold, said))


@in_one_test
@pytest.mark.parametrize(
    ("ask", "plain"),
    [
        pytest.param("what do you have from Bath?", "from Bath", id="a question"),
        pytest.param("would you mind playing a waltz?", "a waltz", id="several openings"),
        pytest.param("¿tienes algo alegre?", "algo alegre", id="in Spanish"),
        pytest.param("as-tu une valse, merci beaucoup", "une valse", id="in French"),
        pytest.param("play me something for me", "something", id="for whom, of what is asked for"),
        pytest.param("songs for me", "songs for me", id="for whom, of what is not"),
        pytest.param("play “night owl”", "“night owl”", id="a title in quotation marks"),
        pytest.param("just calm", "calm", id="just"),
        pytest.param("strings, nothing else", "strings", id="nothing else"),
        pytest.param("un poco de salsa", "salsa", id="an amount"),
        pytest.param("avoid: drums, bass; tempo: slow", "without drums or bass; slow", id="labels"),
        pytest.param("can I get some salsa", "some salsa", id="a modest question"),
        pytest.param("We have guests, could you play some jazz?", "some jazz", id="a story before"),
        pytest.param("I am tired. I need lullabies", "lullabies", id="a sentence before, and a plural"),
        pytest.param(
            "I am lost and I need a friend", "I am lost and I need a friend", id="no music is asked for"
        ),
        pytest.param("salsa, play some jazz", "salsa, play some jazz", id="no story of a person"),
        pytest.param("hello! may I ask for some salsa? thank you!", "some salsa", id="marks of sentences"),
        pytest.param("good evening, kindly play some jazz", "some jazz", id="an evening"),
        pytest.param("drums? no thanks. some salsa", "no drums, some salsa", id="no thanks"),
        pytest.param("salsa only", "salsa", id="only, at the end"),
        pytest.param("if only", "if only", id="only, where nothing else is said"),
        pytest.param("salsa solo", "salsa solo", id="a solo"),
        pytest.param("salsa and maybe a flute", "salsa and a flute", id="maybe"),
        pytest.param("call me maybe", "call me maybe", id="maybe at the end"),
        pytest.param("I'd prefer a harp over a flute any day", "a harp, not a flute", id="prefer over"),
        pytest.param("I prefer harps to flutes", "harps, not flutes", id="prefer to"),
        pytest.param("I'd prefer music to sleep to", "music to sleep to", id="what music is for"),
        pytest.param("I'd rather have a harp than a flute", "a harp, not a flute", id="rather than"),
        pytest.param("I'd take jazz over techno", "jazz, not techno", id="take over"),
        pytest.param("harp over flute", "harp over flute", id="one over the other is both"),
        pytest.param("I'd rather go than stay", "I'd rather go than stay", id="what is sung"),
        pytest.param("lieber Harfe als Flöte", "Harfe, not Flöte", id="prefer in German"),
        pytest.param("plutôt calme que triste", "calme, not triste", id="prefer in French"),
        pytest.param("prefiero el arpa a la flauta", "el arpa, not la flauta", id="prefer in Spanish"),
        pytest.param("meglio calmo che triste", "calmo, not triste", id="prefer in Italian"),
        pytest.param("prefiro samba a rock", "samba, not rock", id="prefer in Portuguese"),
        pytest.param("show me the way", "show me the way", id="what looks like a question"),
        pytest.param("got to get you into my life", "got to get you into my life", id="a title"),
        pytest.param("hey jude", "hey jude", id="a greeting without a comma"),
        pytest.param("i want you", "i want you", id="a person is no music"),
        pytest.param("nothing else matters", "nothing else matters", id="not at the end"),
        pytest.param("play", "play", id="nothing behind"),
        pytest.param("...just calm", "...just calm", id="marks before"),
        pytest.param("I’d like some salsa", "some salsa", id="another apostrophe"),
        pytest.param("???", "???", id="marks alone"),
        pytest.param("thank you", "thank you", id="thanks alone"),
    ],
)
def test_what_only_asks_is_taken_away(ask, plain):
    assert plainly(ask) == plain


@pytest.mark.parametrize(
    ("ask", "wanted", "unwanted"),
    [
        pytest.param("singing over guitar", "singing over guitar", (), id="over: one on top of the other"),
        pytest.param("piano over drums", "piano over drums", (), id="both are heard"),
        pytest.param("more piano than drums", "more piano than drums", (), id="more of one, but both"),
        pytest.param("I'd prefer piano over drums", "piano", ("drums",), id="who prefers wants one alone"),
        pytest.param("I'd take Maxstack over Muldjord", "", (), id="names too"),
    ],
)
def test_what_over_means(library, ask, wanted, unwanted):
    parsed = recognize(ask, library)
    assert (parsed.text, parsed.unwanted) == (wanted, unwanted)


@in_one_test
@pytest.mark.parametrize(
    ("ask", "rest"),
    [
        pytest.param("faster than Frantic, with drums", "faster, with drums", id="than"),
        pytest.param("a bit more epic than Frantic", "more epic", id="more ... than"),
        pytest.param("not so loud as Frantic", "less loud", id="not so ... as"),
        pytest.param("as wild as frantic", "wild", id="as ... as"),
        pytest.param("so wie Frantic, aber ohne Geige", "ohne Geige", id="in German"),
        pytest.param("comme Frantic mais plus lent", "plus lent", id="in French"),
        pytest.param("ruhiger als Frantic", "ruhiger", id="than in German"),
        pytest.param("nicht so laut wie Frantic", "nicht laut", id="not so ... as in German"),
        pytest.param("genauso wild wie Frantic", "wild", id="as ... as in German"),
        pytest.param("un peu plus calme que Frantic", "plus calme", id="than in French"),
        pytest.param("pas aussi fort que Frantic", "not fort", id="not as ... as in French"),
        pytest.param("más lento que Frantic, con piano", "más lento, con piano", id="than in Spanish"),
        pytest.param("tan alegre como Frantic", "alegre", id="as ... as in Spanish"),
        pytest.param("più lento di Frantic", "più lento", id="than in Italian"),
        pytest.param("non così forte come Frantic", "not forte", id="not as ... as in Italian"),
        pytest.param("musica come Frantic, ma senza voce", "musica senza voce", id="like in Italian"),
        pytest.param("mais calmo do que Frantic", "mais calmo", id="than in Portuguese"),
        pytest.param("Frantic but a bit slower", "a bit slower", id="but"),
        pytest.param("Frantic, nur langsamer", "langsamer", id="but, in German"),
    ],
)
def test_what_is_compared_with_a_song_is_like_it(library, ask, rest):
    left, like, said = likeness(ask, library, knows_none)
    assert (left, like, [one.casefold() for one in said]) == (rest, (1,), ["like frantic"])


@pytest.mark.parametrize(
    "ask",
    [
        "calm but slower",
        "Maxstack but slower",
        "come frantic",
        "plus de jazz",
        "better than ever",
        "as calm as the sea",
        "wie ein Fluss",
    ],
)
def test_what_is_compared_with_no_song_stays_a_description(library, ask):
    assert likeness(ask, library, knows_none) == (ask, (), ())


@in_one_test
@pytest.mark.parametrize(
    ("ask", "rest"),
    [
        pytest.param("less like Frantic", "", id="less"),
        pytest.param("strings, not so much like Frantic", "strings", id="not so much"),
        pytest.param("unlike Frantic, calm", "calm", id="unlike"),
        pytest.param("calm and nothing like the song Frantic", "calm", id="nothing like the song"),
        pytest.param(
            "something different from frantic with drums", "something with drums", id="different from"
        ),
        pytest.param("the opposite of Frantic", "", id="the opposite of"),
        pytest.param("it should not sound like Frantic", "it", id="should not sound like"),
        pytest.param("nicht so sehr wie Frantic, ruhiger", "ruhiger", id="nicht so wie"),
        pytest.param("etwas ganz anders als Frantic", "etwas", id="anders als"),
        pytest.param("moins comme Frantic", "", id="moins comme"),
        pytest.param("calme, pas du tout comme Frantic", "calme", id="pas du tout comme"),
        pytest.param("contrairement à Frantic", "", id="contrairement à"),
        pytest.param("no tan parecido a Frantic", "", id="no tan parecido a"),
        pytest.param("algo distinto de Frantic", "algo", id="distinto de"),
        pytest.param("diverso da Frantic, lento", "lento", id="diverso da"),
        pytest.param("não como Frantic", "", id="não como"),
        pytest.param("like Eureka but not like Frantic", "like Eureka", id="beside like"),
        pytest.param("less like Frantic and more like Eureka", "more like Eureka", id="before like"),
    ],
)
def test_what_a_song_should_not_be_like(library, ask, rest):
    left, unlike, said = unlikeness(ask, library, knows_none)
    assert (left, unlike, [one.casefold() for one in said]) == (rest, (1,), ["unlike frantic"])


@pytest.mark.parametrize(
    "ask",
    ["not like a river", "not unlike Frantic", "I do not like Frantic", "I don't like Frantic",
     "like Frantic", "different from the rest", "less is more"],
)  # fmt: skip
def test_what_names_no_song_to_be_unlike_stays(library, ask):
    assert unlikeness(ask, library, knows_none) == (ask, (), ())


def test_a_request_may_be_like_one_song_and_unlike_another(library):
    parsed = recognize("piano like Eureka but less like Frantic, no drums", library)
    assert (parsed.text, parsed.unwanted, parsed.like, parsed.unlike) == ("piano", ("drums",), (8,), (1,))
    assert parsed.reading() == ["“piano”", "like Eureka", "unlike Frantic", "not drums"]
    assert recognize("not unlike Frantic", library).like == (1,)
    assert recognize("less like Maxstack", library).unlike == (6, 7)
    assert recognize("songs less like Frantic", library).text == ""
    assert recognize("like Maxstack but slower", library).text == "slower"


def test_a_folder_is_meant_by_a_word_that_is_no_other(library):
    asked = recognize("redeclipse metal", library)
    assert (asked.text, asked.said) == ("metal", ("the folder “redeclipse”",))
    assert [ids.tolist() for ids, _ in asked.leading] == [[10]]
    assert recognize("loud Redeclipse metal", library, {"redeclipse"}.__contains__).said == ()


def test_a_letter_is_missing_rather_than_wrong():
    nowhere = set().__contains__
    assert rightly_spelled("orchestrl", knows_none, nowhere)[0] == "orchestral"
    assert rightly_spelled("orchestro", knows_none, nowhere)[0] == "orchestra"


def test_a_pattern_is_tried_where_a_word_of_it_stands():
    assert pattern("b", needs="a c").search("b") is None
    assert [match[0] for match in pattern("b", needs="a c").finditer("b and Co")] == ["b"]
    assert pattern("b").search("b") is not None
