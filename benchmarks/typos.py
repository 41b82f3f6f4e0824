"""What share of typing errors the rules catch: one error at a time in clean rows of the tables, thousands of times.

Run: `.venv/bin/python benchmarks/typos.py`. The seed is fixed, so the same data give the same table. A row counts as caught
when a check fails on it that passed before; `errors` counts the rules that fail a validation, `all` the warnings, too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator

import polars as pl

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import TableSchema
from luminaldb.schemas.check_frame import applicable_checks, check_frame, join_referenced_tables
from luminaldb.schemas.check_results import evaluate_checks
from luminaldb.schemas.constraints import column_checks
from luminaldb.schemas.keys import key_checks
from luminaldb.schemas.lookups import add_lookups
from luminaldb.schemas.rules import rule_checks

Row = dict[str, str]
INTERVAL = ("estimate", "ci_low", "ci_high")


def digits(text: str) -> list[int]:
    """Return the places of the digits of a text."""
    return [n for n, c in enumerate(text) if c.isdigit()]


def one_digit(column: str) -> Callable[[Row, random.Random], Row | None]:
    """Make an error: another digit at one place of a column."""

    def change(row: Row, rng: random.Random) -> Row | None:
        text = row[column]
        positions = digits(text)
        if not positions:
            return None
        position = rng.choice(positions)
        new_digit = rng.choice([d for d in "0123456789" if d != text[position]])
        return {**row, column: text[:position] + new_digit + text[position + 1 :]}

    return change


def of_three(row: Row, rng: random.Random) -> Row | None:
    """Make an error: another digit at one place of estimate or interval, each digit as likely as the next."""
    positions = [(c, n) for c in INTERVAL for n in digits(row[c])]
    if not positions:
        return None
    column, position = rng.choice(positions)
    new_digit = rng.choice([d for d in "0123456789" if d != row[column][position]])
    return {**row, column: row[column][:position] + new_digit + row[column][position + 1 :]}


def adjacent(row: Row, rng: random.Random) -> Row | None:
    """Make an error: two neighbouring digits of estimate or interval swapped."""
    swaps = []
    for c in INTERVAL:
        positions = digits(row[c])
        swaps += [(c, a, b) for a, b in itertools.pairwise(positions) if row[c][a] != row[c][b]]
    if not swaps:
        return None
    column, a, b = rng.choice(swaps)
    letters = list(row[column])
    letters[a], letters[b] = letters[b], letters[a]
    return {**row, column: "".join(letters)}


def limits(row: Row, _: random.Random) -> Row | None:
    """Make an error: the limits swapped."""
    return {**row, "ci_low": row["ci_high"], "ci_high": row["ci_low"]} if row["ci_low"] != row["ci_high"] else None


def point(row: Row, rng: random.Random) -> Row | None:
    """Make an error: the decimal point of estimate or a limit dropped."""
    columns = [c for c in INTERVAL if "." in row[c]]
    if not columns:
        return None
    column = rng.choice(columns)
    return {**row, column: row[column].replace(".", "")}


def arms(row: Row, _: random.Random) -> Row | None:
    """Make an error: the two arms swapped, counts and medians with them."""
    if row["estimate"] and float(row["estimate"]) == 1:
        return None
    return {**row, "experimental_arm_id": row["control_arm_id"], "control_arm_id": row["experimental_arm_id"]}


ERRORS: dict[str, Callable[[Row, random.Random], Row | None]] = {
    "one digit of estimate or interval": of_three,
    "one digit of the p value": one_digit("p_value"),
    "one digit of a count of events": one_digit("events_experimental"),
    "two adjacent digits swapped": adjacent,
    "limits swapped": limits,
    "decimal point dropped": point,
    "arms swapped": arms,
}


class Bench:
    """The effects table with everything its rules look at."""

    def __init__(self) -> None:
        self.packages = installed.packages()
        self.schema: TableSchema = installed.package_of("effects").resource("effects").schema
        self.text = installed.package_of("effects").text("effects").frame
        self.tables = {
            r.name: check_frame(p.text(r.name).frame, r.schema)
            for p in self.packages.values()
            for r in p.descriptor.resources
        }

    def wrong(self, text: pl.DataFrame) -> list[dict[str, bool]]:
        """Return, for each row, the rules it breaks: code to whether the rule is an error."""
        targets = {n: self.tables[k.reference.table or "effects"] for n, k in enumerate(self.schema.all_references())}
        every = [
            *column_checks(self.schema),
            *key_checks(self.schema),
            *rule_checks("effects", self.schema, warnings=True),
        ]
        # A copy of a row breaks its key: the copies are checked one by one.
        every = [c for c in every if c.code not in ("LDB031", "LDB110", "LDB601")]
        frame = join_referenced_tables(
            check_frame(text, self.schema), self.schema, targets, (b for c in every for b in c.joined_columns)
        )
        frame = add_lookups(frame, [lk for c in every for lk in c.lookups], self.tables)
        checks = applicable_checks(every, frame.columns)
        results = evaluate_checks(frame, checks)
        rows: list[dict[str, bool]] = [{} for _ in range(text.height)]
        for n, check in enumerate(checks):
            for row in (~results[str(n)]).arg_true():
                rows[row][check.code] = check.severity == "error"
        return rows


def clean_rows(bench: Bench) -> list[Row]:
    """Return the rows with estimate and interval of a ratio that break no rule, warnings included."""
    broken = bench.wrong(bench.text)
    rows = bench.text.rows(named=True)
    ratio = [r for r, w in zip(rows, broken, strict=True) if not w and all(r[c] for c in INTERVAL)]
    return [r for r in ratio if r["measure"].endswith("_ratio")]


def tries(rows: list[Row], error: Callable[[Row, random.Random], Row | None], number: int, seed: int) -> Iterator[Row]:
    """Make errors until there are enough; rows on which the error can't be made are passed over."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    changed = missed = 0
    while changed < number and missed < 50 * number:
        spoilt = error(rng.choice(rows), rng)
        if spoilt is None:
            missed += 1
        else:
            changed += 1
            yield spoilt


def identifiers(number: int, seed: int) -> tuple[int, int]:
    """Drag-fill three identifiers down a column of citations; give tries and catches."""
    schema = installed.package_of("citations").resource("citations").schema
    text = installed.package_of("citations").text("citations").frame
    rng = random.Random(seed)  # noqa: S311 - no secret
    filled = [n for n, v in enumerate(text["pmid"]) if v and n + 2 < text.height]
    caught = 0
    checks = [c for c in rule_checks("citations", schema) if c.code == "LDB403" and c.columns[0] == "pmid"]
    for _ in range(number):
        start = rng.choice(filled)
        cells = text["pmid"].to_list()
        for step in (1, 2):
            cells[start + step] = str(int(cells[start]) + step)
        spoilt = check_frame(text.with_columns(pl.Series("pmid", cells)), schema)
        spoilt = add_lookups(spoilt, [x for c in checks for x in c.lookups], {})
        caught += bool((~evaluate_checks(spoilt, checks)["0"])[start + 2])
    return number, caught


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    bench = Bench()
    rows = clean_rows(bench)
    results = []
    for name, error in ERRORS.items():
        spoilt = list(tries(rows, error, options.tries, options.seed))
        wrong = bench.wrong(pl.DataFrame(spoilt, schema=bench.text.schema))
        by_rule = Counter(code for w in wrong for code in w)
        results.append(
            {
                "error": name,
                "tries": len(spoilt),
                "errors": sum(any(w.values()) for w in wrong) / len(spoilt),
                "all": sum(bool(w) for w in wrong) / len(spoilt),
                "rules": {code: count / len(spoilt) for code, count in by_rule.most_common()},
            }
        )
    number, caught = identifiers(max(1, options.tries // 50), options.seed)
    share = caught / number
    results.append(
        {
            "error": "identifiers dragged down",
            "tries": number,
            "errors": share,
            "all": share,
            "rules": {"LDB403": share},
        }
    )
    if options.json:
        print(json.dumps(results, indent=2))
        return
    print(f"{len(rows)} clean rows, seed {options.seed}; a row is caught when a rule fails that passed before\n")
    print("| error | tries | caught by errors | caught by all rules | share by rule |\n|---|---|---|---|---|")
    for r in results:
        rules = ", ".join(f"{code} {100 * s:.1f}" for code, s in r["rules"].items())  # type: ignore[attr-defined]
        print(f"| {r['error']} | {r['tries']} | {100 * r['errors']:.1f} % | {100 * r['all']:.1f} % | {rules} |")  # type: ignore[operator]


if __name__ == "__main__":
    main()
