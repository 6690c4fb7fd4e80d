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

from catalog.errors import WrongUse, quoted

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_DEVICES = ("auto", "cpu", "cuda", "mps")


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
    path, config = _config_file(environment)

    def given(name: str, default: Any) -> _Given:
        typed = flags.get(name)
        variable = f"NW_{name.upper()}"
        if typed is not None:
            return _Given(typed, f"--{name}", f"nw …    (without --{name})")
        # An empty variable is one that was not set: `NW_HOME= nw ...` is how shells unset it for one command.
        if environment.get(variable):
            return _Given(environment[variable], variable, f"unset {variable}")
        value = config.get(name, default)
        where, mend = f"{name} in {path}", f"edit {quoted(path)}"
        return _Given(value, where, mend)

    # The XDG base directories, on macOS too: one place to look, and the one that other command lines use.
    data_home = environment.get("XDG_DATA_HOME") or "~/.local/share"
    home = _home(given("home", f"{data_home}/newwave"))
    offline = _truth(given("offline", False))
    device = _one_of(given("device", "auto"), _DEVICES)
    jobs = _count(given("jobs", os.cpu_count() or 1))
    return Settings(home, offline, device, jobs)


@dataclass(frozen=True, slots=True)
class _Given:
    """A value, where it was given, and what to do there where it means nothing."""

    value: Any
    where: str
    mend: str


def _home(given: _Given) -> Path:
    """A folder as an absolute path. Raises WrongUse."""
    text = str(given.value) if isinstance(given.value, (str, Path)) else ""
    if not text or "\0" in text:
        raise WrongUse(f"{given.where} is {given.value!r}, which is no folder.", try_this=given.mend)
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise WrongUse(
            "this user has no home folder, so there is no usual place for the library.",
            try_this="NW_HOME=/some/folder nw …    (or any other folder)",
        ) from error


def _config_file(environment: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    """The path of the config file and what it sets; (None, {}) where there is none."""
    folder = Path(environment.get("XDG_CONFIG_HOME") or "~/.config")
    try:
        path = folder.expanduser() / "newwave" / "config.toml"
        if path.is_fifo():  # reading it would wait for ever
            raise OSError("it is a pipe")
        config = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # an editor may have left its mark there
    except (FileNotFoundError, NotADirectoryError, RuntimeError):  # no file, or nobody's home
        return None, {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        edit = f"edit {quoted(path)}, or move it away"
        raise WrongUse(f"{path} cannot be read: {error}", try_this=edit) from error
    unknown = config.keys() - {"home", "offline", "device", "jobs"}
    if unknown:  # a key that is spelled wrongly would silently change nothing
        named = ", ".join(sorted(unknown))
        edit = f"edit {quoted(path)}: the keys are home, offline, device, jobs"
        raise WrongUse(f"{path} sets {named}, which nw does not know.", try_this=edit)
    return path, config


def _truth(given: _Given) -> bool:
    """Yes or no, in the words of an environment or of TOML. Raises WrongUse."""
    text = str(given.value).lower()
    if text not in _TRUE | _FALSE:
        said = f"{given.where} is {given.value!r}, which is neither yes nor no."
        raise WrongUse(said, try_this=given.mend)
    return text in _TRUE


def _one_of(given: _Given, choices: tuple[str, ...]) -> str:
    """One of a few words. Raises WrongUse with the list."""
    value = str(given.value)
    if value not in choices:
        listed = ", ".join(choices)
        said = f"{given.where} is {value!r}; it can be {listed}."
        raise WrongUse(said, try_this=given.mend)
    return value


def _count(given: _Given) -> int:
    """A whole number from 1. Raises WrongUse."""
    try:
        number = int(str(given.value))
    except ValueError:
        number = 0  # refused below, like any other that is too small
    if number < 1:
        said = f"{given.where} is {given.value!r}; it wants a whole number from 1."
        raise WrongUse(said, try_this=given.mend)
    return number


def stay_offline() -> None:
    """Keep huggingface_hub, here and in the processes started from here, from asking the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    # It reads the environment once, when it is imported.
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        vars(constants)["HF_HUB_OFFLINE"] = True
