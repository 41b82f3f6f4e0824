"""Run random command lines on random inputs: no traceback, no wait beyond 20 seconds, no gigabyte of memory.

Run in a checkout: `python benchmarks/fuzz_commands.py --minutes 10`. Each command line runs in a process of its own, in
a temporary folder. It prints the counts, and each command line that fails.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from writing_commands import make_tree

WORDS = ["", "x", "-", "--", "trials", "effects", "drugs", "0", "-1", "1e9", "nan", "a" * 4000, "ä\u200b", "\udcff", "a\nb",
         "'", '"', "2.1.0", "99.0.0", "LDB020", "csv", "json", "pfs", "'; DROP TABLE x", "(SELECT 1)", "{}", "%s", "~",
         "a=b", "=", "abemaciclib", "cdk4-6-inhibitor", "source_year", "trial_line", "diarrhea", "any", "monarch-2",
         "setting", "drug_id=", "year=20 01", "effects:x", "https://u:p@127.0.0.1:9/x", "file:///etc/passwd"]  # fmt: skip
# They answer until they are stopped, or ask other machines.
ENDLESS = ("serve", "sources check")
SECONDS, BYTES = 20, 1024**3


def make_inputs(folder: Path, rng: random.Random) -> list[str]:
    """Write packages, some of them damaged, and files that are none; give their paths."""
    make_tree(folder / "good")
    for name in ("cut", "flipped", "swapped"):
        make_tree(folder / name)
        for file in (folder / name).iterdir():
            data = bytearray(file.read_bytes())
            if name == "cut":
                data = data[: rng.randrange(len(data))]
            elif name == "flipped":
                for _ in range(rng.randrange(1, 40)):
                    data[rng.randrange(len(data))] = rng.randrange(256)
            else:
                start, end = sorted(rng.randrange(len(data)) for _ in range(2))
                data = data[:start] + data[end:] + data[start:end]
            file.write_bytes(bytes(data))
    with zipfile.ZipFile(folder / "good.zip", "w") as archive:
        for file in (folder / "good").iterdir():
            archive.write(file, file.name)
    data = bytearray((folder / "good.zip").read_bytes())
    for _ in range(20):
        data[rng.randrange(len(data))] = rng.randrange(256)
    (folder / "bad.zip").write_bytes(data)
    (folder / "bad.xlsx").write_bytes(data)
    (folder / "text").write_text("hello")
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder / "loop")
    return [str(p) for p in sorted(folder.iterdir())] + [
        "/dev/zero",
        "/dev/null",
        str(folder / "none"),
        "/proc/self/mem",
    ]


def known_commands() -> dict[str, list[str]]:
    """Return the options of each command, by its name."""
    import typer

    from luminaldb.cli.main import app

    def leaves(command: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
        subcommands = getattr(command, "commands", None)
        for subcommand, child in (subcommands or {}).items():
            yield from leaves(child, f"{name} {subcommand}".strip())
        if subcommands is None:
            yield name, [o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-")]

    # With --watch a command waits for changes.
    return {
        name: [option for option in options if option != "--watch"]
        for name, options in leaves(typer.main.get_command(app))
        if name not in ENDLESS
    }


def command_line(rng: random.Random, commands: dict[str, list[str]], paths: list[str], new: Path) -> list[str]:
    """Make up a command line."""

    def value() -> str:
        kind = rng.random()
        return rng.choice(paths) if kind < 0.45 else str(new / "out") if kind < 0.6 else rng.choice(WORDS)

    name = rng.choice(list(commands))
    all_options = sorted({option for options in commands.values() for option in options})
    arguments = name.split()
    for _ in range(rng.randrange(6)):
        # Mostly options that the command has.
        options_to_use = commands[name] if commands[name] and rng.random() < 0.8 else all_options
        arguments += [rng.choice(options_to_use)] if rng.random() < 0.6 else [value()]
        if arguments[-1].startswith("--") and rng.random() < 0.8:
            arguments.append(value())
    return arguments


def run(arguments: list[str], folder: Path) -> tuple[str, str, int]:
    """Run a command line; give what is wrong with it, what it printed on standard error, and its peak memory."""
    child = os.fork()
    if not child:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.argv = ["luminaldb", *arguments]
        code = 99
        try:
            from luminaldb.cli.main import main

            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            import traceback

            os.write(2, traceback.format_exc().encode("utf-8", "replace"))
        os._exit(code)
    end = time.monotonic() + SECONDS * 3  # a busy machine is no hang: the processor's time is what counts
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.wait4(child, 0)
            return "hangs", "", 0
        time.sleep(0.005)
    error = (folder / "stderr").read_text(encoding="utf-8", errors="replace")
    code, memory = os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
    wrong = ""
    if "Traceback" in error or code not in (0, 1, 2):
        wrong = f"exit code {code}"
    elif usage.ru_utime + usage.ru_stime > SECONDS:
        wrong = "slow"
    elif memory > BYTES:
        wrong = "memory"
    return wrong, error, memory


def main() -> None:
    """Run command lines for some minutes and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import openpyxl
    import pandera.polars
    import xlsxwriter

    import luminaldb.cli.main
    import luminaldb.curation.workbook_import
    import luminaldb.publish.export.export
    import luminaldb.publish.release.archive
    import luminaldb.schemas.validate  # noqa: F401

    _ = (openpyxl, pandera, xlsxwriter)
    rng = random.Random(options.seed)  # noqa: S311 - no secret
    counts: Counter[str] = Counter()
    commands = known_commands()
    peak, end = 0, time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "LUMINALDB_CACHE": f"{folder}/cache",
            "LUMINALDB_DRAFTS": f"{folder}/drafts",
            "LUMINALDB_RELEASES": str(Path(__file__).parent.parent / "archive"),
            "HOME": folder,
        }
        round_number = 0
        while time.monotonic() < end:
            round_number += 1
            inputs, new = Path(folder) / f"in{round_number}", Path(folder) / "new"
            inputs.mkdir()
            new.mkdir(exist_ok=True)
            paths = make_inputs(inputs, rng)
            for _ in range(50):
                words = command_line(rng, commands, paths, new)
                wrong, error, memory = run(words, new)
                peak = max(peak, memory)
                counts["command lines"] += 1
                counts[wrong or "right"] += 1
                if wrong:
                    print(wrong, shlex.join(words).encode("unicode_escape").decode()[:600], flush=True)
                    print("   ", " | ".join(error.strip().splitlines()[-4:])[:800], flush=True)
                if time.monotonic() > end:
                    break
            shutil.rmtree(inputs)
            shutil.rmtree(new)
    print(dict(counts), f"peak memory {peak / 1024**2:.0f} MB")


if __name__ == "__main__":
    main()
