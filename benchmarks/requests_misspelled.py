"""How many names with one slip of the hand are found, and how many descriptions are taken for names.

python benchmarks/requests_misspelled.py HOME MUSICCAPS.csv

HOME has an indexed library with artists: the name of each is typed with one wrong, missing, additional or
exchanged letter, DRAWS times each. MUSICCAPS.csv is the table of MusicCaps: its aspects ("mellow piano
melody") are asked, in which nobody is meant who is not written there.
"""

import argparse
import ast
import csv
import random
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.library.database import Catalog
from catalog.library.fulltext import words_of
from catalog.library.names.lookup import ids_named
from models.search.indexes import Indexes
from models.search.reading.names.leading import NAME_LEADS
from models.search.reading.ordinary import Knows
from models.search.reading.query_parser import ParsedQuery
from models.search.reading.recognition import recognize

DRAWS = 5
SLIPS = ("wrong", "missing", "additional", "exchanged")
LENGTHS = {"4 to 5": (4, 5), "6 to 8": (6, 8), "9 and more": (9, 99)}
ASPECTS = 3_000


def slipped(name: str, slip: str, drawn: random.Random) -> str:
    """The name with one letter wrong, missing, additional or in the next one's place."""
    at = drawn.randrange(len(name) - 1)
    letter = drawn.choice(string.ascii_lowercase)
    if slip == "wrong":
        return name[:at] + letter + name[at + 1 :]
    if slip == "missing":
        return name[:at] + name[at + 1 :]
    if slip == "additional":
        return name[:at] + letter + name[at:]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def songs_meant(parsed: ParsedQuery) -> set[int]:
    """The songs that lead by the name of an artist or folder, or that alone may answer."""
    meant = {song for ids, by in parsed.leading if by == NAME_LEADS for song in ids.tolist()}
    return meant if parsed.within is None else meant | set(parsed.within.tolist())


def found(catalog: Catalog, knows: Knows) -> tuple[Counter[str], Counter[str]]:
    """How many misspelled names were asked and how many found, by their length and by the slip."""
    drawn = random.Random(0)
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for (name,) in catalog.fetch("SELECT name FROM names WHERE kind = 'artist' ORDER BY name"):
        own = set(ids_named(catalog, "artist", name).tolist())
        kind = of_length(max(map(len, name.split())))
        if not own or kind is None:
            continue
        for slip in SLIPS:
            for _ in range(DRAWS):
                parsed = recognize(f"calm {slipped(name, slip, drawn)}", catalog, knows)
                is_found = own <= songs_meant(parsed)
                for one in (kind, slip):
                    asked[one] += 1
                    right[one] += is_found
    return asked, right


def of_length(letters: int) -> str | None:
    """Which of LENGTHS a word has; None for one that is shorter than all."""
    for kind, (least, most) in LENGTHS.items():
        if least <= letters <= most:
            return kind
    return None


def taken_for_names(aspects: Sequence[str], catalog: Catalog, knows: Knows) -> Iterator[str]:
    """Descriptions in which a name is read that is not written there, with that name."""
    for aspect in aspects:
        written = set(words_of(aspect))
        for said in recognize(aspect, catalog, knows).said:
            kind, quote, name = said.partition("“")
            if " for “" in said:  # a word that is put right names nobody
                continue
            if quote and "tag" not in kind and not set(words_of(name)) <= written:
                yield f"{aspect!r}: {said}"


def main() -> None:
    """Ask everything; print a table, and what is taken for a name."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("home", type=Path)
    options.add_argument("musiccaps", type=Path)
    given = options.parse_args()
    with given.musiccaps.open(encoding="utf-8") as file:
        each = [aspect for row in csv.DictReader(file) for aspect in ast.literal_eval(row["aspect_list"])]
    aspects = list(dict.fromkeys(each))[:ASPECTS]
    with Catalog.open(given.home / "catalog.db") as catalog:
        knows = Indexes(given.home / "indexes", catalog.library_id()).knows
        asked, right = found(catalog, knows)
        wrong = list(taken_for_names(aspects, catalog, knows))
    print("| letters of the longest word, or slip | asked | found |\n|---|---|---|")
    for kind, count in asked.items():
        print(f"| {kind} | {count} | {right[kind] / count:.0%} |")
    print(f"\n{len(wrong)} of {len(aspects)} descriptions are taken for a name:", *wrong, sep="\n")


if __name__ == "__main__":
    main()
