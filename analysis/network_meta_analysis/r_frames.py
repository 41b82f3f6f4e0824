"""A network as the frames that R's netmeta and multinma and the R application MetaInsight read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from luminaldb.errors import LuminaldbError

from .study_contrasts import StudyContrasts


def netmeta_frame(studies: Sequence[StudyContrasts]) -> pl.DataFrame:
    """Return every pair of arms of each study, as netmeta requires of trials of several arms.

    Source: `netmeta(TE, seTE, treat1, treat2, studlab)` of R's netmeta, whose multi-arm trials need all comparisons.
    """
    rows = []
    for study in studies:
        pseudoinverse = np.linalg.pinv(study.incidence)
        arm_effects, covariance = pseudoinverse @ study.y, pseudoinverse @ study.v @ pseudoinverse.T
        for i in range(len(study.nodes)):
            for j in range(i):
                variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
                row = (
                    study.study,
                    study.nodes[i],
                    study.nodes[j],
                    float(arm_effects[i] - arm_effects[j]),
                    math.sqrt(variance),
                )
                if study.nodes[i] != study.nodes[j]:
                    rows.append(row)
    schema = {"studlab": pl.String, "treat1": pl.String, "treat2": pl.String, "TE": pl.Float64, "seTE": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def multinma_frame(studies: Sequence[StudyContrasts]) -> pl.DataFrame:
    """Return each arm of each study: its effect against the study's first arm, whose `y` is empty.

    The standard error of the first arm, which `set_agd_contrast` needs in trials of several arms, is the root of the
    covariance of the contrasts.

    Source: the documentation of `set_agd_contrast` of R's multinma.
    """
    rows: list[tuple[str, str, float | None, float | None]] = []
    for study in studies:
        pseudoinverse = np.linalg.pinv(study.incidence)
        arm_effects, covariance = pseudoinverse @ study.y, pseudoinverse @ study.v @ pseudoinverse.T
        to_first_arm = np.hstack([-np.ones((len(arm_effects) - 1, 1)), np.eye(len(arm_effects) - 1)])
        v = to_first_arm @ covariance @ to_first_arm.T
        shared = float(v[0, 1]) if len(v) > 1 else None
        rows.append((study.study, study.nodes[0], None, math.sqrt(shared) if shared and shared > 0 else None))
        rows += [
            (study.study, node, float(effect), math.sqrt(variance))
            for node, effect, variance in zip(study.nodes[1:], to_first_arm @ arm_effects, np.diag(v), strict=True)
        ]
    schema = {"study": pl.String, "trt": pl.String, "y": pl.Float64, "se": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def metainsight_frame(contrasts: pl.DataFrame) -> pl.DataFrame:
    """Return events and patients of each arm of each study.

    Source: the long format of binary outcomes of MetaInsight (Study, T, R, N).

    Raises:
        LuminaldbError: a row has no events or patients.
    """
    counts = ("events_experimental", "n_experimental", "events_control", "n_control")
    if missing := [c for c in counts if c not in contrasts.columns]:
        raise LuminaldbError(f"MetaInsight reads counts: the rows have no {', '.join(missing)}")
    incomplete_rows = contrasts.filter(pl.any_horizontal(pl.col(*counts).is_null()))
    if incomplete_rows.height:
        raise LuminaldbError(
            f"MetaInsight reads counts: {incomplete_rows['study'][0]} has no events or patients of an arm"
        )
    sides = (("treatment", "arm_id", "experimental"), ("control", "control_arm_id", "control"))
    frames = [
        contrasts.select(
            pl.col("study").alias("Study"),
            pl.col(node).alias("T"),
            pl.col(f"events_{side}").cast(pl.Int64).alias("R"),
            pl.col(f"n_{side}").cast(pl.Int64).alias("N"),
            pl.col(arm if arm in contrasts.columns else node).alias("arm"),
        )
        for node, arm, side in sides
    ]
    return pl.concat(frames).unique(["Study", "arm"], maintain_order=True).sort("Study", "T").drop("arm")
