"""The indexes of a library and their query encoders, opened as they are asked for and kept warm."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.errors import NoIndex
from catalog.index_manifest import made
from catalog.library import changes, embeddings
from catalog.library.database import Catalog
from catalog.records import ALONE, ROLES, Role
from catalog.song_index import SongIndex
from models.networks.late_fusion_tower import FusedTower, open_tower
from models.networks.text_tower import TextTower
from models.search.fitting import ENGLISH, Fitting, read
from models.search.reading.music_words import in_english

_TOPICS_FIRST: tuple[Role, ...] = ("words", "sound", "fused")
"""Roles by how well their encoder knows what a sentence is about."""


class Indexes:
    """What `nw index` wrote below one folder for one library; searchers in several threads may share it."""

    def __init__(self, folder: Path, library: str) -> None:
        self.folder, self._library = folder, library
        self._opened: dict[Role, SongIndex] = {}
        self._fittings: dict[Role, Fitting | None] = {}
        self._towers: dict[Role, TextTower | FusedTower] = {}

    def roles(self, by: str | None = None) -> list[Role]:
        """The roles to ask: the one named, or all that fusion puts together and that are indexed.

        Raises NoIndex where there is none.
        """
        for role in ALONE:
            if role == by:
                self.index(role)  # raises NoIndex where this role was never indexed
                return [role]
        indexed = {folder.name for folder in made(self.folder)}
        there = [role for role in ROLES if role in indexed]
        if not there:
            raise NoIndex(
                f"nothing is indexed in {self.folder} yet, so nothing can be found.", try_this="nw index"
            )
        return there

    def index(self, role: Role) -> SongIndex:
        """The opened index of a role. Raises NoIndex, Damaged, Incompatible for one of another library."""
        if role not in self._opened:
            index = SongIndex(self.folder / role)
            index.manifest.require(role=role, library=self._library, folder=self.folder / role)
            self._opened[role] = index
        return self._opened[role]

    def gone(self, catalog: Catalog) -> int:
        """How many songs, at least, the opened indexes hold that the catalog has no longer."""
        # Removed songs may be hidden by as many new ones: so it is a least number.
        surplus = [0]
        latest = changes.latest(catalog)
        for role, index in self._opened.items():
            if index.manifest.seen == latest:
                continue  # nothing changed since, and a million songs take a while to count
            present = embeddings.with_content(catalog, role)
            surplus.append(index.manifest.songs - present)
        return max(surplus)

    def tower(self, role: Role) -> TextTower | FusedTower:
        """The query encoder of a role. Raises NoIndex, Damaged."""
        if role not in self._towers:
            self._towers[role] = open_tower(self.index(role).content / "tower")
        return self._towers[role]

    def fitting(self, role: Role) -> Fitting | None:
        """What the index of a role knows of chance; None for one that an older nw made. Raises NoIndex."""
        if role not in self._fittings:
            self._fittings[role] = read(self.index(role).content)
        return self._fittings[role]

    def about_music(self, text: str, roles: Sequence[Role]) -> bool:
        """Whether a text is a request for music, as far as the encoders of these roles know.

        That of words is asked first, which knows best what a sentence is about; an old index says nothing.
        """
        # An index without what `fitting` keeps was made by an older nw: the next role is asked.
        for role in sorted(roles, key=_TOPICS_FIRST.index):
            fitting = self.fitting(role)
            if fitting is not None:
                readable = self.as_learned(text, role)
                [sentence] = self.tower(role).sentences([readable])
                return fitting.about_music(sentence)
        return True

    def knows(self, word: str) -> bool:
        """Whether the encoder of some role has a word whole in its vocabulary. Raises NoIndex."""
        return any(self.tower(role).knows(word) for role in self.roles())

    def as_learned(self, text: str, role: Role) -> str:
        """A text as the encoder of a role can read it: words for music in English, if it knows that alone."""
        fitting = self.fitting(role)
        knows_only_english = fitting is not None and fitting.languages == ENGLISH
        return in_english(text) if knows_only_english else text

    def encode(self, text: str, role: Role) -> NDArray[np.float32]:
        """A text as a unit vector (dimensions,) in the space of a role."""
        readable = self.as_learned(text, role)
        embedding: NDArray[np.float32]
        [embedding] = self.tower(role).encode([readable])
        return embedding

    @property
    def outdated(self) -> bool:
        """Whether an index that was asked lacks what a newer nw keeps; `nw index` adds it."""
        return None in self._fittings.values()
