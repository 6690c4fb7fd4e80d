"""How a request is read: years, durations, languages; by tables."""

from datetime import date

import pytest
from tables import in_one_test
from test_models_search_reading import REQUESTS, readings

from models.search.reading.facts import durations, facts_in, sung_language, years

THIS_YEAR = date.today().year


@in_one_test
@pytest.mark.parametrize(
    ("ask", "rest", "column", "low", "high"),
    [
        ("music from 2012", "music", "year", 2012, 2012),
        ("orchestral music of 2010", "orchestral music", "year", 2010, 2010),
        ("songs from the 1980s", "songs", "year", 1980, 1989),
        ("anything before 2005", "anything", "year", 0, 2004),
        ("rock until 2005", "rock", "year", 0, 2005),
        ("rock since 2005", "rock", "year", 2005, 9999),
        ("rock after 2005", "rock", "year", 2006, 9999),
        ("songs between 2007 and 2006 with a guitar", "songs with a guitar", "year", 2006, 2007),
        ("punk 1976-1979", "punk", "year", 1976, 1979),
        ("calm music under two minutes", "calm music", "duration_s", 0, 120),
        ("long ambient, over ten minutes", "long ambient", "duration_s", 600, float("inf")),
        ("a jingle shorter than 30 seconds", "a jingle", "duration_s", 0, 30),
        ("at least 1.5 min of rain", "rain", "duration_s", 90, float("inf")),
        ("less than half an hour", "", "duration_s", 0, 1800),
        ("pop from the 80s", "pop", "year", 1980, 1989),
        ("music of the noughties", "music", "year", 2000, 2009),
        ("rock from the early 2000s", "rock", "year", 2000, 2003),
        ("pop from the late nineties", "pop", "year", 1997, 1999),
        ("metal from '06", "metal", "year", 2006, 2006),
        ("Pop aus den 80ern", "Pop", "year", 1980, 1989),
        ("newer than 2015", "", "year", 2016, 9999),
        ("jazz older than the sixties", "jazz", "year", 0, 1959),
        ("folk released after 2012", "folk", "year", 2013, 9999),
        ("from 2010 onwards", "", "year", 2010, 9999),
        ("under 2:30, cheerful", "cheerful", "duration_s", 0, 150),
        ("orchestral, 3 to 4 minutes long", "orchestral", "duration_s", 180, 240),
        ("folk between 90 seconds and 2 minutes", "folk", "duration_s", 90, 120),
        ("a two-minute theme", "a theme", "duration_s", 90, 150),
        ("pop, about 4 minutes", "pop", "duration_s", 180, 300),
        ("Jazz unter 3 Minuten", "Jazz", "duration_s", 0, 180),
        ("pop from the last five years", "pop", "year", THIS_YEAR - 5, THIS_YEAR),
        ("rock of the past two decades", "rock", "year", THIS_YEAR - 20, THIS_YEAR),
        ("songs older than 20 years", "songs", "year", 0, THIS_YEAR - 21),
        ("pop newer than five years", "pop", "year", THIS_YEAR - 4, 9999),
        ("rock from ten years ago", "rock", "year", THIS_YEAR - 11, THIS_YEAR - 9),
        ("music from 2007, 2008 and 2009", "music", "year", 2007, 2009),
        ("jazz before the year 2000", "jazz", "year", 0, 1999),
        ("pop of the nineteen eighties", "pop", "year", 1980, 1989),
        ("songs released last year", "songs", "year", THIS_YEAR - 1, THIS_YEAR - 1),
        ("electronic music from this year", "electronic music", "year", THIS_YEAR, THIS_YEAR),
        ("musique du 19e siècle", "musique", "year", 1801, 1900),
        ("música del siglo XX", "música", "year", 1901, 2000),
        ("between the 80s and the 90s", "", "year", 1980, 1999),
        ("più lunga di 5 minuti", "", "duration_s", 300, float("inf")),
        ("más largas de 5 minutos", "", "duration_s", 300, float("inf")),
        ("jazz, plus longue que 5 minutes", "jazz", "duration_s", 300, float("inf")),
        ("mais longas do que 5 minutos", "", "duration_s", 300, float("inf")),
        ("più breve di un minuto", "", "duration_s", 0, 60),
        ("más cortas que un minuto", "", "duration_s", 0, 60),
        ("mais curta que um minuto", "", "duration_s", 0, 60),
        ("techno that came out after 2010", "techno", "year", 2011, 9999),
        ("musique sortie en 2010", "musique", "year", 2010, 2010),
        ("Lieder, die länger als 5 Minuten dauern", "Lieder", "duration_s", 300, float("inf")),
        ("canciones que duren menos de un minuto", "canciones", "duration_s", 0, 60),
        ("aus den Jahren 2010 bis 2012", "", "year", 2010, 2012),
        ("the years 2007 to 2009", "", "year", 2007, 2009),
        ("jazz, max 1 min 30", "jazz", "duration_s", 0, 90),
        ("Jazz für etwa 4 Minuten", "Jazz", "duration_s", 180, 300),
        ("rock, 2004 or 2005", "rock", "year", 2004, 2005),
        ("the 80s or later", "", "year", 1980, 9999),
        ("folk after the 90s", "folk", "year", 2000, 9999),
        ("ab den 80ern", "", "year", 1980, 9999),
        ("songs older than 1970 or so", "songs or so", "year", 0, 1969),
        ("pop, älter als 20 Jahre", "pop", "year", 0, THIS_YEAR - 21),
        ("ambient, 2 min 30 s long", "ambient", "duration_s", 112.5, 187.5),
        ("jazz, an hour and a half or more", "jazz", "duration_s", 5400, float("inf")),
    ],
)
def test_years_and_durations(ask, rest, column, low, high):
    text, [fact] = facts_in(ask)
    assert (text, fact.column, fact.low, fact.high) == (rest, column, low, high)


LIMITS = {
    "since 2012": """
in 2012 or later
2012 or newer
since the year 2012
from 2012 to today
2012 - present
2012 onwards
2012 and up
2012+
2012 at the earliest
starting in 2012
since 2012 or later
2012 oder neuer
von 2012 oder später
ab 2012
seit dem Jahr 2012
frühestens 2012
von 2012 bis heute
von 2012 an
en 2012 ou après
de 2012 ou plus récent
depuis 2012
à partir de 2012
2012 o después
2012 o más nuevo
del 2012 en adelante
desde el año 2012
2012 o più recente
del 2012 o dopo
dal 2012 in poi
2012 ou mais recente
de 2012 em diante
a partir de 2012
""",
    "until 1999": """
up to 1999
through 1999
1999 and earlier
of 1999 or older
1999 at the latest
up until 1999
not later than 1999
bis einschließlich 1999
1999 und früher
spätestens 1999
jusqu'en 1999
1999 et avant
1999 ou plus ancien
au plus tard en 1999
hasta 1999
1999 y antes
a más tardar en 1999
fino al 1999
1999 o prima
1999 e precedenti
entro il 1999
até 1999
1999 ou antes
1990s and before
""",
    "before 1990": """
from before 1990
älter als 1990
plus vieux que 1990
más antiguo que 1990
più vecchio del 1990
prima del 1990
mais antigo que 1990
antes de 1990
""",
    "after 2015": """
neuer als 2015
plus récent que 2015
después de 2015
più recente del 2015
mais recente do que 2015
""",
    "from 2006 to 2009": """
von 2006 bis 2009
zwischen 2006 und 2009
de 2006 à 2009
entre 2006 y 2009
de 2006 a 2009
dal 2006 al 2009
tra il 2006 e il 2009
entre 2006 e 2009
""",
    "not before 1980": """
not before 1980
not older than 1980
nicht vor 1980
pas avant 1980
no antes de 1980
non prima del 1980
não antes de 1980
""",
    "not after 1999": """
no newer than 1999
nicht später als 1999
pas après 1999
no más tarde de 1999
non dopo il 1999
não depois de 1999
""",
}
"""How years are said, and what people say for it."""


@in_one_test
@pytest.mark.parametrize(
    ("said", "ask"), [(said, ask) for said, table in LIMITS.items() for ask in table.strip().splitlines()]
)
def test_years_with_a_limit_in_six_languages(said, ask):
    text, facts = facts_in(f"piano, {ask}, calm")
    assert (text, [fact.said for fact in facts]) == ("piano, calm", [said])


@in_one_test
@pytest.mark.parametrize(
    ("ask", "rest", "codes", "other"),
    [
        ("rap in French", "rap", ("fr",), False),
        ("in Spanish, calm", "calm", ("es",), False),
        ("a German song", "a song", ("de",), False),
        ("Musik auf Deutsch", "Musik", ("de",), False),
        ("Musik auf Englisch", "Musik", ("en",), False),
        ("songs in French or Spanish", "songs", ("fr", "es"), False),
        ("songs not in English", "songs", ("en",), True),
        ("non-English singers", "singers", ("en",), True),
        ("english or german lyrics", "lyrics", ("en", "de"), False),
        ("auf Deutsch gesungen", "gesungen", ("de",), False),
    ],
)
def test_languages(ask, rest, codes, other):
    text, [fact] = facts_in(ask)
    assert (text, fact.column, fact.codes, fact.other) == (rest, "language", codes, other)


@pytest.mark.parametrize(
    ("ask", "rest", "said"),
    [
        ("nothing longer than three minutes", "", "not over 3:00 long"),
        ("jazz, but no songs after 2010", "jazz", "not after 2010"),
        ("techno, not older than 2015", "techno", "not before 2015"),
        ("pop, not from the 90s", "pop", "not from the 1990s"),
        ("folk, no English lyrics", "folk", "not in English"),
    ],
)
def test_facts_that_are_not_wanted(ask, rest, said):
    text, [fact] = facts_in(ask)
    assert (text, fact.said, fact.unwanted) == (rest, said, True)


@in_one_test
@pytest.mark.parametrize(
    "ask",
    ["tax return 2023", "eighties synthesizer pop", "French horn", "in love", "in the rain", "love songs",
     "80s synth pop", "five to midnight", "a minute of silence", "3 to 4 guitars", "Paris or Spanish",
     "over the hills", "under the sea", "five minutes", "sad songs", "in 5/4", "last year", "30s to 60s",
     "last summer", "a century ago", "one or two guitars", "a few minutes more",
     "2012 or a harp", "80s or 90s rock", "through the fire", "bis morgen", "1812 overture", "im 80er Stil"],
)  # fmt: skip
def test_what_only_looks_like_a_fact_stays(ask):
    assert facts_in(ask) == (ask, ())


@pytest.mark.parametrize("kind", [durations, years, sung_language])
def test_a_cue_stands_in_whatever_is_read(kind):
    """Without one no pattern is tried, which saves the time of compiling it."""
    asked = [reading.values[0] for name in REQUESTS for reading in readings(name)]
    read = [text for text in asked if any(pattern.search(text) for pattern, _ in kind.READERS)]
    assert len(read) > 5
    assert [text for text in read if not kind.may_be_in(text)] == []


def test_one_decade_or_another_that_it_does_not_touch():
    text, [fact] = facts_in("rock from the 60s or the 80s")
    assert (text, fact.spans) == ("rock", ((1960, 1969), (1980, 1989)))
    assert fact.said == "from the 1960s or from the 1980s"
