"""The equations of a network, from its trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..weighted_regression import Design
from .trials import Trial

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]


def design_of(trials: Sequence[Trial], nodes: Sequence[str]) -> Design:
    """Set up the equations of a network; the first node is the reference.

    The effect of each node of a trial varies by tau2 / 2 around its mean, so contrasts vary by tau2, and two contrasts
    that share an arm have half of that in common.
    """
    column = {node: n for n, node in enumerate(nodes)}
    parts = []
    for trial in trials:
        of_arms = np.zeros((len(trial.nodes), len(nodes)))
        for arm, node in enumerate(trial.nodes):
            of_arms[arm, column[node]] = 1
        parts.append(trial.incidence @ of_arms)
    x = np.vstack(parts)
    return Design(
        x[:, 1:],
        np.concatenate([trial.y for trial in trials]),
        _block_diagonal([trial.v for trial in trials]),
        _block_diagonal([part @ part.T / 2 for part in parts]),
    )


def _block_diagonal(blocks: Sequence[Array]) -> Array:
    from scipy.linalg import block_diag

    result: Array = block_diag(*blocks)
    return result
