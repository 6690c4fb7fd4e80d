"""How a request is read: names of the catalog, and where a word of it is written; by tables."""

import pytest
from tables import in_one_test

from catalog.library import exact_match, songs
from catalog.library.fulltext import index_text, words_of
from catalog.library.names.known import known_names
from catalog.records import Facts, Line, SoundFile
from models.search.reading.common_words import GENERIC
from models.search.reading.music_words import in_english
from models.search.reading.names.leading import NAME_LEADS, TAG_LEADS, TITLE_LEADS, TITLE_WORDS_LEAD
from models.search.reading.recognition import recognize
from models.search.searcher import Answer
from newwave_cli.output.hits import weakness


@pytest.fixture(scope="module")
def shelf(read_catalog, tmp_path_factory):
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
    music, ids = tmp_path_factory.mktemp("music"), {}
    for at, (title, artist, album, year, tag, language) in enumerate(rows):
        folder = (artist.split()[0].lower() + "-data") if artist else "loose"
        file = SoundFile(music / folder / f"{title}.ogg", 1, 1, f"hash {at}", 60.0 * (at + 1))
        values = {"title": title, "artist": artist, "album": album, "language": language}
        facts = Facts(
            "tags",
            values | ({"year": year} if year else {}),
            tags=(tag,) if tag else (),
            lyrics=(Line("snow on the hill"),) if title == "Hymn" else (),
            extra={"composer": "Jan Bruns"} if title == "Filler" else {},
        )
        ids[title] = songs.add_or_update(read_catalog, [facts], file=file)
    return {song: title for title, song in ids.items()}


def named(shelf, ids):
    return None if ids is None else {shelf[song] for song in ids.tolist()}


WESTLUND = {"Quiet Snow", "Battle of Ice"}
MAXSTACK = {"Snowy", "Desertsketch"}


@in_one_test
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
def test_what_narrows(shelf, read_catalog, ask, text, within):
    parsed = recognize(ask, read_catalog)
    assert (parsed.text, named(shelf, parsed.within)) == (text, within)


@in_one_test
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
def test_what_leads(shelf, read_catalog, ask, text, leading):
    parsed = recognize(ask, read_catalog)
    gains = dict.fromkeys(shelf.values(), 0.0)
    for ids, by in parsed.leading:
        gains |= {shelf[song]: max(by, gains[shelf[song]]) for song in ids.tolist()}
    assert parsed.text == text
    assert {title: gains[title] for title in leading} == pytest.approx(leading)
    assert bool(leading) == any(gains.values()) or ask == "calm dreams"


@in_one_test
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
def test_names_that_are_not_wanted_are_left_out(shelf, read_catalog, ask, excluded, unwanted):
    parsed = recognize(ask, read_catalog)
    assert (named(shelf, parsed.excluded), parsed.unwanted) == (excluded, unwanted)


@in_one_test
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
    shelf, read_catalog, ask, within, excluded, unwanted
):
    parsed = recognize(ask, read_catalog)
    assert (named(shelf, parsed.within), named(shelf, parsed.excluded)) == (within, excluded)
    assert parsed.unwanted == unwanted


def test_a_person_is_told_what_is_not_here(shelf, read_catalog):
    absent = recognize("calm music by Mozart from 1911", read_catalog)
    assert absent.absent == ("from 1911", "by Mozart")
    assert weakness(Answer([], absent)) == "nothing here is from 1911 or by Mozart"
    assert weakness(Answer([], recognize("calm music", read_catalog))) is None


def test_a_title_that_looks_like_a_negation_is_none(shelf, read_catalog):
    parsed = recognize("the song Not About You, no drums", read_catalog)
    assert (parsed.text, parsed.unwanted) == ("the song Not About You", ("drums",))
    [(ids, by)] = parsed.leading
    assert (named(shelf, ids), by) == ({"Not About You"}, TITLE_LEADS)


def test_few_songs_of_a_decade_lead_and_many_are_all_that_answer(shelf, read_catalog, monkeypatch):
    few = recognize("2000s rock", read_catalog)
    assert (few.text, few.within) == ("2000s rock", None)
    assert "first those from the 2000s" in few.said
    monkeypatch.setattr("models.search.reading.names.narrowing.ENOUGH", 3)
    many = recognize("2000s rock", read_catalog)
    assert (many.text, named(shelf, many.within)) == ("2000s rock", WESTLUND | {"Not About You"})


def test_like_a_song_or_an_artist(shelf, read_catalog):
    parsed = recognize("music like Not About You", read_catalog)
    assert ([shelf[song] for song in parsed.like], parsed.text) == (["Not About You"], "")
    assert {shelf[song] for song in recognize("fast, like Maxstack", read_catalog).like} == MAXSTACK
    assert {shelf[song] for song in recognize("more like Quiet", read_catalog).like} == {"Quiet Snow"}
    slower = recognize("like the song Not About You but slower", read_catalog)
    assert ([shelf[song] for song in slower.like], slower.text) == (["Not About You"], "slower")
    assert recognize("like a river", read_catalog).like == ()
    assert recognize("I don't like Maxstack", read_catalog).like == ()


def test_names_that_are_joined_take_turns(shelf, read_catalog):
    for ask in ("songs by Maxstack or Mattias Westlund", "Maxstack or Mattias Westlund"):
        turns = [named(shelf, ids) for ids in recognize(ask, read_catalog).turns]
        assert sorted(turns, key=sorted) == [WESTLUND, MAXSTACK]


@in_one_test
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
def test_a_person_is_told_how_the_request_was_read(shelf, read_catalog, ask, reading):
    assert recognize(ask, read_catalog).reading() == reading


# ---- exact match ----


def found(catalog, shelf, term, **how):
    [match] = exact_match.find(catalog, [term], **how) or [None]
    if match is None:
        return []
    order = (-match.strengths).argsort(kind="stable")
    return [shelf[int(match.ids[at])] for at in order]


@in_one_test
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
def test_where_a_word_is_written(shelf, read_catalog, term, titles):
    assert found(read_catalog, shelf, term) == titles


def test_a_word_that_is_in_most_songs_names_none(catalog):
    for title in ("a tune", "b tune", "c tune"):
        songs.add_or_update(catalog, [Facts("tags", {"title": title})])
    assert exact_match.find(catalog, ["tune"]) == []


def test_strengths_run_from_the_weight_of_the_column_and_rarity_is_as_sqlite_has_it(shelf, read_catalog):
    [title] = exact_match.find(read_catalog, ["desertsketch"])
    assert title.rarity == pytest.approx(1.735, abs=1e-3)  # log((9 - 1 + 0.5) / (1 + 0.5))
    [lyrics] = exact_match.find(read_catalog, ["hill"])
    assert title.strengths[0] > lyrics.strengths[0] > 0


# ---- names ----


@in_one_test
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
def test_known_names(shelf, read_catalog, ask, names):
    known = known_names(read_catalog, words_of(ask), common=GENERIC)
    assert [(one.kind, one.name) for one in known if one.kind == "artist"] == names


def test_full_text_follows_a_song(catalog):
    titles = ("Hymn", "Snow", "Calm", "Filler")
    shelf = {songs.add_or_update(catalog, [Facts("tags", {"title": title})]): title for title in titles}
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


def test_parts_are_said_and_looked_up_without_the_words_between_them(shelf, read_catalog):
    parsed = recognize("starts calm then gets loud, no drums, by Maxstack", read_catalog)
    assert (parsed.parts, parsed.unwanted) == (("calm", "loud"), ("drums",))
    assert parsed.terms == ("calm", "loud")
    assert parsed.reading() == ["“calm”, then “loud”", "by Maxstack", "not drums"]
    assert recognize("no drums then a choir", read_catalog).unwanted == ("drums",)
