"""The equations of a network, from its studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..weighted_regression import Equations
from .study_contrasts import StudyContrasts

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]


def network_equations(studies: Sequence[StudyContrasts], nodes: Sequence[str]) -> Equations:
    """Set up the equations of a network; the first node is the reference.

    The effect of each node of a study varies by tau2 / 2 around its mean, so contrasts vary by tau2, and two contrasts
    that share an arm have half of that in common.
    """
    column = {node: n for n, node in enumerate(nodes)}
    parts = []
    for study in studies:
        of_arms = np.zeros((len(study.nodes), len(nodes)))
        for arm, node in enumerate(study.nodes):
            of_arms[arm, column[node]] = 1
        parts.append(study.incidence @ of_arms)
    x = np.vstack(parts)
    return Equations(
        x[:, 1:],
        np.concatenate([study.y for study in studies]),
        _block_diagonal([study.v for study in studies]),
        _block_diagonal([part @ part.T / 2 for part in parts]),
    )


def _block_diagonal(blocks: Sequence[Array]) -> Array:
    from scipy.linalg import block_diag

    result: Array = block_diag(*blocks)
    return result
