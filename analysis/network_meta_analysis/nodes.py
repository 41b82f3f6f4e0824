"""Name the node of a network that an arm of a trial belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.views import CONTROL_CLASS

Nodes = Literal["regimen", "class", "therapy"] | Mapping[str, str]
KINDS = ("regimen", "class", "therapy")
NO_THERAPY = "no added therapy"
_ArmNames = tuple[frozenset[str], frozenset[str]]


class NodeNames:
    """Names of the nodes of arms, by one definition of a node.

    - `regimen`: all therapies of the arm. Placebo and observation don't count.
    - `class`: their classes.
    - `therapy`: the therapies in which the arms of the trial differ, so that a therapy added to any backbone is one
      node, and the backbone alone is `no added therapy`.
    - a mapping from ids of therapies or classes to names: a regimen whose parts are these names, that of the therapy
      before that of its nearest class. What the mapping lacks keeps its id.

    Optional therapies of an arm (one of them is given) are joined by `or`.
    """

    def __init__(self, nodes: Nodes, database: Database) -> None:
        """Read the arms of a database.

        Raises:
            LuminaldbError: an unknown kind of node, or a key of the mapping that is neither a therapy nor a class.
        """
        self._classes = dict(database.frame("therapies").select("therapy_id", "class_id").iter_rows())
        self._ancestors = {t: database.class_ancestors(c) for t, c in self._classes.items()}
        self._differing = nodes == "therapy"
        self._name_of = self._namer(nodes)
        arms = database.frame("arm_therapies").select("arm_id", "therapy_id", "optional")
        self._arms: dict[str, list[tuple[str, bool]]] = {}
        for arm, therapy, optional in arms.iter_rows():
            self._arms.setdefault(arm, []).append((therapy, bool(optional)))

    def _namer(self, nodes: Nodes) -> Callable[[str], str]:
        if isinstance(nodes, Mapping):
            known_ids = {*self._ancestors, *(c for ancestors in self._ancestors.values() for c in ancestors)}
            if unknown := sorted(set(nodes) - known_ids):
                raise LuminaldbError(f"nodes: {unknown[0]!r} is neither a therapy nor a class; try luminaldb.search()")
            names = dict(nodes)
            return lambda t: next((names[i] for i in (t, *self._ancestors.get(t, ())) if i in names), t)
        if nodes not in KINDS:
            raise LuminaldbError(f"no kind of node {nodes!r}; choose from {', '.join(KINDS)}, or give a mapping")
        return (lambda t: self._classes.get(t, t)) if nodes == "class" else lambda t: t

    def of_trial(self, arms: Iterable[str]) -> dict[str, str]:
        """Name the node of each arm of one trial.

        Raises:
            LuminaldbError: an arm has no therapies, such as one that was combined from several.
        """
        names_by_arm = {arm: self._arm_names(arm) for arm in arms}
        if self._differing and len(names_by_arm) > 1:
            first, *others = names_by_arm.values()
            shared = first[0].intersection(*(fixed for fixed, _ in others))
            same_options = all(optional == first[1] for _, optional in others)
            names_by_arm = {
                arm: (fixed - shared, frozenset() if same_options else optional)
                for arm, (fixed, optional) in names_by_arm.items()
            }
        return {arm: _name(*names) for arm, names in names_by_arm.items()}

    def _arm_names(self, arm: str) -> _ArmNames:
        if arm not in self._arms:
            raise LuminaldbError(
                f"{arm} is not an arm with therapies; select comparisons with arms='each' for a network"
            )
        therapies_of_arm = [
            (t, o) for t, o in self._arms.get(arm, []) if CONTROL_CLASS not in self._ancestors.get(t, ())
        ]
        fixed = frozenset(self._name_of(t) for t, optional in therapies_of_arm if not optional)
        return fixed, frozenset(self._name_of(t) for t, optional in therapies_of_arm if optional) - fixed


def _name(fixed: frozenset[str], optional: frozenset[str]) -> str:
    choice = " or ".join(sorted(optional))
    if len(optional) > 1 and fixed:
        choice = f"({choice})"
    return " + ".join([*sorted(fixed), *([choice] if choice else [])]) or NO_THERAPY


def add_nodes(rows: pl.DataFrame, nodes: Nodes, database: Database) -> pl.DataFrame:
    """Add `treatment` and `control`, the nodes of both arms, to rows of `trial_results()`."""
    names = NodeNames(nodes, database)
    columns: dict[str, list[str]] = {"treatment": [], "control": []}
    arms_of: dict[str, set[str]] = {}
    pairs = list(rows.select("trial_id", "arm_id", "control_arm_id").iter_rows())
    for trial, *arms in pairs:
        arms_of.setdefault(trial, set()).update(arms)
    by_trial = {trial: names.of_trial(sorted(arms)) for trial, arms in arms_of.items()}
    for trial, arm, control in pairs:
        columns["treatment"].append(by_trial[trial][arm])
        columns["control"].append(by_trial[trial][control])
    return rows.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in columns.items())
