"""Flag over environment over config file over default."""

import os
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.errors import OfflineModeIsEnabled

from catalog.errors import WrongUse
from newwave_cli import settings


@pytest.fixture
def config(tmp_path):
    folder = tmp_path / "config" / "newwave"
    folder.mkdir(parents=True)
    return folder / "config.toml"


@pytest.fixture
def environment(tmp_path, config):
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}


def test_the_default(environment, tmp_path):
    read = settings.read({}, environment)
    assert read.home == tmp_path / "data" / "newwave"
    assert read.catalog == read.home / "catalog.db"
    assert (read.offline, read.device) == (False, "auto")
    assert read.jobs >= 1


def test_each_level_beats_the_one_below(environment, config):
    config.write_text('home = "/from-file"\njobs = 3\noffline = true')
    assert settings.read({}, environment).home == Path("/from-file")
    environment["NW_HOME"] = "/from-environment"
    assert settings.read({}, environment).home == Path("/from-environment")
    assert settings.read({"home": Path("/from-flag")}, environment).home == Path("/from-flag")
    assert settings.read({}, environment).jobs == 3
    assert settings.read({}, environment).offline is True
    assert settings.read({}, environment | {"NW_OFFLINE": "0"}).offline is False


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("NW_JOBS", "many", "whole number"),
        ("NW_JOBS", "0", "whole number"),
        ("NW_OFFLINE", "maybe", "neither yes nor no"),
        ("NW_DEVICE", "tpu", "auto, cpu, cuda, mps"),
    ],
)
def test_a_value_that_means_nothing(environment, name, value, says):
    with pytest.raises(WrongUse, match=says):
        settings.read({}, environment | {name: value})


@pytest.mark.parametrize(
    "text",
    [
        "home = ",
        'hme = "/typo"',
        "home = 5",
        "home = ''",
        r'home = "/a\u0000b"',
        "jobs = -4",
        "offline = 'perhaps'",
    ],
)
def test_a_config_file_that_means_nothing(environment, config, text):
    config.write_text(text)
    with pytest.raises(WrongUse) as caught:
        settings.read({}, environment)
    assert str(config) in str(caught.value)


def test_a_config_that_is_a_pipe_is_not_waited_for(environment, config):
    os.mkfifo(config)
    with pytest.raises(WrongUse, match="it is a pipe"):
        settings.read({}, environment)


@pytest.fixture
def nobody(monkeypatch):
    """A user without a home folder: `docker run -u 54321`."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)


def test_without_a_home_folder_the_library_must_be_named(nobody, tmp_path):
    assert settings.read({"home": tmp_path}, {}).home == tmp_path
    assert settings.read({}, {"NW_HOME": str(tmp_path)}).home == tmp_path
    with pytest.raises(WrongUse, match="no home folder") as told:
        settings.read({}, {})
    assert "NW_HOME" in told.value.try_this


def test_a_mark_at_the_start_of_the_config_is_no_part_of_it(environment, config):
    config.write_bytes(b"\xef\xbb\xbfjobs = 3\n")
    assert settings.read({}, environment).jobs == 3


def test_offline_holds_for_a_client_of_the_hub_that_was_imported_before():
    client = huggingface_hub.HfApi(endpoint="http://127.0.0.1:9")
    settings.stay_offline()
    with pytest.raises(OfflineModeIsEnabled):
        client.model_info("owner/model")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_goes_offline_leaves_the_next_one_online(turn):
    assert "HF_HUB_OFFLINE" not in os.environ
    assert not huggingface_hub.constants.HF_HUB_OFFLINE
    settings.stay_offline()
