"""The package: what the wheel holds, which layer imports which, and what the README shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from helpers import REPOSITORY, copy_tracked

import luminaldb
from luminaldb.schemas.rules import RULES

PACKAGES = ("datasets", "loaders", "schemas", "analysis", "curation", "publish", "cli", "archive", "luminaldb")


def build(folder: Path) -> Path:
    source = copy_tracked(folder / "source")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), "."], cwd=source, env=environment, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("first"))


def test_the_wheel_holds_one_name_and_is_small(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {n.split("/")[0] for n in names if ".dist-info/" not in n}
    assert top == {"luminaldb"}
    with zipfile.ZipFile(wheel) as archive:
        tables = sum(i.compress_size for i in archive.infolist() if i.filename.endswith(".csv"))
    # The tables grow with the evidence; what is around them doesn't.
    assert wheel.stat().st_size - tables < 1_100_000
    # Half of it are the tables, which grow.
    assert tables < 1_250_000
    for package in PACKAGES[:-1]:
        assert f"luminaldb/{package}/__init__.py" in names
    assert "luminaldb/py.typed" in names
    tables = {n for n in names if n.endswith(".csv")}
    assert len(tables) == luminaldb.tables().height
    assert sum(n.endswith("datapackage.json") for n in names) == 7
    assert sum("licenses/LICENSE" in n for n in names) == 2


@pytest.mark.slow
def test_the_wheel_is_the_same_twice(wheel: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_each_package_imports_only_the_layers_below_it_and_nothing_imports_itself() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(linter), "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_its_symlink_and_tests_and_docs_have_none() -> None:
    links = {p.name: str(p.readlink()) for p in (REPOSITORY / "luminaldb").iterdir() if p.is_symlink()}
    assert links == {name: f"../{name}" for name in PACKAGES[:-1]}
    code = "import importlib.util as u; print([u.find_spec(f'luminaldb.{n}') for n in ('tests', 'docs', 'benchmarks')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[None, None, None]"


def test_the_wheel_runs_from_its_own_files(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "import luminaldb; print(luminaldb.__file__); print(luminaldb.load('endpoints').height)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.splitlines() == [
        str(tmp_path / "luminaldb/__init__.py"),
        str(luminaldb.load("endpoints").height),
    ]


def test_the_package_works_from_a_checkout_too() -> None:
    code = "import luminaldb; print(luminaldb.load('endpoints').height)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(luminaldb.load("endpoints").height)


def test_the_readme_shows_one_main_command_and_one_test_command() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)\n```", readme, re.DOTALL)
    shown = [block for block in blocks if block.startswith("python3 -m venv")]
    assert len(shown) == 2
    main, test = shown
    for part in ("validate", "tables", "export --format csv", "export --format xlsx", "show trial_results"):
        assert f".venv/bin/luminaldb {part}" in main
    assert ".venv/bin/pytest" in test
    assert "\n" not in main + test


def test_the_version_is_stated_alike_everywhere() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert luminaldb.__version__ == project["version"]
    assert f"version: {project['version']}\n" in citation
    assert f"## [{project['version']}]" in changelog


def test_messages_name_extras_that_exist_and_that_the_readme_explains() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \| [a-z`]", readme, re.MULTILINE))))
    named = set()
    for package in PACKAGES:
        for file in (REPOSITORY / package).rglob("*.py"):
            named |= set(re.findall(r"luminaldb\[([\w-]+)\]", file.read_text(encoding="utf-8")))
    assert {"analysis", "excel", "sources"} <= named
    assert named | {"pandas", "arrow", "duckdb", "spark"} <= explained & set(project["optional-dependencies"])


def test_every_rule_explains_itself() -> None:
    codes = [r.code for r in RULES]
    assert codes == sorted(set(codes))
    for rule in RULES:
        assert re.fullmatch(r"LDB[1-9]\d\d", rule.code)
        assert rule.title
        assert rule.reason.endswith(".")


def test_modules_stay_small() -> None:
    for package in PACKAGES:
        for file in (REPOSITORY / package).rglob("*.py"):
            lines = len(file.read_text(encoding="utf-8").splitlines())
            assert lines <= 400, f"{file.name} has {lines} lines; give each reason to change a module of its own"
