"""Test the consistency of a network: Q by design, and direct against indirect evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ..weighted_regression import Equations, Fit, fit
from .equations import network_equations
from .study_contrasts import StudyContrasts

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]


def decompose_q(studies: Sequence[StudyContrasts], nodes: Sequence[str], model: str) -> pl.DataFrame:
    """Split Q into heterogeneity within designs and inconsistency between them.

    A design is the set of nodes that a study compares.

    Args:
        studies: of the network.
        nodes: of the network.
        model: of the variance between trials, for the last row.

    Returns:
        source (`total`, `within designs`, `between designs`, the name of each design with several trials, and `between
        designs, random effects`: the test of inconsistency in a full design-by-treatment interaction model), q, df,
        p_value, tau2 (of the random effects).

    Sources of the formulas: Krahn, Binder & König 2013 (doi 10.1186/1471-2288-13-35); Higgins et al. 2012
    (doi 10.1002/jrsm.1044).
    """
    total = network_equations(studies, nodes)
    by_design: dict[tuple[str, ...], list[StudyContrasts]] = {}
    for study in studies:
        by_design.setdefault(tuple(sorted(set(study.nodes))), []).append(study)
    fits_by_design = [
        (" : ".join(names), Fit(network_equations(studies_of_design, names), 0.0))
        for names, studies_of_design in by_design.items()
    ]
    q_total, q_within = Fit(total, 0.0).q, sum(fit_of_design.q for _, fit_of_design in fits_by_design)
    df_total, df_within = (
        total.degrees_of_freedom,
        sum(fit_of_design.equations.degrees_of_freedom for _, fit_of_design in fits_by_design),
    )
    rows = [
        ("total", q_total, df_total, 0.0),
        ("within designs", q_within, df_within, 0.0),
        ("between designs", q_total - q_within, df_total - df_within, 0.0),
        *(
            (name, fit_of_design.q, fit_of_design.equations.degrees_of_freedom, 0.0)
            for name, fit_of_design in sorted(fits_by_design)
            if fit_of_design.equations.degrees_of_freedom
        ),
    ]
    ordered = [study for studies_of_design in by_design.values() for study in studies_of_design]
    tau2 = fit(_interaction(ordered, by_design), model).tau2
    inconsistency = Fit(network_equations(ordered, nodes), tau2).q - Fit(_interaction(ordered, by_design), tau2).q
    rows.append(("between designs, random effects", inconsistency, df_total - df_within, tau2))
    return pl.DataFrame(
        [(source, q if df else 0.0, df, _upper_tail(q, df), tau2) for source, q, df, tau2 in rows],
        schema={"source": pl.String, "q": pl.Float64, "df": pl.Int64, "p_value": pl.Float64, "tau2": pl.Float64},
        orient="row",
    )


def _interaction(
    studies: Sequence[StudyContrasts], by_design: dict[tuple[str, ...], list[StudyContrasts]]
) -> Equations:
    """Estimate parameters of its own for each design; the studies come design by design."""
    from scipy.linalg import block_diag

    all_nodes = sorted({node for names in by_design for node in names})
    network = network_equations(studies, all_nodes)
    x = block_diag(*(network_equations(studies_of_design, names).x for names, studies_of_design in by_design.items()))
    return Equations(x, network.y, network.v, network.s)


def _upper_tail(q: float, df: int) -> float | None:
    from scipy import stats

    return float(stats.chi2(df).sf(max(0.0, q))) if df else None


def split_nodes(studies: Sequence[StudyContrasts], nodes: Sequence[str], model: str) -> pl.DataFrame:
    """Compare direct with indirect evidence for each pair of nodes that studies compare.

    One more parameter lets the trials of the pair deviate from the network, half of it for either node, so that it
    doesn't matter which comes first in a trial of several arms. The variance between trials is estimated again.

    Args:
        studies: of the network.
        nodes: of the network.
        model: of the variance between trials.

    Returns:
        treatment, control, studies, direct, direct_standard_error, indirect, indirect_standard_error, difference
        (direct less indirect), difference_standard_error, p_value, tau2, all on the scale that is pooled; only pairs
        with both kinds of evidence.

    Sources of the formulas: Dias et al. 2010 (doi 10.1002/sim.3767); for trials of several arms White 2015 (Stata
    Journal 15, 951), `network sidesplit`, symmetric.
    """
    base = network_equations(studies, nodes)
    rank = np.linalg.matrix_rank(base.x)
    rows = []
    for i, j in _pairs(studies, nodes):
        column = _deviation(studies, nodes[i], nodes[j])
        equations = base.with_columns(column[:, None])
        if np.linalg.matrix_rank(equations.x) == rank:
            continue
        result = fit(equations, model)
        indirect = np.zeros(equations.x.shape[1])
        for node, sign in ((i, 1.0), (j, -1.0)):
            if node:
                indirect[node - 1] = sign
        direct = indirect.copy()
        direct[-1] = 1.0
        difference = np.zeros_like(direct)
        difference[-1] = 1.0
        numbers = [number for line in (direct, indirect, difference) for number in _estimate(result, line)]
        count = sum({nodes[i], nodes[j]} <= set(study.nodes) for study in studies)
        p = math.erfc(abs(numbers[4] / numbers[5]) / math.sqrt(2))
        rows.append((nodes[i], nodes[j], count, *numbers, p, result.tau2))
    names = ("direct", "indirect", "difference")
    schema = {"treatment": pl.String, "control": pl.String, "studies": pl.Int64}
    schema |= {column: pl.Float64 for name in names for column in (name, f"{name}_standard_error")}
    return pl.DataFrame(rows, schema=schema | {"p_value": pl.Float64, "tau2": pl.Float64}, orient="row")


def _pairs(studies: Sequence[StudyContrasts], nodes: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of nodes that a study compares, the reference as control."""
    position = {node: n for n, node in enumerate(nodes)}
    pairs = {
        (max(a, b), min(a, b))
        for study in studies
        for first_node in study.nodes
        for second_node in study.nodes
        if (a := position[first_node]) != (b := position[second_node])
    }
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


def _deviation(studies: Sequence[StudyContrasts], treatment: str, control: str) -> Array:
    deviations = []
    for study in studies:
        arm_deviations = np.zeros(len(study.nodes))
        if {treatment, control} <= set(study.nodes):
            for arm, node in enumerate(study.nodes):
                arm_deviations[arm] = {treatment: 0.5, control: -0.5}.get(node, 0.0)
        deviations.append(study.incidence @ arm_deviations)
    return np.concatenate(deviations)


def _estimate(result: Fit, line: Array) -> tuple[float, float]:
    return float(line @ result.estimates), math.sqrt(float(line @ result.covariance @ line))
