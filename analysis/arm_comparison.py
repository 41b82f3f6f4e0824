"""How two arms differ: a therapy added, one in the place of another, another dose or duration, or more than that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from luminaldb.loaders.database import Database
from luminaldb.loaders.names import within_sentence
from luminaldb.loaders.views import CONTROL_CLASS

from .question import Question

ADD_ON = "add-on"
SCHEDULE = "dose, schedule or duration"
OTHER = "other therapies"
IN_PLACE_OF = "in place of "
BIOSIMILAR = "its biosimilar"
_BIOSIMILAR_ID = "{}-biosimilar"
_TherapyIds = frozenset[str]


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """How the experimental arm of a pair differs from its control arm.

    Attributes:
        tests_therapy: whether the pair tests the therapy of the question: only its experimental arm has it.
        has_comparator: whether the control arm has the comparator of the question.
        kind: ADD_ON, SCHEDULE, OTHER, the class that the therapy replaces, BIOSIMILAR where it replaces its own
            biosimilar, or "" where no therapy was asked for.
        replaced: the therapies that it replaces.
    """

    tests_therapy: bool
    has_comparator: bool
    kind: str
    replaced: _TherapyIds = frozenset()


class ArmComparer:
    """Compares pairs of arms for one question."""

    def __init__(self, question: Question, database: Database) -> None:
        """Find the therapies that the question is about."""
        self._database = database
        self._classes = database.classes_of_therapies
        self._direct_classes = dict(database.frame("therapies").select("therapy_id", "class_id").iter_rows())
        classes = database.frame("therapy_classes").select("class_id", "name")
        self.class_names: dict[str, str] = dict(classes.iter_rows())
        self._placebo_and_observation = self._members(CONTROL_CLASS)
        question_therapies = self._therapies_of(question.therapy, question.therapy_class)
        comparator_therapies = self._therapies_of(question.control, question.control_class)
        self.has_same_comparator = bool(question_therapies) and question_therapies == comparator_therapies
        if question_therapies and comparator_therapies and not self.has_same_comparator:
            # A class within the other is the narrower meaning: oral SERDs against endocrine therapy.
            if len(question_therapies) <= len(comparator_therapies):
                comparator_therapies -= question_therapies
            else:
                question_therapies -= comparator_therapies
        self.question_therapies, self.comparator_therapies = question_therapies, comparator_therapies

    def _therapies_of(self, therapy: str | None, therapy_class: str | None) -> _TherapyIds:
        if therapy is not None:
            return frozenset({therapy})
        return self._members(therapy_class) if therapy_class is not None else frozenset()

    def _members(self, therapy_class: str) -> _TherapyIds:
        return frozenset(therapy for therapy, classes in self._classes.items() if therapy_class in classes)

    def parse_therapies(self, text: str | None) -> _TherapyIds:
        """Return the therapies of an arm without placebo and observation."""
        return frozenset((text or "").split("; ")) - {""} - self._placebo_and_observation

    def compare(self, experimental: str | None, control: str | None) -> ArmComparison:
        """Compare two arms.

        Args:
            experimental: ids of therapies, joined by `; ` as in `trial_results()`.
            control: the same of the control arm.
        """
        experimental_therapies, control_therapies = self.parse_therapies(experimental), self.parse_therapies(control)
        # Placebo and observation don't count as a difference, but a question may name them as the comparator.
        control_with_placebo = frozenset((control or "").split("; "))
        has_comparator = not self.comparator_therapies or bool(control_with_placebo & self.comparator_therapies)
        if not self.question_therapies:
            return ArmComparison(has_comparator and experimental_therapies != control_therapies, has_comparator, "")
        if self.has_same_comparator:
            tests = bool(experimental_therapies & self.question_therapies) and bool(
                control_therapies & self.question_therapies
            )
            return ArmComparison(
                tests,
                has_comparator,
                self._compare_within_class(experimental_therapies, control_therapies),
                control_therapies - experimental_therapies,
            )
        tests = (
            bool(experimental_therapies & self.question_therapies) and not control_therapies & self.question_therapies
        )
        if experimental_therapies - self.question_therapies == control_therapies:
            return ArmComparison(tests, has_comparator, ADD_ON)
        replaced = control_therapies - experimental_therapies
        is_replacement = experimental_therapies - control_therapies <= self.question_therapies and bool(replaced)
        if self.comparator_therapies and not replaced <= self.comparator_therapies:
            is_replacement = False
        kind = (
            self._kind_of_replacement(experimental_therapies - control_therapies, replaced) if is_replacement else OTHER
        )
        return ArmComparison(tests, has_comparator, kind, replaced)

    def _kind_of_replacement(self, therapies: _TherapyIds, replaced: _TherapyIds) -> str:
        """Give the class replaced; a reference product against its biosimilar compares nothing but the product."""
        biosimilars = {_BIOSIMILAR_ID.format(therapy) for therapy in therapies}
        return BIOSIMILAR if replaced == biosimilars else self.nearest_common_class(replaced)

    def _compare_within_class(self, experimental_therapies: _TherapyIds, control_therapies: _TherapyIds) -> str:
        """Compare arms that both have a therapy of the class: another dose, one more of the class, or another of it."""
        if experimental_therapies == control_therapies:
            return SCHEDULE
        added, dropped = experimental_therapies - control_therapies, control_therapies - experimental_therapies
        if not added | dropped <= self.question_therapies:
            return OTHER
        if not dropped:
            return ADD_ON
        return self.nearest_common_class(dropped) if added else OTHER

    def nearest_common_class(self, therapies: Iterable[str]) -> str:
        """Return the nearest class above all of some therapies; their top classes, joined, where there is none."""
        class_paths = [self._class_path(therapy) for therapy in sorted(therapies)]
        nearest = (
            next((c for c in class_paths[0] if all(c in path for path in class_paths)), None) if class_paths else None
        )
        return nearest or " and ".join(sorted({path[-1] for path in class_paths if path}))

    def is_within(self, therapies: Iterable[str], therapy_class: str) -> bool:
        """Return whether every therapy is of a class."""
        return all(therapy_class in self._classes.get(therapy, ()) for therapy in therapies)

    def is_class_within(self, inner: str, outer: str) -> bool:
        """Return whether a class is below another."""
        return outer in self._database.class_ancestors(inner)

    def common_classes(self, kinds: Iterable[str]) -> list[str]:
        """Return the classes just above two or more of some classes, without the top classes."""
        parents = Counter(parent for kind in kinds for parent in self._database.class_ancestors(kind)[1:-1][:1])
        return sorted(parent for parent, count in parents.items() if count > 1)

    def _class_path(self, therapy: str) -> list[str]:
        direct_class = self._direct_classes.get(therapy)
        return self._database.class_ancestors(direct_class) if direct_class else []


def name_classes(kind: str, class_names: Mapping[str, str]) -> str:
    """Name classes by their ids, joined by " and "; what is no class stays as it is."""
    return " and ".join(within_sentence(class_names.get(class_id, class_id)) for class_id in kind.split(" and "))
