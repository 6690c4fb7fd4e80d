"""Tables that are tried in one test: each row, each failure by its id."""

import inspect
import re

import pytest
from tables import in_one_test


def table(*rows):
    """A test that both numbers are equal, and the rows that it tried."""
    tried = []

    @in_one_test
    @pytest.mark.slow
    @pytest.mark.parametrize(("one", "other"), rows)
    def test_equal(one, other):
        tried.append((one, other))
        assert one == other

    return test_equal, tried


def test_all_rows_are_tried_and_those_that_fail_are_named():
    test, tried = table(pytest.param(1, 2, id="first"), (3, 3), pytest.param(4, 5, id="third"), (6, 7))
    with pytest.raises(pytest.fail.Exception) as told:
        test()
    assert tried == [(1, 2), (3, 3), (4, 5), (6, 7)]
    said = str(told.value)
    assert said.startswith("3 of 4 rows:")
    assert re.findall(r"^\[(.+)\]|^E +(assert .+)$", said, re.MULTILINE) == [
        ("first", ""),
        ("", "assert 1 == 2"),
        ("third", ""),
        ("", "assert 4 == 5"),
        ("6-7", ""),
        ("", "assert 6 == 7"),
    ]


def test_a_table_that_holds_passes():
    test, tried = table((1, 1), (2, 2))
    test()
    assert tried == [(1, 1), (2, 2)]


@pytest.mark.parametrize(("other", "passes"), [(2, True), (1, False)])
def test_a_row_that_has_to_fail(other, passes):
    test, _ = table(pytest.param(1, other, id="missed", marks=pytest.mark.xfail))
    if passes:
        test()
    else:
        with pytest.raises(pytest.fail.Exception, match=r"1 of 1 rows:\s+\[missed\] passes"):
            test()


def test_no_other_mark_is_overlooked():
    with pytest.raises(AssertionError, match="tried or has to fail"):
        table(pytest.param(1, 1, marks=pytest.mark.slow))


def test_an_expected_error_that_does_not_come_is_a_failure():
    @in_one_test
    @pytest.mark.parametrize("text", ["1", "x"])
    def test_refused(text):
        with pytest.raises(ValueError, match="invalid"):
            int(text)

    with pytest.raises(pytest.fail.Exception, match=r"1 of 2 rows:\s+\[1\]"):
        test_refused()


def test_tables_are_combined_and_fixtures_stay():
    tried = []

    @in_one_test
    @pytest.mark.slow
    @pytest.mark.parametrize("letter", ["a", "b"])
    @pytest.mark.parametrize("number", [1, 2])
    def test_pairs(fixture, letter, number):
        tried.append((fixture, letter, number))

    assert list(inspect.signature(test_pairs).parameters) == ["fixture"]
    assert [mark.name for mark in test_pairs.pytestmark] == ["slow"]
    test_pairs(fixture=0)
    assert sorted(tried) == [(0, "a", 1), (0, "a", 2), (0, "b", 1), (0, "b", 2)]
