"""Each study of a network: its contrasts that are independent of one another, and their covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.standard_errors import RATIOS

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

_TWO_ARMS = 2
# Of two contrasts that share an arm, where nothing says how precise each arm is: arms of one size.
_ASSUMED_CORRELATION = 0.5
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StudyContrasts:
    """The independent contrasts of one study of a network: a trial, or a cohort randomised apart.

    Attributes:
        study: its name.
        nodes: the node of each arm.
        incidence: of contrasts (rows) and arms (columns): 1 for the treatment, -1 for the control.
        y: the effect of each contrast.
        v: the covariance of the effects.
        covariance_from: what the covariances of a study of several arms come from: `contrasts` (the standard errors of
            all pairs of arms), `events` (of the arm that contrasts share) or `assumed` (a correlation of 0.5); empty
            for two arms.
    """

    study: str
    nodes: tuple[str, ...]
    incidence: Array
    y: Array
    v: Array
    covariance_from: str

    @property
    def is_multi_arm(self) -> bool:
        """Whether the study has more than two arms."""
        return len(self.nodes) > _TWO_ARMS


def contrasts_by_study(contrasts: pl.DataFrame) -> list[StudyContrasts]:
    """Return the independent contrasts of each study, from the rows of `contrasts()`.

    Raises:
        LuminaldbError: a study compares one pair of arms twice.
    """
    return [_study(str(study[0]), rows.to_dicts()) for study, rows in contrasts.group_by("study", maintain_order=True)]


def _study(study: str, rows: list[_Row]) -> StudyContrasts:
    arms: dict[str, str] = {}
    for row in rows:
        arms[_arm(row, "arm_id", "treatment")] = row["treatment"]
        arms[_arm(row, "control_arm_id", "control")] = row["control"]
    order = sorted(arms, key=lambda arm: (arms[arm], arm))
    pairs = [
        (order.index(_arm(r, "arm_id", "treatment")), order.index(_arm(r, "control_arm_id", "control"))) for r in rows
    ]
    if len({frozenset(pair) for pair in pairs}) < len(pairs):
        raise LuminaldbError(f"{study}: one pair of arms is compared twice; keep one row per pair")
    nodes = tuple(arms[arm] for arm in order)
    y = np.array([_effect(row) for row in rows])
    v = np.array([row["standard_error"] for row in rows]) ** 2
    if len(order) > _TWO_ARMS and len(pairs) == len(order) * (len(order) - 1) // 2:
        all_pairs = _all_pairs(len(order), pairs, y, v)
        if all_pairs is not None:
            return StudyContrasts(study, nodes, *all_pairs, "contrasts")
    keep = _spanning_pairs(len(order), pairs, v)
    pairs, rows, y, v = [pairs[i] for i in keep], [rows[i] for i in keep], y[keep], v[keep]
    covariance, source = _covariance(pairs, rows, v)
    return StudyContrasts(study, nodes, _incidence(pairs, len(order)), y, covariance, source if len(pairs) > 1 else "")


def _arm(row: _Row, key: str, node: str) -> str:
    return str(row.get(key) or row[node])


def _effect(row: _Row) -> float:
    return float(row["log_estimate"] if row["measure"] in RATIOS else row["estimate"])


def _incidence(pairs: list[tuple[int, int]], arms: int) -> Array:
    incidence = np.zeros((len(pairs), arms))
    for row, (treatment, control) in enumerate(pairs):
        incidence[row, treatment], incidence[row, control] = 1, -1
    return incidence


def _all_pairs(arms: int, pairs: list[tuple[int, int]], y: Array, v: Array) -> tuple[Array, Array, Array] | None:
    """Reduce all contrasts of a study to those against its first arm (Rücker 2012, doi 10.1002/jrsm.1058).

    The variances of all pairs are resistance distances of a graph whose Laplacian's pseudoinverse is
    -1/2 J V J, J the centring matrix (Gutman & Xiao 2004); its edges are the weights of the contrasts.

    Returns:
        Incidence, effects and covariance; None where the standard errors contradict one another.
    """
    distances = np.zeros((arms, arms))
    for (i, j), variance in zip(pairs, v, strict=True):
        distances[i, j] = distances[j, i] = variance
    centring = np.eye(arms) - 1 / arms
    inverse = -centring @ distances @ centring / 2
    basis = np.hstack([-np.ones((arms - 1, 1)), np.eye(arms - 1)])
    covariance = basis @ inverse @ basis.T
    laplacian = np.linalg.pinv(inverse)
    weights = -np.array([laplacian[pair] for pair in pairs])
    if weights.min() < -1e-9 * abs(weights).max() or np.linalg.eigvalsh(covariance).min() <= 0:
        return None
    incidence = _incidence(pairs, arms)
    arm_effects = inverse @ incidence.T @ (weights * y)
    return basis, basis @ arm_effects, covariance


def _spanning_pairs(arms: int, pairs: list[tuple[int, int]], v: Array) -> list[int]:
    """Choose the most precise contrasts that say no more than once how any two arms compare."""
    group = list(range(arms))
    positions = []
    for position in np.argsort(v, kind="stable"):
        i, j = (group[arm] for arm in pairs[position])
        if i != j:
            group = [i if g == j else g for g in group]
            positions.append(int(position))
    return sorted(positions)


def _covariance(pairs: list[tuple[int, int]], rows: list[_Row], v: Array) -> tuple[Array, str]:
    """Return the covariance of contrasts, of which some share an arm.

    Two contrasts that share an arm have its variance in common: that of a log hazard or rate ratio is one over the
    arm's events (Tierney 2007, doi 10.1186/1745-6215-8-16), that of log odds, log risks and risks in percent follows
    from events and patients.
    """
    by_events, assumed = np.diag(v), np.diag(v)
    has_all_events = True
    for a, pair in enumerate(pairs):
        for b in range(a):
            other_pair = pairs[b]
            for arm in set(pair) & set(other_pair):
                sign = 1 if pair.index(arm) == other_pair.index(arm) else -1
                assumed[a, b] = assumed[b, a] = sign * _ASSUMED_CORRELATION * np.sqrt(v[a] * v[b])
                shared = _arm_variance(rows[a], pair.index(arm)) or _arm_variance(rows[b], other_pair.index(arm))
                has_all_events = has_all_events and shared is not None
                by_events[a, b] = by_events[b, a] = sign * (shared or 0)
    if has_all_events and np.linalg.eigvalsh(by_events).min() > 0:
        return by_events, "events"
    return assumed, "assumed"


def _arm_variance(row: _Row, side: int) -> float | None:
    arm = ("experimental", "control")[side]
    events, n = row.get(f"events_{arm}"), row.get(f"n_{arm}")
    if not events:
        return None
    if row["measure"] in ("hazard_ratio", "rate_ratio"):
        return 1 / float(events)
    if n is None or n <= events:
        return None
    by_measure = {
        "odds_ratio": 1 / events + 1 / (n - events),
        "risk_ratio": 1 / events - 1 / n,
        "risk_difference": 1e4 * events * (n - events) / n**3,
    }
    return float(by_measure[row["measure"]])
