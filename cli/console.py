"""Make standard output and error safe to write to: any encoding, closed streams, full devices, closed pipes."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import NoReturn


def prepare() -> None:
    """Escape characters that a console's encoding lacks, and replace streams that the caller closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Nobody reads it: a command that prints must not fail over that before it has done its work.
            setattr(sys, name, _ClosedStream() if name == "stdout" else open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


class _ClosedStream:
    """Replaces a standard output that is closed: writing to it is an error, and no traceback."""

    encoding = "utf-8"
    errors = "strict"

    def write(self, text: str) -> int:
        if text:
            raise OSError(errno.EBADF, "standard output is closed")
        return 0

    def flush(self) -> None:
        """Do nothing."""

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise OSError(errno.EBADF, "standard output is closed")


def flush() -> None:
    """Write what is left; a failure ends the program like any other of its output."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        end_without_output(error)


def end_without_output(error: BaseException) -> NoReturn:
    """End with exit code 1, in one line where anybody can read it.

    Raises:
        SystemExit: always.
    """
    # What is still in the buffer can't be written either; Python must not complain of that at exit.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not isinstance(error, BrokenPipeError):
        from luminaldb.errors import hide_secrets

        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        # What no module expects, such as a disk that is full while something is written or read.
        file_prefix = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        print(hide_secrets(f"luminaldb: {file_prefix}{reason}"), file=sys.stderr)  # noqa: T201
    sys.exit(1)
