"""The workflows: every action pinned by its full hash, every job with no more rights than it names."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import REPOSITORY

FILES = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))
# What a job may ask for beyond reading the repository.
RIGHTS = {
    ("release", "attest"): {"id-token", "attestations"},
    ("release", "pypi"): {"id-token"},
    ("release", "github"): {"contents"},
    ("release", "pages"): {"pages", "id-token"},
    ("sources", "tell"): {"issues"},
}


def jobs(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_action_and_image_is_pinned_by_its_hash(file: Path) -> None:
    for job in jobs(file).values():
        for step in job["steps"]:
            if used := step.get("uses"):
                assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", used), used
        if image := job.get("container", {}).get("image"):
            assert re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", image), image
    pins = re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (v[\d.]+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(pins) == file.read_text(encoding="utf-8").count("uses: ")


def test_an_action_is_pinned_alike_everywhere() -> None:
    pins = {p for f in FILES for p in re.findall(r"uses: (\S+)@([0-9a-f]{40} # \S+)", f.read_text(encoding="utf-8"))}
    assert len(pins) == len({name for name, _ in pins}), sorted(pins)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_job_has_no_right_that_it_does_not_need(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(file).items():
        writes = {right for right, how in job["permissions"].items() if how == "write"}
        assert writes == RIGHTS.get((file.stem, name), set()), (file.stem, name)
        assert job["timeout-minutes"]
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{" not in step.get("run", ""), "an expression in a script can run: hand it over by env"


def test_the_release_is_attested_before_it_is_published() -> None:
    release = jobs(REPOSITORY / ".github/workflows/release.yml")
    assert {name: job.get("needs") for name, job in release.items()} == {
        "build": None,
        "attest": "build",
        "pypi": "attest",
        "github": "attest",
        "zenodo": "github",
        "pages": "github",
    }


def test_only_python_packages_go_to_pypi() -> None:
    """R's source package, luminaldb_VERSION.tar.gz, lies beside them; PyPI refuses it."""
    steps = jobs(REPOSITORY / ".github/workflows/release.yml")["pypi"]["steps"]
    moved = next(word for step in steps for word in step.get("run", "").split() if word.endswith(".tar.gz"))
    assert fnmatch("release/luminaldb-3.1.0.tar.gz", moved)
    assert not fnmatch("release/luminaldb_3.1.0.tar.gz", moved)
