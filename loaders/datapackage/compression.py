"""Files that are stored compressed: .gz, .bz2, .xz, .zst and .zip, unpacked in memory and never past a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from luminaldb.errors import LuminaldbError, MissingExtraError

from .store import MAX_FILE_BYTES, MAX_ZIP_RATIO

_RATIO_CHECKED_FROM_BYTES = 64 * 1024**2
_SUFFIXES = {".gz": "gz", ".bz2": "bz2", ".xz": "xz", ".zst": "zst", ".zip": "zip"}
COMPRESSIONS = frozenset(_SUFFIXES.values())
_STEP = 1024**2


def compression_of(path: str, item: Mapping[str, Any]) -> str | None:
    """Return how a file is compressed: by the resource's `compression`, or by the ending of its name."""
    compression = item.get("compression")
    if compression in ("no", ""):
        return None
    if isinstance(compression, str):
        return compression.lower().removeprefix(".")
    return next((kind for suffix, kind in _SUFFIXES.items() if path.lower().endswith(suffix)), None)


def stem(path: str) -> str:
    """Return a file's name without the suffix of its compression."""
    return next((path[: -len(s)] for s in _SUFFIXES if path.lower().endswith(s)), path)


def decompress(data: bytes, kind: str, path: str, inner_path: str | None = None) -> bytes:
    """Unpack a file; of a zip the file of the name `inner_path`, or its only one.

    Raises:
        LuminaldbError: it can't be unpacked, or unpacks to more than the limit.
    """
    if kind == "zip":
        return _read_zip(data, path, inner_path)
    if kind == "zst":
        return _zstandard(data, path)
    return _stream(data, kind, path)


def _size_limit(size: int) -> int:
    return min(MAX_FILE_BYTES, max(_RATIO_CHECKED_FROM_BYTES, MAX_ZIP_RATIO * size))


def _stream(data: bytes, kind: str, path: str) -> bytes:
    import bz2
    import lzma
    import zlib

    decompressors: dict[str, Callable[[], Any]] = {
        "gz": lambda: zlib.decompressobj(wbits=31),
        "bz2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(memlimit=_RATIO_CHECKED_FROM_BYTES * 4),
    }
    if kind not in decompressors:
        raise LuminaldbError(f"compression {kind!r} is not supported", subject=path, hint="use gz, bz2, xz, zst or zip")
    limit, blocks, size, remaining_data = _size_limit(len(data)), [], 0, data
    try:
        while remaining_data:
            decompressor, compressed = decompressors[kind](), remaining_data
            while not decompressor.eof:
                block = decompressor.decompress(compressed, _STEP)
                compressed = decompressor.unconsumed_tail if kind == "gz" else b""
                if not block and not decompressor.eof and not compressed:
                    raise EOFError("it ends too early")
                size += len(block)
                if size > limit:
                    raise LuminaldbError(
                        f"unpacks to more than {limit:,} bytes",
                        subject=path,
                        hint="store it uncompressed",
                    )
                blocks.append(block)
            # A compressed file may be several, one after the other; zeros behind the last are padding.
            remaining_data = decompressor.unused_data.lstrip(b"\0")
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise LuminaldbError(f"can't be unpacked as {kind} ({error})", subject=path) from None
    return b"".join(blocks)


def _zstandard(data: bytes, path: str) -> bytes:
    try:
        import pyarrow
    except ModuleNotFoundError:
        raise MissingExtraError("pyarrow is not installed", hint="run: pip install 'luminaldb[arrow]'") from None
    limit = _size_limit(len(data))
    try:
        with pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "zstd") as stream:
            unpacked = bytes(stream.read(limit + 1))
    except (OSError, ValueError) as error:
        raise LuminaldbError(f"can't be unpacked as zst ({error})", subject=path) from None
    if len(unpacked) > limit:
        raise LuminaldbError(f"unpacks to more than {limit:,} bytes", subject=path, hint="store it uncompressed")
    return unpacked


def _read_zip(data: bytes, path: str, inner_path: str | None) -> bytes:
    import io
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir()]
            if inner_path is not None:
                entries = [e for e in entries if e.filename == inner_path]
                if not entries:
                    raise LuminaldbError(f"no file {inner_path!r} in the zip", subject=path, hint="fix the innerpath")
            if len(entries) != 1:
                hint = "a table's zip holds its one file, or innerpath names one"
                raise LuminaldbError(f"a zip of {len(entries)} files", subject=path, hint=hint)
            limit = _size_limit(len(data))
            with archive.open(entries[0]) as stream:
                unpacked = stream.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise LuminaldbError(f"can't be unpacked as zip ({error})", subject=path) from None
    if len(unpacked) > limit:
        raise LuminaldbError(f"unpacks to more than {limit:,} bytes", subject=path, hint="store it uncompressed")
    return unpacked
