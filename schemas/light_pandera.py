"""Import pandera for polars alone.

Where they are installed, pandera imports pandas, pyspark and hypothesis, too, which takes longer than validating the
project's tables. A process that runs one command has no use for them; in anybody else's process, pandera is left as
its user wants it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_OF_OTHER_FRAMES = frozenset(
    ("dask", "geopandas", "hypothesis", "ibis", "modin", "numpy", "pandas", "pyarrow", "pyspark", "torch", "xarray")
)
_for_polars_alone = False


def keep_pandera_light() -> None:
    """Import pandera without what it needs for other frames than those of polars, from now on."""
    global _for_polars_alone  # noqa: PLW0603 - a process is one command's, or it isn't
    _for_polars_alone = True


def import_pandera() -> ModuleType:
    """Return `pandera.polars`."""
    # What is in use already, such as pyspark by its engine, isn't hidden from anybody.
    if not _for_polars_alone or "pandera" in sys.modules or not _OF_OTHER_FRAMES.isdisjoint(sys.modules):
        import pandera.polars as pa

        return pa
    finder = _NotInstalled()
    sys.meta_path.insert(0, finder)
    try:
        import pandera.polars as pa
        import polars as pl

        # What pandera imports at its first use is imported now.
        pa.DataFrameSchema(checks=[pa.Check(lambda _: True)]).validate(pl.DataFrame({"a": [0]}))
    finally:
        sys.meta_path.remove(finder)
    return pa


class _NotInstalled:
    """Makes packages that aren't imported yet look as if they weren't installed."""

    def find_spec(self, name: str, *_: Any) -> None:
        """Refuse to find one of them; anything else is found as usual."""
        if name in _OF_OTHER_FRAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
