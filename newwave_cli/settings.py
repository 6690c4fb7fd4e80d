"""Where the library lives and how to work: one frozen record, read once.

Flag over environment (NW_HOME, NW_OFFLINE, NW_DEVICE, NW_JOBS) over config file over default. The config
file is `newwave/config.toml` below XDG_CONFIG_HOME (`~/.config`); its keys are home, offline, device, jobs.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import WrongUse

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True)
class Settings:
    """home: catalog, indexes and runs. device: auto, cpu, cuda or mps. jobs: worker processes."""

    home: Path
    offline: bool
    device: str
    jobs: int

    @property
    def catalog(self) -> Path:
        """The SQLite file with the songs."""
        return self.home / "catalog.db"

    @property
    def indexes(self) -> Path:
        """One folder per index: sound, words, ..."""
        return self.home / "indexes"

    @property
    def runs(self) -> Path:
        """One folder per training run."""
        return self.home / "runs"

    @property
    def shards(self) -> Path:
        """Downloaded pieces of data sets, under the disk budget."""
        return self.home / "shards"


def read(flags: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force; `flags` holds what was typed (None where nothing was).

    Raises WrongUse for a config file or a value that means nothing.
    """
    config = _config_file(environment)

    def value(name: str, default: Any) -> Any:
        typed = flags.get(name)
        if typed is not None:
            return typed
        # An empty variable is one that was not set: `NW_HOME= nw ...` is how shells unset it for one command.
        return environment.get(f"NW_{name.upper()}") or config.get(name, default)

    data_home = environment.get("XDG_DATA_HOME") or "~/.local/share"
    return Settings(
        home=_home(value("home", f"{data_home}/newwave")),
        offline=_truth(value("offline", False), "NW_OFFLINE"),
        device=_one_of(str(value("device", "auto")), ("auto", "cpu", "cuda", "mps"), "NW_DEVICE"),
        jobs=_count(value("jobs", os.cpu_count() or 1), "NW_JOBS"),
    )


def _home(place: str | Path) -> Path:
    try:
        return Path(place).expanduser().absolute()
    except RuntimeError as error:
        raise WrongUse(
            "this user has no home folder, so there is no usual place for the library.",
            try_this="NW_HOME=/some/folder nw …    (or any other folder)",
        ) from error


def _config_file(environment: Mapping[str, str]) -> dict[str, Any]:
    folder = Path(environment.get("XDG_CONFIG_HOME") or "~/.config")
    try:
        path = folder.expanduser() / "newwave" / "config.toml"
        config = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # an editor may have left its mark there
    except (FileNotFoundError, NotADirectoryError, RuntimeError):  # no file, or nobody's home
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path} cannot be read: {error}", try_this=f"edit {path}, or move it away") from error
    unknown = config.keys() - {"home", "offline", "device", "jobs"}
    if unknown:
        raise WrongUse(
            f"{path} sets {', '.join(sorted(unknown))}, which nw does not know.",
            try_this=f"edit {path}: the keys are home, offline, device, jobs",
        )
    return config


def _truth(value: object, name: str) -> bool:
    text = str(value).lower()
    if text not in _TRUE | _FALSE:
        raise WrongUse(
            f"{name} is {value!r}, which is neither yes nor no.",
            try_this=f"unset {name}    (or 1 for yes, 0 for no)",
        )
    return text in _TRUE


def _one_of(value: str, choices: tuple[str, ...], name: str) -> str:
    if value not in choices:
        there = ", ".join(choices)
        raise WrongUse(
            f"{name} is {value!r}; it can be {there}.", try_this=f"unset {name}    (or one of these)"
        )
    return value


def _count(value: object, name: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise WrongUse(
            f"{name} is {value!r}; it wants a whole number from 1.",
            try_this=f"unset {name}    (or 2, for two)",
        )
    return number


def stay_offline() -> None:
    """Keep huggingface_hub, here and in the processes started from here, from asking the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    # It reads the environment once, when it is imported.
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        vars(constants)["HF_HUB_OFFLINE"] = True
