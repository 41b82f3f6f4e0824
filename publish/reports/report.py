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
    return b"".join(chunks(to, report)).decode()


def chunks(to: str, report: Report) -> Iterator[bytes]:
    """Yield a report in chunks of UTF-8, so that a long one is never whole in memory; see `render`.

    A file name that isn't Unicode is escaped as JSON would.
    """
    if to not in FORMATS:
        raise LuminaldbError(f"no format {to!r}", hint=f"choose from {', '.join(FORMATS)}")
    write: Callable[[Report], Iterator[str | bytes]] = import_module(f".{to}", __package__).chunks
    return (part if isinstance(part, bytes) else part.encode("utf-8", "backslashreplace") for part in write(report))
