"""Who is believed: which value of a song is kept where several origins name one.

A file's name is what is left when nobody wrote tags; a person who corrects a song wins over all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.records import Facts

FILE_ORIGINS = ("name", "tags", "sidecar")
"""Origins that are read anew whenever the file is."""

DETECTED = "detected"
"""The origin of a language that was read from the lyrics: the weakest, for it is a guess."""

FIELDS = ("title", "artist", "album", "year", "genre", "license", "language", "source", "source_id")
"""The values of a song that `Facts.values` may carry."""

_RANKS = {DETECTED: -1, "name": 0, "tags": 1, "sidecar": 2, "user": 4}
_DATA_SET_RANK = 3  # tables too, whose origin carries their name: "table:moods.csv"
_NOBODYS_RANK = -2
_BLANK = {"year": None, "source": "folder"}


def settled(
    values: Mapping[str, Any],
    origins: Mapping[str, str],
    facts: Sequence[Facts],
    *,
    forget: Sequence[str] = (),
) -> tuple[dict[str, Any], dict[str, str]]:
    """The single values of a song after facts are heard, and who said each.

    values, origins: before, by name; what has no column is "extra.NAME". "lyrics" is among the values where
    they change, and only there. A stronger origin beats a weaker one, of equals the later one is kept.
    forget: origins whose values go first.
    """
    values, origins = dict(values), dict(origins)
    _forget(values, origins, forget)
    for fact in sorted(facts, key=lambda fact: _rank(fact.origin)):
        strength = _rank(fact.origin)
        for name, value in _said(fact).items():
            if strength >= _rank(origins.get(name)):
                values[name] = value
                origins[name] = fact.origin
    return values, origins


def _forget(values: dict[str, Any], origins: dict[str, str], forget: Sequence[str]) -> None:
    """Take away what these origins said: what they say again comes back, the rest is not said any more."""
    gone = [name for name, origin in origins.items() if origin in forget]
    for name in gone:
        del origins[name]
        if name.startswith("extra."):
            del values[name]
        elif name == "lyrics":
            values[name] = ()
        else:
            values[name] = _BLANK.get(name, "")


def _rank(origin: str | None) -> int:
    if origin is None:
        return _NOBODYS_RANK
    return _RANKS.get(origin, _DATA_SET_RANK)


def _said(fact: Facts) -> dict[str, Any]:
    """What one origin says, by the names of `settled`; an empty value says nothing."""
    nothing = (None, "")
    said = {}
    for name in FIELDS:
        value = fact.values.get(name)
        if value not in nothing:
            said[name] = value
    for key, value in fact.extra.items():
        if value not in nothing:
            said[f"extra.{key}"] = value
    if fact.lyrics:
        said["lyrics"] = fact.lyrics
    return said
