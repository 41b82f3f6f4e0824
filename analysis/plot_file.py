"""Plots that save themselves: SVG, PDF and PNG by Vega, HTML that works without a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.atomic_write import replace_file
from luminaldb.errors import LuminaldbError

from .html_templates import render

if TYPE_CHECKING:
    import altair as alt

SUFFIXES = (".svg", ".pdf", ".png", ".html", ".json")
# Of a printed page.
_DOTS_PER_INCH = 300


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot.

    Attributes:
        chart: the Altair chart; whatever a chart can do, the plot can do too.
        title: of the page when saved as HTML.
        table: what is drawn, as text, for readers who don't see the picture.
    """

    chart: alt.LayerChart
    title: str
    table: pl.DataFrame

    def save(self, path: str | Path, *, force: bool = True, **options: Any) -> None:
        """Write the plot.

        Args:
            path: ends in .svg, .pdf, .png (300 dots per inch), .html (the picture and its table, without scripts) or
                .json (Vega-Lite).
            force: whether a file of that name is overwritten.
            options: of Altair's `Chart.save`.

        Raises:
            LuminaldbError: another suffix, a file that exists, or a place that can't be written.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in SUFFIXES:
            raise LuminaldbError(f"a plot isn't saved as {suffix or 'a file without suffix'}", subject=str(path),
                                 hint=f"choose a name that ends in {', '.join(SUFFIXES)}")  # fmt: skip
        with replace_file(target, force=force) as temporary_file:
            if suffix == ".html":
                temporary_file.write_text(self.to_html(), encoding="utf-8")
            else:
                self.chart.save(str(temporary_file), **({"ppi": _DOTS_PER_INCH} if suffix == ".png" else {}) | options)

    def to_html(self) -> str:
        """Return a page with the picture as SVG, and its table."""
        import vl_convert

        svg = str(vl_convert.vegalite_to_svg(self.chart.to_dict()))
        return render("plot", title=self.title, svg=svg, columns=self.table.columns, rows=self.table.rows())

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """Return the chart as Vega-Lite."""
        return dict(self.chart.to_dict(**options))

    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> Any:
        return self.chart._repr_mimebundle_(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.chart, name)
