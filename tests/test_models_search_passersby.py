"""How passers-by type: benchmarks/requests_passersby.toml, over the songs of the requests of listeners."""

import pytest
from tables import in_one_test
from test_models_search_listeners import shelf
from test_models_search_names import knows
from written_requests import assert_read, readings

from models.search.reading.recognition import recognize

__all__ = ["shelf"]  # a fixture


@in_one_test
@pytest.mark.parametrize("one", list(readings("requests_passersby.toml")))
def test_a_passer_by_is_understood(shelf, one):
    parsed = recognize(one["ask"], shelf, knows)
    assert_read(parsed, one)
