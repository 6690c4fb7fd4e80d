"""Tables of which all rows are tried in one test."""

import functools
import inspect
import itertools
from typing import NamedTuple

import pytest

PARAMETERS = type(pytest.param())


class Row(NamedTuple):
    name: str
    values: dict
    is_missed: bool
    """Whether it is marked as one that has to fail."""


def in_one_test(test):
    """A test with parameters that tries all of them, and says of each that fails how and by what id.

    pytest makes an item of each, which every worker collects and reports: for a row that is tried in a
    hundredth of that time. It stands above `pytest.mark.parametrize`, and its rows share their fixtures.
    """
    tables = [mark for mark in test.pytestmark if mark.name == "parametrize"]
    test.pytestmark = [mark for mark in test.pytestmark if mark.name != "parametrize"]
    rows = [joined(several) for several in itertools.product(*map(rows_of, tables))]

    @functools.wraps(test)
    def every_row(**fixtures):
        failures = [told for row in rows if (told := failure(test, row, fixtures))]
        if failures:
            said = "\n\n".join(failures)
            pytest.fail(f"{len(failures)} of {len(rows)} rows:\n\n{said}", pytrace=False)

    signature = inspect.signature(test)
    fixtures = [one for name, one in signature.parameters.items() if name not in rows[0].values]
    every_row.__signature__ = signature.replace(parameters=fixtures)
    return every_row


def rows_of(mark):
    """The rows of one table, as `pytest.mark.parametrize` takes it."""
    assert not mark.kwargs, "an id stands at its row"
    names, given = mark.args
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    for values in given:
        name, marks = None, ()
        if isinstance(values, PARAMETERS):
            values, marks, name = values.values, values.marks, values.id
        elif len(names) == 1:
            values = (values,)
        assert {one.name for one in marks} <= {"xfail"}, "a row is tried or has to fail"
        yield Row(name or "-".join(map(str, values)), dict(zip(names, values, strict=True)), bool(marks))


def joined(rows):
    """A row of each of several tables as one."""
    values = {}
    for row in rows:
        values |= row.values
    return Row("-".join(row.name for row in rows), values, any(row.is_missed for row in rows))


def failure(test, row, fixtures):
    """How a row fails; "" if it passes, or fails as it has to."""
    try:
        test(**fixtures, **row.values)
    except (Exception, pytest.fail.Exception) as error:
        if row.is_missed:
            return ""
        caught = pytest.ExceptionInfo.from_exception(error)
        caught.traceback = caught.traceback[1:]  # without the line above
        return f"[{row.name}]\n{caught.getrepr(style='short')}"
    return f"[{row.name}] passes, and is marked as one that has to fail" if row.is_missed else ""
