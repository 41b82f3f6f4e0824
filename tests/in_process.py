"""The command line run in the process of the tests: what a user sees of it, without the start of an interpreter."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO


def run_in_process(*arguments: object, cwd: Path, input: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command line and give its exit code, output and errors, as `subprocess.run` does.

    Args:
        arguments: words of the command line, after `luminaldb`.
        cwd: the working directory.
        input: what standard input holds; it is no terminal.
    """
    from luminaldb.cli.main import main

    words = list(map(str, arguments))
    streams = [
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="\n") for data in (input.encode(), b"", b"")
    ]
    with _state_of_the_process(words, cwd, *streams):
        try:
            main()
            code: Any = 0
        except SystemExit as end:
            code = end.code
    texts = []
    for stream in streams[1:]:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(words, code or 0, *texts)


@contextlib.contextmanager
def _state_of_the_process(words: list[str], cwd: Path, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> Iterator[None]:
    """Set what a new process would have, and put back afterwards what the command line sets for itself."""
    before = (
        sys.argv,
        sys.stdin,
        Path.cwd(),
        warnings.formatwarning,
        gc.get_threshold(),
        signal.getsignal(signal.SIGTERM),
    )
    own = {"NO_COLOR": "1", "COLUMNS": "200"}
    environment = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    sys.argv, sys.stdin = ["luminaldb", *words], stdin
    os.chdir(cwd)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            warnings.resetwarnings()
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.showwarning = _print_warning
            yield
    finally:
        sys.argv, sys.stdin, folder, warnings.formatwarning, threshold, handler = before
        os.chdir(folder)
        gc.set_threshold(*threshold)
        gc.unfreeze()
        signal.signal(signal.SIGTERM, handler)
        for name, value in environment.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _print_warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno))
