"""Builds the portal: every page, the data its scripts read, the downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from luminaldb.input_files import parse_path

from ..export.content import Content, choose_content
from .biomarker_pages import write_biomarker_pages
from .comparison import write_comparison
from .crosstalk import write_crosstalk
from .downloads import write_downloads
from .entity_pages import write_entity_pages
from .evidence import Evidence
from .evidence_map import write_evidence_map
from .guidance import write_guidance
from .home import write_front
from .independent_parts import independent_parts_process, write_independent_parts
from .output_folder import replace_portal
from .retired_pages import write_retired
from .search_index import write_search
from .site import Site
from .vendoring import in_site

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
    content: Content | None = None,
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
    say = progress or (lambda _: None)
    target = parse_path(out)
    evidence = Evidence(content or choose_content())
    with replace_portal(target, force=force) as place:
        site = Site(evidence, place)
        if processes > 1:
            with independent_parts_process(place, evidence.database):
                _write_pages(site, say)
        else:
            _write_pages(site, say)
            write_independent_parts(site, say)
    files = [p for p in target.rglob("*") if p.is_file()]
    return BuildResult(target, len(files), sum(p.stat().st_size for p in files))


def _write_pages(site: Site, say: Progress) -> None:
    """Write everything but the independent parts."""
    site.copy_assets(in_site())
    say("downloads")
    quick = write_downloads(site, say)
    write_entity_pages(site, say)
    say("biomarkers, guidance")
    write_biomarker_pages(site)
    write_guidance(site)
    write_comparison(site)
    write_retired(site)
    say("maps")
    write_crosstalk(site)
    map_lines = write_evidence_map(site)
    say("search")
    write_search(site)
    say("quality")
    write_front(site, quick, map_lines)
