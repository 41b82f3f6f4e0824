"""From any name of a therapy or a class to its id."""

from __future__ import annotations

import re

import polars as pl

from luminaldb.errors import LuminaldbError

from .database import Database
from .retired import resolve_id
from .suggestions import refuse_unknown


def every_name(database: Database) -> pl.DataFrame:
    """List every string that means a therapy: therapy_id, name, kind (id, name, brand, …, registry)."""
    therapies = database.frame("therapies")
    names = database.frame("therapy_names")
    identifiers = database.frame("therapy_identifiers")
    return pl.concat(
        [
            therapies.select("therapy_id", name="therapy_id", kind=pl.lit("id")),
            therapies.select("therapy_id", "name", kind=pl.lit("name")),
            names.select("therapy_id", "name", kind=pl.col("name_type").cast(pl.String)),
            identifiers.select("therapy_id", name="identifier", kind=pl.col("registry").cast(pl.String)),
        ]
    )


def normalise_name(name: pl.Expr) -> pl.Expr:
    """Reduce a name to what must agree: lower case, without blanks, hyphens and their like."""
    return name.str.to_lowercase().str.replace_all(r"[\s\-_.,()/®™]", "")


def therapy_id(name: str, database: Database) -> str:
    """Find a therapy by id, name, brand, code, abbreviation, synonym or registry identifier.

    Raises:
        LuminaldbError: no therapy has that name, or several have; or it is a retired id without a successor.
    """
    name = resolve_id("therapies", name, database)
    wanted = normalise_name(pl.lit(name))
    same = every_name(database).filter(normalise_name(pl.col("name")) == wanted)
    found = same["therapy_id"].unique(maintain_order=True).to_list()
    if len(found) == 1:
        return str(found[0])
    if found:
        raise LuminaldbError(
            f"{name!r} names several therapies: {', '.join(sorted(found))}", hint="give one of these ids"
        )
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), [n.lower() for n in every_name(database)["name"]], n=3, cutoff=0.6)
    hint = f"; did you mean {', '.join(dict.fromkeys(near))}?" if near else "; try luminaldb.search()"
    raise LuminaldbError(f"no therapy is called {name!r}{hint}")


def class_id(name: str, database: Database) -> str:
    """Find a therapy class by id or name; case and punctuation don't matter.

    Raises:
        LuminaldbError: no class has that name; the message gives the nearest.
    """
    classes = dict(database.frame("therapy_classes").select("class_id", "name").iter_rows())
    if name in classes:
        return name
    by_name = {_plain(one): str(one) for one in classes} | {_plain(known): str(one) for one, known in classes.items()}
    plain = _plain(name)
    if plain in by_name:
        return by_name[plain]
    # A part of a name, such as cdk4/6, is nearer than what is spelled alike.
    joined = plain.replace(" ", "")
    longer = [one for known, one in by_name.items() if joined and (plain in known or joined in known.replace(" ", ""))]
    if longer:
        raise LuminaldbError(f"no therapy class {name!r}; did you mean {longer[0]!r}?")
    refuse_unknown("therapy class", name, list(classes), table="therapy_classes")
    return name


def _plain(name: str) -> str:
    """Write a name without case and punctuation."""
    return " ".join(re.findall(r"\w+", name.lower()))


def within_sentence(name: str) -> str:
    """Write the name of a class within a sentence: aromatase inhibitor, CDK4/6 inhibitor, oral SERD.

    Example:
        >>> from luminaldb.loaders.names import within_sentence
        >>> within_sentence("Aromatase inhibitor"), within_sentence("CDK4/6 inhibitor")
        ('aromatase inhibitor', 'CDK4/6 inhibitor')
    """
    return name if re.match(r"[A-Za-z]*[A-Z0-9]{2}|mTOR", name) else name[:1].lower() + name[1:]
