"""What `nw` and `python -m newwave_cli` run."""

import sys


def main() -> None:
    """Run `nw`; Ctrl-C while it is still being loaded ends it as quietly as later."""
    try:
        from newwave_cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":  # worker processes import this file too
    main()
