"""The commands that write, a working tree for them, and processes that run them: for kills.py and full_disk.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
State = dict[str, bytes]
_LONGEST = 600


@dataclass(frozen=True)
class Command:
    """A command that writes.

    Attributes:
        name: of the command.
        arguments: of the command line; `{out}` is its target, `{tree}` a working tree, `{book}` a workbook for it.
        before: a command line that is run first, undisturbed, so that the target exists.
        slow: whether it takes many seconds: such a command isn't run again after each kill, a quick one that writes
            beside it is.
        environment: variables to set.
    """

    name: str
    arguments: str
    before: str = ""
    slow: bool = False
    environment: tuple[tuple[str, str], ...] = ()


def _reports() -> list[Command]:
    line = "validate {{0}} --exit-zero --out {{{{out}}}}/report --format {0} --force"
    return [
        Command(f"validate --out {to}", line.format(to).format("{loose}"), line.format(to).format("{tree}"))
        for to in ("text", "json", "sarif", "github", "junit", "html")
    ]


def _exports() -> list[Command]:
    files = {"xlsx": "t.xlsx", "sqlite": "t.sqlite"}
    line = "export --in {{tree}} --format {0} --out {{out}}/{1}"
    lines = {to: line.format(to, files.get(to, to)) for to in ("csv", "xlsx", "parquet", "json", "jsonl", "sqlite")}
    return [Command(f"export {to}", f"{text} --force", f"{text} --table drugs") for to, text in lines.items()]


COMMANDS = (
    Command("new", "new drug --in {tree} --set drug_id=x --set name=Xi --set route=oral --set year=2024"),
    Command("import", "import {book} --in {tree} --yes"),
    Command("import --deleted", "import {book} --in {tree} --yes --deleted"),
    Command("validate --fix", "validate {tree} --fix --exit-zero --rules trial-evidence"),
    *_reports(),
    Command("validate --write-baseline", "validate {tree} --write-baseline {out}/known.json"),
    *_exports(),
    Command("infer", "infer {tree}/drugs.csv --out {out}/datapackage.json"),
    Command("diff", "diff {tree} {tree} --format html --out {out}/diff.html"),
    Command("template", "template --out {out}/form.xlsx --in {tree}"),
    Command("meta-analysis", "meta-analysis --endpoint pfs --therapy abemaciclib --out {out}/plot.svg"),
    Command("release cut", "release cut --archive {out} --source {tree}"),
    Command(
        "install-data",
        "install-data 1.0.0",
        environment=(("LUMINALDB_CACHE", "{out}/cache"), ("LUMINALDB_RELEASES", str(ROOT / "archive"))),
    ),
)
SLOW = (
    Command("portal build", "portal build --out {out}/site", slow=True),
    Command("release build", f"release build --out {{out}}/release --allow-dirty --source {ROOT}", slow=True),
)


def make_tree(folder: Path) -> None:
    """Write a small working tree of two tables, one of them unsorted."""
    text = {"type": "string"}
    drugs = {
        "fields": [{"name": n, **text} for n in ("drug_id", "name", "route")] + [{"name": "year", "type": "year"}],
        "primaryKey": ["drug_id"],
    }
    key = {"fields": ["drug_id"], "reference": {"resource": "drugs", "fields": ["drug_id"]}}
    uses = {
        "fields": [{"name": n, **text} for n in ("use_id", "drug_id")],
        "primaryKey": ["use_id"],
        "foreignKeys": [key],
    }
    schemas = (("drugs", drugs), ("uses", uses))
    descriptor_file = ROOT / "datasets/vocabularies/datapackage.json"
    raw = {
        **json.loads(descriptor_file.read_text(encoding="utf-8")),
        "name": "small",
        "version": "9.0.0",
        "resources": [{"name": n, "path": f"{n}.csv", "schema": s} for n, s in schemas],
    }
    folder.mkdir(parents=True)
    (folder / "datapackage.json").write_text(json.dumps(raw), encoding="utf-8")
    rows = [f"d{n:04d},Drug {n} ,oral,2001\n" for n in range(300, 0, -1)]
    (folder / "drugs.csv").write_text("drug_id,name,route,year\n" + "".join(rows), encoding="utf-8")
    rows = [f"u{n:04d},d{n:04d}\n" for n in range(300, 0, -1)]
    (folder / "uses.csv").write_text("use_id,drug_id\n" + "".join(rows), encoding="utf-8")


def make_workbook(base: Path) -> None:
    """Write a workbook for the tree: a cell changed, a row added, and rows that the tree has left out."""
    import openpyxl

    make_tree(base / "tree")
    wait(start(Command("template", ""), ["template", "--out", f"{base}/book.xlsx", "--in", f"{base}/tree", "--filled"]))
    book = openpyxl.load_workbook(base / "book.xlsx")
    book["drugs"].cell(5, 2, "Another")
    book["uses"].append(["u9999", "d0001"])
    book["uses"].delete_rows(6, 2)
    book.save(base / "book.xlsx")


def import_everything() -> None:
    """Import before the children are made: a kill then falls into the work, not into the start of Python."""
    import openpyxl
    import pandera.polars
    import xlsxwriter

    import luminaldb.cli.main
    import luminaldb.curation.workbook_import
    import luminaldb.curation.workbook_template
    import luminaldb.publish.export.export
    import luminaldb.publish.portal.build
    import luminaldb.publish.release.archive
    import luminaldb.publish.release.build
    import luminaldb.schemas.validate  # noqa: F401

    _ = (openpyxl, pandera, xlsxwriter)


def prepare(command: Command, folder: Path, book: Path) -> list[str]:
    """Make a folder with a tree and a place to write to; give the arguments of the command in it."""
    shutil.rmtree(folder, ignore_errors=True)
    make_tree(folder / "tree")
    (folder / "out").mkdir()
    (folder / "loose.csv").write_text("a,b\n" + "1\n" * 200, encoding="utf-8")
    values = {"tree": folder / "tree", "out": folder / "out", "book": book, "loose": folder / "loose.csv"}
    if command.before:
        wait(start(command, [part.format(**values) for part in command.before.split()]))
    return [part.format(**values) for part in command.arguments.split()]


def start(command: Command, arguments: list[str], output: Path | None = None, folder: Path | None = None) -> int:
    """Run a command line in a child process, which has every module imported already; give its process id."""
    child = os.fork()
    if child:
        return child
    null = os.open(os.devnull, os.O_RDWR)
    error = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if output else null
    for stream, target in enumerate((null, null, error)):
        os.dup2(target, stream)
    os.environ |= {name: text.format(out=folder and folder / "out") for name, text in command.environment}
    sys.argv = ["luminaldb", *arguments]
    code = 0
    try:
        from luminaldb.cli.main import main

        main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        code = 99
    os._exit(code)


def wait(child: int) -> int:
    """Return the exit code of a child, negative for a signal; kill one that takes longer than ten minutes."""
    end = time.monotonic() + _LONGEST
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise SystemExit(f"a command took more than {_LONGEST} seconds")


def state(folder: Path) -> State:
    """Return the files of a folder, temporary ones left out.

    Workbooks and databases hold the time at which they were written: of those it is compared whether they are whole.
    """
    # The cache of releases has a lock, which is an empty file.
    files = (p for p in folder.rglob("*") if p.is_file() and ".unfinished-" not in str(p) and p.name != ".lock")
    return {str(p.relative_to(folder)): _content(p) for p in files}


def _content(file: Path) -> bytes:
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            return f"{book.testzip()} {sorted(book.namelist())}".encode()
    if file.suffix == ".sqlite":
        with closing(sqlite3.connect(file)) as database:
            tables = database.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
            return f"{database.execute('PRAGMA integrity_check').fetchall()} {tables}".encode()
    return file.read_bytes()


def left_over(folder: Path) -> list[str]:
    """Return the temporary folders that are left."""
    # os.walk passes over folders that go while it looks.
    return [name for _, folders, _ in os.walk(folder) for name in folders if ".unfinished-" in name]


def has_journal(folder: Path) -> bool:
    """Return whether a killed process left the list of files that it was moving."""
    return any(folder.rglob(".*.unfinished-*/moves.json"))
