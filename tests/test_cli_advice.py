"""Every "try:" line works when it is typed: collected from the source, completed, read by the commands."""

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer
from tables import in_one_test

from catalog.library.database import Catalog
from newwave_cli import app
from newwave_cli.advice import _FLAGS, _SEVERAL, _SHORT, completed

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("catalog", "models", "newwave_cli")
PROGRAM = typer.main.get_command(app.app)
USUAL = {
    "ingest": ["~/Music"],
    "show": ["1"],
    "train": ["words", "--recipe", "minilm", "--data", "pairs.csv"],
    "query": ["rain"],
    "similar": ["1"],
    "index": [],
    "songs": [],
    "stats": [],
    "evaluate": [],
    "serve": [],
    "playlist": ["list"],
    "shards": ["fetch", "jamendo"],
}
"""What may have been typed where an error names an option alone."""

ADVICE = ("try_this", "mend")
"""What errors are told under: the way out."""


def advice():
    """(where, text) of every try_this in the source; what stands in braces becomes a word."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text()
            if not any(f"{name}=" in source for name in ADVICE):  # each worker reads all of it when it starts
                continue
            module = ast.parse(source)
            for node in ast.walk(module):
                if isinstance(node, ast.keyword) and node.arg in ADVICE:
                    for text in texts(node.value, module):
                        yield f"{path.relative_to(ROOT)}:{node.value.lineno}", text


def texts(node, module):
    """What an expression may be, as far as its module says it: literals, names and functions of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(p.value if isinstance(p, ast.Constant) else filled(p) for p in node.values)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body, module)
        yield from texts(node.orelse, module)
    elif isinstance(node, ast.BinOp):
        for left in texts(node.left, module):
            yield from (left + right for right in [*texts(node.right, module), "1"][:1])
    elif isinstance(node, (ast.Name, ast.Call)):
        for value in values(node, module):
            yield from texts(value, module)


def values(node, module):
    """What a module gives a name, or what a function of it returns."""
    for one in ast.walk(module):
        if isinstance(node, ast.Name):
            if isinstance(one, ast.Assign) and [ast.unparse(to) for to in one.targets] == [node.id]:
                yield one.value
        elif isinstance(one, ast.FunctionDef) and one.name == getattr(node.func, "id", None):
            yield from (inner.value for inner in ast.walk(one) if isinstance(inner, ast.Return))


def filled(part):
    """A word for what a brace holds; by its name where the commands want one of a few."""
    source = ast.unparse(part.value)
    for name, word in {
        "kind": "words",
        "trains": "words",
        "shlex.join(TORCHRUN)": "-m -- newwave_cli",
    }.items():
        if name in source:
            return word
    return "1"


LINES = sorted(set(advice()))
COMMANDS = [(where, text) for where, text in LINES if re.match(r"(.* && )?([A-Z_]+=\S+ )*nw |--", text)]
_REMARK = r"[(] *(?:then|or:?) (nw [^();,]+)"
REMARKS = sorted({(where, line) for where, text in LINES for line in re.findall(_REMARK, text)})
"""Commands in what is said behind a line: "(then nw index --store ...)"."""


def parsed(line):
    """Whether the commands take this line; nothing is run."""
    line = re.sub(r"\$\([^)]*\)", "1", line)  # what the shell would fill in
    words = shlex.split(line)
    words = words[words.index("nw") + 1 :]
    with PROGRAM.make_context("nw", words) as context:
        at, command = context, PROGRAM
        left = [*context._protected_args, *context.args]
        while hasattr(command, "commands") and left:
            name, command, left = command.resolve_command(at, left)
            at = command.make_context(name, left, parent=at)
            left = [*getattr(at, "_protected_args", []), *at.args] if hasattr(command, "commands") else []


def is_taken(text):
    """Whether some command takes an option alone, or the command that is named takes its line."""
    command = text.partition("    ")[0]
    if command.startswith("--") or re.search(r"\bnw …", command):
        return any(takes(completed(text, [name, *rest])) for name, rest in USUAL.items())
    name = re.search(r"\bnw (?:--\w+ \S+ )?(\w+)", command)[1]
    lines = completed(text, [name, *USUAL.get(name, [])]).partition("    ")[0].split(" && ")
    return all(takes(line) for line in lines if "nw" in line.split())


def takes(line):
    try:
        parsed(line.partition("    ")[0])
    except typer.Exit:  # --help
        return True
    except Exception:
        return False
    return True


def options(command):
    """Every option of a command and of those below it."""
    yield from (one for one in command.params if one.param_type_name == "option")
    for below in getattr(command, "commands", {}).values():
        yield from options(below)


def test_which_options_have_no_value_and_which_are_typed_several_times():
    each = list(options(PROGRAM))
    without = {name for one in each if one.is_flag or one.count for name in (*one.opts, *one.secondary_opts)}
    several = {name for one in each if one.multiple for name in one.opts}
    assert (without, several) == (_FLAGS, _SEVERAL)
    letters = {}
    for one in each:
        by_length = sorted(one.opts, key=len)
        if len(one.opts) > 1 and one.opts[0] not in without:
            letters[by_length[0]] = by_length[-1]
    assert letters == _SHORT


def test_there_are_many():
    assert len(COMMANDS) > 60


@in_one_test
@pytest.mark.parametrize(("where", "text"), COMMANDS)
def test_what_an_error_says_to_type_is_taken(where, text):
    assert is_taken(text), f"{where}: {text}"


@pytest.mark.parametrize(("where", "command"), REMARKS)
def test_so_is_a_command_in_a_remark(where, command):
    assert takes(command), where


@in_one_test
@pytest.mark.parametrize(("where", "text"), LINES)
def test_options_stand_in_a_command(where, text):
    """ "a new run with --set x=1" is nothing that can be typed."""
    command = text.partition("    ")[0]
    assert (where, text) in COMMANDS or not re.search(r"(?<!\w)--[a-z]", command) or is_other_program(command)


def is_other_program(command):
    """Whether a line is of another program, which has options of its own."""
    return re.match(r"(python -m )?pip |milvus-lite |curl |openssl |ray |apt-get |hf ", command)


@in_one_test
@pytest.mark.parametrize(("where", "text"), LINES)
def test_no_placeholder_is_left_in(where, text):
    assert "..." not in text
    assert "…" not in text or re.search(r"\bnw (\w+ )?…( --|$|    )", text)


NAMED_BY_PEOPLE = {"path", "parent", "file", "run", "text", "title", "what"}


def outermost_braces(node):
    if isinstance(node, ast.FormattedValue):
        yield node
        return
    for inner in ast.iter_child_nodes(node):
        yield from outermost_braces(inner)


def braces():
    """(where, what stands in the braces) of every try_this: names of a person's, that may hold blanks."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg in ADVICE:
                    for part in outermost_braces(node.value):
                        yield f"{path.relative_to(ROOT)}:{part.lineno}", ast.unparse(part.value)


def test_names_of_a_person_are_one_word_of_what_is_typed():
    found = list(braces())
    assert len(found) > 60
    bare = [(where, name) for where, name in found if name.rpartition(".")[2] in NAMED_BY_PEOPLE]
    assert not bare, "catalog.errors.quoted makes one word of them"


@in_one_test
@pytest.mark.parametrize(
    ("advice", "typed", "line"),
    [
        pytest.param("nw index", ["query", "x"], "nw index", id="a whole command stays as it is"),
        pytest.param(
            "check the network", ["query", "x"], "check the network", id="words for a person stay as they are"
        ),
        pytest.param(
            "--by both    (or sound)",
            ["query", "calm piano", "--by", "sight", "-k", "3"],
            "nw query 'calm piano' -k 3 --by both    (or sound)",
            id="an option in place of the one that was wrong",
        ),
        pytest.param(
            "--by both", ["query", "x", "--by=sight"], "nw query x --by both", id="however it was written"
        ),
        pytest.param(
            "--set a=1",
            ["train", "words", "--set=a=x", "--set", "c=3", "--recipe", "gate"],
            "nw train words --set c=3 --recipe gate --set a=1",
            id="of options that are typed several times only the one that was wrong",
        ),
        pytest.param(
            "NW_OFFLINE=0 nw …    (once, without --offline)",
            ["stats", "--offline", "jamendo"],
            "NW_OFFLINE=0 nw stats jamendo    (once, without --offline)",
            id="under another environment, without an option",
        ),
        pytest.param(
            "nw train … --resume", ["train", "--resume", "words"], "nw train words --resume", id="a flag"
        ),
        pytest.param(
            "nw …    (the same again)",
            ["query", "a b"],
            "nw query 'a b'    (the same again)",
            id="the same again",
        ),
        pytest.param(
            "nw …    (without --index)",
            ["ingest", "jamendo-api", "--index", "--limit", "3"],
            "nw ingest jamendo-api --limit 3    (without --index)",
            id="a flag is left out without the word behind it",
        ),
        pytest.param("--by both", [], "--by both", id="where nothing was typed"),
        pytest.param(
            "nw …    (without --format, without --limit)",
            ["query", "-f", "json", "x", "-k3", "--template", "{title}"],
            "nw query x --template '{title}'    (without --format, without --limit)",
            id="an option that was typed by its letter",
        ),
    ],
)
def test_advice_made_whole(advice, typed, line):
    assert completed(advice, typed) == line


def test_a_value_that_the_error_names_is_left_out():
    typed = ["train", "words", "--set", "no=1", "--set", "b=2"]
    line = completed("--set training.steps=9", typed, "'no=1' sets nothing: the recipe has training.steps.")
    assert line == "nw train words --set b=2 --set training.steps=9"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        pytest.param(
            "train fusion --recipe gate --set step=3",
            "nw train fusion --recipe gate --set training.steps=400",
            id="a key that the recipe has not: the nearest that it has, as it is now",
        ),
        pytest.param(
            "train fusion --recipe gate --set training.steps=few --set texts=9",
            "nw train fusion --recipe gate --set texts=9 --set training.steps=400",
            id="a value of another kind",
        ),
        pytest.param(
            "train sound --recipe clap-long --data jamendo --offline",
            "nw train sound --recipe clap-long --data jamendo --offline --set weights=FOLDER",
            id="weights that are not here, by the name that the recipe has for them",
        ),
        pytest.param(
            "query rain --by fused -k 3",
            "nw train fusion --recipe mlp --run mlp && nw index --fused mlp",
            id="a fusion that nobody trained",
        ),
        pytest.param(
            "stats jamendo --offline",
            "NW_OFFLINE=0 nw shards fetch amaai-lab/JamendoMaxCaps --limit 1",
            id="a data set that is not here, offline",
        ),
        pytest.param(
            "train words --recipe minilm", "nw train words --recipe minilm --data pairs.jsonl", id="no data"
        ),
        pytest.param("songs --fields year,nothing", None, id="a field that there is not"),
        pytest.param(
            "query rain --by sight", "nw query rain --by both", id="a way to search that there is not"
        ),
        pytest.param("query rain --year then", "nw query rain --year 1984", id="a year that is none"),
        pytest.param("-j 0 songs", "nw songs", id="no process at all"),
        pytest.param(
            "songs -f json --template {title}", "nw songs --template '{title}'", id="two ways to write a row"
        ),
        pytest.param("tags --keep --unwrite", "nw tags --keep", id="to and fro at once"),
        pytest.param(
            "train words --recipe minilmm", "nw train words --recipe minilm", id="a recipe with its kind"
        ),
        pytest.param("train sound --recipe bgem3", "nw train words --recipe bge-m3", id="another kind"),
        pytest.param("serve --cors *", "nw serve --cors https://example.org", id="pages from everywhere"),
    ],
)
def test_what_a_user_sees(typed, line, small_library, monkeypatch, capsys):
    """The same by raising: the line that nw writes, and that its commands take it."""
    monkeypatch.setenv("NW_HOME", str(small_library))
    monkeypatch.setattr("sys.argv", ["nw", *typed.split()])
    with pytest.raises(SystemExit):
        app.main()
    [said] = [one for one in capsys.readouterr().err.splitlines() if one.startswith("  try: ")]
    command = said.removeprefix("  try: ").partition("    ")[0]
    assert line is None or command == line
    assert all(takes(one) for one in command.split(" && "))


@pytest.fixture(scope="module")
def small_library(tmp_path_factory):
    """A home with a catalog and nothing in it."""
    home = tmp_path_factory.mktemp("home")
    with Catalog.open(home / "catalog.db"):
        return home
