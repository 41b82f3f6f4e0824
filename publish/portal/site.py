"""The site's frame: its templates, its policy, and how a page is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminaldb.html_templates import template_environment

from .cells import Cell
from .data_version import describe_data_version
from .evidence import Evidence

if TYPE_CHECKING:
    from jinja2 import Environment

PORTAL_FOLDER = Path(__file__).parent
# Nothing inline, nothing evaluated, nothing from another machine. Data come as scripts, since a page opened from a
# folder may not fetch.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
NAVIGATION = (
    ("Home", "index.html"),
    ("Results", "browse/trial_results.html"),
    ("Trials", "trials/index.html"),
    ("Therapies", "therapies/index.html"),
    ("Side effects", "safety/index.html"),
    ("Biomarkers", "biomarkers/index.html"),
    ("Mechanisms", "mechanisms/index.html"),
    ("Guidance", "guidance.html"),
    ("Compare", "compare.html"),
    ("Forest plots", "forest/index.html"),
    ("Evidence map", "evidence-map.html"),
    ("Crosstalk map", "crosstalk.html"),
    ("Tables", "browse/index.html"),
    ("Quality", "quality.html"),
    ("Downloads", "downloads.html"),
)


@dataclass(frozen=True)
class Site:
    """A site being written.

    Attributes:
        evidence: what it shows.
        out: the folder it is written to.
    """

    evidence: Evidence
    out: Path

    @cached_property
    def _templates(self) -> Environment:
        environment = template_environment(PORTAL_FOLDER / "templates", keep_trailing_newline=False)
        # The templates don't change during a build: asking the disk at every use takes a tenth of it.
        environment.auto_reload = False
        content = self.evidence.content
        environment.globals |= {
            "policy": POLICY, "navigation": NAVIGATION, "version": content.version, "date": content.date,
            "description": "", "data_version": describe_data_version(self.evidence),
        }  # fmt: skip

        # The same cell is on the pages of a trial, its therapies, their classes and its sources: rendered once.
        # It is known by its identity, as comparing its parts takes longer than finding it; it is held, so that no
        # other gets the same identity.
        cells_html: dict[tuple[int, str], tuple[Cell, object]] = {}

        def cell_html(cell: Cell, root: str) -> object:
            cache_key = (id(cell), root)
            if cache_key not in cells_html:
                macros = environment.get_template("macros.html").module
                cells_html[cache_key] = (cell, macros.parts(cell, root))  # type: ignore[attr-defined]
            return cells_html[cache_key][1]

        environment.globals |= {"cell_html": cell_html, "zip": zip}
        return environment

    def write_page(self, address: str, template: str, title: str, **values: Any) -> None:
        """Write one page.

        Args:
            address: of the page, from the site's root.
            template: the template's name, without its ending.
            title: what the page is called.
            values: what the template shows; escaped there.
        """
        shared = {"root": "../" * address.count("/"), "here": address, "title": title}
        text = self._templates.get_template(f"{template}.html").render(shared | values)
        self.save(address, text.encode())

    def render_fragment(self, template: str, depth: int = 1, suffix: str = "html", **values: Any) -> str:
        """Return a piece of a page, for pages `depth` folders below the root."""
        return self._templates.get_template(f"{template}.{suffix}").render({"root": "../" * depth, **values})

    def write_script(self, address: str, path: tuple[str, ...], value: object) -> None:
        """Write data as a script that assigns it to a property of `window.luminaldb`, named by a path."""
        lines = ["window.luminaldb ??= {};"]
        for depth in range(1, len(path)):
            lines.append(f"window.luminaldb.{'.'.join(path[:depth])} ??= {{}};")
        data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        lines.append(f"window.luminaldb.{'.'.join(path)} = {data};")
        self.save(address, ("\n".join(lines) + "\n").encode())

    def save(self, address: str, data: bytes) -> None:
        """Write a file."""
        target = self.out / address
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def copy_assets(self, files: Mapping[str, str]) -> None:
        """Copy style sheets, scripts and the vendored files.

        Args:
            files: vendored file to the name it has in the site.
        """
        for file in sorted((PORTAL_FOLDER / "static").iterdir()):
            self.save(f"assets/{file.name}", file.read_bytes())
        for file_name, name in files.items():
            self.save(f"assets/vendor/{name}", (PORTAL_FOLDER / "vendor" / file_name).read_bytes())
