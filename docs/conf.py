"""How Sphinx builds the documentation: `sphinx-build -W docs public`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from luminaldb import __version__

project = "luminaldb"
author = "The luminaldb contributors"
copyright = author
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "generated_pages"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["portal/*"]
html_theme = "furo"
html_title = f"luminaldb {release}"
# Nothing is loaded from another machine.
html_theme_options = {"source_repository": "", "footer_icons": []}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
# Links from documents that are also read in the repository, where CONTRIBUTING.md and CHANGELOG.md are one folder up.
suppress_warnings = ["myst.xref_missing", "myst.header"]
