"""`--where`: one SQL expression of a user, evaluated for a while where it can read songs and nothing else."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic

from catalog.errors import WrongUse
from catalog.library.database import Catalog
from catalog.library.sqlite_errors import explained

MOST_S = 5.0
"""What an expression may take: a hundred thousand songs are looked through in a tenth of that."""
_LOOK_EVERY = 10_000
"""Instructions of SQLite's machine between two looks at the clock."""
TABLES = {"library", "songs", "tags", "lyrics", "captions"}
FUNCTIONS = {
    "->", "->>", "abs", "avg", "coalesce", "count", "date", "datetime", "fold", "glob", "ifnull", "iif",
    "instr", "json_array_length", "json_extract", "json_type", "julianday", "length", "like", "lower",
    "max", "min", "nullif", "round", "sign", "strftime", "substr", "substring", "sum", "time", "total",
    "typeof", "unicode", "upper",
}  # fmt: skip
"""None of them makes a long text out of a short one, and each is done with a text of LIMITS in a second: a
single call cannot be interrupted. So `replace`, `hex`, `printf`, `zeroblob` and their like are not here."""
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2 << 20,  # of any text or row of values; the longest lyrics are shorter
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 500,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 5,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 20,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
MOST_SELECTS = 10  # in one expression
_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^]]*] | --[^\n]* | /\*.*?(?:\*/|\Z) | \w+ | \S""",
    re.VERBOSE | re.DOTALL,
)
_BEHIND = "\n AS integer) FROM library"
"""What stands behind an expression while it is looked at."""
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}
_USER_ERRORS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH}

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def ids_fulfilling(catalog: Catalog, expression: str) -> set[int]:
    """Ids of the songs for which an SQL expression over the columns of `library` is true.

    Raises WrongUse for what is not one expression, for what it may not use, and after MOST_S seconds.
    """
    _refuse_nesting(catalog, expression)
    # Newlines around it, so that a comment in it ends. What closes the bracket that was opened for it is an
    # error in one of the two: it would have to be an expression before and after " AS integer", and without.
    one_expression = f"SELECT CAST(\n{expression}{_BEHIND}"
    sql = f"SELECT id FROM library WHERE (\n{expression}\n)"
    with Catalog.open(catalog.path, read_only=True) as reader, explained(catalog.path):
        _guard(reader.connection, _authorizer(catalog.hidden))
        with _told(catalog), _stopped_after(MOST_S, reader.connection):
            reader.connection.execute(f"EXPLAIN {one_expression}").close()
            rows = reader.connection.execute(sql)
            return {int(song_id) for (song_id,) in rows}


def columns(catalog: Catalog) -> list[str]:
    """What an expression can speak of."""
    names = [row[1] for row in catalog.fetch("PRAGMA table_info(library)")]
    return [name for name in names if name not in catalog.hidden]


def _refuse_nesting(catalog: Catalog, expression: str) -> None:
    """Raise WrongUse for a table that is made by the expression itself, with WITH or a SELECT after FROM.

    SQLite puts what such a table computes wherever it is named, before it begins: `select x || x from` forty
    times in one another are 2 ** 40 terms, and neither clock nor interrupt is looked at meanwhile.
    """
    found = _TOKEN.findall(expression)
    tokens = [token.lower() for token in found if not token.startswith(("--", "/*"))]  # comments
    makes_table = "with" in tokens or tokens.count("select") > MOST_SELECTS
    before = ""  # the token before this one that is no opening bracket
    for token in tokens:
        if token == "select" and before in {"from", "join", ","}:
            makes_table = True
        if token != "(":
            before = token
    if makes_table:
        tables = ", ".join(sorted(TABLES))
        raise _unusable(catalog, f"a SELECT in it may read {tables}, not another SELECT")


def _guard(connection: sqlite3.Connection, authorizer: Authorizer) -> None:
    # SQLite's own looks at every place anew, the product of two lengths; Python's at every letter once.
    connection.create_function("instr", 2, _instr, deterministic=True)
    for limit, most in LIMITS.items():
        connection.setlimit(limit, most)
    connection.set_authorizer(authorizer)


def _instr(text: object, part: object) -> int | None:
    if text is None or part is None:
        return None
    return str(text).find(str(part)) + 1


def _authorizer(hidden: frozenset[str]) -> Authorizer:
    """What SQLite asks before it compiles an expression: reading songs is allowed, nothing else."""

    def authorize(
        action: int, one: str | None, two: str | None, _database: str | None, view: str | None
    ) -> int:
        if view == "library" and action in _ALLOWED:
            return sqlite3.SQLITE_OK  # what the view itself does
        allowed = action in _ALLOWED
        if action == sqlite3.SQLITE_READ:
            allowed = one in TABLES and two not in hidden
        if action == sqlite3.SQLITE_FUNCTION:
            allowed = two in FUNCTIONS
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return authorize


@contextmanager
def _stopped_after(seconds: float, connection: sqlite3.Connection) -> Iterator[None]:
    """Interrupt what the connection does then: by a thread of its own, and by looks between instructions.

    The thread also stops what takes long between two looks; a look cannot come too early, as an interrupt
    before the statement has begun.
    """
    end = monotonic() + seconds
    connection.set_progress_handler(lambda: monotonic() > end, _LOOK_EVERY)
    timer = Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # before the connection is closed


@contextmanager
def _told(catalog: Catalog) -> Iterator[None]:
    """What SQLite has against an expression, as a sentence."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code == sqlite3.SQLITE_INTERRUPT:
            raise WrongUse(
                f"the filter takes longer than {MOST_S:g} s, so it was stopped.",
                try_this="--where 'year > 1990'    (one that compares columns and holds no SELECT)",
            ) from error
        if code & 0xFF not in _USER_ERRORS:
            raise
        raise _unusable(catalog, _of_users_part(str(error))) from error


def _of_users_part(said: str) -> str:
    """What SQLite says, without words of the statement around the expression.

    >>> _of_users_part('near "AS": syntax error'), _of_users_part("no such column: moo")
    ('it ends too early', 'no such column: moo')
    """
    if said.startswith("unrecognized token") and said.endswith(f'{_BEHIND}"'):
        return "a quotation mark in it is not closed"
    ends_early = said in ('near "AS": syntax error', "incomplete input")
    return "it ends too early" if ends_early else said


def _unusable(catalog: Catalog, why: str) -> WrongUse:
    named = ", ".join(columns(catalog))
    functions = ", ".join(sorted(FUNCTIONS))
    return WrongUse(
        f"the filter cannot be used: {why}. Columns: {named}. Functions: {functions}.",
        try_this="nw songs --where \"artist = 'Nina Simone' and year < 1970\"",
    )
