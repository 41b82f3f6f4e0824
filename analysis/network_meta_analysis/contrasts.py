"""The comparisons of a network: a row per pair of arms, with its nodes, effect and standard error."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource
from luminaldb.loaders.standard_errors import RATIOS

from ..selection import Selection
from ..studies import MEASURES
from .nodes import Nodes, add_nodes

_NEEDED_COLUMNS = ("study", "treatment", "control", "standard_error")
_COLUMNS = (
    "study", "treatment", "control", "measure", "estimate", "log_estimate", "standard_error", "events_experimental",
    "n_experimental", "events_control", "n_control", "arm_id", "control_arm_id", "trial_id", "acronym", "source",
    "result_id", "endpoint_better", "endpoint_family",
)  # fmt: skip


def contrasts(
    frame: Any, *, nodes: Nodes = "regimen", version: str | None = None, path: DataSource = None
) -> pl.DataFrame:
    """Return the comparisons of a network, a row per pair of arms.

    Args:
        frame: what `comparisons()` gives, or any frame with `study`, `treatment`, `control`, `standard_error` and
            `log_estimate` (or `estimate`) of treatment against control; `measure` where it isn't a hazard ratio.
        nodes: what a node is: `regimen` (all therapies of an arm), `class` (their classes), `therapy` (those in which
            the arms of a trial differ), or a mapping from ids of therapies or classes to names of your own.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        study, treatment, control (nodes), measure, estimate, log_estimate (null for a difference), standard_error, and
        what is known of arms and source. Rows whose arms share a node are left out: they compare nothing in this
        network.

    Raises:
        LuminaldbError: a column is lacking, a row has no effect or standard error, or measures are mixed.
        MissingExtraError: a pandas frame, and pyarrow isn't installed.

    Example:
        >>> import luminaldb
        >>> selection = luminaldb.comparisons("pfs", setting="metastatic", line="first")
        >>> luminaldb.contrasts(selection, nodes="class").columns[:3]
        ['study', 'treatment', 'control']
    """
    rows = _polars(frame)
    if "treatment" not in rows.columns and "arm_id" in rows.columns:
        rows = add_nodes(rows.with_columns(study=_study_names(rows)), nodes, Database.find(path, version=version))
    if missing := [c for c in _NEEDED_COLUMNS if c not in rows.columns]:
        raise LuminaldbError(f"a network needs the columns {', '.join(missing)}; see luminaldb.contrasts")
    if "measure" not in rows.columns:
        rows = rows.with_columns(measure=pl.lit("hazard_ratio"))
    rows = _with_effects(rows.with_columns(pl.col("measure").cast(pl.String)))
    rows = rows.select(c for c in _COLUMNS if c in rows.columns)
    return rows.filter(pl.col("treatment") != pl.col("control"))


def _polars(frame: Any) -> pl.DataFrame:
    if isinstance(frame, Selection):
        return frame.included
    try:
        rows: pl.DataFrame = nw.from_native(frame).lazy().collect("polars").to_native()
    except (TypeError, ValueError) as error:
        raise LuminaldbError(f"a network needs a frame or what comparisons() returns: {error}") from None
    return rows


def _study_names(rows: pl.DataFrame) -> pl.Series:
    """Name each row's study: its trial, numbered where cohorts of the trial have no arm in common."""
    names = []
    groups: dict[str, list[set[str]]] = {}
    for trial, *arms in rows.select("trial_id", "arm_id", "control_arm_id").iter_rows():
        groups_of_trial = groups.setdefault(trial, [])
        touching_groups = [g for g in groups_of_trial if g & set(arms)]
        merged_group = set(arms).union(*touching_groups)
        groups_of_trial[:] = [*(g for g in groups_of_trial if not any(g is t for t in touching_groups)), merged_group]
    for trial, arm, _ in rows.select("trial_id", "arm_id", "control_arm_id").iter_rows():
        groups_of_trial = groups[trial]
        position = next(n for n, group in enumerate(groups_of_trial, 1) if arm in group)
        names.append(f"{trial} ({position})" if len(groups_of_trial) > 1 else trial)
    return pl.Series("study", names, dtype=pl.String)


def _with_effects(rows: pl.DataFrame) -> pl.DataFrame:
    measures = rows["measure"].unique(maintain_order=True).to_list()
    if len(measures) > 1:
        raise LuminaldbError(f"results of different measures can't be pooled: {', '.join(measures)}")
    if not measures:
        raise LuminaldbError("there are no comparisons: nothing was included")
    if measures[0] not in MEASURES:
        raise LuminaldbError(f"no measure {measures[0]!r} can be pooled; choose from {', '.join(MEASURES)}")
    is_ratio = measures[0] in RATIOS
    if not {"estimate", "log_estimate"} & set(rows.columns):
        raise LuminaldbError("a network needs the column log_estimate or estimate; see luminaldb.contrasts")
    if is_ratio and "log_estimate" not in rows.columns:
        rows = rows.with_columns(log_estimate=pl.col("estimate").log())
    if "estimate" not in rows.columns:
        rows = rows.with_columns(estimate=pl.col("log_estimate").exp())
    if not is_ratio:
        rows = rows.with_columns(log_estimate=pl.lit(None, dtype=pl.Float64))
    effect = pl.col("log_estimate" if is_ratio else "estimate")
    is_valid = effect.is_finite() & pl.col("standard_error").is_finite() & (pl.col("standard_error") > 0)
    invalid_rows = rows.filter(~is_valid.fill_null(value=False))
    if invalid_rows.height:
        pair = " and ".join(invalid_rows.select("treatment", "control").row(0))
        raise LuminaldbError(f"{invalid_rows['study'][0]}: no effect or standard error of {pair}; leave such rows out")
    return rows
