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
    designs = []
    for study in studies:
        arms_to_nodes = np.zeros((len(study.nodes), len(nodes)))
        for arm, node in enumerate(study.nodes):
            arms_to_nodes[arm, column[node]] = 1
        designs.append(study.incidence @ arms_to_nodes)
    x = np.vstack(designs)
    return Equations(
        x[:, 1:],
        np.concatenate([study.y for study in studies]),
        _block_diagonal([study.v for study in studies]),
        _block_diagonal([design @ design.T / 2 for design in designs]),
    )


def _block_diagonal(blocks: Sequence[Array]) -> Array:
    from scipy.linalg import block_diag

    result: Array = block_diag(*blocks)
    return result
