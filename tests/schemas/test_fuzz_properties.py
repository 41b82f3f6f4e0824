"""Properties of the reader and the validator: whatever comes in, only LuminaldbError comes out, and soon."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_packages import DESCRIPTOR, FIELDS, GOOD, HEADER, MEMBERS, ODD, TABLE, places, validate_and_load

BOUNDED = settings(deadline=10_000, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def test_the_package_that_is_mutated_is_good() -> None:
    report = validate_and_load(GOOD, TABLE)
    assert report is not None
    assert report.findings == []


@BOUNDED
@given(st.binary(max_size=400))
def test_random_bytes_as_a_table(data: bytes) -> None:
    report = validate_and_load(GOOD, data)
    assert report is not None
    assert not report.ok


odd_cells = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["NaN", "1e400", "9" * 60, "-0", "P1Y", "-P9999Y", "[", '{"type": "Point"}', "0000-01-01", "9999-12-31",
                     "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1,2", "180,90", "١٢", "\u2028", "1;2"]),
)  # fmt: skip


@BOUNDED
@given(st.lists(st.lists(odd_cells, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=4))
def test_odd_cells(rows: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    assert validate_and_load(GOOD, "\n".join([HEADER, *lines, ""]).encode()) is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutate(draw: st.DrawFn) -> bytes:
    descriptor: Any = json.loads(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        spots = places(descriptor)
        holder, key = draw(st.sampled_from(range(len(spots))).map(spots.__getitem__))
        value = draw(json_values)
        if isinstance(holder, dict) and draw(st.booleans()):
            holder[draw(st.sampled_from(MEMBERS))] = value
        else:
            holder[key] = value
    return json.dumps(descriptor).encode()


@settings(BOUNDED, max_examples=200)
@given(mutate())
def test_mutated_descriptors(descriptor: bytes) -> None:
    validate_and_load(descriptor, TABLE)


@BOUNDED
@given(st.binary(max_size=200))
def test_random_bytes_as_a_descriptor(data: bytes) -> None:
    validate_and_load(data, TABLE)


def test_nothing_has_changed_what_is_mutated() -> None:
    assert json.loads(GOOD) == DESCRIPTOR
