"""The pages for people who carry on: what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md")


def paths_in(page):
    quoted = re.findall(r"`((?:catalog|models|newwave_cli|tests|benchmarks|docs)/[^` ]*)`", page)
    return [path for path in quoted if "NAME" not in path]


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page):
    missing = [path for path in paths_in((ROOT / page).read_text()) if not (ROOT / path).exists()]
    assert not missing


def test_every_folder_of_code_stands_in_the_architecture():
    told = (ROOT / "ARCHITECTURE.md").read_text()
    inits = [*ROOT.glob("catalog/*/__init__.py"), *ROOT.glob("models/*/__init__.py")]
    rooms = {f"{path.parent.relative_to(ROOT)}/" for path in inits}
    assert not {room for room in rooms if f"`{room}`" not in told}


@pytest.mark.parametrize("recipe", re.findall(r"`just ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text()))
def test_every_recipe_that_a_page_names_is_in_the_justfile(recipe):
    assert re.search(rf"^{recipe}\b", (ROOT / "justfile").read_text(), flags=re.M)
