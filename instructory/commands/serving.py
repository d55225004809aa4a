"""Commands that open doors or look after the installation: dashboard, serve, mcp, doctor."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from instructory.output import JsonFlag, print_json, print_table, reported_errors, say
from registry.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add this module's commands to the command line."""
    for command in (dashboard, serve, mcp, doctor):
        app.command()(command)


def dashboard(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    open_browser: Annotated[bool, typer.Option("--open", help="Open a browser window.")] = False,
    with_api: Annotated[bool, typer.Option("--with-api", help="Also /api (REST) and /mcp.")] = False,
) -> None:
    """Browse, compare and mix in a browser, on this machine only unless told otherwise."""
    from dashboard.launch import launch
    from registry.registry import Registry
    from registry.settings import Settings

    with reported_errors():
        settings = Settings()
        # Opening once here brings the database up to date before the first page asks for it.
        Registry.open(settings).close()
        doors: dict[str, Any] = {}
        if with_api:
            from instructory.api.launch import hosts_of
            from instructory.mounting import mounted

            found = mounted(hosts=hosts_of(address))
            doors = {"routes": found.routes, "lifespan": found.lifespan}
            say(f"beside the dashboard: {', '.join(found.offers)}")
        launch(port, address=address, settings=settings, headless=not open_browser, **doors)


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8502,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    openapi: Annotated[bool, typer.Option("--openapi", help="Print the OpenAPI document and end.")] = False,
) -> None:
    """REST for programs, on this machine only unless told otherwise; read-only unless a token is set."""
    from instructory.api.launch import openapi_document, serve_api

    with reported_errors():
        if openapi:
            print_json(openapi_document())
        else:
            serve_api(port, address=address)


def mcp() -> None:
    """The registry as tools for an assistant (MCP), over stdin and stdout; every tool only reads."""
    from instructory.mcp_launch import serve_stdio

    with reported_errors():
        serve_stdio()


def doctor(as_json: JsonFlag = False) -> None:
    """What this installation can do, and what would stand in its way."""
    from instructory.doctor import examine

    findings = [finding.to_json() for finding in examine()]
    if as_json:
        print_json(findings)
    else:
        print_table("doctor", {"what": "what", "state": "state", "advice": "advice"}, findings)
    if any(finding["state"] == "broken" for finding in findings):
        raise typer.Exit(ExitCode.WITH_FAULTS)
