"""Starting the MCP server; what it needs comes with the extra `mcp`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from instructory.doors import Doors
from registry.errors import MissingExtraError


def serve_stdio(doors: Doors | None = None) -> None:
    """Answer an assistant over stdin and stdout until it hangs up.

    Raises:
        MissingExtraError: the MCP SDK is not installed.
        InputRefusedError: the catalogue holds faults.
    """
    from registry.registry import Registry

    with sdk_needed():
        from instructory.mcp_server import create_server
    doors = doors or Doors(Registry.open)
    len(doors.registry)  # a fault of the catalogue is told now, not at the first question
    try:
        create_server(doors).run("stdio")
    finally:
        doors.close()


@contextmanager
def sdk_needed() -> Iterator[None]:
    """Name the extra where the MCP SDK is not installed.

    Raises:
        MissingExtraError: it is not.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise MissingExtraError("the MCP server", "mcp") from error
