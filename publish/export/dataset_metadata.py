"""The metadata of the dataset, read from the descriptors: every artifact takes them from here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from luminaldb.errors import LuminaldbError

from .content import AUTHOR, DISCLAIMER, TITLE, ExportContent

NAME = "luminaldb"
DESCRIPTION = (
    "Open, versioned evidence base on endocrine and HER2-targeted therapy of luminal (ER+) breast cancer, "
    "HER2-positive disease first: therapies, resistance mechanisms, ER-HER2 crosstalk, trials, trial results, claims "
    f"and citations, each fact with its source. {DISCLAIMER}"
)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its SPDX identifier, its title, its text's address."""

    name: str
    title: str
    url: str


CODE_LICENCE = Licence("MIT", "MIT License", "https://opensource.org/license/mit")


@dataclass(frozen=True, slots=True)
class Origin:
    """A source of the data; path is its address, or ""."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class DatasetMetadata:
    """The metadata of a version of the dataset.

    Attributes:
        version: semantic version.
        date: date of the release, YYYY-MM-DD: the descriptors' `created`.
        creators: who made it.
        publishers: who publishes it.
        data_licence: licence of the tables.
        code_licence: licence of the code.
        citation: how to cite it.
        sources: where the data come from.
    """

    version: str
    date: str
    creators: tuple[str, ...]
    publishers: tuple[str, ...]
    data_licence: Licence
    code_licence: Licence
    citation: str
    keywords: tuple[str, ...]
    sources: tuple[Origin, ...]
    name: str = NAME
    title: str = TITLE
    description: str = DESCRIPTION

    @property
    def year(self) -> str:
        """The year of the release."""
        return self.date[:4]

    @property
    def epoch(self) -> int:
        """The release's date as seconds since 1970, UTC."""
        return int(datetime.datetime.fromisoformat(self.date).replace(tzinfo=datetime.UTC).timestamp())

    def licences(self, *, code: bool) -> list[Licence]:
        """Return the licences of a file: the data's, and the code's where it holds code."""
        return [self.data_licence, self.code_licence] if code else [self.data_licence]


def read_metadata(content: ExportContent) -> DatasetMetadata:
    """Gather the facts from the descriptors of the packages exported.

    Raises:
        LuminaldbError: a descriptor says nothing about licence, contributors, keywords or sources.
    """
    try:
        return _read_metadata(content)
    except (LookupError, TypeError, AttributeError) as error:
        hint = "an export names licenses, contributors, keywords and sources of a package; add them to its descriptor"
        descriptor_file = content.tables[0].package.descriptor_file
        raise LuminaldbError(f"lacks {error}", subject=descriptor_file, hint=hint) from None


def _read_metadata(content: ExportContent) -> DatasetMetadata:
    descriptors = [table.package.descriptor.properties for table in content.tables]
    licence = descriptors[0]["licenses"][0]
    return DatasetMetadata(
        version=content.version,
        date=content.date,
        creators=(AUTHOR,),
        publishers=tuple(c["title"] for c in descriptors[0]["contributors"] if "publisher" in c["roles"]),
        data_licence=Licence(licence["name"], licence["title"], licence["path"]),
        code_licence=CODE_LICENCE,
        citation=content.citation,
        keywords=tuple(_distinct(k for descriptor in descriptors for k in descriptor["keywords"])),
        sources=tuple(
            _distinct(
                Origin(s["title"], s.get("path", "")) for descriptor in descriptors for s in descriptor["sources"]
            )
        ),
    )


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
