"""The indexes of a library and their query encoders, opened as they are asked for and kept warm."""

from pathlib import Path

from catalog.errors import NoIndex
from catalog.library import embeddings
from catalog.library.database import Catalog
from catalog.records import ALONE, ROLES, Role
from catalog.song_index import SongIndex
from models.networks.late_fusion_tower import FusedTower, open_tower
from models.networks.text_tower import TextTower


class Indexes:
    """What `nw index` wrote below one folder for one library; searchers in several threads may share it."""

    def __init__(self, folder: Path, library: str) -> None:
        self.folder, self._library = folder, library
        self._opened: dict[Role, SongIndex] = {}
        self._towers: dict[Role, TextTower | FusedTower] = {}

    def roles(self, by: str | None = None) -> list[Role]:
        """The roles to ask: the one named, or all that fusion puts together and that are indexed.

        Raises NoIndex where there is none.
        """
        for role in ALONE:
            if role == by:
                self.index(role)
                return [role]
        there = [role for role in ROLES if (self.folder / role / "manifest.json").exists()]
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
        surplus = [
            index.manifest.songs - embeddings.with_content(catalog, role)
            for role, index in self._opened.items()
        ]
        return max([0, *surplus])

    def tower(self, role: Role) -> TextTower | FusedTower:
        """The query encoder of a role. Raises NoIndex, Damaged."""
        if role not in self._towers:
            self._towers[role] = open_tower(self.index(role).content / "tower")
        return self._towers[role]
