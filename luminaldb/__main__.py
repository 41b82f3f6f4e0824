"""`luminaldb` and `python -m luminaldb`: the command line."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is imported ends it as quietly as later on."""
    try:
        from luminaldb.cli import main as command_line
    except KeyboardInterrupt:
        sys.exit(130)
    command_line.main()


if __name__ == "__main__":
    main()
