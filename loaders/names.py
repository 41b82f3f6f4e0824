"""Find the id of a therapy or a therapy class by any of its names."""

from __future__ import annotations

import re

import polars as pl

from luminaldb.errors import LuminaldbError

from .database import Database
from .retired import resolve_id
from .suggestions import refuse_unknown


def all_names(database: Database) -> pl.DataFrame:
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
    normalised_name = normalise_name(pl.lit(name))
    matching_names = all_names(database).filter(normalise_name(pl.col("name")) == normalised_name)
    ids = matching_names["therapy_id"].unique(maintain_order=True).to_list()
    if len(ids) == 1:
        return str(ids[0])
    if ids:
        raise LuminaldbError(f"{name!r} names several therapies: {', '.join(sorted(ids))}", hint="use one of these ids")
    from difflib import get_close_matches

    nearest = get_close_matches(name.lower(), [n.lower() for n in all_names(database)["name"]], n=3, cutoff=0.6)
    hint = f"; did you mean {', '.join(dict.fromkeys(nearest))}?" if nearest else "; try luminaldb.search()"
    raise LuminaldbError(f"no therapy is called {name!r}{hint}")


def class_id(name: str, database: Database) -> str:
    """Find a therapy class by id or name; case and punctuation don't matter.

    Raises:
        LuminaldbError: no class has that name; the message gives the nearest.
    """
    classes = dict(database.frame("therapy_classes").select("class_id", "name").iter_rows())
    if name in classes:
        return name
    ids_by_name = {_normalise_class_name(id_of_class): str(id_of_class) for id_of_class in classes} | {
        _normalise_class_name(known_name): str(id_of_class) for id_of_class, known_name in classes.items()
    }
    normalised_name = _normalise_class_name(name)
    if normalised_name in ids_by_name:
        return ids_by_name[normalised_name]
    # A part of a name, such as cdk4/6, is a better suggestion than a similar spelling.
    without_blanks = normalised_name.replace(" ", "")
    ids_of_longer_names = [
        id_of_class
        for known_name, id_of_class in ids_by_name.items()
        if without_blanks and (normalised_name in known_name or without_blanks in known_name.replace(" ", ""))
    ]
    if ids_of_longer_names:
        raise LuminaldbError(f"no therapy class {name!r}; did you mean {ids_of_longer_names[0]!r}?")
    refuse_unknown("therapy class", name, list(classes), table="therapy_classes")
    return name


def _normalise_class_name(name: str) -> str:
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
