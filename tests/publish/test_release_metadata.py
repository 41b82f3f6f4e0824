"""The metadata of a release: each file valid by its standard's own tool, without a network, and saying the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import frictionless
import pytest
from helpers import REPOSITORY
from releases import built

import luminaldb
from luminaldb.loaders import installed
from luminaldb.publish.export.content import LICENCE, LICENCE_URL, choose_content
from luminaldb.publish.export.dataset_metadata import read_metadata
from luminaldb.publish.release.metadata import cff

DATA = REPOSITORY / "tests/data"
METADATA = read_metadata(choose_content())
EXTRA = "needs the extra test-release"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("release"))


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No validator may look anything up."""

    def refuse(*_: object) -> None:
        raise OSError("the tests of metadata run without a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def needed(module: str) -> Any:
    return pytest.importorskip(module, reason=EXTRA)


def read(release: Path, name: str) -> Any:
    return json.loads((release / name).read_text(encoding="utf-8"))


# Where each standard's file says what; a function of the parsed file.
NAMES = ("bundle/datapackage.json", "croissant.json", "ro-crate-metadata.json", "dcat.jsonld", "schema-org.jsonld",
         "datacite.json", "zenodo.json", "CITATION.cff")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_says_version_date_licences_citation_and_sources(release: Path, name: str) -> None:
    text = (release / name).read_text(encoding="utf-8")
    assert METADATA.version in text
    assert METADATA.date in text
    assert METADATA.data_licence.name in text
    assert "MIT" in text
    for source in METADATA.sources:
        assert (source.path or source.title) in text
    for keyword in METADATA.keywords:
        assert keyword in text
    # A CITATION.cff is how to cite, part by part.
    assert (METADATA.citation if name != "CITATION.cff" else "message: ") in text


def test_the_facts_are_those_of_the_descriptors_and_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == f"{METADATA.code_licence.name} AND {METADATA.data_licence.name}"
    assert [a["name"] for a in project["authors"]] == list(METADATA.creators)
    assert (METADATA.data_licence.name, METADATA.data_licence.url) == (LICENCE, LICENCE_URL)
    for package in installed.packages().values():
        raw = package.descriptor.properties
        assert raw["version"] == METADATA.version == luminaldb.__version__, (
            f"{package.name}: say one version everywhere"
        )
        assert raw["created"][:10] == METADATA.date, f"{package.name}: say one date in every descriptor"
        assert [x["name"] for x in raw["licenses"]] == [LICENCE]
        assert {s["title"] for s in raw["sources"]} <= {s.title for s in METADATA.sources}


def test_the_repositorys_citation_file_is_the_releases() -> None:
    own = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert own == cff.render(METADATA), "CITATION.cff differs from the facts; run: luminaldb release cff > CITATION.cff"


def test_data_package_by_frictionless(release: Path) -> None:
    package = frictionless.Package(str(release / "bundle/datapackage.json"))
    report = frictionless.validate(str(release / "bundle/datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])[:5]
    assert (package.version, package.licenses[0]["name"]) == (METADATA.version, METADATA.data_licence.name)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="check-datapackage needs Python 3.12")
def test_data_package_by_check_datapackage(release: Path) -> None:
    checker = needed("check_datapackage")
    assert checker.check(read(release, "bundle/datapackage.json")) == []


def test_citation_file_by_cffconvert(release: Path) -> None:
    # It pins a jsonschema too old for frictionless, so it lives in an environment of its own.
    program = os.environ.get("LUMINALDB_CFFCONVERT") or shutil.which("cffconvert")
    if not program:
        pytest.skip("needs cffconvert in an environment of its own, named by LUMINALDB_CFFCONVERT")
    check = subprocess.run(
        [program, "--validate", "-i", str(release / "CITATION.cff")], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr
    assert "valid according to schema version 1.2.0" in check.stdout + check.stderr
    shown = subprocess.run(
        [program, "-f", "bibtex", "-i", str(release / "CITATION.cff")], capture_output=True, text=True, check=True
    )
    assert METADATA.creators[0] in shown.stdout
    # Its own Zenodo metadata, made from the CITATION.cff, say what ours do.
    made = subprocess.run(
        [program, "-f", "zenodo", "-i", str(release / "CITATION.cff")], capture_output=True, text=True, check=True
    )
    theirs, ours = json.loads(made.stdout), read(release, "zenodo.json")
    for key in ("title", "version", "publication_date", "creators", "keywords"):
        assert theirs[key] == ours[key]
    assert theirs["license"] == {"id": ours["license"]}
    assert ours["description"] == f"<p>{theirs['description']}</p>"


def test_croissant_by_mlcroissant_down_to_every_value(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlcroissant = needed("mlcroissant")
    pandas = import_module("pandas")
    monkeypatch.chdir(release)
    dataset = mlcroissant.Dataset("croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert dataset.metadata.name == METADATA.name
    assert dataset.metadata.cite_as == METADATA.citation
    assert [r.name for r in dataset.metadata.record_sets] == list(installed.packages_by_table())
    for table in installed.packages_by_table():
        own = luminaldb.load(table)
        rows = [[plain(row[f"{table}/{c}"], pandas) for c in own.columns] for row in dataset.records(table)]
        assert rows == [list(row) for row in own.rows()], table


def plain(value: Any, pandas: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if pandas.isna(value):
        return None
    return value.date() if isinstance(value, pandas.Timestamp) else value


def test_croissant_sees_a_changed_byte(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlcroissant = needed("mlcroissant")
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    (copy / "parquet/genes.parquet").write_bytes((release / "parquet/endpoints.parquet").read_bytes())
    monkeypatch.chdir(copy)
    # It downloads a file from beside its description by comparing the hash.
    with pytest.raises(Exception, match=r"Download\(parquet/genes.parquet\)"):
        list(mlcroissant.Dataset("croissant.json").records("genes"))


def test_the_folder_is_an_ro_crate_by_rocrate(release: Path) -> None:
    crates = needed("rocrate.rocrate")
    crate = crates.ROCrate(str(release))
    root = crate.root_dataset
    assert (root["name"], root["version"], root["datePublished"][:10]) == (
        METADATA.title,
        METADATA.version,
        METADATA.date,
    )
    assert root["license"].id == METADATA.data_licence.url
    assert root["creditText"] == METADATA.citation
    assert [s["name"] for s in root["isBasedOn"]] == [s.title for s in METADATA.sources]
    files = {e.id: e for e in crate.data_entities}
    there = {p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file()}
    assert set(files) == there - {"ro-crate-metadata.json", "SHA256SUMS"}
    for path, entity in files.items():
        data = (release / path).read_bytes()
        assert entity["contentSize"] == str(len(data))
        assert entity["sha256"] == hashlib.sha256(data).hexdigest()
        assert entity["encodingFormat"] != "application/octet-stream", f"{path}: say what it is in metadata/files.py"


@pytest.mark.parametrize(("name", "shapes", "broken"), [
    ("dcat.jsonld", "dcat-shapes.ttl", ("dct:license", "dcat:version", "dct:bibliographicCitation", "dct:source")),
    ("schema-org.jsonld", "schema-org-shapes.ttl", ("license", "version", "creditText", "isBasedOn")),
])  # fmt: skip
def test_linked_data_by_rdflib_and_pyshacl(release: Path, name: str, shapes: str, broken: tuple[str, ...]) -> None:
    rdflib, pyshacl = needed("rdflib"), needed("pyshacl")
    wanted = rdflib.Graph().parse(DATA / shapes)

    def validate_metadata(document: Any) -> tuple[bool, str]:
        graph = rdflib.Graph().parse(
            data=json.dumps(document), format="json-ld", publicID="https://example.org/release/"
        )
        conforms, _, text = pyshacl.validate(graph, shacl_graph=wanted)
        return conforms, text

    document = read(release, name)
    conforms, text = validate_metadata(document)
    assert conforms, text
    for key in broken:
        assert not validate_metadata({k: v for k, v in document.items() if k != key})[0], f"the shapes don't miss {key}"


def test_the_addresses_in_linked_data_are_files_of_the_release(release: Path) -> None:
    dcat, schema_org = read(release, "dcat.jsonld"), read(release, "schema-org.jsonld")
    paths = [d["dcat:downloadURL"] for d in dcat["dcat:distribution"]]
    assert paths == [d["contentUrl"] for d in schema_org["distribution"]]
    for path, distribution in zip(paths, dcat["dcat:distribution"], strict=True):
        data = (release / path).read_bytes()
        assert distribution["dcat:byteSize"] == str(len(data))
        assert distribution["spdx:checksum"]["spdx:checksumValue"] == hashlib.sha256(data).hexdigest()


def test_datacite_by_datacite(release: Path) -> None:
    schema = needed("datacite.schema45")
    document = read(release, "datacite.json")
    assert list(schema.validator.iter_errors(document)) == []
    assert not schema.validate({**document, "publicationYear": "soon"})


def test_zenodo_says_what_its_deposits_need(release: Path) -> None:
    # Zenodo has no tool that checks this without its server; cffconvert's own Zenodo metadata are compared above.
    document = read(release, "zenodo.json")
    assert document["upload_type"] == "dataset"
    assert document["access_right"] == "open"
    assert document["title"] == METADATA.title
    assert all(creator["name"] for creator in document["creators"])
    assert {c["type"] for c in document["contributors"]} <= {"DataCurator"}
    assert document["publication_date"] == METADATA.date
