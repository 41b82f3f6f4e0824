"""Draw the lines of a forest plot: columns of text, intervals, squares and diamonds within a width."""

from __future__ import annotations

import math
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from .effect_direction import infer_lower_is_better
from .meta_analysis_result import MetaAnalysis

if TYPE_CHECKING:
    import altair as alt

# 170 mm, the width of two columns of a journal, at 96 dots per inch; 85 mm is one column.
TWO_COLUMNS, ONE_COLUMN = 642, 321
_ROW_HEIGHT, _FONT_SIZE, _LETTER_WIDTH, _COLUMN_GAP = 19, 10, 5.0, 8
_MIN_PLOT_WIDTH = 70
_BLUE, _ORANGE, _GREY = "#1f4e79", "#b45309", "#888888"
# A ratio this many times the pooled one, either way, ends in an arrow.
_MAX_RATIO_TO_POOLED = 12.0
_HALF_DIAMOND = 0.33
_MIN_SHARE_WITH_EVENTS = 0.5
_WIDE_PLOT_WIDTH = 150
_MAX_TICKS, _TICK_WIDTH = 5, 23
# Ticks of a ratio, coarser where the axis is long.
_RATIO_TICKS = (
    (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5),
    (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10),
    (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
    (0.001, 0.01, 0.1, 1, 10, 100, 1000),
)


def axis_title(pooled: MetaAnalysis) -> str:
    """Name the measure and the level of its intervals."""
    name = pooled.measure.replace("_", " ").capitalize()
    return f"{name} ({pooled.ci_level:g} % CI)"


class Drawing:
    """Places the columns of a plot within its width, and draws its layers."""

    def __init__(self, pooled: MetaAnalysis, rows: pl.DataFrame, width: int, favours: tuple[str, str] | None) -> None:
        self.pooled, self.width = pooled, width
        self.none = 1.0 if pooled.is_ratio else 0.0
        self.low, self.high = _domain(pooled, rows, self.none)
        numbered_rows = rows.with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))
        self.rows = numbered_rows.with_columns(
            shown_low=pl.col("low").clip(self.low, self.high),
            shown_high=pl.col("high").clip(self.low, self.high),
            share=pl.when(pl.col("kind") == "study").then(pl.format("{} %", pl.col("weight").round(1))).fill_null(""),
        )
        self.favours = favours or ("experimental", "control")
        self.bottom = rows.height + 1
        self.left, self.right = self._columns()
        self.plot = max(_MIN_PLOT_WIDTH, width - int(sum(w for _, _, w in (*self.left, *self.right))) - _COLUMN_GAP)
        max_ticks = min(_MAX_TICKS, self.plot // _TICK_WIDTH)
        ticks = _ticks(self.low, self.high, max_ticks)
        self.ticks: dict[str, Any] = {"values": ticks, "format": "~g"} if pooled.is_ratio else {"tickCount": max_ticks}

    def _columns(self) -> tuple[list[tuple[str, str, float]], list[tuple[str, str, float]]]:
        """Return heading, column and width of the columns of text left and right of the plot."""
        is_narrow = self.width < TWO_COLUMNS * 0.75
        self.label_share = 0.38 if is_narrow else 0.45
        letters = int(self.width * self.label_share / _LETTER_WIDTH)
        self.rows = self.rows.with_columns(pl.Series("label", _shorten_labels(self.rows["label"].to_list(), letters)))
        left = [("Study", "label")]
        right = [(f"{self.pooled.measure.replace('_', ' ').capitalize()}", "interval")]
        if not is_narrow:
            studies = self.rows.filter(pl.col("kind") == "study")
            # Mostly empty columns take room from the plot.
            if (studies["events"] != "").sum() >= _MIN_SHARE_WITH_EVENTS * studies.height:
                left += [("Experimental", "events"), ("Control", "control_events")]
            right.append(("Weight", "share"))
        return [(h, c, self._text_width(h, c)) for h, c in left], [(h, c, self._text_width(h, c)) for h, c in right]

    def _text_width(self, heading: str, column: str) -> float:
        longest_text = max(len(text or "") for text in [heading, *self.rows[column]])
        limit = self.width * (self.label_share if column == "label" else 0.35)
        return min(limit, longest_text * _LETTER_WIDTH) + _COLUMN_GAP

    @property
    def has_events(self) -> bool:
        """Whether the arms' events have columns."""
        return any(column == "events" for _, column, _ in self.left)

    def chart(self, title: str, notes: Sequence[str]) -> alt.LayerChart:
        """Draw the plot.

        Args:
            title: above it.
            notes: lines below the title.
        """
        import altair as alt

        layers = [self._null_line(), *self._intervals(), *self._diamonds(), *self._texts(), *self._favours()]
        # A little less than fits, since the letters of a title are wider.
        letters = int(self.width / _LETTER_WIDTH * 0.95)
        result: alt.LayerChart = (
            alt.layer(*layers)
            .properties(
                width=self.plot,
                height=_ROW_HEIGHT * (self.bottom + 0.6),
                title=alt.Title(
                    textwrap.wrap(title, int(letters * 0.8)), anchor="start", frame="bounds", fontSize=_FONT_SIZE + 2,
                    subtitle=[part for note in notes for part in textwrap.wrap(note, letters)],
                    subtitleFontSize=_FONT_SIZE,
                ),
                padding=5,
            )
            .configure_view(stroke=None)
            .configure_axis(grid=False, labelFontSize=_FONT_SIZE, titleFontSize=_FONT_SIZE)
        )  # fmt: skip
        return result

    def _x(self, field: str) -> Any:
        import altair as alt

        scale = alt.Scale(
            type="log" if self.pooled.is_ratio else "linear", domain=[self.low, self.high], nice=False, clamp=True
        )
        return alt.X(
            f"{field}:Q",
            scale=scale,
            title=axis_title(self.pooled),
            axis=alt.Axis(labelOverlap=False, **self.ticks),
        )

    def _y(self, field: str = "row") -> Any:
        import altair as alt

        return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[self.bottom + 0.3, -0.3], nice=False, zero=False))

    def _null_line(self) -> Any:
        import altair as alt

        ends = pl.DataFrame({"at": [self.none], "row": [0.5], "end": [self.bottom - 0.5]})
        return alt.Chart(ends).mark_rule(color=_GREY).encode(x=self._x("at"), y=self._y(), y2="end:Q")

    def _intervals(self) -> list[Any]:
        import altair as alt

        tooltip = ["label:N", "text:N", "rescaled:N", "result_id:N"]
        studies = self.rows.filter(pl.col("kind") == "study")
        studies_in_range = studies.filter(pl.col("estimate").is_between(self.low, self.high))
        prediction = self.rows.filter(pl.col("kind") == "prediction")
        arrows_and_shapes = [
            (studies.filter(pl.col("low") < self.low).with_columns(at=pl.lit(self.low)), "triangle-left"),
            (studies.filter(pl.col("high") > self.high).with_columns(at=pl.lit(self.high)), "triangle-right"),
        ]
        squares = alt.Chart(studies_in_range).mark_point(shape="square", filled=True, color=_BLUE, opacity=1)
        size = alt.Size("weight:Q", legend=None, scale=alt.Scale(range=[12, self._largest_square()], domainMin=0))
        span = {"x": self._x("shown_low"), "x2": "shown_high:Q", "y": self._y(), "tooltip": tooltip}
        layers = [
            alt.Chart(studies).mark_rule(color=_BLUE).encode(**span),
            squares.encode(x=self._x("estimate"), y=self._y(), size=size, tooltip=tooltip),
        ]
        if prediction.height:
            layers.append(alt.Chart(prediction).mark_rule(color=_ORANGE, strokeDash=[4, 3]).encode(**span))
        for arrows, shape in arrows_and_shapes:
            if arrows.height:
                mark = alt.Chart(arrows).mark_point(shape=shape, filled=True, color=_BLUE, size=45, opacity=1)
                layers.append(mark.encode(x=self._x("at"), y=self._y()))
        return layers

    def _largest_square(self) -> int:
        """Return the area of the largest square; in a narrow plot it must not hide the intervals."""
        return 130 if self.plot >= _WIDE_PLOT_WIDTH else 40

    def _diamonds(self) -> list[Any]:
        import altair as alt

        corners = []
        for row in self.rows.filter(pl.col("kind").is_in(["pooled", "subgroup"])).iter_rows(named=True):
            middle = min(max(row["estimate"], self.low), self.high)
            points = [
                (row["shown_low"], 0.0), (middle, -_HALF_DIAMOND), (row["shown_high"], 0.0), (middle, _HALF_DIAMOND),
                (row["shown_low"], 0.0),
            ]  # fmt: skip
            texts = {"which": row["row"], "label": row["label"], "text": row["text"]}
            corners += [{"at": x, "row": row["row"] + y, "order": n, **texts} for n, (x, y) in enumerate(points)]
        mark = alt.Chart(pl.DataFrame(corners)).mark_line(filled=True, color=_ORANGE, strokeWidth=1, opacity=1)
        return [
            mark.encode(x=self._x("at"), y=self._y(), order="order:O", detail="which:N", tooltip=["label:N", "text:N"])
        ]

    def _texts(self) -> list[Any]:
        """Write the columns; a heading of a subgroup and the lines of diamonds are bold."""
        offset = -sum(width for _, _, width in self.left)
        layers: list[Any] = []
        for heading, column, width in self.left:
            layers += self._column(heading, column, offset, width)
            offset += width
        offset = self.plot + _COLUMN_GAP
        for heading, column, width in self.right:
            layers += self._column(heading, column, offset, width)
            offset += width
        return layers

    def _column(self, heading: str, column: str, offset: float, width: float) -> list[Any]:
        import altair as alt

        x = alt.value(offset)
        is_bold = pl.col("kind").is_in(["heading", "subgroup", "pooled"])
        rows_with_text = self.rows.filter(pl.col(column).fill_null("") != "")
        heading_frame = pl.DataFrame({"row": [0], "text": [heading]})
        layers = [self._text(heading_frame, "bold", width).encode(x=x, y=self._y(), text="text:N")]
        for weight, rows in (("bold", rows_with_text.filter(is_bold)), ("normal", rows_with_text.filter(~is_bold))):
            if rows.height:
                layers.append(self._text(rows, weight, width).encode(x=x, y=self._y(), text=f"{column}:N"))
        return layers

    def _text(self, frame: pl.DataFrame, weight: Any, width: float) -> Any:
        import altair as alt

        return alt.Chart(frame).mark_text(
            align="left", baseline="middle", fontSize=_FONT_SIZE, fontWeight=weight, limit=width - 2
        )

    def _favours(self) -> list[Any]:
        import altair as alt

        lower_is_better = infer_lower_is_better(self.pooled.studies)
        if lower_is_better is None:
            return []
        left, right = self.favours if lower_is_better else self.favours[::-1]
        texts = (f"← favours {left}", f"favours {right} →")
        frames = (pl.DataFrame({"at": [self.none], "row": [self.bottom], "text": [text]}) for text in texts)
        left_text, right_text = (
            alt.Chart(frame).encode(x=self._x("at"), y=self._y(), text="text:N") for frame in frames
        )
        return [
            left_text.mark_text(align="right", dx=-6, fontSize=_FONT_SIZE, fontStyle="italic"),
            right_text.mark_text(align="left", dx=6, fontSize=_FONT_SIZE, fontStyle="italic"),
        ]


def _domain(pooled: MetaAnalysis, rows: pl.DataFrame, no_difference: float) -> tuple[float, float]:
    """Return the ends of the axis: all intervals, as far as they don't squeeze the others beyond recognition."""
    rows_in_range = rows.filter(pl.col("kind").is_in(["study", "pooled"]))
    middle = (
        pooled.estimate
        if math.isfinite(pooled.estimate) and (pooled.estimate > 0 or no_difference == 0)
        else no_difference
    )
    middle = min(max(middle, 1e-6), 1e6) if pooled.is_ratio else middle
    if pooled.is_ratio:
        widest_ends = (
            min(middle, no_difference) / _MAX_RATIO_TO_POOLED,
            max(middle, no_difference) * _MAX_RATIO_TO_POOLED,
        )
    else:
        half_width = 1.96 * float(pooled.studies["standard_error"].to_numpy().min())
        widest_ends = (
            min(middle, no_difference) - _MAX_RATIO_TO_POOLED * half_width,
            max(middle, no_difference) + _MAX_RATIO_TO_POOLED * half_width,
        )
    low = max(widest_ends[0], min(no_difference, float(rows_in_range["low"].to_numpy().min())))
    high = min(widest_ends[1], max(no_difference, float(rows_in_range["high"].to_numpy().max())))
    # Room for a square at the edge.
    return (low / 1.03, high * 1.03) if pooled.is_ratio else (low - 0.02 * (high - low), high + 0.02 * (high - low))


def _ticks(low: float, high: float, max_ticks: int) -> list[float]:
    """Choose ticks of a ratio: round numbers, about as many as the axis has room for."""
    ticks_in_range = [[tick for tick in ticks if low <= tick <= high] for ticks in _RATIO_TICKS]
    return next((ticks for ticks in ticks_in_range if len(ticks) <= max_ticks), ticks_in_range[-1])


def _shorten_labels(labels: Sequence[str], letters: int) -> list[str]:
    """Leave the source out of labels that would be cut off, unless it alone tells two of them apart."""
    labels_without_source = [re.sub(r" \((?:[^()]|\([^()]*\))*\)", "", label, count=1) for label in labels]
    counts = Counter(labels_without_source)
    # Where it fits in few of them, none shows it.
    shorten_all = sum(len(label) > letters for label in labels) * 2 > len(labels)
    return [
        shorter_label if (shorten_all or len(label) > letters) and counts[shorter_label] == 1 else label
        for label, shorter_label in zip(labels, labels_without_source, strict=True)
    ]
