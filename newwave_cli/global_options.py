"""Options of the whole program (--home, --offline, ...), taken before a command's name and after it.

`nw --home DIR query piano`, `nw query piano --home DIR` and `nw shards --home DIR status` are one request.
What stands nearer to the end counts; -v adds up.
"""

import copy
import os
import sys
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

from newwave_cli import minus_words, settings
from newwave_cli.output import layout

SETTINGS = ("home", "offline", "device", "jobs")
NAMES = (*SETTINGS, "verbose")
LAYOUT = ("header", "template")
"""Options of every command that lists rows, which are the ones that have --fields."""
WORDS = "words"
"""The argument of a command that takes a request as it is typed."""
TYPED = "newwave.typed"
"""Where a context keeps what was typed so far; commands below it see it too."""
_TAKEN_TOO = "Options of the whole program (see nw --help) are taken here too."


class LastRun:
    """What `main` must know after the command's context is gone."""

    verbose = 0
    catalog: Path | None = None


class Command(TyperCommand):
    """A command that takes the options of the whole program among its own."""

    def __init__(self, *given: Any, **named: Any) -> None:
        named["help"] = _flowing(named.get("help"))
        named["epilog"] = named.get("epilog") or _TAKEN_TOO
        super().__init__(*given, **named)

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own options, then those of the whole program."""
        lists_rows = any(option.name == "fields" for option in self.params)
        shared = _of_the_program(ctx, lists_rows=lists_rows)
        return [*super().get_params(ctx), *shared]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Options and words; where a command takes free words, `-piano` is one of them."""
        if not any(param.name == WORDS for param in self.params):
            return super().parse_args(ctx, args)
        params = self.get_params(ctx)
        rest = super().parse_args(ctx, minus_words.protected(args, params))
        words = ctx.params.get(WORDS)
        if words:
            ctx.params[WORDS] = list(map(minus_words.restored, words))
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run it under the settings that all options together ask for."""
        note_typed(ctx)
        typed = ctx.meta[TYPED]
        LastRun.verbose = typed["verbose"]
        ctx.obj = _in_force(typed)
        LastRun.catalog = ctx.obj.catalog
        has_header = bool(typed.get("header"))
        with layout.asked(layout.Layout(header=has_header, template=typed.get("template"))):
            return super().invoke(ctx)


class Group(TyperGroup):
    """A group of commands (`nw shards ...`) that takes them between its name and the command's."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its own options, then those of the whole program."""
        return [*super().get_params(ctx), *_of_the_program(ctx)]

    def invoke(self, ctx: Any) -> Any:
        """Keep what was typed for the command below."""
        note_typed(ctx)
        return super().invoke(ctx)


def note_typed(context: Any) -> None:
    """Take the options of the whole program out of a context's values and keep those that were typed."""
    # `meta` is shared by the contexts of the program, its group and its command.
    typed = context.meta.setdefault(TYPED, {"verbose": 0})
    typed["verbose"] += context.params.pop("verbose", 0) or 0
    for name in (*NAMES, *LAYOUT):
        value = context.params.pop(name, None)
        if value is not None:
            typed[name] = value


def _of_the_program(context: Any, *, lists_rows: bool = False) -> list[Any]:
    """The same options as the program's own; those of LAYOUT are shown, the rest stand in nw --help."""
    found = []
    for option in context.find_root().command.params:
        if option.name in NAMES or (lists_rows and option.name in LAYOUT):
            # A copy, for one that is hidden here is shown in nw --help.
            again = copy.copy(option)
            again.hidden = option.name in NAMES
            found.append(again)
    return found


def _in_force(typed: dict[str, Any]) -> settings.Settings:
    flags = {name: typed.get(name) for name in SETTINGS}
    found = settings.read(flags)
    if found.offline:
        settings.stay_offline()
    # huggingface_hub reads these when it is imported.
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    return found


def _flowing(text: str | None) -> str | None:
    """Help whose paragraphs are one line each, so that every terminal breaks them at its own width."""
    if text is None:
        return None
    paragraphs = [paragraph.replace("\n", " ") for paragraph in text.split("\n\n")]
    return "\n\n".join(paragraphs)
