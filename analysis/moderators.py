"""Characteristics of trials as terms of a regression or as subgroups; studies without a value are left out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from difflib import get_close_matches

import polars as pl

from luminaldb.errors import LuminaldbError

from .names_in_words import study_names

# Of fewer studies, neither a relation nor asymmetry can be told from chance (Cochrane Handbook 10.11.5.1, 13.3.5.4).
MIN_STUDIES_FOR_RELATION = 10


def with_values(studies: pl.DataFrame, columns: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Leave out the studies without a value of a column, and return their names; warn of them.

    Raises:
        LuminaldbError: an unknown column, or no study has a value of all columns.
    """
    for column in columns:
        refuse_unknown(column, studies)
    missing = studies.select(pl.any_horizontal(pl.col(c).is_null() for c in columns)).to_series()
    if not missing.any():
        return studies, []
    which = " or ".join(column for column in columns if studies[column].null_count())
    if missing.all():
        raise LuminaldbError(f"no study has a value of {' and '.join(columns)}")
    names = [name for name, is_missing in zip(study_names(studies), missing.to_list(), strict=True) if is_missing]
    warnings.warn(
        f"{len(names)} of {studies.height} studies left out, since they have no {which}: {', '.join(names)}",
        stacklevel=3,
    )
    return studies.filter(~missing), names


def moderator_terms(studies: pl.DataFrame, columns: Sequence[str]) -> tuple[list[str], list[list[float]]]:
    """Return the terms of columns and their values by study.

    Numbers are a term as they are; text is a term per value but the first in alphabetical order.

    Raises:
        LuminaldbError: a column with one value only.
    """
    terms, values = [], []
    for column in columns:
        series = studies[column]
        if series.n_unique() == 1:
            raise LuminaldbError(f"all studies have the same {column}: {series[0]}")
        if series.dtype.is_numeric():
            terms.append(column)
            values.append(series.cast(pl.Float64).to_list())
            continue
        text = series.cast(pl.String)
        for level in sorted(text.unique())[1:]:
            terms.append(f"{column}={level}")
            values.append((text == level).cast(pl.Float64).to_list())
    return terms, [list(row) for row in zip(*values, strict=True)]


def warn_of_few_studies(k: int, consequence: str, moderators: int = 1) -> str:
    """Return a warning that there are fewer studies than the Cochrane Handbook asks for; empty where there are enough.

    Example:
        >>> from luminaldb.analysis.moderators import warn_of_few_studies
        >>> warn_of_few_studies(7, "a relation may be chance")
        '7 studies; with fewer than 10 a relation may be chance (Cochrane Handbook)'
    """
    min_studies = MIN_STUDIES_FOR_RELATION * moderators
    per_moderator = "" if moderators == 1 else f" for {moderators} moderators"
    return (
        f"{k} studies; with fewer than {min_studies}{per_moderator} {consequence} (Cochrane Handbook)"
        if k < min_studies
        else ""
    )


def refuse_unknown(column: str, studies: pl.DataFrame) -> None:
    """Raise a LuminaldbError that names the nearest column where the studies lack this one."""
    if column in studies.columns:
        return
    # A part of a name, such as line, is nearer than what is spelled alike.
    names_that_end_so = [name for name in studies.columns if name.endswith(f"_{column}")]
    nearest = names_that_end_so or get_close_matches(column, studies.columns, n=1)
    raise LuminaldbError(f"the studies have no column {column!r}{f'; did you mean {nearest[0]!r}?' if nearest else ''}")
