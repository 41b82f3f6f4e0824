"""Write a validation's report in a format of the user's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report

FORMATS = ("text", "json", "sarif", "github", "junit", "html")


def render(to: str, report: Report) -> str:
    """Return a report as text of a format.

    Args:
        to: text, json, sarif (2.1.0), github (workflow commands), junit (XML) or html (one file to mail).
        report: of a validation.

    Raises:
        LuminaldbError: an unknown format.
    """
    return "".join(chunks(to, report))


def chunks(to: str, report: Report) -> Iterator[str]:
    """Return a report in chunks of text, so that a long one is never whole in memory; see `render`."""
    if to not in FORMATS:
        raise LuminaldbError(f"no format {to!r}", hint=f"choose from {', '.join(FORMATS)}")
    write: Callable[[Report], Iterator[str]] = import_module(f".{to}", __package__).chunks
    return write(report)
