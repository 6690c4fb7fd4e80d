"""Where networks compute: the one place that chooses a device."""

import os

import torch

AUTO = "auto"


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
