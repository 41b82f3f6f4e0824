"""The checkout that a release is made from: open it, require that it is clean, and copy it in the same way anywhere."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import is_folder, read_input_text
from luminaldb.loaders import installed


@dataclass(frozen=True)
class Checkout:
    """A checkout of luminaldb.

    Attributes:
        root: its folder.
        project: the table `project` of its pyproject.toml.
        files: names of what git tracks; of a dirty checkout also of new files that it doesn't ignore.
    """

    root: Path
    project: dict[str, Any]
    files: tuple[str, ...]

    @property
    def version(self) -> str:
        """The version it says it is."""
        return str(self.project["version"])

    def read(self, name: str) -> str:
        """Return the text of a file of the checkout."""
        return read_input_text(self.root / name)

    def copy(self, target: Path) -> None:
        """Copy its files, each with mode 644 (755 if it runs), and its symlinks."""
        for name in self.files:
            file, copy_path = self.root / name, target / name
            copy_path.parent.mkdir(parents=True, exist_ok=True)
            if file.is_symlink():
                copy_path.symlink_to(file.readlink())
                continue
            copy_path.write_bytes(file.read_bytes())
            copy_path.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)


def open_checkout(root: Path, *, allow_dirty: bool) -> Checkout:
    """Open a checkout to release.

    Raises:
        LuminaldbError: it is not a checkout of luminaldb; it holds changes that no commit has; its tables are
            not those of the luminaldb that runs.
    """
    is_folder(root)
    root_path = root.resolve()
    try:
        project = tomllib.loads(read_input_text(root_path / "pyproject.toml"))["project"]
    except (LuminaldbError, tomllib.TOMLDecodeError, KeyError):
        project = {}
    if project.get("name") != "luminaldb":
        raise LuminaldbError(
            "is not a checkout of luminaldb", subject=str(root), hint="run this in one, or name it with --source"
        )
    _refuse_dirty(root_path, allow_dirty=allow_dirty)
    _refuse_other_tables(root_path)
    # Listed before anything is written: the release may be built inside the checkout.
    new = ("--others", "--exclude-standard") if allow_dirty else ()
    tracked_names = _git(root_path, "ls-files", "-z", "--cached", *new).split("\0")
    return Checkout(root_path, project, tuple(name for name in tracked_names if name and _is_there(root_path / name)))


def _is_there(path: Path) -> bool:
    return path.is_file() or path.is_symlink()


def _refuse_dirty(root: Path, *, allow_dirty: bool) -> None:
    changed = [line for line in _git(root, "status", "--porcelain", "--untracked-files=all").splitlines() if line]
    if changed and not allow_dirty:
        more_text = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise LuminaldbError(
            f"{root}: not committed: {changed[0][3:]}{more_text}; commit first, or build for trial with --allow-dirty"
        )


def _refuse_other_tables(root: Path) -> None:
    installed_folder = installed.datasets_folder()
    if installed_folder.resolve() == root / "datasets":
        return
    for package in installed.PACKAGE_ORDER:
        names = {
            f.name
            for tables_folder in (installed_folder, root / "datasets")
            for f in (tables_folder / package).glob("*.*")
        }
        for name in sorted(names):
            installed_file, source_file = installed_folder / package / name, root / "datasets" / package / name
            if (
                not installed_file.is_file()
                or not source_file.is_file()
                or installed_file.read_bytes() != source_file.read_bytes()
            ):
                raise LuminaldbError(
                    f"{source_file}: differs from the installed luminaldb's; "
                    f"run: pip install -e {root}, then build again"
                )


def _git(root: Path, *arguments: str) -> str:
    return run(["git", *arguments], root, "a release is built from a git checkout")


def run(
    command: Sequence[str], folder: Path, hint: str, environment: dict[str, str] | None = None, stdin: int | None = None
) -> str:
    """Run a program and return what it prints.

    Args:
        command: the program and its arguments.
        folder: to run it in.
        hint: what to do where it fails.
        environment: its variables; those of this process where omitted.
        stdin: descriptor of its standard input; that of this process where omitted.

    Raises:
        LuminaldbError: it isn't there or fails; the error has the last line that it prints, and the hint.
    """
    try:
        process = subprocess.run(  # noqa: S603
            command, cwd=folder, env=environment, stdin=stdin, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise LuminaldbError(f"{command[0]} can't be run ({error.strerror})", hint=hint) from None
    if process.returncode:
        last = (process.stderr.strip() or process.stdout.strip() or f"exit code {process.returncode}").splitlines()[-1]
        raise LuminaldbError(f"{command[0]} reports {last!r}", subject=str(folder), hint=hint)
    return process.stdout
