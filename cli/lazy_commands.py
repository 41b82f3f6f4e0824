"""Commands whose options are built when they are needed: a list of commands needs their names and help alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class LazyCommand(TyperCommand):
    """A command whose options typer makes of its function's signature when it runs or prints its own help."""

    def __init__(self, name: str, function: Callable[..., None], *, help: str | None = None) -> None:
        """Make a command of a function, whose docstring is the help if none is given."""
        super().__init__(name, help=help or inspect.getdoc(function))
        self._function = function
        del self.params, self.callback

    def __getattr__(self, name: str) -> Any:
        """Make the options and the function that gets their values when one of them is first looked at."""
        if name not in ("params", "callback"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        app = typer.Typer(add_completion=False)
        app.command(self.name)(self._function)
        complete = typer.main.get_command(app)
        self.params, self.callback = complete.params, complete.callback
        return getattr(self, name)


def group_of(commands: Iterable[LazyCommand]) -> type[TyperGroup]:
    """Return the class of a group that has these commands first, for `typer.Typer(cls=…)`."""
    lazy_commands = {str(command.name): command for command in commands}

    class LazyGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = {**lazy_commands, **self.commands}

    return LazyGroup
