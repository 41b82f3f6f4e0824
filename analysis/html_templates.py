"""HTML of tables and plots, from Jinja2 templates that escape what they show."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminaldb.html_templates import template_environment

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Render a page.

    Args:
        template: its name, without the suffix.
        values: what it shows.
    """
    return _environment().get_template(f"{template}.html").render(values)


@cache
def _environment() -> Environment:
    return template_environment(_TEMPLATES)
