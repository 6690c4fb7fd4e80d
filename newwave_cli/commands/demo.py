"""nw demo: the whole road on music that it composes itself, in a library of its own."""

import shlex

import typer

from newwave_cli import show
from newwave_cli.settings import Settings

ASKED = (
    ("solo piano, calm and slow", "-k", "3"),
    ("distorted guitars, heavy metal", "-k", "3"),
    ("fast techno for a long drive", "-k", "3"),
    ("a song about being poor and alone", "--by", "words", "-k", "2", "--explain"),
    ("robots in space", "-k", "2", "--explain"),
)


def demo(context: typer.Context) -> None:
    """Compose thirty short pieces, ingest and index them, and ask for some.

    All of it offline, in a library of its own (demo/ below --home), so that yours stays as it is.
    """
    settings: Settings = context.obj
    home = settings.home / "demo"
    music = home / "music"
    _compose(settings)
    for arguments in (("ingest", str(music)), ("index",), *(("query", *asked) for asked in ASKED)):
        _run(settings, *arguments)
    show.note(
        f"\nThe music is in {music}: listen, and ask for more:"
        f'\n  export NW_HOME={shlex.quote(str(home))}\n  nw query "a tune for a pirate ship"'
        f'\n  nw similar "Rent Day"\n  nw query "music for falling asleep" --format m3u8 > sleepy.m3u8'
    )


def _compose(settings: Settings) -> None:
    from newwave_cli.demo import library

    folder = settings.home / "demo" / "music"
    wanted = library.missing(folder)
    if not wanted:
        show.note(f"the pieces are there already: {folder}")
        return
    with show.progress("composing", len(wanted)) as advance:
        for piece in library.write_library(folder, wanted, jobs=settings.jobs):
            advance(note=piece.title)
    show.note(f"composed {len(wanted)} pieces in {folder}")


def _run(settings: Settings, *arguments: str) -> None:
    """Run a command of nw as it would be typed, with the demo's library as its home."""
    from newwave_cli.app import app

    show.note(f"\n$ nw {shlex.join(arguments)}")
    output = ("--format", "table") if arguments[0] == "query" else ()
    shared = (
        "--home",
        str(settings.home / "demo"),
        "--device",
        settings.device,
        "--jobs",
        str(settings.jobs),
    )
    code = app([*shared, *arguments, *output], standalone_mode=False)
    if code:
        raise typer.Exit(code)
