"""`luminaldb serve`: the portal in your browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    folder: Annotated[Path | None, typer.Argument(help="A built portal; if omitted, a temporary one is built.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 for any that is free.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in your browser.")] = True,
) -> None:
    """Open the portal in your browser, on this machine only; Ctrl-C stops it."""
    import tempfile

    from luminaldb.atomic_write import temporary_directory
    from luminaldb.publish.portal.build import build
    from luminaldb.publish.portal.serve import server

    from .output import progress

    # A server that was killed leaves its portal; the next one removes it.
    with temporary_directory(Path(tempfile.gettempdir()) / "luminaldb-portal") as temporary:
        portal_folder = folder or temporary / "portal"
        if folder is None:
            with progress("building the portal") as step:
                build(portal_folder, progress=step)
        with server(portal_folder, port) as portal_server:
            address = f"http://127.0.0.1:{portal_server.server_port}/index.html"
            typer.echo(f"{address} (Ctrl-C stops it)")
            if browser:
                import webbrowser

                webbrowser.open(address)
            try:
                portal_server.serve_forever()
            except KeyboardInterrupt:
                typer.echo("")
