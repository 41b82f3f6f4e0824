"""Feed the reader and the validator what nobody would write; only LuminaldbError may come out.

    pip install '.[fuzz]'
    python benchmarks/fuzz.py [--seconds=300] [FOLDER FOR THE CORPUS]

The first byte of an input says what it is: a table, a descriptor as bytes, replacements within a descriptor that
uses all types, since bytes alone seldom stay JSON, or a table validated in small chunks, which must give the findings
of the whole. The packages and checks are those of the property tests.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
with atheris.instrument_imports(include=["luminaldb"]):
    import odd_packages as odd

_ROOM = Path(tempfile.mkdtemp(prefix="luminaldb-fuzz-"))
_DIALECTS: list[dict[str, Any]] = [
    {}, {}, {"delimiter": ";"}, {"quoteChar": None}, {"skipInitialSpace": True}, {"lineTerminator": "\n"},
    {"commentChar": "#"}, {"nullSequence": "x"}, {"header": False},
]  # fmt: skip


def mutate(source: Any) -> bytes:
    """Replace parts of the descriptor by odd values, by parts of itself, or by text; or rename a key."""
    descriptor = json.loads(odd.GOOD)
    for _ in range(source.ConsumeIntInRange(1, 4)):
        spots = odd.places(descriptor)
        if not spots:
            break
        holder, key = spots[source.ConsumeIntInRange(0, len(spots) - 1)]
        match source.ConsumeIntInRange(0, 3):
            case 0:
                holder[key] = odd.ODD[source.ConsumeIntInRange(0, len(odd.ODD) - 1)]
            case 1:
                other_holder, other_key = spots[source.ConsumeIntInRange(0, len(spots) - 1)]
                holder[key] = json.loads(json.dumps(other_holder[other_key]))
            case 2:
                holder[key] = source.ConsumeUnicode(source.ConsumeIntInRange(0, 40))
            case _ if isinstance(holder, dict):
                holder[odd.MEMBERS[source.ConsumeIntInRange(0, len(odd.MEMBERS) - 1)]] = holder.pop(key)
    return json.dumps(descriptor).encode()


def in_chunks(source: Any) -> None:
    """Validate a table in small chunks and whole; the findings must be the same."""
    dialect = _DIALECTS[source.ConsumeIntInRange(0, len(_DIALECTS) - 1)]
    chunk = source.ConsumeIntInRange(1, 256)
    body = source.ConsumeBytes(source.remaining_bytes())
    header = odd.PLAIN_HEADER.replace(",", dialect.get("delimiter", ",")).encode()
    folder = odd.plain_package(_ROOM, header + b"\n" + body, **dialect)
    chunked_report, whole_report = odd.validate_plain_package(folder, chunk), odd.validate_plain_package(folder, None)
    if chunked_report != whole_report:
        raise RuntimeError(f"in chunks of {chunk}: {chunked_report}\nwhole: {whole_report}")


def one_input(data: bytes) -> None:
    """Validate one input."""
    match data[0] % 5 if data else 0:
        case 0:
            odd.validate_and_load(odd.GOOD, data[1:])
        case 1:
            odd.validate_and_load(data[1:], odd.TABLE)
        case 2:
            odd.validate_and_load(mutate(atheris.FuzzedDataProvider(data[1:])), odd.TABLE)
        case _:
            in_chunks(atheris.FuzzedDataProvider(data[1:]))


def main() -> None:
    """Fuzz until the time is up or something is found."""
    arguments = sys.argv[:1] + [a for a in sys.argv[1:] if not a.startswith("--seconds")]
    seconds = next((a.partition("=")[2] for a in sys.argv if a.startswith("--seconds=")), "300")
    folder = Path(arguments[1] if len(arguments) > 1 else "build/fuzz")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "descriptor").write_bytes(b"\1" + odd.GOOD)
    (folder / "table").write_bytes(b"\0" + odd.TABLE)
    rows = [b"1,a,1,ESR1,2024-02-09\n2,b,2,FLT3,\n", b'1,"a\nb",1,,\n1,a,x,ERBB2,24-02-09\n', b"01,,,,\n1,,,,\n" * 9]
    for number in range(64):
        bytes_of = bytes((number * 37 + n * 11) % 256 for n in range(60))
        (folder / f"replacement-{number}").write_bytes(b"\2" + bytes_of)
        # FuzzedDataProvider takes numbers from the end: the dialect, then the size of a chunk.
        (folder / f"chunks-{number}").write_bytes(b"\3" + rows[number % 3] + bytes((number * 7 % 256, number % 9)))
    options = ["-len_control=0", f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=6000", "-max_len=8000"]
    # What is imported late is imported now, so that no input's time is spent on it.
    odd.validate_and_load(odd.GOOD, odd.TABLE)
    atheris.Setup([arguments[0], *options, str(folder)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
