"""What must hold of the whole: light imports, layers, sizes, help everywhere, errors with a way out."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import served
from tables import in_one_test
from typer.testing import CliRunner

from catalog import errors
from newwave_cli import app

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("catalog", "models", "newwave_cli")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HEAVY = {
    "torch",
    "transformers",
    "onnx",
    "FlagEmbedding",
    "sqlite_utils",
    "pyarrow",
    "av",
    "scipy",
    "sklearn",
}


def loaded_by(*arguments: str, home: Path) -> set[str]:
    """Top-level modules that a run of nw loads."""
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('LOADED', *{m.split('.')[0] for m in sys.modules}, file=sys.stderr))\n"
        f"sys.argv = ['nw', '--home', {str(home)!r}, *{list(arguments)!r}]\n"
        "from newwave_cli.app import main\nmain()"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    [line] = [line for line in run.stderr.splitlines() if line.startswith("LOADED")]
    return set(line.split())


@pytest.mark.parametrize("arguments", [["--help"], ["query", "--help"], ["songs"], ["query", "piano"]])
def test_light_commands_load_nothing_heavy(arguments, tmp_path):
    assert not loaded_by(*arguments, home=tmp_path) & HEAVY


def test_a_command_that_ends_looks_for_no_cycles(tmp_path):
    """Which would take `nw query` a tenth of its time, for memory that the system takes back at once."""
    program = (
        "import sys, atexit, gc\n"
        "atexit.register(lambda: print(len(gc.get_objects())))\n"  # registered first, it is called last
        f"sys.argv = ['nw', '--home', {str(tmp_path)!r}, 'songs']\n"
        "from newwave_cli.app import main\nmain()"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    left = int(run.stdout.splitlines()[-1])
    assert left < 100, run.stderr


def test_indexing_by_the_default_encoders_loads_no_torch(tones):
    """Of sound and of lyrics: torch takes seconds to load, and a fifth of a gigabyte."""
    assert {path.name for path in (tones / "home" / "indexes").iterdir()} == {"sound", "words"}
    loaded = set((tones / served.LOADED).read_text().split())
    assert {"catalog", "models", "onnxruntime"} <= loaded
    assert not loaded & {"torch", "transformers"}


def concrete_errors():
    return [e for _, e in inspect.getmembers(errors, inspect.isclass) if issubclass(e, errors.NewWaveError)]


@in_one_test
@pytest.mark.parametrize("kind", concrete_errors())
def test_every_error_has_a_way_out_and_stands_in_the_tree(kind):
    assert kind.__name__ in errors.__doc__
    assert kind.__doc__
    with pytest.raises(TypeError):
        kind("what happened")
    assert kind("what happened", try_this="nw doctor").try_this == "nw doctor"


def commands():
    return [name for name in app.COMMANDS if (ROOT / "newwave_cli" / "commands" / f"{name}.py").exists()]


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help(name):
    result = CliRunner().invoke(app.app, [name, "--help"], terminal_width=100)
    assert result.exit_code == 0
    module = importlib.import_module(f"newwave_cli.commands.{name}")
    assert module.__doc__.startswith(f"nw {name}: ")


@in_one_test
@pytest.mark.parametrize("name", commands())
def test_every_command_stands_in_the_readme(name):
    assert f"nw {name}" in (ROOT / "README.md").read_text()


def test_every_command_file_is_registered():
    files = {m.name for m in pkgutil.iter_modules([str(ROOT / "newwave_cli" / "commands")])}
    assert {name for name in files if not name.startswith("_")} <= set(app.COMMANDS)


def test_every_module_can_be_imported():
    for path in SOURCES:
        if path.name != "__main__.py":  # which runs the program
            parts = path.relative_to(ROOT).with_suffix("").parts
            importlib.import_module(".".join(parts).removesuffix(".__init__"))


@in_one_test
@pytest.mark.parametrize("path", SOURCES)
def test_files_and_functions_stay_small(path):
    text = path.read_text()
    tree, written = ast.parse(text), text.splitlines()
    assert ast.get_docstring(tree), "every module says what it is"
    assert len(_code(written)) <= 350
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = _code(written[node.lineno - 1 : node.end_lineno])
            assert len(lines) <= 40 + _docstring_lines(node), node.name
            assert node.returns is not None, f"{node.name} says what it returns"


def _code(lines):
    """Lines but for comments, which no limit should cost a reader."""
    return [line for line in lines if not line.lstrip().startswith("#")]


def _docstring_lines(node):
    text = ast.get_docstring(node, clean=False)
    return text.count("\n") + 1 if text else 0


def test_every_file_that_the_packages_need_is_packaged():
    packaging = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    packaged = {path for name in packaging for glob in packaging[name] for path in (ROOT / name).glob(glob)}
    data = {
        path
        for name in PACKAGES
        for path in (ROOT / name).rglob("*.*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and path.name != "EXPERIMENTS.md"
    }
    assert data <= packaged


def test_a_foreign_package_is_named_at_once(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("")
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import newwave_cli"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "is not newwave's" in " ".join(run.stderr.split())
    assert str(tmp_path) in run.stderr
