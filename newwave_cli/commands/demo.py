"""nw demo: the whole road on music that it composes itself, in a library of its own."""

import shlex
from dataclasses import dataclass

import typer

from catalog.values.numbers import counted
from newwave_cli.output import show
from newwave_cli.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """What the demo asks for, and which piece was composed to be found by it."""

    arguments: tuple[str, ...]
    title: str
    why: str


ASKED = (
    Question(("quiet piano music at night", "-k", "3"), "After the Last Tram", "a piano alone"),
    Question(("a choir singing slowly in a church", "-k", "3"), "Stone Rooms", "a choir"),
    Question(("eighties synthesizer pop", "-k", "3"), "Exit Nine", "synthesizers and gated drums"),
    Question(
        ("a song about having no money", "--by", "words", "-k", "2", "--explain"),
        "Rent Day",
        "a blues whose words say so",
    ),
    Question(("robots in space", "-k", "2", "--explain"), "Bonus Stage", "a game tune that sings of robots"),
)


def demo(context: typer.Context) -> None:
    """Compose thirty short pieces, ingest and index them, and ask for some.

    All of it offline, in a library of its own (demo/ below --home), so that yours stays as it is.
    Ctrl-C keeps what is done; the next nw demo goes on.
    """
    settings: Settings = context.obj
    home = settings.home / "demo"
    music = home / "music"
    _compose(settings)
    _run(settings, "ingest", str(music))
    _run(settings, "index")
    for question in ASKED:
        _run(settings, "query", *question.arguments)
        show.note(f'(composed for this: "{question.title}", {question.why})')
    quoted_home = shlex.quote(str(home))  # the line is there to be copied into a shell
    show.note(
        f"\nNothing in titles or tags says how a piece sounds: nw heard it. The music is in {music}:"
        "\nlisten, and ask for more:"
        f'\n  export NW_HOME={quoted_home}\n  nw query "African drums, no melody"'
        f'\n  nw similar "Rent Day"\n  nw query "sailing to sleep" -k 5 --format m3u8 > sleepy.m3u8'
        "\n  nw serve    (a page to search and listen with; needs the extra serve)"
        "\nor, in a new terminal, your own music:\n  nw ingest ~/Music && nw index"
    )


def _compose(settings: Settings) -> None:
    """Render the pieces that are not there yet, in several processes."""
    from newwave_cli.demo import library

    folder = settings.home / "demo" / "music"
    wanted = library.missing(folder)
    if not wanted:
        show.note(f"the pieces are there already: {folder}")
        return
    with show.progress("composing", len(wanted)) as advance:
        for piece in library.write_library(folder, wanted, jobs=settings.jobs):
            advance(note=piece.title)
    pieces = counted(len(wanted), "piece")
    show.note(f"composed {pieces} in {folder}")


def _run(settings: Settings, *arguments: str) -> None:
    """Run a command of nw as it would be typed, with the demo's library as its home."""
    from newwave_cli.app import app

    show.note(f"\n$ nw {shlex.join(arguments)}")
    # A table also where stdout is a pipe: who runs the demo through `less` or `tee` reads it all the same.
    output = ("--format", "table") if arguments[0] == "query" else ()
    home = str(settings.home / "demo")
    shared = ("--home", home, "--device", settings.device, "--jobs", str(settings.jobs))
    # Standalone, click would leave the process after the first command; so it hands the exit code back.
    code = app([*shared, *arguments, *output], standalone_mode=False)
    if code:
        raise typer.Exit(code)
