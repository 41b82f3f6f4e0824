"""What a descriptor says of a file as a whole, its size and its hash, against the file."""

from __future__ import annotations

from collections.abc import Iterator

from ..loaders.descriptor import Resource
from ..loaders.errors import LuminaldbError
from ..loaders.store import Store

_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


def judge_file(store: Store, resource: Resource) -> Iterator[tuple[str, str, str]]:
    """Compare a file with its descriptor: code, message and cure of what differs."""
    import hashlib

    size, digest = resource.raw.get("bytes"), resource.raw.get("hash")
    if len(resource.paths) != 1 or (size is None and digest is None):
        return
    try:
        data = store.read(resource.paths[0])
    except LuminaldbError:
        return  # said already, by whoever read the rows
    if isinstance(size, int) and len(data) != size:
        yield (
            "LDB017",
            f"the file has {len(data):,} bytes, the descriptor says {size:,}",
            "Mend the number, or the file.",
        )
    if not isinstance(digest, str) or not digest:
        return
    name, colon, wanted = digest.rpartition(":")
    algorithm = name.lower().replace("-", "") if colon else "md5"
    if algorithm not in _ALGORITHMS:
        yield "LDB018", f"the hash algorithm {name!r} is not supported", f"Use one of {', '.join(_ALGORITHMS)}."
    elif hashlib.new(algorithm, data, usedforsecurity=False).hexdigest() != wanted.lower():
        yield "LDB018", f"the file's {algorithm} is not the descriptor's", "Restore the file, or mend the hash."
