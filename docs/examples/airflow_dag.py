"""Airflow: a package is validated before it is loaded; the task fails with the findings in its log."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime

PACKAGE = "/data/incoming"


def validate_package(package: str = PACKAGE) -> dict[str, int]:
    """Validate a package and give how much was checked; what Airflow calls."""
    command = ["luminaldb", "validate", package, "--strict", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    report = json.loads(result.stdout)
    for finding in report["findings"]:
        print(f"{finding['file']}:{finding['line']}:{finding['column']} {finding['rule']} {finding['message']}")
    if result.returncode:
        raise ValueError(f"{package}: {len(report['findings'])} findings, {len(report['notes'])} notes")
    return {"tables": report["tables"], "rows": report["rows"]}


try:
    from airflow.decorators import dag, task
except ModuleNotFoundError:  # read without Airflow, as the tests of this project do
    pass
else:

    @dag(schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False)
    def load_trials() -> None:
        """Validate, then load."""
        checked = task(validate_package)()

        @task
        def load(counts: dict[str, int]) -> None:
            print(f"loading {counts['rows']} rows")

        load(checked)

    load_trials()
