"""python -m newwave_cli: the same as `nw`."""

from newwave_cli.app import main

main()
