"""REST and MCP as parts of another server: `/api` and `/mcp`, beside the dashboard or any ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from instructory.api.launch import extra_needed
from instructory.doors import Doors
from instructory.mcp_launch import sdk_needed
from registry.errors import MissingExtraError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Mounted:
    """Routes for a server's table, the lifespan that must run around them, and what they offer."""

    routes: tuple[BaseRoute, ...]
    lifespan: Lifespan
    offers: tuple[str, ...]


def mounted(doors: Doors | None = None, *, hosts: Sequence[str] | None = None) -> Mounted:
    """REST under `/api` and MCP under `/mcp` (where the extra `mcp` is installed), over one registry.

    `hosts` are the names in a Host header that are answered to (default: those of this machine).

    Raises:
        MissingExtraError: the extra `api` is not installed.
        InputRefusedError: INSTRUCTORY_API_TOKEN is too short.
    """
    with extra_needed():
        from starlette.routing import Mount

        from instructory.api.app import HOSTS, create_app, default_doors
    opened = doors or default_doors()
    api = create_app(opened, hosts=hosts or HOSTS)
    tools = _mcp_routes(opened, hosts or HOSTS)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            # The lifespans of mounted apps are not run by the app they are mounted in.
            await stack.enter_async_context(api.router.lifespan_context(api))
            if tools is not None:
                await stack.enter_async_context(tools.lifespan(None))
            yield

    routes = (Mount("/api", app=api), *(tools.routes if tools else ()))
    return Mounted(routes, lifespan, ("/api", *(tools.offers if tools else ())))


def doors_app(doors: Doors | None = None, *, hosts: Sequence[str] | None = None) -> Starlette:
    """An ASGI app with `/api` and `/mcp`, to run by itself or to mount; its lifespan must be run.

    Raises:
        MissingExtraError: the extra `api` is not installed.
    """
    found = mounted(doors, hosts=hosts)
    from starlette.applications import Starlette

    return Starlette(routes=found.routes, lifespan=found.lifespan)


def _mcp_routes(doors: Doors, hosts: Sequence[str]) -> Mounted | None:
    try:
        with sdk_needed():
            from mcp.server.transport_security import TransportSecuritySettings

            from instructory.mcp_server import create_server
    except MissingExtraError:
        return None
    guard = TransportSecuritySettings(
        enable_dns_rebinding_protection="*" not in hosts,
        allowed_hosts=[name for host in hosts for name in (host, f"{host}:*")],
        allowed_origins=[f"http://{host}:*" for host in hosts],
    )
    server = create_server(doors)
    app = server.streamable_http_app(
        streamable_http_path="/mcp", stateless_http=True, json_response=True, transport_security=guard
    )

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield

    return Mounted(tuple(app.routes), lifespan, ("/mcp",))
