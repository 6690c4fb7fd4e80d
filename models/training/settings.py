"""What a trainer may ask of the machine and of the person."""

from pathlib import Path
from typing import Protocol


class TrainSettings(Protocol):
    """Where things lie and what may be used; `newwave_cli.settings.Settings` is one."""

    @property
    def home(self) -> Path:
        """What is computed once is kept below it."""

    @property
    def catalog(self) -> Path:
        """The library's database."""

    @property
    def indexes(self) -> Path:
        """The library's indexes, by side."""

    @property
    def shards(self) -> Path:
        """Where parquet shards are fetched to."""

    @property
    def offline(self) -> bool:
        """Whether nothing may be fetched."""

    @property
    def device(self) -> str:
        """`auto`, `cpu`, `cuda` or `mps`; see `models.networks.device.chosen`."""

    @property
    def jobs(self) -> int:
        """Worker processes that decode sound."""
