import socket
from pathlib import Path

import pytest

from dashboard.launch import APP, environment, require_free, server_options
from dashboard.routes import ROUTES
from dashboard.theme import SERVER, THEME
from registry.errors import BusyError
from registry.settings import Settings


def test_nothing_is_sent_anywhere_and_other_sites_are_kept_out() -> None:
    chosen = server_options(8501, "127.0.0.1", headless=True)

    assert chosen["browser.gatherUsageStats"] is False
    assert chosen["server.enableXsrfProtection"] is True
    assert chosen["server.enableCORS"] is True
    assert (chosen["server.address"], chosen["server.port"]) == ("127.0.0.1", 8501)


def test_every_option_is_one_that_streamlit_knows() -> None:
    from streamlit import config

    known = config.get_config_options()

    assert {*THEME, *SERVER} <= set(known)


def test_settings_travel_to_the_server_by_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlay = (tmp_path / "a.yaml", tmp_path / "b.yaml")
    settings = Settings(home=tmp_path, database="sqlite:///x.db", offline=True, overlay=overlay)

    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    assert Settings() == settings


def test_every_route_has_its_page() -> None:
    assert APP.is_file()
    assert all(route.file.is_file() for route in ROUTES)
    assert {route.file for route in ROUTES} == {
        path for path in (APP.parent / "pages").glob("*.py") if path.name != "__init__.py"
    }


def test_no_page_shows_markup_that_could_come_from_others() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in APP.parent.rglob("*.py"))

    assert "unsafe_allow_html" not in code
    assert code.count("st.html(") == 1  # our own style sheet


def test_views_know_no_streamlit() -> None:
    for path in (APP.parent / "views").glob("*.py"):
        assert "streamlit" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_pages_do_no_arithmetic_with_cells(route: object) -> None:
    assert "st.cache" not in route.file.read_text(encoding="utf-8")  # type: ignore[attr-defined]


def test_a_port_somebody_listens_on_is_refused_with_advice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BusyError, match="--port"):
        require_free("127.0.0.1", taken.getsockname()[1])
