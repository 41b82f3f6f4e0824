"""Compare all therapies of a network of trials at once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.frames import DataSource
from luminaldb.loaders.standard_errors import RATIOS

from ..confidence_intervals import check_ci_level
from ..optional_packages import require_package
from .contrasts import contrasts
from .effects import Estimates, pair_effects
from .network_result import NETWORK_MODELS, NetworkMetaAnalysis, NetworkModel
from .nodes import Nodes
from .parts import connected_part

_MIN_STUDIES = 2


def network_meta_analysis(
    frame: Any,
    reference: str | None = None,
    *,
    nodes: Nodes = "regimen",
    model: NetworkModel = "reml",
    ci_level: float = 95,
    part: str | None = None,
    lower_is_better: bool | None = None,
    version: str | None = None,
    path: DataSource = None,
) -> NetworkMetaAnalysis:
    """Compare all nodes of a network at once, by direct and indirect evidence (frequentist, contrast-based).

    Args:
        frame: what `comparisons()` returns (with every arm of its trials), or any frame that `contrasts()` accepts.
        reference: the node to compare the others with; if omitted, the one with the most studies.
        nodes: what a node is: `regimen`, `class`, `therapy` or a mapping, see `contrasts`.
        model: `reml` (restricted maximum likelihood), `dl` (moments) or `fixed` (common effects).
        ci_level: of the intervals, in percent: 50 to 99.99.
        part: a node; analyzes the connected part of the network that it belongs to. Without it the network must be
            connected.
        lower_is_better: whether lower values rank best; if omitted, as the rows' endpoint and measure imply.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        The effects against the reference, with league table, ranks, inconsistency, plots and frames for R.

    Raises:
        LuminaldbError: the network isn't connected (its parts are named), has fewer than two studies, or can't be
            read; an unknown node, model or level.
        MissingExtraError: scipy isn't installed.

    Example:
        >>> import luminaldb
        >>> selection = luminaldb.comparisons("pfs", setting="metastatic", her2_status="negative")
        >>> nma = luminaldb.network_meta_analysis(selection, nodes="therapy", part="palbociclib")
        >>> nma.effects.columns[:2]
        ['node', 'estimate']

    Sources of the formulas: the model, Lu & Ades 2006 as a regression of contrasts; multi-arm trials, Rücker 2012
    (doi 10.1002/jrsm.1058); the variance between trials, see `weighted_regression`; prediction intervals,
    with a t distribution of the degrees of freedom of Q less one, as R's netmeta.
    """
    if model not in NETWORK_MODELS:
        raise LuminaldbError(f"no model {model!r}; choose from {', '.join(NETWORK_MODELS)}")
    level = check_ci_level(ci_level)
    rows = connected_part(contrasts(frame, nodes=nodes, version=version, path=path), part, reference)
    require_package("scipy")
    return _fit_network(rows, reference, model, level, lower_is_better)


def _fit_network(
    rows: pl.DataFrame, reference: str | None, model: NetworkModel, ci_level: float, lower_is_better: bool | None
) -> NetworkMetaAnalysis:
    import numpy as np
    from scipy import stats

    from ..effect_direction import infer_lower_is_better
    from ..heterogeneity import i_squared_from_q
    from ..weighted_regression import Fit, fit
    from .equations import network_equations
    from .study_contrasts import contrasts_by_study

    studies = contrasts_by_study(rows)
    if len(studies) < _MIN_STUDIES:
        raise LuminaldbError(f"a network needs at least two studies; there {'is one' if studies else 'are none'}")
    counts = Counter(node for study in studies for node in set(study.nodes))
    reference_node = reference or min(counts, key=lambda node: (-counts[node], node))
    nodes = (reference_node, *sorted(set(counts) - {reference_node}))
    result = fit(network_equations(studies, nodes), model)
    common_effect, degrees_of_freedom = Fit(result.equations, 0.0), result.equations.degrees_of_freedom
    covariance = np.zeros((len(nodes), len(nodes)))
    covariance[1:, 1:] = result.covariance
    measure = str(rows["measure"][0])
    estimates = Estimates(
        nodes=nodes,
        values=np.concatenate([[0.0], result.estimates]),
        covariance=covariance,
        tau2=None if model == "fixed" else result.tau2,
        degrees_of_freedom=degrees_of_freedom,
        is_ratio=measure in RATIOS,
        ci_level=ci_level,
        studies=studies,
    )
    effects = pair_effects(estimates, [(n, 0) for n in range(1, len(nodes))])
    covariance_sources = {study.study: study.covariance_from for study in studies}
    return NetworkMetaAnalysis(
        model=model,
        measure=measure,
        reference=reference_node,
        nodes=nodes,
        k=len(studies),
        effects=effects.drop("control").rename({"treatment": "node"}),
        tau2=result.tau2,
        i2=i_squared_from_q(common_effect.q, degrees_of_freedom) if degrees_of_freedom else 0.0,
        q=common_effect.q if degrees_of_freedom else 0.0,
        q_df=degrees_of_freedom,
        q_p_value=float(stats.chi2(degrees_of_freedom).sf(common_effect.q)) if degrees_of_freedom else None,
        ci_level=ci_level,
        contrasts=rows.with_columns(
            covariance_from=pl.col("study").replace_strict(covariance_sources, return_dtype=pl.String)
        ),
        lower_is_better=infer_lower_is_better(rows) if lower_is_better is None else lower_is_better,
        _estimates=estimates,
    )
