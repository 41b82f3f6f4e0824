"""A curator at a terminal is asked for a row: helped, shown what will be written, and free to stop."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import read_rows

pytestmark = pytest.mark.slow


class Curator:
    """Somebody at a terminal."""

    def __init__(self, *arguments: object, folder: Path) -> None:
        self._mine, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "luminaldb", *map(str, arguments)],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, start_new_session=True,
            env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""
        self._at = 0

    def sees(self, words: str, seconds: float = 120) -> None:
        """Wait for words after those that were waited for last."""
        end = time.monotonic() + seconds
        while words not in self.seen[self._at :] and time.monotonic() < end:
            if select.select([self._mine], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self._mine, 65536).decode()
                except OSError:
                    break
        assert words in self.seen[self._at :], self.seen[-2000:]
        self._at = self.seen.index(words, self._at) + len(words)

    def types(self, text: str) -> None:
        os.write(self._mine, text.encode())

    def interrupts(self) -> None:
        """Press Ctrl-C, and again where it fell into the moment between the question and the wait for its answer."""
        for _ in range(10):
            self.process.send_signal(signal.SIGINT)
            if select.select([self._mine], [], [], 5)[0]:
                return

    def ends(self) -> int:
        return self.process.wait(120)


def test_a_curator_is_asked_helped_and_shown_the_row(datasets: Path) -> None:
    curator = Curator("new", "arm-therapies", "--in", datasets, folder=datasets)
    curator.sees("\narm_id: ")
    curator.types("tandem-anastrozol\n")
    curator.sees("arms has no tandem-anastrozol")
    curator.sees("tandem-anastrozole")
    curator.sees("\narm_id: ")
    curator.types("1\n")
    curator.sees("\ntherapy_id: ")
    curator.types("Fulvestran\n")
    curator.sees("1  fulvestrant")
    curator.sees("\ntherapy_id: ")
    curator.types("fulvestrant\n")
    curator.sees("\noptional: ")
    curator.types("maybe\n")
    curator.sees("optional is not true or false")
    curator.sees("\noptional: ")
    curator.types(":back\n")
    curator.sees("therapy_id [fulvestrant]: ")
    curator.types("\n")
    curator.sees("\noptional: ")
    curator.types("false\n")
    curator.sees("\ndose: ")
    curator.types("500 mg\n")
    curator.sees("\nschedule: ")
    curator.types("\n")
    curator.sees("Write this row? [y/N]: ")
    assert "dose        500 mg" in curator.seen
    curator.types("y\n")
    curator.sees("wrote tandem-anastrozole|fulvestrant")
    assert curator.ends() == 0
    rows = read_rows(datasets / "trials/arm_therapies.csv")
    assert ["tandem-anastrozole", "fulvestrant", "false", "500 mg", ""] in rows


@pytest.mark.parametrize("way", ["Ctrl-C", "\x04", "n\n"])
def test_ending_it_writes_nothing(datasets: Path, way: str) -> None:
    before = {p: p.read_bytes() for p in datasets.rglob("*.csv")}
    curator = Curator("new", "arm-therapies", "--in", datasets, folder=datasets)
    answers = ["tandem-anastrozole\n", "fulvestrant\n", "false\n", "\n", "\n"]
    for column, answer in zip(("arm_id", "therapy_id", "optional", "dose", "schedule"), answers, strict=True):
        curator.sees(f"\n{column}: ")
        curator.types(answer)
    curator.sees("Write this row? [y/N]: ")
    if way == "Ctrl-C":
        curator.interrupts()
    else:
        curator.types(way)
    curator.sees("nothing was written")
    assert curator.ends() == 1
    assert {p: p.read_bytes() for p in datasets.rglob("*.csv")} == before


def test_ctrl_c_keeps_the_answers(datasets: Path, drafts: Path) -> None:
    curator = Curator("new", "arm-therapies", "--in", datasets, folder=datasets)
    for column, answer in (("arm_id", "tandem-anastrozole"), ("therapy_id", "fulvestrant")):
        curator.sees(f"\n{column}: ")
        curator.types(f"{answer}\n")
    curator.sees("\noptional: ")
    curator.interrupts()
    curator.sees("nothing was written; --resume continues with the answers so far")
    assert curator.ends() == 1
    assert list(drafts.iterdir())
    curator = Curator("new", "arm-therapies", "--in", datasets, "--resume", folder=datasets)
    for column, answer in (("optional", "false"), ("dose", ""), ("schedule", "")):
        curator.sees(f"\n{column}: ")
        curator.types(f"{answer}\n")
    curator.sees("Write this row? [y/N]: ")
    curator.types("y\n")
    curator.sees("wrote tandem-anastrozole|fulvestrant")
    assert curator.ends() == 0
    assert not list(drafts.iterdir())


def test_what_is_wrong_with_the_whole_row_is_asked_once_more(datasets: Path) -> None:
    curator = Curator("new", "arms", "--in", datasets, folder=datasets)
    for column, answer in (("arm_id", "tandem-third"), ("trial_id", "tandem"), ("label", "Third"), ("role", "control")):
        curator.sees(f"\n{column}: ")
        curator.types(f"{answer}\n")
    curator.sees("\nn_assigned: ")
    curator.types("9999\n")
    for column in ("crossover_percent", "crossover_note"):
        curator.sees(f"\n{column}: ")
        curator.types("\n")
    curator.sees("LDB105")
    curator.sees("n_assigned [9999]: ")
    curator.types(":empty\n")
    curator.sees("Write this row? [y/N]: ")
    curator.types("y\n")
    curator.sees("wrote tandem-third")
    assert curator.ends() == 0
    assert ["tandem-third", "tandem", "Third", "control", "", "", ""] in read_rows(datasets / "trials/arms.csv")
