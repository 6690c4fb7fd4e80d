"""Searching over HTTP: the same answers as `nw query`, in every form, within bounds."""

import base64
import json

import httpx
import pytest
from tables import in_one_test

pytest.importorskip("fastapi", reason="needs the extra serve")
from newwave_cli.server.responses import Answer  # noqa: E402 - only where the extra is installed


@pytest.fixture(scope="module")
def http(address):
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def titles(answer):
    assert answer.status_code == 200, answer.text
    return [hit["title"] for hit in answer.json()["hits"]]


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        ((), {}),
        (("--by", "words"), {"by": "words"}),
        (("--tag", "guitar", "--year", "1970-1999"), {"tag": "guitar", "year": "1970-1999"}),
        (("--not", "drums", "--like", "Frost"), {"without": "drums", "like": "Frost"}),
        (("--more", "strings:0.5", "--diverse"), {"more": "strings:0.5", "diverse": 1}),
        (("--has-lyrics", "--max-per-artist", "1"), {"has_lyrics": "true", "max_per_artist": 1}),
        (("--where", "year < 1990", "--match", "cogs"), {"where": "year < 1990", "match": "cogs"}),
    ],
)
def test_answers_are_those_of_the_command_line(http, tones, nw, options, parameters):
    home = ("--home", tones / "home")
    said = nw(*home, "query", "a song about robots", "-k", "5", *options, "--format", "json").out
    answer = http.get("api/search", params={"q": "a song about robots", "k": 5, **parameters})
    assert [(hit["id"], hit["score"]) for hit in answer.json()["hits"]] == [
        (hit["id"], hit["score"]) for hit in json.loads(said)
    ]
    Answer.model_validate(answer.json())


def test_a_hit_has_its_evidence_and_no_path(http, tones):
    hit = http.get("api/search", params={"q": "sailors are singing on the deck"}).json()["hits"][0]
    assert hit["title"] == "Harbour"
    assert hit["line"] == "sailors are singing on the deck"
    assert hit["line_s"] == 2
    assert hit["moment_s"][0] < hit["moment_s"][1]
    assert hit["tags"] == ["folk", "guitar"]
    assert hit["audio"] == f"audio/{hit['id']}"
    assert str(tones) not in json.dumps(hit)


def test_an_answer_says_how_the_request_was_read(http):
    answer = http.get("api/search", params={"q": "calm music by the cogs, no drums"}).json()
    assert answer["read_as"] == ["“calm music”", "by cogs", "not drums"]  # no song by them is tagged calm
    assert {hit["artist"] for hit in answer["hits"]} == {"The Cogs"}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        pytest.param({}, 2, id="as many as the request names"),
        pytest.param({"page": 5}, 2, id="whatever a page has room for"),
        pytest.param({"k": 3}, 3, id="unless k says otherwise"),
        pytest.param({"q": "loud songs", "page": 5}, 5, id="as many as a page has room for"),
    ],
)
def test_how_many_songs_are_asked_for(http, asked, shown):
    answer = http.get("api/search", params={"q": "two loud songs", **asked}).json()
    assert len(answer["hits"]) == shown
    assert ("2 songs" in answer["read_as"]) == ("q" not in asked)


def test_of_a_choice_each_hit_says_what_it_answers(http):
    answer = http.get("api/search", params={"q": "robots or sailors"}).json()
    assert answer["read_as"] == ["“robots” or “sailors”", "the best of each by turns"]
    assert {hit["wish"] for hit in answer["hits"]} == {"robots", "sailors"}
    one = http.get("api/search", params={"q": "sailors"}).json()
    assert (one["read_as"], {hit["wish"] for hit in one["hits"]}) == (["“sailors”"], {""})


def test_a_choice_that_is_put_in_an_order_takes_no_turns(http):
    for order in ("diverse", "sequence"):
        answer = http.get("api/search", params={"q": "robots or sailors", order: 1}).json()
        assert answer["read_as"] == ["“robots” or “sailors”"]


@pytest.mark.parametrize(
    ("unwanted", "titles"), [("violins", ["Rivets", "Sunday Dog"]), ("drums", ["Sunday Dog", "Rivets"])]
)
def test_of_what_a_name_leaves_those_lead_that_lack_what_is_not_wanted(http, unwanted, titles):
    """One of them is a beat alone, the other a tune by strings."""
    hits = http.get("api/search", params={"q": f"music by the cogs, no {unwanted}"}).json()["hits"]
    assert [hit["title"] for hit in hits] == titles
    assert hits[0]["score"] > hits[1]["score"]


def test_a_weak_answer_says_so(http):
    assert "nothing fits" in http.get("api/search", params={"q": "tuba"}).json()["note"]
    assert http.get("api/search", params={"q": "sailing the blue sea", "by": "words"}).json()["note"] is None


def test_without_a_description_filters_and_songs_decide(http):
    assert titles(http.get("api/search", params={"tag": "folk"})) == ["Harbour"]
    like = titles(http.get("api/search", params={"like": "Anvil"}))
    assert like[0] == "Rivets"  # the other beat
    assert like[-1] == "Anvil"  # what is known already is no answer
    assert http.get("api/search").status_code == 400


def test_songs_like_a_song(http):
    found = titles(http.get("api/similar", params={"song": "Anvil", "k": 3}))
    assert found[0] == "Rivets"
    assert "Anvil" not in found
    assert http.get("api/similar", params={"song": "Nobody Knows"}).status_code == 404


def test_songs_like_a_clip(http, tones):
    clip = (tones / "music" / "Anvil.wav").read_bytes()
    assert titles(http.post("api/similar", content=clip, params={"k": 3}))[0] == "Anvil"
    assert titles(http.post("api/similar", content=clip, params={"tag": "piano"})) == ["Nocturne"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "no clip was sent"),
        (b"not music" * 1000, 422, "the clip"),
        (b"\0" * (33 << 20), 413, "more than 32 MB"),
    ],
)
def test_a_clip_that_is_none_is_refused(http, body, status, says):
    answer = http.post("api/similar", content=body)
    assert answer.status_code == status
    assert says in answer.json()["error"]
    assert answer.json()["try_this"]


def test_a_form_says_how_a_clip_is_sent(http, tones):
    """As `curl -F` sends it: it was called a clip without sound."""
    with (tones / "music" / "Anvil.wav").open("rb") as clip:
        answer = http.post("api/similar", files={"file": clip})
    assert answer.status_code == 400
    assert "--data-binary" in answer.json()["try_this"]


def test_ndjson_is_a_hit_a_line(http):
    parameters = {"q": "robots", "k": 3}
    answer = http.get("api/search", params=parameters, headers={"Accept": "application/x-ndjson"})
    hits = [json.loads(line) for line in answer.text.splitlines()]
    assert hits == http.get("api/search", params=parameters).json()["hits"]


@pytest.mark.parametrize(
    ("path", "by"), [("", None), ("/audio", "sound"), ("/lyrics", "words"), ("/combined", None)]
)
def test_clients_of_the_first_attempt_are_served(http, path, by):
    answer = http.get(f"search{path}", params={"query": "robots", "top_k": 4})
    assert answer.headers["content-type"] == "application/x-ndjson"
    found = [json.loads(line)["id"] for line in answer.text.splitlines()]
    same = http.get("api/search", params={"q": "robots", "k": 4, **({"by": by} if by else {})}).json()
    assert found == [hit["id"] for hit in same["hits"]]


def test_the_app_of_the_first_attempt_gets_sound_and_cover_a_song_a_line(http, tones):
    answer = http.post("search", json={"query": "sailing the blue sea", "top_k": 3})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [set(line) for line in lines] == [{"title", "artist", "audio", "cover"}] * 3
    assert (lines[0]["title"], lines[0]["artist"]) == ("Harbour", "Old Salts")
    assert base64.b64decode(lines[0]["audio"]) == (tones / "music" / "Harbour.wav").read_bytes()


@pytest.mark.parametrize("body", [{}, {"query": ""}, {"query": "x", "top_k": 0}, ["x"], "x"])
def test_what_the_app_cannot_ask_is_explained(http, body):
    answer = http.post("search/combined", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["try_this"]


@pytest.mark.parametrize("body", ["nonsense", '["x"]', '{"query": "x"'])
def test_a_body_that_is_no_json_object_is_told_so(http, body):
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = http.post("search", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400, answer.text
        assert "no JSON object" in answer.json()["error"]


def test_a_playlist_holds_paths_at_home_and_addresses_elsewhere(http, tones):
    parameters = {"q": "sailing the blue sea", "k": 1, "format": "m3u8"}
    music = str(tones / "music" / "Harbour.wav")
    answer = http.get("api/search", params=parameters)
    assert answer.text.splitlines() == ["#EXTM3U", "#EXTINF:12,Old Salts - Harbour", music]


@in_one_test
@pytest.mark.parametrize(
    "parameters",
    [
        {"q": "x" * 2001},
        {"q": "x", "k": 0},
        {"q": "x", "k": 201},
        {"q": "x", "by": "smell"},
        {"q": "x", "where": "1; drop table songs"},
        {"q": "x", "where": "load_extension('x')"},
        {"q": "x", "year": "soon"},
        {"q": "x", "tag": ["a"] * 21},
        {"q": "x", "colour": "blue"},
        {"q": "@nobody"},
    ],
)
def test_what_cannot_be_asked_is_explained(http, parameters):
    answer = http.get("api/search", params=parameters)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]
    assert answer.json()["try_this"]
