"""How two arms differ: a therapy added, one in the place of another, another dose or duration, or more than that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from luminaldb.loaders.database import Database
from luminaldb.loaders.names import within_sentence

from .question import Question

CONTROL = "control"
ADD_ON = "add-on"
SCHEDULE = "dose, schedule or duration"
OTHER = "other therapies"
IN_PLACE = "in place of "
BIOSIMILAR = "its biosimilar"
_BIOSIMILAR_ID = "{}-biosimilar"
_Therapies = frozenset[str]


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """How the experimental arm of a pair differs from its control arm.

    Attributes:
        tests: whether the pair tests the therapy of the question: only its experimental arm has it.
        comparator_given: whether the control arm has the comparator of the question.
        kind: ADD_ON, SCHEDULE, OTHER, the class that the therapy replaces, BIOSIMILAR where it replaces its own
            biosimilar, or "" where no therapy was asked for.
        replaced: the therapies that it replaces.
    """

    tests: bool
    has_comparator: bool
    kind: str
    replaced: _Therapies = frozenset()


class ArmComparer:
    """Compares pairs of arms for one question."""

    def __init__(self, question: Question, database: Database) -> None:
        """Find the therapies that the question is about."""
        self._database = database
        self._classes = database.classes_of_therapies
        self._own_classes = dict(database.frame("therapies").select("therapy_id", "class_id").iter_rows())
        classes = database.frame("therapy_classes").select("class_id", "name")
        self.class_names: dict[str, str] = dict(classes.iter_rows())
        self._ignored = self._members(CONTROL)
        asked = self._therapies_of(question.therapy, question.therapy_class)
        against = self._therapies_of(question.control, question.control_class)
        self.same = bool(asked) and asked == against
        if asked and against and not self.same:
            # A class within the other is the narrower meaning: oral SERDs against endocrine therapy.
            if len(asked) <= len(against):
                against -= asked
            else:
                asked -= against
        self.asked, self.against = asked, against

    def _therapies_of(self, therapy: str | None, therapy_class: str | None) -> _Therapies:
        if therapy is not None:
            return frozenset({therapy})
        return self._members(therapy_class) if therapy_class is not None else frozenset()

    def _members(self, therapy_class: str) -> _Therapies:
        return frozenset(therapy for therapy, classes in self._classes.items() if therapy_class in classes)

    def therapies(self, text: str | None) -> _Therapies:
        """Return the therapies of an arm without placebo and observation."""
        return frozenset((text or "").split("; ")) - {""} - self._ignored

    def compare(self, experimental: str | None, control: str | None) -> ArmComparison:
        """Compare two arms.

        Args:
            experimental: ids of therapies, joined by `; ` as in `trial_results()`.
            control: the same of the control arm.
        """
        treatment, against = self.therapies(experimental), self.therapies(control)
        # Placebo and observation don't count as a difference, but a question may name them as the comparator.
        stated = frozenset((control or "").split("; "))
        has_comparator = not self.against or bool(stated & self.against)
        if not self.asked:
            return ArmComparison(has_comparator and treatment != against, has_comparator, "")
        if self.same:
            tests = bool(treatment & self.asked) and bool(against & self.asked)
            return ArmComparison(
                tests, has_comparator, self._compare_within_class(treatment, against), against - treatment
            )
        tests = bool(treatment & self.asked) and not against & self.asked
        if treatment - self.asked == against:
            return ArmComparison(tests, has_comparator, ADD_ON)
        replaced = against - treatment
        alike = treatment - against <= self.asked and bool(replaced)
        if self.against and not replaced <= self.against:
            alike = False
        kind = self._kind_of_exchange(treatment - against, replaced) if alike else OTHER
        return ArmComparison(tests, has_comparator, kind, replaced)

    def _kind_of_exchange(self, therapies: _Therapies, replaced: _Therapies) -> str:
        """Give the class replaced; a reference product against its biosimilar compares nothing but the product."""
        biosimilars = {_BIOSIMILAR_ID.format(therapy) for therapy in therapies}
        return BIOSIMILAR if replaced == biosimilars else self.class_of(replaced)

    def _compare_within_class(self, treatment: _Therapies, against: _Therapies) -> str:
        """Compare arms that both have a therapy of the class: another dose, one more of the class, or another of it."""
        if treatment == against:
            return SCHEDULE
        more, less = treatment - against, against - treatment
        if not more | less <= self.asked:
            return OTHER
        if not less:
            return ADD_ON
        return self.class_of(less) if more else OTHER

    def class_of(self, therapies: Iterable[str]) -> str:
        """Return the nearest class above all of some therapies; their top classes, joined, where there is none."""
        lines = [self._line(therapy) for therapy in sorted(therapies)]
        common = next((c for c in lines[0] if all(c in line for line in lines)), None) if lines else None
        return common or " and ".join(sorted({line[-1] for line in lines if line}))

    def is_within(self, therapies: Iterable[str], therapy_class: str) -> bool:
        """Return whether every therapy is of a class."""
        return all(therapy_class in self._classes.get(therapy, ()) for therapy in therapies)

    def is_class_within(self, inner: str, outer: str) -> bool:
        """Return whether a class is below another."""
        return outer in self._database.class_ancestors(inner)

    def common_classes(self, kinds: Iterable[str]) -> list[str]:
        """Return the classes just above two or more of some classes, without the top classes."""
        above = Counter(one for kind in kinds for one in self._database.class_ancestors(kind)[1:-1][:1])
        return sorted(one for one, count in above.items() if count > 1)

    def _line(self, therapy: str) -> list[str]:
        own = self._own_classes.get(therapy)
        return self._database.class_ancestors(own) if own else []


def name_classes(kind: str, class_names: Mapping[str, str]) -> str:
    """Name classes by their ids, joined by " and "; what is no class stays as it is."""
    return " and ".join(within_sentence(class_names.get(one, one)) for one in kind.split(" and "))
