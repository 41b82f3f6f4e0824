"""Rank the nodes of a network: P-scores, and the probability of each rank."""

from __future__ import annotations

import numpy as np
import polars as pl

from .effects import Estimates


def p_scores(estimates: Estimates, *, lower_is_better: bool) -> pl.DataFrame:
    """Return each node's P-score: the mean certainty with which it is better than another node.

    Args:
        estimates: of each node against the reference.
        lower_is_better: whether lower values are better.

    Returns:
        node, p_score (0 to 1), the best first.

    Source of the formula: Rücker & Schwarzer 2015 (doi 10.1186/s12874-015-0060-8).
    """
    from scipy import stats

    nodes, values, covariance = estimates.nodes, estimates.values, estimates.covariance
    difference = values[:, None] - values[None, :]
    variance = np.diag(covariance)[:, None] + np.diag(covariance)[None, :] - 2 * covariance
    error = np.sqrt(np.where(np.eye(len(nodes)) > 0, 1.0, np.maximum(variance, 0.0)))
    certainty = stats.norm.cdf((-difference if lower_is_better else difference) / error)
    np.fill_diagonal(certainty, 0.0)
    scores = certainty.sum(axis=1) / (len(nodes) - 1)
    return pl.DataFrame({"node": list(nodes), "p_score": scores}).sort("p_score", "node", descending=[True, False])


def rank_probabilities(estimates: Estimates, *, lower_is_better: bool, draws: int, seed: int) -> pl.DataFrame:
    """Return the probability of each rank of each node, by draws from the normal distribution of the estimates.

    Args:
        estimates: of each node against the reference.
        lower_is_better: whether lower values are better.
        draws: how many.
        seed: of the random numbers; the same seed gives the same result.

    Returns:
        node, rank (1 is the best), probability.

    Source: Salanti, Ades & Ioannidis 2011 (doi 10.1016/j.jclinepi.2010.03.016).
    """
    generator = np.random.default_rng(seed)
    nodes = estimates.nodes
    draws_of_effects = generator.multivariate_normal(estimates.values, estimates.covariance, size=draws, method="eigh")
    ranks = np.argsort(np.argsort(draws_of_effects if lower_is_better else -draws_of_effects, axis=1), axis=1)
    rows = [
        (node, rank + 1, float(np.mean(ranks[:, n] == rank)))
        for n, node in enumerate(nodes)
        for rank in range(len(nodes))
    ]
    return pl.DataFrame(rows, schema={"node": pl.String, "rank": pl.Int64, "probability": pl.Float64}, orient="row")
