"""What speaks for a hit, which songs are one recording, how hits become a playlist; worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from catalog.library import embeddings, songs
from catalog.library.embeddings import Embedding
from catalog.library.exact_match import Found
from catalog.records import Caption, Facts, Hit, Line, Moment, SoundFile
from models.search.duplicates import groups
from models.search.evidence import Evidence
from models.search.request import SearchRequest
from models.search.selection import in_sequence

X, Y = (1.0, 0.0), (0.0, 1.0)
NEARER_X = (0.8, 0.6)


def at(cosine):
    """A vector of length 1 with that cosine to X."""
    return (cosine, (1 - cosine**2) ** 0.5)


@pytest.fixture
def add(catalog, tmp_path):
    """Add a song with embedded windows (windows, 2); the track embedding is the first of them."""
    embeddings.register_pipeline(catalog, "ears", role="sound")
    embeddings.register_pipeline(catalog, "reader", role="words")

    def run(title, windows=(X,), seconds=4.0, origin="tags", lines=(), captions=(), labels=None, **values):
        content = f"sound of {title} {len(songs_of(catalog))}"
        file = SoundFile(tmp_path / "attic" / content, 1, 1, content, seconds)
        texts = tuple(Caption(text, start) for text, start in captions)
        facts = Facts(origin, {"title": title, **values}, lyrics=tuple(map(Line, lines)), captions=texts)
        number = songs.add_or_update(catalog, [facts], file=file)
        parts = np.array(windows, np.float16)
        embeddings.put_many(catalog, "ears", [Embedding(content, parts, parts[0])])
        if labels:
            [(words,)] = catalog.fetch("SELECT words_hash FROM songs WHERE id = ?", (number,))
            embeddings.put_many(catalog, "reader", [Embedding(words, parts, parts[0], labels)])
        return number

    return run


def songs_of(catalog):
    return catalog.fetch("SELECT id FROM songs")


def explained(catalog, number, role, *, hop_s=1.0, window_s=2.0, matches=()):
    """The hit of a song for a query whose embedding is X in that role."""
    pipeline = {"sound": "ears", "words": "reader"}[role]
    manifest = SimpleNamespace(pipeline=pipeline, hop_s=hop_s, window_s=window_s)
    tower = SimpleNamespace(encode=lambda texts: np.array([X if "x" in text else Y for text in texts]))
    query = {role: np.array(X, np.float32)}
    index = SimpleNamespace(manifest=manifest, songs=np.array([number]))
    evidence = Evidence(catalog, query, {role: index}, lambda: tower, matches)
    [hit] = evidence.explain([Hit(songs.get(catalog, number), 50.0)])
    return hit


@pytest.mark.parametrize(
    ("windows", "seconds", "grid", "moment"),
    [
        pytest.param([Y, X, Y], 4.0, (1, 2), Moment(1, 3), id="the window that is nearest to the query"),
        pytest.param([Y, NEARER_X, Y, X], 3.9, (1, 2), Moment(1, 3), id="not one mostly beyond the end"),
        pytest.param([Y, NEARER_X, Y, X], 4.0, (1, 2), Moment(3, 4), id="but one that is half in the song"),
        pytest.param([Y, X], None, (1, 2), Moment(1, 3), id="without a length all windows count"),
        pytest.param([X, Y], 0.01, (0.5, 2), Moment(0, 0.01), id="of the shortest song the first"),
        pytest.param([Y, X], 4.0, (None, 2), None, id="no grid, no moment"),
        pytest.param([Y, X], 4.0, (1, None), None, id="no length of windows, no moment"),
    ],
)
def test_the_moment(add, catalog, windows, seconds, grid, moment):
    number = add("Signal", windows, seconds)
    hit = explained(catalog, number, "sound", hop_s=grid[0], window_s=grid[1])
    assert (hit.moment, hit.line) == (moment, None)


@pytest.mark.parametrize(
    ("windows", "line"),
    [
        pytest.param([X, Y, Y], Line("an x"), id="of the nearest part the nearest line"),
        pytest.param([Y, X, Y], Line("tea"), id="a part of one line"),
        pytest.param([Y, Y, X], Line("a caption", 7.5), id="a caption with its time"),
    ],
)
def test_the_line(add, catalog, windows, line):
    labels = [{"lines": [0, 2]}, {"lines": [2, 3]}, {"caption": 0}]
    lines = ("sand", "an x", "tea")
    number = add("Poem", windows, lines=lines, captions=[("a caption", 7.5)], labels=labels)
    hit = explained(catalog, number, "words")
    assert (hit.line, hit.moment) == (line, None)


@pytest.mark.parametrize(
    ("term", "matched"),
    [
        pytest.param("piano", ("tag: Grand Piano",), id="a tag, as it is written"),
        pytest.param("harbour", ("title: harbour",), id="the title before the artist"),
        pytest.param("crew", ("artist: crew",), id="the artist before the album"),
        pytest.param("tapes", ("album: tapes",), id="the album"),
        pytest.param("anchor", ("lyrics: anchor",), id="lyrics"),
        pytest.param("basement", ("text: basement",), id="anything else that is told"),
        pytest.param("attic", ("folder: attic",), id="the folder"),
    ],
)
def test_where_a_word_is_written(add, catalog, term, matched):
    told = {"artist": "Harbour Crew", "album": "Crew Tapes"}
    number = add("The Harbour", lines=("Haul the Anchor",), **told)
    songs.add_or_update(catalog, [Facts("user", tags=("Grand Piano", "sad"))], song_id=number)
    found = [Found(term, np.array([number]), np.ones(1, np.float32), 1.0)]
    elsewhere = [Found("robot", np.array([number + 1]), np.ones(1, np.float32), 1.0)]
    assert explained(catalog, number, "sound", matches=[*found, *elsewhere]).matched == matched


@pytest.mark.parametrize(
    ("cosine", "titles", "one_recording"),
    [
        pytest.param(0.93, ("Rent Day", "Rent Day"), True, id="one title: up to 0.16 of the usual distance"),
        pytest.param(0.91, ("Rent Day", "Rent Day"), False, id="no further"),
        pytest.param(0.97, ("rent day", "rent day untold"), True, id="names of files alone: up to 0.08"),
        pytest.param(0.95, ("rent day", "rent day untold"), False, id="nor there"),
        pytest.param(0.99, ("rent day", "untold"), True, id="names with nothing in common: up to 0.03"),
        pytest.param(0.98, ("rent day", "untold"), False, id="which is less"),
        pytest.param(0.995, ("Rent Day", "Home"), True, id="another title: up to 0.015"),
        pytest.param(0.985, ("Rent Day", "Home"), False, id="which is next to nothing"),
    ],
)
def test_how_near_one_recording_is(add, catalog, cosine, titles, one_recording):
    """Of two songs nobody knows the usual distance, so it is 0.5: limits are 0.08, 0.04, 0.015 and 0.0075."""
    told = "name" if "untold" in titles[1] else "tags"
    numbers = [add(titles[0], [X], origin=told), add(titles[1], [at(cosine)], origin=told)]
    found = groups(catalog, "ears", {number: songs.get(catalog, number) for number in numbers})
    assert [[number for number, _ in group] for group in found] == ([numbers] if one_recording else [])


@pytest.mark.parametrize(
    ("second", "one_recording"),
    [
        pytest.param([X, at(0.8), X], True, id="windows at the same places differ by 0.1 in the mean"),
        pytest.param([X, at(0.7)], False, id="by 0.15, more than 0.27 of the usual distance"),
        pytest.param([X, X, Y, Y], True, id="what one of them has alone does not count"),
    ],
)
def test_windows_of_one_recording_are_near_too(add, catalog, second, one_recording):
    numbers = [add("Home", [X, X]), add("Home", second)]
    found = groups(catalog, "ears", {number: songs.get(catalog, number) for number in numbers})
    assert len(found) == int(one_recording)


@pytest.fixture
def playlist(catalog):
    """Songs 1 to 5 at 0, 90, 30, 60 and 120 degrees; song 6 was never embedded."""
    degrees = {1: 0, 2: 90, 3: 30, 4: 60, 5: 120}
    for number in range(1, 7):
        songs.add_or_update(catalog, [Facts("tags", {"title": f"song {number}"})])

    def embedding(number):
        if number not in degrees:
            return None
        turned = np.radians(degrees[number])
        return np.array([np.cos(turned), np.sin(turned)], np.float32)

    return SimpleNamespace(index=lambda role: SimpleNamespace(track_embedding=embedding))


@pytest.mark.parametrize(
    ("hits", "asked", "order"),
    [
        pytest.param([1, 2, 3, 4], {}, [1, 3, 4, 2], id="from the best one on, neighbours alike"),
        pytest.param([1, 2, 3], {"first": "2"}, [2, 3, 1], id="from a hit"),
        pytest.param([1, 2, 3], {"first": "5"}, [5, 2, 3, 1], id="or from another song"),
        pytest.param([1, 2, 3], {"last": "3"}, [1, 2, 3], id="to a song"),
        pytest.param([1, 2, 3], {"first": "2", "last": "1"}, [2, 3, 1], id="from one to another"),
        pytest.param([1, 2, 3], {"first": "5", "k": 3}, [5, 2, 1], id="the weakest hit makes room"),
        pytest.param([1, 6, 3, 2], {"last": "2"}, [1, 3, 6, 2], id="what nobody embedded comes last"),
        pytest.param([1, 2], {"first": "1", "last": "1"}, [1, 2], id="one song is not both ends"),
        pytest.param([], {}, [], id="nothing in, nothing out"),
        pytest.param([], {"first": "3"}, [3], id="an end is there even without hits"),
    ],
)
def test_hits_in_sequence(playlist, catalog, hits, asked, order):
    request = SearchRequest("x", sequence=True, **{"k": 10, **asked})
    found = in_sequence([Hit(songs.get(catalog, one), 50.0) for one in hits], request, playlist, catalog)
    assert [hit.song.id for hit in found] == order
