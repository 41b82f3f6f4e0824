"""luminaldb: open, versioned evidence on endocrine and HER2-targeted therapy of luminal breast cancer.

>>> import luminaldb
>>> luminaldb.load("effects")            # a polars DataFrame
>>> luminaldb.trial_results()            # ready for a meta-analysis
>>> luminaldb.evidence_for("Faslodex")   # everything that touches fulvestrant

Nothing heavy is imported until one of these is called, and nothing is downloaded but a release asked for by version.
"""

import os as _os

# In a checkout the rooms (loaders, schemas, …) stand beside this folder, in a wheel inside it.
if not _os.path.isdir(_os.path.join(__path__[0], "loaders")):  # noqa: PTH112, PTH118 - pathlib costs 5 ms
    __path__.append(_os.path.dirname(__path__[0]))  # noqa: PTH120

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .analysis.forest import forest
    from .analysis.network import network
    from .analysis.pooling import pool
    from .analysis.question import question
    from .loaders.catalogue import describe, tables
    from .loaders.errors import (
        DescriptorError,
        LuminaldbError,
        MissingExtraError,
        ReleaseError,
        RetiredIdWarning,
        TableError,
        UnknownTableError,
        UnsafePathError,
    )
    from .loaders.evidence import evidence_for
    from .loaders.frames import load, scan
    from .loaders.package import Package
    from .loaders.releases import install_data, versions
    from .loaders.retired import current_id
    from .loaders.search import search
    from .loaders.views import trial_results
    from .publish.export import export
    from .schemas.engines.frames import validate_frame
    from .schemas.findings import Finding, Report
    from .schemas.pandera_schema import schema
    from .schemas.validation import validate

    __version__: str

_HOMES = {
    "forest": "analysis.forest",
    "network": "analysis.network",
    "pool": "analysis.pooling",
    "question": "analysis.question",
    "describe": "loaders.catalogue",
    "tables": "loaders.catalogue",
    "DescriptorError": "loaders.errors",
    "LuminaldbError": "loaders.errors",
    "MissingExtraError": "loaders.errors",
    "ReleaseError": "loaders.errors",
    "RetiredIdWarning": "loaders.errors",
    "TableError": "loaders.errors",
    "UnknownTableError": "loaders.errors",
    "UnsafePathError": "loaders.errors",
    "evidence_for": "loaders.evidence",
    "load": "loaders.frames",
    "scan": "loaders.frames",
    "Package": "loaders.package",
    "install_data": "loaders.releases",
    "versions": "loaders.releases",
    "current_id": "loaders.retired",
    "search": "loaders.search",
    "trial_results": "loaders.views",
    "export": "publish.export",
    "Finding": "schemas.findings",
    "Report": "schemas.findings",
    "schema": "schemas.pandera_schema",
    "validate": "schemas.validation",
    "validate_frame": "schemas.engines.frames",
}

__all__ = [
    "DescriptorError",
    "Finding",
    "LuminaldbError",
    "MissingExtraError",
    "Package",
    "ReleaseError",
    "Report",
    "RetiredIdWarning",
    "TableError",
    "UnknownTableError",
    "UnsafePathError",
    "__version__",
    "current_id",
    "describe",
    "evidence_for",
    "export",
    "forest",
    "install_data",
    "load",
    "network",
    "pool",
    "question",
    "scan",
    "schema",
    "search",
    "tables",
    "trial_results",
    "validate",
    "validate_frame",
    "versions",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name == "__version__":
        from importlib.metadata import version

        value = version("luminaldb")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
