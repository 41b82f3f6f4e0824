"""Patterns with look-around or references back: run by Python's engine in a process of its own, for a limited time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from functools import lru_cache

from luminaldb.errors import LuminaldbError

SECONDS = 20
_BACKTRACKS = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9]|\(\?P=")
# The alarm ends the process where the one that would stop it was killed; a pattern that runs lets no thread do it.
_CODE = (
    "import json, re, signal, sys\n"
    f"signal.alarm({2 * SECONDS}) if hasattr(signal, 'alarm') else None\n"
    "pattern, texts = json.load(sys.stdin)\n"
    "form = re.compile(pattern)\n"
    "json.dump([form.fullmatch(t) is not None for t in texts], sys.stdout)\n"
)


@lru_cache(maxsize=256)
def needs_backtracking(pattern: str) -> bool:
    """Return whether only an engine that backtracks can run a pattern, and Python's can."""
    if not _BACKTRACKS.search(pattern):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def match_all(pattern: str, texts: list[str]) -> list[bool]:
    """Return which texts a pattern matches as a whole.

    Raises:
        LuminaldbError: it takes longer than SECONDS; the process is ended.
    """
    if not texts:
        return []
    try:
        process = subprocess.run(  # noqa: S603 - our own code; pattern and cells are data on its standard input
            [sys.executable, "-I", "-c", _CODE],
            input=json.dumps([pattern, texts]),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise LuminaldbError(
            f"the pattern {pattern!r} takes longer than {SECONDS} seconds and was stopped",
            hint="write it without look-around and references back",
        ) from None
    except (subprocess.CalledProcessError, OSError) as error:
        raise LuminaldbError(f"the pattern {pattern!r} can't be run ({type(error).__name__})") from None
    return [bool(value) for value in json.loads(process.stdout)]
