"""Writes the pages of biomarkers and their list."""

from __future__ import annotations

from luminaldb.loaders.biomarkers import BIOMARKERS

from .entity_pages import cite_page
from .pages.biomarker import biomarker_address, biomarker_page
from .site import Site


def write_biomarker_pages(site: Site) -> None:
    """Write a page for each biomarker, and their list with how many results each has."""
    lines = []
    for marker in BIOMARKERS:
        page = biomarker_page(site.evidence, marker)
        site.write_page(page.address, "entity", page.title, page=page, folder="biomarkers", kinds="biomarkers",
                   cite=cite_page(site.evidence, page))  # fmt: skip
        results = next((s.total for s in page.sections if s.id == "effects"), 0)
        lines.append((marker.name, biomarker_address(marker), results, ", ".join(marker.genes)))
    site.write_page("biomarkers/index.html", "biomarkers", "Biomarkers", lines=lines)
