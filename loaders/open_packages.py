"""Open data packages by path, or every package of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import is_file, is_folder

from . import installed
from .datapackage.package import Package
from .datapackage.remote import is_url
from .datapackage.store import DESCRIPTOR


def open_packages(paths: Sequence[str | Path], *, allow_remote: bool = False) -> dict[str, Package]:
    """Open packages by short name; a folder without a descriptor stands for the packages in it."""
    found: dict[str, Package] = {}
    for given in paths:
        path = Path(given)
        if not is_url(str(given)) and is_folder(path) and not is_file(path / DESCRIPTOR):
            inside = sorted(p.parent for p in path.glob(f"*/{DESCRIPTOR}"))
            if not inside:
                raise LuminaldbError(
                    f"no {DESCRIPTOR} here or one folder below", where=str(path), hint="name a data package"
                )
            packages = [Package.open(p, allow_remote=allow_remote) for p in inside]
        else:
            packages = [Package.open(given, allow_remote=allow_remote)]
        for package in packages:
            name = package.name.removeprefix("luminaldb-") or package.store.label
            if name in found:
                raise LuminaldbError(f"{package.store.label}: a package named {name!r} was given already")
            found[name] = package
    # Packages are reported in the order of their references, others after them by name.
    rank = {name: n for n, name in enumerate(installed.ORDER)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))
