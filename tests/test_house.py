"""The house: the wheel, the arrows between the rooms, the README's words."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from helpers import REPOSITORY
from luminaldb.schemas.rules import RULES

import luminaldb

ROOMS = ("datasets", "loaders", "schemas", "publish", "cli", "luminaldb")


def copy_tracked(target: Path) -> Path:
    """Copy what git tracks, as a fresh clone would hold it."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY,
                            capture_output=True, check=True)  # fmt: skip
    for name in listed.stdout.decode().split("\0"):
        if name and (REPOSITORY / name).is_file():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((REPOSITORY / name).read_bytes())
    return target


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
    assert wheel.stat().st_size < 1_500_000
    for room in ROOMS[:-1]:
        assert f"luminaldb/{room}/__init__.py" in names
    assert "luminaldb/py.typed" in names
    tables = {n for n in names if n.endswith(".csv")}
    assert len(tables) == luminaldb.tables().height
    assert sum(n.endswith("datapackage.json") for n in names) == 7
    assert sum("licenses/LICENSE" in n for n in names) == 2


def test_the_wheel_is_the_same_twice(wheel: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_the_arrows_between_the_rooms(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    linter = Path(sys.executable).parent / "lint-imports"
    command = [str(linter), "--config", str(REPOSITORY / "pyproject.toml"), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


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
    shown = re.findall(r"```sh\n(.*?)\n```", readme, re.DOTALL)
    assert len(shown) == 2
    main, test = shown
    for part in ("validate", "tables", "export --to csv", "export --to xlsx", "show trial_results"):
        assert f".venv/bin/luminaldb {part}" in main
    assert ".venv/bin/pytest" in test
    assert "\n" not in main + test


def test_the_version_is_said_alike_everywhere() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert luminaldb.__version__ == project["version"]
    assert f"version: {project['version']}\n" in citation
    assert f"## [{project['version']}]" in changelog


def test_every_rule_explains_itself() -> None:
    codes = [r.code for r in RULES]
    assert codes == sorted(set(codes))
    for rule in RULES:
        assert re.fullmatch(r"LDB[1-9]\d\d", rule.code)
        assert rule.title
        assert rule.reason.endswith(".")


def test_modules_stay_small() -> None:
    for room in ROOMS:
        for file in (REPOSITORY / room).rglob("*.py"):
            lines = len(file.read_text(encoding="utf-8").splitlines())
            assert lines <= 400, f"{file.name} has {lines} lines; give each reason to change a module of its own"
