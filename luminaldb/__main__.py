"""`luminaldb` and `python -m luminaldb`: the command line."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is imported ends it as quietly as later on."""
    try:
        from luminaldb.cli import main as command_line
        from luminaldb.schemas.light_pandera import keep_pandera_light
    except KeyboardInterrupt:
        sys.exit(130)
    keep_pandera_light()
    command_line.main()


if __name__ == "__main__":
    main()
