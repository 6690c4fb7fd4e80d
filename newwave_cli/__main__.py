"""python -m newwave_cli: the same as `nw`."""

from newwave_cli.app import main

if __name__ == "__main__":  # worker processes import this file too
    main()
