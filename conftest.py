"""Doctests are looked for where there are some: pytest imports and searches each module that it collects."""

from pathlib import Path


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out a module of the packages without an example; None leaves it to others."""
    is_module = collection_path.suffix == ".py" and not collection_path.name.startswith("test_")
    if is_module and ">>>" not in collection_path.read_text(encoding="utf-8"):
        return True
    return None
