"""Write the parts of the portal that need nothing of the others, in a second process beside the one with the rest.

`python -m luminaldb.publish.portal.parallel_pages FOLDER [TABLES]` writes them for the installed tables, or for
the tables of a folder, a zip or a release.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from luminaldb.child_process import end_with_parent, parent_pipe
from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database

from ..export.content import choose_content
from .browse import write_table_pages
from .evidence import Evidence
from .forest_plots import write_forest_plots
from .results_pages import write_results_pages
from .side_effect_pages import write_side_effect_pages
from .site import Site


def write_parallel_pages(site: Site, progress: Callable[[str], None]) -> None:
    """Write about half of a portal: the tables, the results, the side effects, the forest plots."""
    progress("tables")
    write_table_pages(site)
    progress("results")
    write_results_pages(site)
    progress("side effects")
    write_side_effect_pages(site)
    write_forest_plots(site, progress)


@contextmanager
def run_parallel_pages(folder: Path, database: Database) -> Iterator[None]:
    """Write these parts while the block runs; wait for them at its end.

    Args:
        folder: of the portal.
        database: the tables, which the process opens again.

    Raises:
        LuminaldbError: the process failed; the message is its last line.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-m", __name__, str(folder)]
    if database is not Database.installed():
        command.append(str(Path(database.label).absolute()) if Path(database.label).exists() else database.label)
    with parent_pipe() as stdin:
        worker = subprocess.Popen(command, env=environment, stdin=stdin, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        try:
            yield
            _, errors = worker.communicate()
        except BaseException:
            worker.kill()
            worker.communicate()
            raise
    if worker.returncode:
        raise LuminaldbError(
            f"a part of the portal could not be written: {errors.strip().splitlines()[-1] if errors else ''}"
        )


if __name__ == "__main__":
    end_with_parent()
    _tables = Database.find(*sys.argv[2:])
    write_parallel_pages(Site(Evidence(choose_content(database=_tables)), Path(sys.argv[1])), lambda _: None)
