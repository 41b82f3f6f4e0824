"""User, password and token of an address: in no message, no report, no warning, no list of versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from typer.testing import CliRunner

from luminaldb.cli.main import app
from luminaldb.errors import hide_secrets

SECRETS = ("someone", "hunter2", "t0ken")
# Nothing listens on this port: the address is refused before, or the connection is.
URLS = [
    "https://someone:hunter2@127.0.0.1:9/data.zip",
    "http://127.0.0.1:9/data.zip?key=t0ken&x=hunter2",
    "http://127.0.0.1:9/data.csv?key=t0ken#hunter2",
    "http://127.0.0.1:9/data/datapackage.json#t0ken",
    "ftp://someone:hunter2@127.0.0.1/x?t0ken",
    "s3://someone:hunter2@bucket/x.csv?t0ken",
    "https://someone:hunter2@[::1/x?t0ken",
]
COMMANDS = [
    "tables --in {url}",
    "show trials --in {url}",
    "search tandem --in {url}",
    "meta-analysis --endpoint pfs --in {url}",
    "network-meta-analysis --endpoint pfs --in {url}",
    "export --format csv --out {new} --in {url}",
    "portal build --out {new} --in {url}",
    "validate {url}",
    "validate {url} --allow-remote",
    "validate {url} --allow-remote --format sarif",
    "validate {url} --allow-remote --engine duckdb",
    "validate {url} --fix",
    "validate --schema {url} {table}",
    "validate --baseline {url}",
    "validate {table} --out {url}",
    "infer {url}",
    "diff {url}",
    "import {url}",
    "template --out {new} --in {url}",
    "todo --in {url}",
    "quality --in {url}",
    "cite --in {url}",
    "release check --source {url}",
    "release archive {url}",
    "sources overlap {url}",
    "serve {url} --no-browser",
]
DESCRIPTORS: dict[str, Callable[[str], dict[str, object]]] = {
    "path": lambda url: {"path": url},
    "paths": lambda url: {"path": ["table.csv", url]},
    "schema": lambda url: {"path": "table.csv", "schema": url},
    "dialect": lambda url: {"path": "table.csv", "dialect": url},
    "profile": lambda url: {"path": "table.csv", "$schema": url},
    "package of a key": lambda url: {
        "path": "table.csv",
        "schema": {
            "fields": [{"name": "a", "type": "string"}],
            "foreignKeys": [{"fields": ["a"], "reference": {"package": url, "resource": "t", "fields": ["a"]}}],
        },
    },
}


def see_no_secret(text: str) -> None:
    assert not [secret for secret in SECRETS if secret in text], text[-1500:]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_address_on_the_command_line(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("a\n1\n")
    for url in URLS:
        words = [word.format(url=url, new=tmp_path / "new", table="table.csv") for word in command.split()]
        done = CliRunner().invoke(app, words)
        see_no_secret(done.output)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            see_no_secret(str(done.exception))
            assert type(done.exception).__module__.startswith("luminaldb"), (words, done.exception)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit", "html"])
@pytest.mark.parametrize("member", DESCRIPTORS)
def test_an_address_in_a_descriptor(member: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n")
    tables = [{"name": f"table-{n}", "type": "table", **DESCRIPTORS[member](url)} for n, url in enumerate(URLS)]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": tables}))
    for more in ([], ["--allow-remote"]):
        done = CliRunner().invoke(app, ["validate", str(tmp_path), "--format", form, *more])
        see_no_secret(done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        hosts = [done.output.count(host) for host in ("127.0.0.1", "bucket", "::1", "%3A%3A1")]
        assert sum(hosts) >= len(URLS), done.output


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS)
def test_an_address_of_releases(
    url: str, run_process: Callable[..., CompletedProcess[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMINALDB_RELEASES", url)
    monkeypatch.setenv("LUMINALDB_CACHE", str(tmp_path / "cache"))
    for command in ("versions", "versions --json", "install-data 1.0.0", "show trials --data-version 1.0.0"):
        done = run_process(*command.split())
        see_no_secret(done.stdout + done.stderr)
        assert "Traceback" not in done.stderr
    see_no_secret(str(list(tmp_path.rglob("*"))))


def test_the_table_of_a_database_is_named_and_nothing_else_of_its_address() -> None:
    for address, shown in [
        ("duckdb:///t.duckdb?table=a", "duckdb:///t.duckdb?table=a"),
        ("sqlite:///t.db?password=hunter2&table=a_b", "sqlite:///t.db?…&table=a_b"),
        ("sqlite:///t.db?table=a&key=t0ken", "sqlite:///t.db?…&table=a"),
        ("duckdb:///t.duckdb?key=t0ken", "duckdb:///t.duckdb?…"),
        ("https://example.org/t?table=a", "https://example.org/t?…"),
    ]:
        assert hide_secrets(f"{address}: no such file") == f"{shown}: no such file"
