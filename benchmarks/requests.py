"""How many requests are answered as a person means them: requests.toml over the demo and a library of games.

python benchmarks/requests.py WORK                         (the demo alone)
python benchmarks/requests.py WORK --game MUSIC [FOLDER ...] [--show] [--more]

WORK keeps the two libraries, so a second run asks at once. MUSIC is a folder of freely licensed game music,
each Debian package unpacked below its name (wesnoth-1.16-music, supertuxkart-data, ...); every FOLDER may
hold `lyrics/` and tables (.jsonl, .csv) of its songs. Run it with the Python whose `nw` is measured.
--more asks requests_more.toml, which was written later, before its requests were asked for the first time.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Requests = Mapping[str, list[Mapping[str, Any]]]
SHOWN = 5
FITS = 50
Hits = Sequence[Mapping[str, Any]]


def written(name: str) -> Requests:
    """The requests and readings of one of the files beside this one."""
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def nw(home: Path, *arguments: str, stdin: str | None = None) -> str:
    """What nw of this Python answers; 1 (nothing matched) and 3 (some files failed) are answers too."""
    command = [sys.executable, "-m", "newwave_cli", "--home", str(home), *arguments]
    run = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode not in (0, 1, 3):
        raise SystemExit(f"{' '.join(command)}: exit {run.returncode}")
    return run.stdout


def libraries(work: Path, game: Sequence[Path]) -> dict[str, Path]:
    """The homes of the libraries to be asked, made where they are not there yet."""
    homes = {"demo": work / "demo"}
    if not (homes["demo"] / "indexes").exists():
        nw(work, "demo")
    if game:
        homes["game"] = work / "game"
        if not (homes["game"] / "indexes").exists():
            nw(homes["game"], "ingest", *map(str, game), *beside(game))
            nw(homes["game"], "index")
    return homes


def beside(folders: Sequence[Path]) -> Iterator[str]:
    """Options for the lyrics and tables in these folders."""
    for folder in folders:
        if (folder / "lyrics").is_dir():
            yield from ("--lyrics", str(folder / "lyrics"))
        for table in sorted([*folder.glob("*.jsonl"), *folder.glob("*.csv")]):
            yield from ("--table", str(table))


def answers(home: Path, asked: Sequence[str]) -> dict[str, Hits]:
    """The first hits of every request."""
    lines = nw(home, "query", "-", "-k", str(SHOWN), "--format", "ndjson", stdin="\n".join(asked) + "\n")
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines.splitlines():
        row = json.loads(line)
        found[row["query"]].append(row)
    return dict(found)


def where(home: Path, condition: str) -> set[int]:
    """Ids of the songs that fulfil a condition of requests.toml."""
    with sqlite3.connect(f"file:{home / 'catalog.db'}?mode=ro", uri=True) as catalog:
        rows = catalog.execute(f"SELECT id FROM library WHERE {condition}").fetchall()
    return {row[0] for row in rows}


def share(request: Mapping[str, Any], hits: Hits, home: Path) -> float:
    """How much of a request is answered rightly: 1 is all."""
    ids = [hit["id"] for hit in hits]
    parts = []
    if "right" in request:
        right = where(home, request["right"])
        first = min(request.get("first", 1), len(right))
        parts.append(sum(song in right for song in ids[:first]) / max(first, 1))
    if "each" in request:
        groups = [where(home, condition) for condition in request["each"]]
        parts.append(sum(bool(group & set(ids)) for group in groups) / len(groups))
    if "wrong" in request:
        wrong = where(home, request["wrong"])
        parts.append(1 - sum(song in wrong for song in ids) / SHOWN if ids else 0)
    if request.get("nothing"):
        parts.append(float(all(hit["score"] < FITS for hit in hits)))
    return min(parts)


def readings(requests: Requests) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Each sentence that says what is not wanted, from when or how long, and whether it is read rightly."""
    for one in requests["reading"]:
        yield one, read(one["ask"]) == (one["wanted"], one["unwanted"], sorted(one.get("facts", [])))


def read(sentence: str) -> tuple[str, list[str], list[list[Any]]]:
    """What is wanted, what is not, and facts as [column, low, high] or ["language", code]."""
    # What is no name is read without a catalog.
    from models.search.reading.asking.plain import plainly
    from models.search.reading.facts import facts_in
    from models.search.reading.query_parser import parse_unquoted, unquoted

    text, quoted = unquoted(plainly(sentence))
    text, facts = facts_in(text)
    parsed = parse_unquoted(text, quoted)
    said = [[fact.column, *(fact.codes or (fact.low, fact.high))] for fact in facts]
    return parsed.text, list(parsed.unwanted), sorted(said)


def main() -> None:
    """Ask everything and print a table by kind."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("work", type=Path)
    options.add_argument("--game", type=Path, nargs="+", default=[])
    options.add_argument("--show", action="store_true", help="name the requests that are answered wrongly")
    options.add_argument("--more", action="store_true", help="ask requests_more.toml")
    given = options.parse_args()
    requests = written("requests_more.toml" if given.more else "requests.toml")
    homes = libraries(given.work, given.game)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for name, home in homes.items():
        asked = [request for request in requests["request"] if request["on"] == name]
        found = answers(home, [request["ask"] for request in asked])
        for request in asked:
            hits = found.get(request["ask"], [])
            right = share(request, hits, home)
            by_kind[request["kind"]].append(right)
            if given.show and right < 1:
                first = "; ".join(f"{hit['title']} {hit['score']:.0f}" for hit in hits)
                print(f"{request['kind']}: {request['ask']!r} {right:.2f}: {first}")
    for one, right in readings(requests):
        by_kind[f"reading ({one['language']})"].append(right)
        if given.show and not right:
            print(f"reading: {one['ask']!r}")
    print("| kind | requests | all right | right of what was shown |\n|---|---|---|---|")
    for kind, shares in by_kind.items():
        print(f"| {kind} | {len(shares)} | {sum(s == 1 for s in shares)} | {sum(shares) / len(shares):.0%} |")
    every = [right for kind, shares in by_kind.items() if "reading" not in kind for right in shares]
    print(f"| all requests | {len(every)} | {sum(s == 1 for s in every)} | {sum(every) / len(every):.0%} |")


if __name__ == "__main__":
    main()
