"""Import pandera for polars alone.

Where they are installed, pandera imports pandas, pyspark and hypothesis, too, which takes longer than validating the
project's tables. A process that runs one command has no use for them; in anybody else's process, pandera is left as
its user wants it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_OTHER_FRAME_PACKAGES = frozenset(
    ("dask", "geopandas", "hypothesis", "ibis", "modin", "numpy", "pandas", "pyarrow", "pyspark", "torch", "xarray")
)
_polars_only = False


def keep_pandera_light() -> None:
    """Import pandera without what it needs for other frames than those of polars, from now on."""
    global _polars_only  # noqa: PLW0603 - a process is one command's, or it isn't
    _polars_only = True


def import_pandera() -> ModuleType:
    """Return `pandera.polars`."""
    # Packages that are imported already, such as pyspark by its engine, are not hidden.
    if not _polars_only or "pandera" in sys.modules or not _OTHER_FRAME_PACKAGES.isdisjoint(sys.modules):
        import pandera.polars as pa

        return pa
    finder = _HidingFinder()
    sys.meta_path.insert(0, finder)
    try:
        import pandera.polars as pa
        import polars as pl

        # What pandera imports at its first use is imported now.
        pa.DataFrameSchema(checks=[pa.Check(lambda _: True)]).validate(pl.DataFrame({"a": [0]}))
    finally:
        sys.meta_path.remove(finder)
    return pa


class _HidingFinder:
    """Makes packages that aren't imported yet look as if they weren't installed."""

    def find_spec(self, name: str, *_: Any) -> None:
        """Refuse to find one of them; anything else is found as usual."""
        if name in _OTHER_FRAME_PACKAGES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
