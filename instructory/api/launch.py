"""Starting the REST server; what it needs comes with the extra `api`."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dashboard.launch import require_free
from registry.errors import MissingExtraError


def serve_api(port: int = 8502, *, address: str = "127.0.0.1") -> None:
    """Serve the REST app on `address`:`port` until it is interrupted.

    Raises:
        MissingExtraError: FastAPI or uvicorn is not installed.
        BusyError: something else listens there already.
        InputRefusedError: the token is too short, or the catalogue holds faults.
    """
    with extra_needed():
        import uvicorn

        from instructory.api.app import create_app
    require_free(address, port)
    app = create_app(hosts=hosts_of(address))
    datasets = len(app.state.doors.registry)  # a fault of the catalogue is told now, not to the first caller
    mode = "jobs need the token" if app.state.token.is_set else "read-only"
    host = f"[{address}]" if ":" in address else address
    sys.stderr.write(f"{datasets} datasets on http://{host}:{port} ({mode}; /openapi.json)\n")
    uvicorn.run(app, host=address, port=port, log_level="warning", server_header=False)


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the REST app.

    Raises:
        MissingExtraError: FastAPI is not installed.
    """
    with extra_needed():
        from instructory.api.access import Token
        from instructory.api.app import create_app
    return create_app(token=Token(None)).openapi()


@contextmanager
def extra_needed() -> Iterator[None]:
    """Name the extra where one of its packages is not installed.

    Raises:
        MissingExtraError: it is not.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("fastapi", "uvicorn", "starlette"):
            raise
        raise MissingExtraError("the REST server", "api") from error


def hosts_of(address: str) -> tuple[str, ...]:
    """The names a server on `address` answers to: those of this machine, or any where others reach it.

    Raises:
        MissingExtraError: FastAPI is not installed.
    """
    with extra_needed():
        from instructory.api.app import HOSTS
    return HOSTS if is_this_machine(address) else ("*",)


def is_this_machine(address: str) -> bool:
    """Whether `address` can be reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
