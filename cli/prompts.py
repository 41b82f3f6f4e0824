"""Ask a curator for one row, column by column.

typer prompts, and readline completes. questionary and prompt_toolkit draw menus instead, but need a terminal; these
prompts also read lines from a pipe, as scripts and tests do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from luminaldb.curation.referenced_ids import ReferencedIds
    from luminaldb.loaders.database import Database
    from luminaldb.loaders.datapackage.descriptor import Field

_BACK, _LIST, _EMPTY, _SKIP_OPTIONAL = ":back", ":list", ":empty", ":rest"
HELP = (
    f"Enter leaves a cell empty or keeps it; {_EMPTY} empties it, {_LIST} lists what there is, {_BACK} goes back, "
    f"{_SKIP_OPTIONAL} asks only for what is still needed."
)
_MAX_CHOICES_LISTED = 40


class _GoBackError(Exception):
    """The curator goes back to the previous column."""


class _SkipOptionalError(Exception):
    """The curator leaves the columns that may be empty."""


class Interview:
    """Asks for the columns of a table, and again for those that were wrong.

    Attributes:
        cells: the answers, by column.
    """

    def __init__(
        self,
        tree: Database,
        table: str,
        cells: dict[str, str] | None = None,
        *,
        defaults: Mapping[str, str] | None = None,
        save: Callable[[], None] = lambda: None,
        prefix: str = "",
    ) -> None:
        """Start an interview.

        Args:
            tree: the tables.
            table: of the row.
            cells: answers of an earlier interview, which go on.
            defaults: what Enter enters, by column.
            save: called after each answer.
            prefix: what an id that is typed with a hyphen in front begins with, such as the trial's.
        """
        self._tree = tree
        self._table = table
        self._resource = tree.resource(table)
        self._defaults = defaults or {}
        self._save = save
        self._prefix = prefix
        self.cells: dict[str, str] = {} if cells is None else cells

    @property
    def missing(self) -> list[str]:
        """The columns that weren't asked for yet."""
        return [name for name in self._resource.schema.names if name not in self.cells]

    def ask(self, columns: Collection[str] = ()) -> dict[str, str]:
        """Ask for some columns, all where none is named, in their order.

        Raises:
            Abort: the curator ended it.
        """
        fields = [f for f in self._resource.schema.fields if not columns or f.name in columns]
        index, skips_optional = 0, False
        while index < len(fields):
            field = fields[index]
            try:
                if skips_optional and not self._must_ask(field):
                    self._take_default(field.name)
                else:
                    self.cells[field.name] = self._ask_cell(field)
                self._save()
                index += 1
            except _GoBackError:
                index, skips_optional = max(index - 1, 0), False
            except _SkipOptionalError:
                skips_optional = True
                if not self._must_ask(field):
                    self._take_default(field.name)
                    index += 1
        return self.cells

    def _must_ask(self, field: Field) -> bool:
        """Return whether a column is asked for after `:rest`: it must be filled, and has no value yet."""
        if self.cells.get(field.name) or self._defaults.get(field.name):
            return False
        return bool(field.constraints.get("required")) or field.name in self._resource.schema.primary_key

    def _take_default(self, column: str) -> None:
        self.cells.setdefault(column, self._defaults.get(column, ""))

    def _ask_cell(self, field: Field) -> str:
        from luminaldb.curation.change_check import check_cell
        from luminaldb.curation.new_row import normalise_cell
        from luminaldb.curation.referenced_ids import find_referenced_ids

        referenced_ids = find_referenced_ids(self._tree, self._resource, field.name, self.cells)
        choices = referenced_ids.all_ids if referenced_ids else _choices(field)
        self._introduce(field, choices, referenced_ids)
        listed_choices: Sequence[str] = ()
        others = frozenset(self._tree.text(self._table)[field.name].to_list())
        while True:
            with _complete_with_tab(choices):
                answer = _prompt(field.name, self.cells.get(field.name, self._defaults.get(field.name, "")))
            if answer == _LIST:
                listed_choices = _print_choices(choices, referenced_ids)
                continue
            if (
                self._prefix
                and answer.startswith("-")
                and (referenced_ids or field.name in self._resource.schema.primary_key)
            ):
                answer = f"{self._prefix}{answer}"
            cell = normalise_cell(self._resource.schema, field.name, answer)
            if cell.isdigit() and 0 < int(cell) <= len(listed_choices) and cell not in choices:
                cell = listed_choices[int(cell) - 1]
            problems = check_cell(cell, field, self._resource.schema, others=others)
            if not problems and cell and referenced_ids and cell not in referenced_ids.all_ids:
                problems = [f"{referenced_ids.table} has no {cell}. Choose one that is there, or enter it first."]
            if not problems:
                return cell
            for sentence in problems:
                typer.secho(f"  {sentence}", fg="red")
            if cell and choices:
                listed_choices = _print_choices(
                    referenced_ids.nearest(cell) if referenced_ids else _nearest_choices(cell, choices), referenced_ids
                )

    def _introduce(self, field: Field, choices: Sequence[str], referenced_ids: ReferencedIds | None) -> None:
        is_required = field.constraints.get("required") or field.name in self._resource.schema.primary_key
        kind = f"an id of {referenced_ids.table}, {len(choices):,} to choose from" if referenced_ids else field.type
        unit = f", {field.unit}" if field.unit else ""
        typer.echo("")
        typer.secho(f"{field.name} ({kind}{unit}{', needed' if is_required else ''})", bold=True)
        example = "" if field.example is None else f" Example: {field.example}"
        typer.echo(f"  {field.description}{example}")
        if referenced_ids is None and choices:
            typer.echo(f"  One of: {', '.join(choices)}")


def _prompt(name: str, current: str) -> str:
    answer = str(typer.prompt(name, default=current, show_default=bool(current)))
    if answer.strip() == _BACK:
        raise _GoBackError
    if answer.strip() == _SKIP_OPTIONAL:
        raise _SkipOptionalError
    return "" if answer.strip() == _EMPTY else answer.strip()


def _choices(field: Field) -> list[str]:
    from luminaldb.loaders.datapackage.field_types import as_text, boolean_words

    return list(boolean_words(field)) if field.type == "boolean" else [as_text(c) for c in field.choices]


def _nearest_choices(cell: str, choices: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    with_beginning = [c for c in choices if c.lower().startswith(cell.lower())]
    similar = get_close_matches(cell.lower().replace(" ", "_"), choices, cutoff=0.5)
    return list(dict.fromkeys([*with_beginning, *similar])) or list(choices)


def _print_choices(names: Sequence[str], referenced_ids: ReferencedIds | None) -> Sequence[str]:
    from luminaldb.issues import printable

    for number, name in enumerate(names[:_MAX_CHOICES_LISTED], start=1):
        label = referenced_ids.label(name) if referenced_ids else ""
        typer.echo(printable(f"  {number:>3}  {name}{f'  {label}' if label and label != name else ''}"))
    if len(names) > _MAX_CHOICES_LISTED:
        typer.echo(f"       … {len(names) - _MAX_CHOICES_LISTED:,} more; type a part of a name to see those with it")
    return names[:_MAX_CHOICES_LISTED]


@contextlib.contextmanager
def _complete_with_tab(choices: Sequence[str]) -> Iterator[None]:
    """Let the Tab key complete what there is to choose from, where the terminal can."""
    try:
        import readline
    except ImportError:
        yield
        return
    before, delimiters = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer(_completer(choices))
    readline.set_completer_delims("")
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before)
        readline.set_completer_delims(delimiters)


def _completer(choices: Sequence[str]) -> Callable[[str, int], str | None]:
    def complete(text: str, state: int) -> str | None:
        matching = [c for c in choices if c.startswith(text)]
        return matching[state] if state < len(matching) else None

    return complete
