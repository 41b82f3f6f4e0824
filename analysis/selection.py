"""The result of `comparisons()`: included results, and excluded ones with the reason."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import polars as pl

_SHOWN = ["result_id", "acronym", "estimate", "ci_low", "ci_high", "source"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The results that can be pooled to answer a question, and those that were excluded.

    Attributes:
        included: rows of `trial_results()`, for `meta_analysis()`: one per trial, or per cohort with a randomisation
            of its own.
        excluded: the other results on the question, with the columns result_id, acronym, source, criterion (a name)
            and reason (a sentence).
    """

    included: pl.DataFrame
    excluded: pl.DataFrame

    @property
    def rows(self) -> pl.DataFrame:
        """The included rows; the name until 3.0."""
        _warn("rows", "included")
        return self.included

    @property
    def left_out(self) -> pl.DataFrame:
        """The excluded rows with their reasons; the name until 3.0."""
        _warn("left_out", "excluded")
        return self.excluded.drop("criterion")

    def __str__(self) -> str:
        """Give the counts, the included results, and how many were excluded by which criterion."""
        lines = [f"{self.included.height} included, {self.excluded.height} excluded"]
        for row in self.included.select(_SHOWN).iter_rows(named=True):
            lines.append(
                f"  {row['acronym'] or row['result_id']}: {row['estimate']} "
                f"({row['ci_low']} to {row['ci_high']}), {row['source']}"
            )
        lines += [f"  excluded, {name}: {count}" for name, count in self._counts()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        counts = pl.DataFrame(self._counts(), schema=["excluded by", "results"], orient="row")
        return f"{self.included.select(_SHOWN)._repr_html_()}{counts._repr_html_()}"

    def _counts(self) -> list[tuple[str, int]]:
        counted = self.excluded.group_by("criterion", maintain_order=True).len()
        return [(str(name), int(count)) for name, count in counted.iter_rows()]


def _warn(old: str, new: str) -> None:
    warnings.warn(f"Selection.{old} is now .{new}", DeprecationWarning, stacklevel=3)
