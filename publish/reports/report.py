"""Write a validation's report in a format of the user's choice."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report

FORMATS = ("text", "json", "sarif", "github", "junit", "html")


def render(to: str, report: Report) -> str:
    """Give a report as text of a format.

    Args:
        to: text, json, sarif (2.1.0), github (workflow commands), junit (XML) or html (one file to mail).
        report: of a validation.

    Raises:
        LuminaldbError: an unknown format.
    """
    if to not in FORMATS:
        raise LuminaldbError(f"no format {to!r}", hint=f"choose from {', '.join(FORMATS)}")
    render: Callable[[Report], str] = import_module(f".{to}", __package__).render
    return render(report)
