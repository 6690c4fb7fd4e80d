"""From where on songs fit a request, which roles are shut, and why: tables without an index."""

from types import SimpleNamespace

import pytest
from search_by_axes import X
from tables import in_one_test

from models.search.limits import limits
from models.search.query_embedding import Query
from models.search.ranking import FITS_AT
from models.search.reading.query_parser import ParsedQuery


class Indexes:
    """What the indexes say of a text: by role the share of it that is no piece of their encoder's, and more.

    musical: whether it is about music. languages: that the encoders learned. knows: whether the indexes know
    of chance; the line is 3 for what is about music, 9 for what is not.
    """

    def __init__(self, unread, *, musical=True, languages=(), knows=True):
        self._unread = unread
        self._musical = musical
        self._fitting = SimpleNamespace(languages=languages, line=self._line) if knows else None

    @staticmethod
    def _line(role, spread, *, about_music):
        assert spread == 0.25
        return 3.0 if about_music else 9.0

    def about_music(self, text, roles):
        return self._musical

    def tower(self, role):
        return SimpleNamespace(unread=lambda text: self._unread[role])

    def fitting(self, role):
        return self._fitting

    def index(self, role):
        return SimpleNamespace(spread=0.25)


def limited(text, roles, *, tagged=False, unread=0.0, **said):
    shares = dict.fromkeys(roles, unread) if isinstance(unread, float) else unread
    query = Query(ParsedQuery(text, is_tagged=tagged), {role: X for role in roles})
    found = limits(query, Indexes(shares, **said))
    return {role: found.lines[role] for role in roles}, set(found.shut), found.doubt


BOTH = ("sound", "words")
TAXES = "how do I file my taxes"


@in_one_test
@pytest.mark.parametrize(
    ("roles", "text", "said", "lines", "shut", "doubt"),
    [
        pytest.param(BOTH, "calm", {}, [3, 3], set(), None, id="music"),
        pytest.param(BOTH, TAXES, {"musical": False}, [9, 9], {"sound"}, "no music", id="about no music"),
        pytest.param(
            BOTH,
            "a song about taxes",
            {"musical": False},
            [9, 3],
            {"sound"},
            "no music",
            id="a request for words means any topic, by words alone",
        ),
        pytest.param(["sound"], TAXES, {"musical": False}, [9], {"sound"}, "no music", id="by sound alone"),
        pytest.param(["fused"], TAXES, {"musical": False}, [9], {"fused"}, "no music", id="by both in one"),
        pytest.param(["words"], TAXES, {"musical": False}, [3], set(), None, id="lyrics are of any topic"),
        pytest.param(BOTH, TAXES, {"musical": False, "tagged": True}, [3, 3], set(), None, id="tags"),
        pytest.param(BOTH, "calm", {"knows": False}, [1.7, 2], set(), None, id="nothing known of chance"),
        pytest.param(BOTH, "xyzzy", {"unread": 0.8}, [3, 3], set(BOTH), "unread", id="unread by both"),
        pytest.param(BOTH, "xyzzy", {"unread": 0.79}, [3, 3], set(), None, id="a fifth is read, and more"),
        pytest.param(
            BOTH, "xyzzy", {"unread": {"sound": 0.9, "words": 0}}, [3, 3], {"sound"}, None, id="unread by one"
        ),
        pytest.param(
            BOTH,
            TAXES,
            {"musical": False, "unread": 0.9},
            [9, 9],
            set(BOTH),
            "unread",
            id="what cannot be read is not said to be about no music",
        ),
        pytest.param(
            BOTH, "спокойная музыка", {"languages": ("en",)}, [3, 3], set(BOTH), "unread", id="other letters"
        ),
        pytest.param(
            BOTH, "calm музыка", {"languages": ("en",)}, [3, 3], set(BOTH), "unread", id="4 letters of 10"
        ),
        pytest.param(
            BOTH, "music музык", {"languages": ("en",)}, [3, 3], set(), None, id="half of the letters"
        ),
        pytest.param(
            BOTH, "спокойная музыка", {"languages": ("en", "ru")}, [3, 3], set(), None, id="learned letters"
        ),
        pytest.param(
            BOTH,
            "спокойная музыка",
            {"languages": ()},
            [3, 3],
            set(),
            None,
            id="many languages",
        ),
        pytest.param(BOTH, "Music", {"musical": False}, [0, 0], set(), None, id="whatever is not something"),
    ],
)
def test_limits(roles, text, said, lines, shut, doubt):
    assert limited(text, roles, **said) == (dict(zip(roles, lines, strict=True)), shut, doubt)


LONG = "je ne sais pas comment je dois payer les impôts de cette année avec ma femme et mes enfants"


@pytest.mark.parametrize(
    ("languages", "musical", "doubt"),
    [
        pytest.param(("en",), False, "unread", id="not learned"),
        pytest.param(("en", "fr"), False, "no music", id="learned, and about no music"),
        pytest.param(("en",), True, None, id="near enough for a request for music"),
    ],
)
def test_a_language_that_was_not_learned(languages, musical, doubt):
    *_, found = limited(LONG, BOTH, languages=languages, musical=musical)
    assert found == doubt


def test_without_any_role_the_usual_lines_hold():
    found = limits(Query(ParsedQuery("x"), {}), Indexes({}))
    assert (found.lines, found.shut, found.doubt) == (FITS_AT, frozenset(), None)
