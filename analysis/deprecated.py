"""The names that functions had until 3.0; each warns and calls the one that took its place."""

from __future__ import annotations

import warnings
from typing import Any

from .comparisons import comparisons
from .crosstalk_graph import crosstalk_graph
from .forest_plot import forest_plot
from .meta_analysis import meta_analysis

pool = meta_analysis


def question(*arguments: Any, **options: Any) -> Any:
    """Call `comparisons()`."""
    _warn("question", "comparisons")
    return comparisons(*arguments, **options)


def forest(*arguments: Any, **options: Any) -> Any:
    """Call `forest_plot()`."""
    _warn("forest", "forest_plot")
    return forest_plot(*arguments, **options)


def network(*arguments: Any, **options: Any) -> Any:
    """Call `crosstalk_graph()`."""
    _warn("network", "crosstalk_graph")
    return crosstalk_graph(*arguments, **options)


def _warn(old: str, new: str) -> None:
    warnings.warn(f"luminaldb.{old}() is now luminaldb.{new}()", DeprecationWarning, stacklevel=3)
