"""Compare the size and the hash of a file with those in its descriptor."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.errors import LuminaldbError
from luminaldb.issue_codes import WRONG_HASH, WRONG_SIZE
from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.store import MeasuringStore, Store

_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


def file_issues(store: Store, resource: Resource) -> Iterator[Issue]:
    """Compare the size and the hash of a file with those in its descriptor."""
    size, digest = resource.properties.get("bytes"), resource.properties.get("hash")
    if len(resource.paths) != 1 or (size is None and digest is None):
        return
    name, colon, expected_hash = digest.rpartition(":") if isinstance(digest, str) else ("", "", "")
    algorithm = name.lower().replace("-", "") if colon else "md5"
    is_supported = algorithm in _ALGORITHMS
    try:
        length, file_hash = _measure(store, resource.paths[0], algorithm if is_supported and expected_hash else None)
    except LuminaldbError:
        return  # reported already, where the rows were read
    if isinstance(size, int) and length != size:
        yield Issue(
            WRONG_SIZE, f"the file has {length:,} bytes, the descriptor says {size:,}", "Fix the number, or the file."
        )
    if expected_hash and not is_supported:
        yield Issue(
            WRONG_HASH, f"the hash algorithm {name!r} is not supported", f"Use one of {', '.join(_ALGORITHMS)}."
        )
    elif expected_hash and file_hash is not None and file_hash != expected_hash.lower():
        yield Issue(WRONG_HASH, f"the file's {algorithm} is not the descriptor's", "Restore the file, or fix the hash.")


def _measure(store: Store, path: str, algorithm: str | None) -> tuple[int, str | None]:
    """Return a file's size and hash; a file on disk is read in chunks."""
    import hashlib

    if isinstance(store, MeasuringStore):
        return store.measure(path, algorithm)
    file = store.local_path(path)
    if file is not None and file.is_file():
        if algorithm is None:
            return file.stat().st_size, ""
        with file.open("rb") as stream:
            new_hash = lambda: hashlib.new(str(algorithm), usedforsecurity=False)  # noqa: E731
            return file.stat().st_size, hashlib.file_digest(stream, new_hash).hexdigest()
    data = store.read(path)
    return len(data), "" if algorithm is None else hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
