"""The command line of newwave: the only package that prints, reads the environment or exits."""

import catalog
import models

__distribution__ = "newwave-cli"

for _package in (catalog, models):
    if getattr(_package, "__distribution__", None) != __distribution__:
        raise ImportError(
            f"`{_package.__name__}` was imported from {getattr(_package, '__file__', None)}, which is"
            " not newwave's. Another distribution or the current folder shadows it."
            " Install nw as a tool in its own environment: pipx install newwave-cli"
        )
