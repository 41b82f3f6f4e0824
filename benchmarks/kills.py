"""Kill writing commands at random moments, and see what is left: nothing half written, nothing lost.

Run in a checkout: `python benchmarks/kills.py --kills 200`. Each command runs in a process of its own, which is killed
(SIGKILL) after a random part of the time that it takes. After each kill every file must be as it was before or as the
finished command leaves it, and all files of one command the same. Then the command runs once more, undisturbed: its
result must be that of a run that was never killed, and no temporary folder may be left.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

State = dict[str, bytes]


@dataclass(frozen=True)
class Command:
    """A command that writes.

    Attributes:
        name: of the command.
        arguments: of the command line; `{out}` is its target, `{tree}` a working tree, `{book}` a workbook for it.
        before: whether the target exists already, from an earlier run of other arguments.
    """

    name: str
    arguments: str
    before: str = ""


COMMANDS = (
    Command("new", "new drug --in {tree} --set drug_id=x --set name=Xi --set route=oral --set year=2024"),
    Command("import", "import {book} --in {tree} --yes"),
    Command("import --deleted", "import {book} --in {tree} --yes --deleted"),
    Command("validate --fix", "validate {tree} --fix --exit-zero"),
    Command("validate --out", "validate {tree} --out {out}/report.json --format json --force", "validate {tree} --out {out}/report.json"),
    Command("export csv", "export --format csv --out {out}/csv --in {tree} --force", "export --format csv --out {out}/csv --in {tree} --table drugs"),
    Command("export xlsx", "export --format xlsx --out {out}/t.xlsx --in {tree} --force", "export --format xlsx --out {out}/t.xlsx --in {tree} --table drugs"),
    Command("export sqlite", "export --format sqlite --out {out}/t.sqlite --in {tree}"),
    Command("template", "template --out {out}/form.xlsx --in {tree}"),
    Command("release cut", "release cut --archive {out} --source {tree}"),
)  # fmt: skip


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
    own = Path(__file__).parent.parent / "datasets/vocabularies/datapackage.json"
    raw = {
        **json.loads(own.read_text(encoding="utf-8")),
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


def start(arguments: list[str]) -> int:
    """Run a command line in a child process, which has every module imported already; give its process id."""
    child = os.fork()
    if child:
        return child
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.argv = ["luminaldb", *arguments]
    code = 0
    try:
        from luminaldb.cli.main import main

        main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        code = 99
    os._exit(code)


def wait(child: int) -> int:
    """Give the exit code of a child, negative for a signal; kill one that takes longer than two minutes."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise SystemExit("a command took more than two minutes")


def state(folder: Path) -> State:
    """Give the files of a folder, temporary ones left out."""
    files = (p for p in folder.rglob("*") if p.is_file() and ".unfinished-" not in str(p))
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def left_over(folder: Path) -> list[str]:
    """Give the temporary folders that are left."""
    # os.walk passes over folders that go while it looks.
    return [name for _, folders, _ in os.walk(folder) for name in folders if ".unfinished-" in name]


def check(command: Command, kills: int, base: Path, seed: int, same: Callable[[State, State], bool]) -> Counter[str]:
    """Kill a command some times; count what was found."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    counts: Counter[str] = Counter()

    def prepare(name: str) -> tuple[Path, list[str]]:
        folder = base / name
        shutil.rmtree(folder, ignore_errors=True)
        make_tree(folder / "tree")
        (folder / "out").mkdir()
        values = {"tree": folder / "tree", "out": folder / "out", "book": base / "book.xlsx"}
        if command.before:
            wait(start([a.format(**values) for a in command.before.split()]))
        return folder, [a.format(**values) for a in command.arguments.split()]

    folder, arguments = prepare("clean")
    began = time.perf_counter()
    code = wait(start(arguments))
    took = time.perf_counter() - began
    if code:
        raise SystemExit(f"{command.name} ends with {code}")
    finished = state(folder)
    for number in range(kills):
        folder, arguments = prepare("killed")
        before = state(folder)
        child = start(arguments)
        if number % 2:
            time.sleep(chance.random() * took * 1.05)
        else:
            # Every second kill falls into the writing, which is a small part of the time.
            end = time.monotonic() + 2 * took
            while not left_over(folder) and time.monotonic() < end:
                time.sleep(0.0005)
            time.sleep(chance.random() * chance.choice((0.001, 0.01, 0.2 * took)))
        os.kill(child, signal.SIGKILL)
        counts["killed" if wait(child) < 0 else "was done before the kill"] += 1
        after = state(folder)
        kind = "as before" if same(after, before) else "as finished" if same(after, finished) else "between"
        counts[kind] += 1
        counts["left a temporary folder"] += bool(left_over(folder))
        code = wait(start(arguments))
        # What the killed run had finished can't be done again: the row is there.
        again = state(folder)
        counts["right after the next run"] += same(again, finished)
        counts["wrong after the next run"] += not same(again, finished)
        counts["temporary folders after the next run"] += len(left_over(folder))
    return counts


def main() -> None:
    """Run the commands and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip", type=int, default=0, help="how many of the commands to leave out")
    options = parser.parse_args()
    # Imported before the children are made: a kill then falls into the work, not into the start of Python.
    import openpyxl
    import pandera.polars
    import xlsxwriter

    import luminaldb.cli.main
    import luminaldb.curation.workbook_import
    import luminaldb.curation.workbook_template
    import luminaldb.publish.export.export
    import luminaldb.publish.release.archive
    import luminaldb.schemas.validate  # noqa: F401

    _ = (openpyxl, pandera, xlsxwriter)
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        make_tree(base / "tree")
        wait(start(["template", "--out", str(base / "book.xlsx"), "--in", str(base / "tree"), "--filled"]))
        book = openpyxl.load_workbook(base / "book.xlsx")
        for sheet, value in (("drugs", "Another"), ("uses", None)):
            if value:
                book[sheet].cell(5, 2, value)
        book["uses"].append(["u9999", "d0001"])
        book.save(base / "book.xlsx")
        each = -(-options.kills // len(COMMANDS))
        for command in COMMANDS[options.skip :]:
            # Workbooks and databases hold the time at which they were written: their presence is compared.
            dated = command.name in ("export xlsx", "export sqlite", "template")
            same = (
                (lambda a, b: {k: bool(v) for k, v in a.items()} == {k: bool(v) for k, v in b.items()})
                if dated
                else dict.__eq__
            )
            counts = check(command, each, base, options.seed, same)
            total += counts
            print(command.name, dict(counts), flush=True)
    print("all", dict(total))


if __name__ == "__main__":
    main()
