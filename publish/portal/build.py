"""Builds the portal: every page, the data its scripts read, the downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from luminaldb.input_files import parse_path

from ..export.content import ExportContent, choose_content
from .biomarker_pages import write_biomarker_pages
from .comparison import write_comparison_page
from .crosstalk import write_crosstalk_map
from .downloads import write_downloads
from .entity_pages import write_entity_pages
from .evidence import Evidence
from .evidence_map import write_evidence_map
from .guidance import write_guidance_page
from .home import write_home_and_quality_pages
from .output_folder import replace_portal
from .parallel_pages import run_parallel_pages, write_parallel_pages
from .retired_pages import write_retired_pages
from .search_index import write_search_page
from .site import Site
from .vendoring import vendored_file_names

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build wrote: the folder, its files, their bytes."""

    folder: Path
    files: int
    bytes: int


def build(
    out: str | Path,
    *,
    force: bool = False,
    progress: Progress | None = None,
    content: ExportContent | None = None,
    processes: int = 2,
) -> BuildResult:
    """Build the portal.

    Args:
        out: the folder to write; it appears whole or not at all.
        force: replace an existing portal.
        progress: called with the name of each part before it is written.
        content: the tables; the installed ones if omitted.
        processes: 2 to write about half of the parts in a process of their own, 1 to write one after the other.

    Raises:
        LuminaldbError: the folder holds something else, or can't be written.
        MissingExtraError: a library of the extra `portal` isn't installed.
    """
    report_progress = progress or (lambda _: None)
    target = parse_path(out)
    evidence = Evidence(content or choose_content())
    with replace_portal(target, force=force) as folder:
        site = Site(evidence, folder)
        if processes > 1:
            with run_parallel_pages(folder, evidence.database):
                _write_pages(site, report_progress)
        else:
            _write_pages(site, report_progress)
            write_parallel_pages(site, report_progress)
    files = [p for p in target.rglob("*") if p.is_file()]
    return BuildResult(target, len(files), sum(p.stat().st_size for p in files))


def _write_pages(site: Site, report_progress: Progress) -> None:
    """Write everything but the parallel pages."""
    site.copy_assets(vendored_file_names())
    report_progress("downloads")
    quick = write_downloads(site, report_progress)
    write_entity_pages(site, report_progress)
    report_progress("biomarkers, guidance")
    write_biomarker_pages(site)
    write_guidance_page(site)
    write_comparison_page(site)
    write_retired_pages(site)
    report_progress("maps")
    write_crosstalk_map(site)
    map_lines = write_evidence_map(site)
    report_progress("search")
    write_search_page(site)
    report_progress("quality")
    write_home_and_quality_pages(site, quick, map_lines)
