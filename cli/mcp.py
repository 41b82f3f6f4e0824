"""`luminaldb mcp`: serve AI assistants over standard input and output."""

from __future__ import annotations

from .data_options import DataFolder, DataVersion


def command(version: DataVersion = None, folder: DataFolder = None) -> None:
    """Serve AI assistants (Model Context Protocol, stdio): search, evidence_for, comparisons, meta_analysis, cite.

    Nothing is written. An assistant starts this command itself; its settings name it as `luminaldb` with the argument
    `mcp`.
    """
    from luminaldb.publish.assistant.server import make_server

    make_server(folder, version=version).run("stdio")
