"""nw stats: of the catalog, tables, shards and data sets; two of them beside each other; the page."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hub_server import Hub
from shard_maker import write_shards

from catalog.library import songs
from catalog.library.database import Catalog
from catalog.records import Caption, Facts
from newwave_cli.output.report_page import svg
from newwave_cli.output.report_page.spreads import share_between

HOSTILE = '<script>alert(1)</script> & "quotes" ]]> [live]'
MUSICCAPS = [
    "ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,author_id",
    *(
        f"yt{i},0,10,/m/1,\"['piano', 'calm {i % 3}']\",\"This is a calm piano song of {w} and it is soft\",1"
        for i, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight"])
    ),
]
MTG = [
    "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS",
    *(
        f"track_{i:07d}\tartist_{i // 2}\tal\t{i}.mp3\t{100 + 10 * i}\tgenre---techno\tinstrument---piano"
        for i in range(10)
    ),
]


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "mc.csv").write_text("\n".join(MUSICCAPS))
    (tmp_path / "mtg.tsv").write_text("\n".join(MTG))
    return str(tmp_path / "mc.csv"), str(tmp_path / "mtg.tsv")


@pytest.fixture
def nw(nw, tmp_path):
    """In this process, which has the tokenizers loaded; with an environment in one of its own."""

    def run(*arguments, status=0, **environment):
        if not environment:
            out, err = nw(*arguments, code=status)
            return subprocess.CompletedProcess(arguments, status, out, err)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "newwave_cli", "--home", str(tmp_path / "home"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | environment,
        )
        assert done.returncode == status, done.stderr
        return done

    return run


def figures(done):
    return {row["figure"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


def test_of_a_table_that_is_known_by_its_head(nw, tables):
    found = figures(nw("stats", tables[1], "-f", "csv"))
    assert found["songs"]["MTG-Jamendo"] == "10"
    assert found["artists"]["MTG-Jamendo"] == "5"
    assert found["most frequent tags"]["MTG-Jamendo"] == "piano, techno"
    assert "captions 100%" in found["missing"]["MTG-Jamendo"]


def test_of_the_catalog_and_a_part_of_it(nw, tables):
    nw("ingest", "mtg-jamendo", tables[1])
    nw("ingest", "musiccaps", tables[0])
    [whole] = json.loads(nw("stats", "-f", "json").stdout)["sets"]
    assert (whole["songs"], whole["captions"], whole["texts"]["languages"]) == (18, 8, {"en": 8})
    [part] = json.loads(nw("stats", "--where", "duration_s > 150", "-f", "json").stdout)["sets"]
    assert part["songs"] == 4
    [named] = json.loads(nw("stats", "musiccaps", "-f", "json").stdout)["sets"]
    assert (named["name"], named["songs"]) == ("MusicCaps", 8)


def test_two_beside_each_other(nw, tables):
    found = json.loads(nw("stats", "--compare", *tables, "-f", "json").stdout)
    assert [one["name"] for one in found["sets"]] == ["MusicCaps", "MTG-Jamendo"]
    assert found["comparison"]["unseen"] == 0.5  # techno, of techno and piano
    assert found["comparison"]["unseen_words"] == [["techno", 10]]
    if found["shift"] is not None:
        assert -1 <= found["shift"]["means"] <= 1


@pytest.mark.slow
def test_of_shards_and_of_a_hub(nw, tmp_path):
    write_shards(tmp_path / "repo", shards=2, rows=3)
    [local] = json.loads(nw("stats", str(tmp_path / "repo"), "-f", "json").stdout)["sets"]
    assert (local["songs"], local["rates_hz"]) == (6, {"16000": 6})
    with Hub({"owner/set": tmp_path / "repo"}) as hub:
        done = nw("stats", "owner/set", "--limit", "4", "-f", "json", HF_ENDPOINT=hub.url)
    assert json.loads(done.stdout)["sets"][0]["songs"] == 4


class Page(HTMLParser):
    """Collects tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def hostile_catalog(home):
    home.mkdir(exist_ok=True)
    with Catalog.open(home / "catalog.db") as catalog:
        for i in range(12):
            said = dict.fromkeys(("title", "artist", "license"), HOSTILE)
            said |= {"source": "x", "source_id": str(i)}
            captions = (Caption(f"{HOSTILE} piano {i}"),)
            songs.add_or_update(catalog, [Facts("user", said, (HOSTILE, f"tag{i % 3}"), captions=captions)])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page about a catalog with hostile names and a table, made once."""
    folder = tmp_path_factory.mktemp("page")
    hostile_catalog(folder / "home")
    (folder / "mtg.tsv").write_text("\n".join(MTG))
    command = [sys.executable, "-P", "-m", "newwave_cli", "--home", str(folder / "home"), "stats"]
    command += ["--compare", "catalog", str(folder / "mtg.tsv"), "--report", str(folder / "out.html")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "out.html"


def test_the_page_needs_nothing_and_runs_nothing(page):
    text = page.read_text()
    parsed = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(parsed.tags)
    assert parsed.addresses == []
    assert not re.search(r"url\(|@import|https?://", text)
    assert parsed.tags.count("svg") >= 8
    assert HOSTILE in parsed.text
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text


def test_every_plot_is_well_formed_and_says_what_it_shows(page):
    plots = re.findall(r"<svg.*?</svg>", page.read_text(), re.DOTALL)
    assert any("<rect" in plot for plot in plots)
    for plot in plots:
        root = ET.fromstring(plot)
        assert root.get("role") == "img"
        assert root.get("aria-label")
        width = float(root.get("viewBox").split()[2])
        for mark in root.iter("rect"):
            assert -1 <= float(mark.get("x")) <= width
            assert float(mark.get("x")) + float(mark.get("width")) <= width + 1


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium here")
@pytest.mark.slow
def test_the_page_fits_a_phone(page, tmp_path):
    probe = "<script>document.title=document.documentElement.scrollWidth+'/'+innerWidth</script>"
    measured = tmp_path / "measured.html"
    measured.write_text(page.read_text().replace("</body>", probe + "</body>"))
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--window-size=500,900", "--dump-dom", measured],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    needed, there = re.search(r"<title>(\d+)/(\d+)", done.stdout).groups()
    assert int(needed) <= int(there)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["none"], "no data set, table or folder none", id="nothing"),
        pytest.param(["mtg-jamendo"], "no song of mtg-jamendo", id="not in the catalog"),
        pytest.param(["x.csv", "--compare", "a", "b"], "nothing beside", id="both"),
        pytest.param(["--compare", "TABLE", "TABLE"], "both are", id="the same twice"),
        pytest.param(["TABLE", "--where", "year > 1"], "choose songs of the library", id="where"),
        pytest.param(["TABLE", "--report", "/none/x.html"], "cannot be written", id="no such folder"),
    ],
)
def test_what_cannot_be_says_what_to_do(nw, tables, arguments, says):
    done = nw("stats", *[tables[0] if a == "TABLE" else a for a in arguments], status=2)
    assert says in done.stderr
    assert "  try: " in done.stderr


def test_an_empty_catalog_is_an_empty_answer(nw, tmp_path):
    (tmp_path / "home").mkdir()
    Catalog.open(tmp_path / "home" / "catalog.db").close()
    assert "no songs" in nw("stats", status=1).stderr


def test_ticks_are_round_and_inside():
    for low, high in ((0, 7), (0, 0.013), (3, 41), (0, 55_525)):
        found = svg.ticks(low, high)
        assert 2 <= len(found) <= 12
        assert all(low <= tick <= high for tick in found)


def test_shares_between_places_add_up():
    from catalog.statistics.spread import spread

    one = spread([1, 2, 3, 10, 20])
    cuts = [one.edges[0], 2.2, 7, one.edges[-1]]
    assert sum(share_between(one, a, b) for a, b in zip(cuts, cuts[1:], strict=False)) == pytest.approx(1)
