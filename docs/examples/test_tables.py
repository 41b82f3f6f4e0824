"""A project's own test of its tables, run by pytest."""

from pathlib import Path

from luminaldb.testing import assert_valid

HERE = Path(__file__).parent


def test_the_source_is_valid() -> None:
    """By its Table Schema."""
    assert_valid(HERE / "source.csv", schema=HERE / "schema.json", strict=True)


def test_its_statistics_agree() -> None:
    """Ratios and events, by the rules on statistics."""
    assert_valid(HERE / "source.csv", columns={"hazard_ratio": "hazard_ratio", "events": "events"})
