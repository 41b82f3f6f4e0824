"""A command imports pandera without pandas, pyspark and hypothesis, whatever is installed."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import importlib.util, sys
from luminaldb.schemas.combined_check import combine_checks
from luminaldb.schemas.constraints import column_checks
from luminaldb.schemas.light_pandera import keep_pandera_light
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
import polars as pl
keep_pandera_light()
others = ("pandas", "pyspark", "hypothesis", "numpy", "pyarrow")
schema = TableSchema((Field("a", type="integer", constraints={"minimum": 1}),))
passes = combine_checks(list(column_checks(schema)), text_schema=schema)
print([passes(pl.DataFrame({"a": [cell]})) for cell in ("1", "0", "x")])
print("pandera.polars" in sys.modules, [name for name in others if name in sys.modules])
print(importlib.util.find_spec("pandas") is not None, len(sys.meta_path) < 10)
import pandas
print(len(pandas.DataFrame({"a": [1]})))
"""


def test_pandera_is_imported_for_polars_alone_and_the_rest_stays_importable() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[True, False, False]", "True []", "True True", "1"]
    assert done.stderr == ""
