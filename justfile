# `pip install rust-just` brings `just`; every recipe is plain enough to type by hand.

default: lint test

# The suite; options go to pytest: just test -k query
test *options:
    python -m pytest {{ options }}

# Everything, the slow tests too
test-all *options:
    python -m pytest -m 'not gpu and not network' {{ options }}

lint:
    ruff check
    ruff format --check
    mypy
    lint-imports
    python -m cogapp --check --diff -I docs docs/cli.md README.md

# Help pages and README's session, as the program says them now
docs:
    python -m cogapp -r -I docs docs/cli.md README.md

fix:
    ruff check --fix
    ruff format

demo:
    nw demo

# Every benchmark prints a ratio against a named peer measured in the same run
bench:
    for file in benchmarks/[a-z]*.py; do python "$file"; done
