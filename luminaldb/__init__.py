"""luminaldb: open, versioned evidence on endocrine and HER2-targeted therapy of luminal breast cancer.

>>> import luminaldb
>>> luminaldb.load("effects")            # a polars DataFrame
>>> luminaldb.trial_results()            # ready for a meta-analysis
>>> luminaldb.evidence_for("Faslodex")   # everything that touches fulvestrant

Nothing heavy is imported until one of these is called. Only a release that you name by its version is downloaded.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .analysis.absolute_effects import AbsoluteEffect, absolute_effect
    from .analysis.adverse_events import adverse_events
    from .analysis.comparisons import comparisons
    from .analysis.crosstalk_graph import crosstalk_graph
    from .analysis.deprecated import forest, network, pool, question
    from .analysis.forest_plot import forest_plot
    from .analysis.funnel_plot import funnel_plot
    from .analysis.meta_analysis import meta_analysis
    from .analysis.meta_analysis_result import MetaAnalysis
    from .analysis.meta_regression import MetaRegression, meta_regression
    from .analysis.network_meta_analysis.contrasts import contrasts
    from .analysis.network_meta_analysis.network import network_meta_analysis
    from .analysis.network_meta_analysis.network_result import NetworkMetaAnalysis
    from .analysis.plot_file import Plot
    from .analysis.selection import Selection
    from .analysis.sensitivity import cumulative_meta_analysis, leave_one_out
    from .analysis.small_study_effects import EggerTest, egger_test
    from .analysis.subgroups import SubgroupAnalysis, subgroup_analysis
    from .analysis.summary_of_findings import SummaryOfFindings, summary_of_findings
    from .errors import (
        DescriptorError,
        LuminaldbError,
        MissingExtraError,
        ReleaseError,
        RetiredIdWarning,
        TableError,
        UnknownTableError,
        UnsafePathError,
    )
    from .issues import Issue, Report
    from .loaders.catalogue import describe, tables
    from .loaders.database import Database
    from .loaders.datapackage.package import Package
    from .loaders.evidence import evidence_for
    from .loaders.frames import load, scan
    from .loaders.releases.versions import install_data, versions
    from .loaders.retired import current_id
    from .loaders.search import search
    from .loaders.views import trial_results
    from .publish.export.export import export
    from .schemas.pandera_schema import schema
    from .schemas.user_frames import validate_frame
    from .schemas.validate import validate

    __version__: str

_MODULES = {
    "adverse_events": "analysis.adverse_events",
    "AbsoluteEffect": "analysis.absolute_effects",
    "absolute_effect": "analysis.absolute_effects",
    "funnel_plot": "analysis.funnel_plot",
    "MetaRegression": "analysis.meta_regression",
    "meta_regression": "analysis.meta_regression",
    "cumulative_meta_analysis": "analysis.sensitivity",
    "leave_one_out": "analysis.sensitivity",
    "EggerTest": "analysis.small_study_effects",
    "egger_test": "analysis.small_study_effects",
    "SubgroupAnalysis": "analysis.subgroups",
    "subgroup_analysis": "analysis.subgroups",
    "SummaryOfFindings": "analysis.summary_of_findings",
    "summary_of_findings": "analysis.summary_of_findings",
    "comparisons": "analysis.comparisons",
    "crosstalk_graph": "analysis.crosstalk_graph",
    "forest": "analysis.deprecated",
    "network": "analysis.deprecated",
    "pool": "analysis.deprecated",
    "question": "analysis.deprecated",
    "forest_plot": "analysis.forest_plot",
    "Plot": "analysis.plot_file",
    "MetaAnalysis": "analysis.meta_analysis_result",
    "meta_analysis": "analysis.meta_analysis",
    "contrasts": "analysis.network_meta_analysis.contrasts",
    "NetworkMetaAnalysis": "analysis.network_meta_analysis.network_result",
    "network_meta_analysis": "analysis.network_meta_analysis.network",
    "Selection": "analysis.selection",
    "DescriptorError": "errors",
    "LuminaldbError": "errors",
    "MissingExtraError": "errors",
    "ReleaseError": "errors",
    "RetiredIdWarning": "errors",
    "TableError": "errors",
    "UnknownTableError": "errors",
    "UnsafePathError": "errors",
    "Issue": "issues",
    "Report": "issues",
    "describe": "loaders.catalogue",
    "tables": "loaders.catalogue",
    "Database": "loaders.database",
    "Package": "loaders.datapackage.package",
    "evidence_for": "loaders.evidence",
    "load": "loaders.frames",
    "scan": "loaders.frames",
    "install_data": "loaders.releases.versions",
    "versions": "loaders.releases.versions",
    "current_id": "loaders.retired",
    "search": "loaders.search",
    "trial_results": "loaders.views",
    "export": "publish.export.export",
    "validate_frame": "schemas.user_frames",
    "schema": "schemas.pandera_schema",
    "validate": "schemas.validate",
}

__all__ = [
    "AbsoluteEffect",
    "Database",
    "DescriptorError",
    "EggerTest",
    "Issue",
    "LuminaldbError",
    "MetaAnalysis",
    "MetaRegression",
    "MissingExtraError",
    "NetworkMetaAnalysis",
    "Package",
    "Plot",
    "ReleaseError",
    "Report",
    "RetiredIdWarning",
    "Selection",
    "SubgroupAnalysis",
    "SummaryOfFindings",
    "TableError",
    "UnknownTableError",
    "UnsafePathError",
    "__version__",
    "absolute_effect",
    "adverse_events",
    "comparisons",
    "contrasts",
    "crosstalk_graph",
    "cumulative_meta_analysis",
    "current_id",
    "describe",
    "egger_test",
    "evidence_for",
    "export",
    "forest",
    "forest_plot",
    "funnel_plot",
    "install_data",
    "leave_one_out",
    "load",
    "meta_analysis",
    "meta_regression",
    "network",
    "network_meta_analysis",
    "pool",
    "question",
    "scan",
    "schema",
    "search",
    "subgroup_analysis",
    "summary_of_findings",
    "tables",
    "trial_results",
    "validate",
    "validate_frame",
    "versions",
]


# Names of version 2, which go in 4.0.
_RENAMED = {"Finding": "Issue"}


def __getattr__(name: str) -> object:
    if name in _RENAMED:
        import warnings

        new = _RENAMED[name]
        warnings.warn(f"luminaldb.{name} is called luminaldb.{new} since 3.0", DeprecationWarning, stacklevel=2)
        return __getattr__(new)
    if name in _MODULES:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    elif name == "__version__":
        from importlib.metadata import version

        value = version("luminaldb")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
