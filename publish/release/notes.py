"""The release notes: the changelog's section of the version, and what one needs to use it."""

from __future__ import annotations

import re
import zlib
from importlib.metadata import version

from luminaldb.errors import LuminaldbError

from ..export.content import ExportContent
from ..export.dataset_metadata import read_metadata


def section(changelog: str, version: str) -> str:
    """Return a version's section of a changelog in the form of Keep a Changelog, without its heading.

    Raises:
        LuminaldbError: it has no such section, or an empty one.
    """
    parts = re.split(r"^## \[?([^\]\s]+)\]?.*\n", changelog, flags=re.MULTILINE)
    section_text = dict(zip(parts[1::2], parts[2::2], strict=True)).get(version, "").strip()
    if not section_text:
        raise LuminaldbError(
            f"has no section [{version}]", subject="CHANGELOG.md", hint="write what changed, then build again"
        )
    return section_text


def notes(content: ExportContent, changelog: str) -> str:
    """Write the notes as Markdown."""
    dataset = read_metadata(content)
    counts = "".join(f"| `{s.name}` | {s.frame.height:,} | {s.frame.width} |\n" for s in content.tables)
    sources = "".join(f"- {f'[{s.title}]({s.path})' if s.path else s.title}\n" for s in dataset.sources)
    return f"""# {dataset.name} {dataset.version}

{dataset.description}

Released {dataset.date}. Data under [{dataset.data_licence.name}]({dataset.data_licence.url}), code under \
[{dataset.code_licence.name}]({dataset.code_licence.url}).

Cite as: {dataset.citation} Cite the papers behind the rows, too: each row names its own.

{section(changelog, dataset.version)}

### Tables

| table | rows | columns |
|---|---:|---:|
{counts}
### Sources

{sources}
### Check what you fetched

`sha256sum --check SHA256SUMS`. The same commit gives the same bytes wherever the same versions write them: \
{tool_versions()}.
"""


def tool_versions() -> str:
    """Name the versions that shape the bytes of a release."""
    packages = [f"{name} {version(name)}" for name in ("polars", "xlsxwriter", "setuptools")]
    return ", ".join([*packages, f"zlib {zlib.ZLIB_RUNTIME_VERSION}"])
