"""Let the processes that a benchmark starts find their modules compiled, as an installer leaves them."""

from __future__ import annotations

import os
from pathlib import Path


def keep_compiled_modules(folder: Path) -> None:
    """Keep the bytecode of what processes import in a folder, from the first process on.

    Some environments aren't compiled at their installation and forbid writing bytecode: there each process would
    compile all that it imports, which takes longer than what is measured. Run each side once before measuring.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
