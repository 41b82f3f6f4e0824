"""The three lines that open a download in each tool; the tests run every one of them."""

from __future__ import annotations

from dataclasses import dataclass

from ..release.release_zip import zip_name

_COLUMNS = "trial_id, estimate, ci_low, ci_high"


@dataclass(frozen=True, slots=True)
class Snippet:
    """How one tool opens a download.

    Attributes:
        tool: its name.
        file: the download, from the site's folder of downloads; it lies in the working folder.
        lines: what to do, or to type.
        typed: whether the lines are code.
    """

    tool: str
    file: str
    lines: tuple[str, ...]
    typed: bool = True


def snippets(version: str) -> list[Snippet]:
    """Return the snippets for the downloads of a version."""
    zipped = zip_name(version)
    return [
        Snippet(
            "Excel",
            "luminaldb.xlsx",
            (
                "Open luminaldb.xlsx; the sheet Results has every result in words, Codebook explains every column.",
                "On the sheet Effects, choose os in the filter of the column endpoint_id.",
                'Or count in a cell of your own: =COUNTIFS(Effects!$G:$G,"os",Effects!$P:$P,"<1")',
            ),
            typed=False,
        ),
        Snippet(
            "R",
            zipped,
            (
                f'unzip("{zipped}", exdir = "luminaldb")',
                'effects <- read.csv("luminaldb/effects.csv", na.strings = "")',
                f'subset(effects, endpoint_id == "os" & ci_high < 1, c({_COLUMNS}))',
            ),
        ),
        Snippet(
            "Python, pandas",
            zipped,
            (
                "import pandas as pd, zipfile",
                f'effects = pd.read_csv(zipfile.ZipFile("{zipped}").open("effects.csv"))',
                'effects.query("endpoint_id == \'os\' and ci_high < 1")[["trial_id", "estimate", "ci_low", "ci_high"]]',
            ),
        ),
        Snippet(
            "Python, polars",
            "parquet/effects.parquet",
            (
                "import polars as pl",
                'effects = pl.read_parquet("effects.parquet")',
                'effects.filter(endpoint_id="os").filter(pl.col("ci_high") < 1)',
            ),
        ),
        Snippet(
            "SQL",
            "luminaldb.sqlite",
            (
                "ATTACH 'luminaldb.sqlite' AS luminaldb;",
                f"SELECT {_COLUMNS} FROM luminaldb.effects",
                "WHERE endpoint_id = 'os' AND ci_high < 1;",
            ),
        ),
    ]
