"""What counts as an address, and not as a path of this machine."""

from __future__ import annotations

import re

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# A path object takes one of the two slashes, and turns both around on Windows; one letter is a drive.
_TAKEN_FOR_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[/\\]")


def is_url(text: str) -> bool:
    """Return whether a text is an address, such as `https://example.org/a.csv`."""
    return _URL.match(text) is not None


def is_address_as_path(text: str) -> bool:
    """Return whether the text of a path is that of an address, which may have lost a slash."""
    return _TAKEN_FOR_PATH.match(text) is not None


def address_of(text: str) -> str:
    """Return an address, with both slashes where it has only one; empty for what is a path."""
    if is_url(text):
        return text
    return re.sub(r"^([^:]+):[/\\]", r"\1://", text) if is_address_as_path(text) else ""
