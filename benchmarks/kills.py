"""Kill or interrupt writing commands at random moments, and see what is left: nothing half written, nothing lost.

Run in a checkout: `python benchmarks/kills.py --kills 200`. Each command runs in a process of its own, which is killed
(SIGKILL; SIGINT with `--interrupt`) after a random part of the time that it takes, half of them in the first milliseconds
after the temporary directory is there. An interrupted command leaves no temporary directory. After each kill every file must be as it was before or as the
finished command leaves it, and all files of one command the same, unless the journal is there from which the next write
moves the rest. Then the command runs once more, undisturbed: its result must be that of a run that was never killed,
and no temporary folder may be left. After a command that takes long another one is run that writes to the same folder.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

from writing_commands import (
    COMMANDS,
    SLOW,
    Command,
    State,
    has_journal,
    import_everything,
    left_over,
    make_workbook,
    prepare,
    start,
    state,
    wait,
)

_TRACEBACK = 99
_BAD = (
    "between", "wrong after the next run", "temporary folders after the next run", "tracebacks",
    "temporary folders after an interruption", "left without a note of validate",
)  # fmt: skip


def check(command: Command, kills: int, base: Path, seed: int, number_of_signal: signal.Signals) -> Counter[str]:
    """Kill a command some times; count the outcomes."""
    rng = random.Random(f"{seed} {command.name}")  # noqa: S311 - no secret
    counts: Counter[str] = Counter()
    book, folder = base / "book.xlsx", base / "work"
    arguments = prepare(command, folder, book)
    started = time.perf_counter()
    exit_code = wait(start(command, arguments, folder=folder))
    duration = time.perf_counter() - started
    if exit_code:
        raise SystemExit(f"{command.name} ends with {exit_code}")
    finished = state(folder)
    for number in range(kills):
        arguments = prepare(command, folder, book)
        before = state(folder)
        child = start(command, arguments, base / "log", folder)
        if number % 2:
            time.sleep(rng.random() * duration * 1.05)
        else:
            # Every second kill falls into the writing, which is a small part of the time.
            end = time.monotonic() + 2 * duration
            while not left_over(folder) and time.monotonic() < end:
                time.sleep(0.0005)
            time.sleep(rng.random() * rng.choice((0.001, 0.01, 0.2 * duration)))
        os.kill(child, number_of_signal)
        exit_code = wait(child)
        counts["killed" if exit_code not in (0, _TRACEBACK) else "was done before the kill"] += 1
        counts["tracebacks"] += exit_code == _TRACEBACK or "Traceback" in (base / "log").read_text(errors="replace")
        if number_of_signal == signal.SIGINT:
            counts["temporary folders after an interruption"] += len(left_over(folder))
        after = state(folder)
        counts[_outcome(before, after, finished, journal=has_journal(folder))] += 1
        counts["left a temporary folder"] += bool(left_over(folder))
        counts["left without a note of validate"] += not _is_reported_by_validate(command, folder)
        if command.slow:
            arguments, expected = ["infer", f"{folder}/tree/drugs.csv", "--out", f"{folder}/out/x.json"], after
        else:
            expected = finished
        wait(start(command, arguments, folder=folder))
        (folder / "out/x.json").unlink(missing_ok=True)
        counts["right after the next run"] += state(folder) == expected
        counts["wrong after the next run"] += state(folder) != expected
        counts["temporary folders after the next run"] += len(left_over(folder))
    return counts


def _is_reported_by_validate(command: Command, folder: Path) -> bool:
    """Return whether validate names what a killed command left, or nothing was left."""
    leftovers = left_over(folder / "tree") or left_over(folder / "out")
    if not leftovers:
        return True
    folder_name = "tree" if left_over(folder / "tree") else "out"
    if folder_name == "out" and not (folder / "out/datapackage.json").exists():
        return True
    log = folder.parent / "validated"
    wait(start(command, ["validate", f"{folder}/{folder_name}", "--exit-zero"], log))
    return "a write that was killed is unfinished" in log.read_text(errors="replace")


def _outcome(before: State, after: State, finished: State, *, journal: bool) -> str:
    if after in (before, finished):
        return "as before" if after == before else "as finished"
    all_complete = all(data in (before.get(p), finished.get(p)) for p, data in after.items())
    lost = before.keys() - after.keys()
    return "some files as finished, a journal has the rest" if journal and all_complete and not lost else "between"


def main() -> None:
    """Run the commands and print the counts; exit code 1 where anything was half written, lost or left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="commands whose name begins so")
    parser.add_argument("--slow", action="store_true", help="also builds of the portal and of a release")
    parser.add_argument("--interrupt", action="store_true", help="send SIGINT, as Ctrl-C does, instead of SIGKILL")
    options = parser.parse_args()
    sent = signal.SIGINT if options.interrupt else signal.SIGKILL
    import_everything()
    total: Counter[str] = Counter()
    commands = [c for c in (*COMMANDS, *(SLOW if options.slow else ())) if c.name.startswith(options.only)]
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        os.environ["LUMINALDB_DRAFTS"] = f"{base}/drafts"
        make_workbook(base)
        for command in commands:
            counts = check(command, -(-options.kills // len(commands)), base, options.seed, sent)
            total += counts
            print(command.name, dict(counts), flush=True)
    print("all", dict(total))
    if any(total[bad] for bad in _BAD):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
