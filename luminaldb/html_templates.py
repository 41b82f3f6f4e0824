"""The environment of Jinja2 templates that write HTML: what they show is escaped, what they lack is an error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def template_environment(folder: Path, *, keep_trailing_newline: bool = True) -> Environment:
    """Make the environment of the templates in a folder.

    Args:
        folder: of the templates.
        keep_trailing_newline: keep the line end at the end of a template.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=keep_trailing_newline,
    )
