"""Starting the dashboard's server."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from dashboard.theme import SERVER, THEME, Option
from registry.errors import BusyError
from registry.settings import Settings

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]

APP = Path(__file__).parent / "app.py"


def launch(
    port: int = 8501,
    address: str = "127.0.0.1",
    settings: Settings | None = None,
    *,
    headless: bool = True,
    open_browser: bool = False,
    routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
) -> None:
    """Serve the dashboard on `address`:`port` until it is interrupted.

    `settings` decide home, database and catalogue of the server; without them the INSTRUCTORY_*
    variables do. With `open_browser` the machine's own browser is opened once the server answers. `routes`
    are served beside the pages by the same server, and `lifespan` is run around it.

    Raises:
        BusyError: something else listens there already.
    """
    require_free(address, port)
    if settings is not None:
        os.environ.update(environment(settings))
    import streamlit
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import bootstrap

    # Else a folder called pages makes Streamlit run the page of a first deep link without the router.
    PagesManager.uses_pages_directory = False
    Thread(target=_load_pages, daemon=True).start()
    chosen = server_options(port, address, headless=headless and not open_browser)
    if routes:
        streamlit.App(APP, routes=routes, lifespan=lifespan).run(config=chosen)
        return
    flags = {name.replace(".", "_"): value for name, value in chosen.items()}
    bootstrap.load_config_options(flags)
    bootstrap.run(str(APP), False, [], flags)


def require_free(address: str, port: int) -> None:
    """Do nothing where `address`:`port` can be listened on.

    Raises:
        BusyError: it cannot; the message says what to do.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        raise BusyError(
            f"{address}:{port} cannot be listened on ({error.strerror}): choose another port with --port"
        ) from error


def _load_pages() -> None:
    """Import what the first page needs while the server starts, so that nobody waits for it."""
    import pandas as pd  # noqa: F401  (tables need it)

    import dashboard.data  # noqa: F401


def server_options(port: int, address: str, *, headless: bool) -> dict[str, Option]:
    """Streamlit's options by their names in its configuration."""
    return {
        **THEME,
        **SERVER,
        "server.port": port,
        "server.address": address,
        "server.headless": headless,
    }


def environment(settings: Settings) -> dict[str, str]:
    """The INSTRUCTORY_* variables from which `Settings()` gives `settings` again."""
    plain = settings.model_dump(mode="json", exclude_none=True)
    return {
        f"INSTRUCTORY_{name.upper()}": os.pathsep.join(value) if isinstance(value, list) else str(value)
        for name, value in plain.items()
    }
