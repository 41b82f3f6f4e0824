"""A diff as text, Markdown, JSON or HTML."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from luminaldb.curation.diff import Diff
from luminaldb.errors import LuminaldbError

FORMATS = ("text", "markdown", "json", "html")


def render_diff(to: str, diff: Diff, limit: int = 0) -> str:
    """Return a diff as text of a format.

    Args:
        to: text, markdown, json or html (one file to mail).
        diff: to show.
        limit: how many rows of each kind and table to show at most; 0 for all. JSON always holds all.

    Raises:
        LuminaldbError: an unknown format.
    """
    if to not in FORMATS:
        raise LuminaldbError(f"no format {to!r}", hint=f"choose from {', '.join(FORMATS)}")
    render: Callable[[Diff, int], str] = import_module(f".diff_{to}", __package__).render
    return render(diff, limit)
