"""Where networks compute: the one place that chooses a device."""

import os

import torch

from catalog.errors import WrongUse

AUTO = "auto"
PRECISIONS = ("f32", "bf16")


def chosen(wanted: str = AUTO) -> str:
    """The device of this process: `cpu`, `cuda:N` or what else torch knows.

    wanted: `auto` takes a card where there is one. Of the processes that `torchrun` started on a machine,
    each takes a card of its own, by LOCAL_RANK; where there are more processes than cards they share them.
    A device with a number is taken as it is given.

    >>> chosen("cpu")
    'cpu'
    """
    if wanted == AUTO:
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    local_rank = os.environ.get("LOCAL_RANK")
    if wanted != "cuda" or local_rank is None:
        return wanted
    cards = max(1, torch.cuda.device_count())
    return f"cuda:{int(local_rank) % cards}"


def is_card(device: str) -> bool:
    """Whether a device that was chosen is a card, whichever of several.

    >>> is_card("cuda:1"), is_card("cpu")
    (True, False)
    """
    return torch.device(device).type == "cuda"


def fastest_precision(device: torch.device) -> str:
    """Half of the bits where a card multiplies them; most processors take ten times as long for them."""
    return "bf16" if is_card(str(device)) else "f32"


def autocast(device: torch.device | str, precision: str) -> torch.autocast:
    """Compute in that precision below: `f32` as it is written, or `bf16`. Raises WrongUse for another."""
    if precision not in PRECISIONS:
        raise WrongUse(
            f"there is no precision {precision!r}; there are: {', '.join(PRECISIONS)}.",
            try_this="--set memory.precision=f32",
        )
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bf16")
