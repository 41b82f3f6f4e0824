"""Names of version 2 for the classes of `luminaldb.issues`; deprecated."""

from __future__ import annotations

from .issues import Report

__all__ = ["Finding", "Report"]  # noqa: F822 - given by __getattr__


def __getattr__(name: str) -> object:
    if name != "Finding":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import warnings

    from .issues import Issue

    warnings.warn("Finding is called Issue since 3.0, rule its code and cure its hint", DeprecationWarning, 2)
    return Issue
