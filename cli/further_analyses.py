"""The analyses that `luminaldb meta-analysis` does beyond the pooled result, by the options that ask for them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from luminaldb.analysis.meta_analysis_result import MetaAnalysis
    from luminaldb.analysis.meta_regression import MetaRegression
    from luminaldb.analysis.small_study_effects import EggerTest
    from luminaldb.analysis.subgroups import SubgroupAnalysis


@dataclass(frozen=True)
class FurtherAnalyses:
    """The further analyses that a user asks for.

    Attributes:
        subgroups: column that makes subgroups.
        regression: columns of a meta-regression.
        leave_one_out: whether to pool again without each study.
        cumulative: whether to pool study by study.
        small_studies: whether to do Egger's test.
    """

    subgroups: str | None
    regression: tuple[str, ...]
    leave_one_out: bool
    cumulative: bool
    small_studies: bool

    def refuse_unknown_columns(self, pooled: MetaAnalysis) -> None:
        """Raise a LuminaldbError, before anything is written, where the studies lack a column that was asked for."""
        from luminaldb.analysis.moderators import refuse_unknown

        for column in (*self.regression, *([] if self.subgroups is None else [self.subgroups])):
            refuse_unknown(column, pooled.studies)

    def run(self, pooled: MetaAnalysis) -> FurtherResults:
        """Do the analyses that are asked for; what the studies don't allow for one prevents none of the others."""
        from luminaldb.analysis.meta_regression import meta_regression
        from luminaldb.analysis.sensitivity import cumulative_meta_analysis, leave_one_out
        from luminaldb.analysis.small_study_effects import egger_test
        from luminaldb.analysis.subgroups import subgroup_analysis
        from luminaldb.errors import LuminaldbError

        def regress() -> MetaRegression:
            return meta_regression(
                pooled, self.regression, model=pooled.model, test=pooled.test, ci_level=pooled.ci_level
            )

        analyses: dict[str, tuple[bool, Callable[[], Any]]] = {
            "subgroups": (self.subgroups is not None, lambda: subgroup_analysis(pooled, self.subgroups or "")),
            "regression": (bool(self.regression), regress),
            "leave_one_out": (self.leave_one_out, lambda: leave_one_out(pooled)),
            "cumulative": (self.cumulative, lambda: cumulative_meta_analysis(pooled)),
            "small_studies": (self.small_studies, lambda: egger_test(pooled)),
        }
        results: dict[str, Any] = {}
        errors: list[str] = []
        messages: list[str] = []
        for name, (is_requested, analyse) in analyses.items():
            if not is_requested:
                continue
            # The results of the others repeat their warnings.
            keeps_warnings = name == "cumulative"
            with warnings.catch_warnings(record=keeps_warnings) as caught_warnings:
                warnings.simplefilter("always" if keeps_warnings else "ignore", UserWarning)
                try:
                    results[name] = analyse()
                    messages += [str(warning.message) for warning in caught_warnings or ()]
                except LuminaldbError as error:
                    errors.append(str(error))
        return FurtherResults(**results, warnings=tuple(messages), errors=tuple(errors))


@dataclass(frozen=True)
class FurtherResults:
    """What the further analyses give; None for one that wasn't asked for, or that the studies don't allow.

    Attributes:
        subgroups: the subgroup analysis.
        regression: the meta-regression.
        leave_one_out: the result without each study.
        cumulative: the result of the first studies, by year.
        small_studies: Egger's test.
        warnings: of the cumulative meta-analysis.
        errors: why an analysis isn't possible.
    """

    subgroups: SubgroupAnalysis | None = None
    regression: MetaRegression | None = None
    leave_one_out: pl.DataFrame | None = None
    cumulative: pl.DataFrame | None = None
    small_studies: EggerTest | None = None
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
