"""What learns, what judges and what searches."""

__distribution__ = "newwave-cli"
