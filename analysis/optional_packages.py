"""Packages of the extra `analysis`, which are imported only by the functions that need them."""

from __future__ import annotations

from importlib import import_module

from luminaldb.errors import MissingExtraError


def require_package(name: str) -> None:
    """Import a package of the extra `analysis`.

    Raises:
        MissingExtraError: it isn't installed; the message says what to run.
    """
    try:
        import_module(name)
    except ImportError:
        raise MissingExtraError(f"{name} is not installed; run: pip install 'luminaldb[analysis]'") from None
