"""How the dashboard looks and how its server is locked down, as Streamlit options."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dashboard.charts import SERIES

Option = str | bool | int | list[str] | list[int]

_LIGHT: dict[str, Option] = {
    "primaryColor": "#2F5D8C",
    "backgroundColor": "#FFFFFF",
    "secondaryBackgroundColor": "#F5F6F4",
    "textColor": "#1F2A37",
    "borderColor": "#E3E6E8",
    "linkColor": "#2F5D8C",
    "dataframeHeaderBackgroundColor": "#F5F6F4",
    "codeBackgroundColor": "#F5F6F4",
    "sidebar.backgroundColor": "#FAFAF8",
    "sidebar.secondaryBackgroundColor": "#FFFFFF",
}
_DARK: dict[str, Option] = {
    "primaryColor": "#8DB4DE",
    "backgroundColor": "#14181D",
    "secondaryBackgroundColor": "#1E242B",
    "textColor": "#E6E9EC",
    "borderColor": "#323A43",
    "linkColor": "#8DB4DE",
    "dataframeHeaderBackgroundColor": "#1E242B",
    "codeBackgroundColor": "#1E242B",
    "sidebar.backgroundColor": "#191E24",
    "sidebar.secondaryBackgroundColor": "#232A32",
}
_BOTH: dict[str, Option] = {
    "baseFontSize": 15,
    "baseRadius": "8px",
    "headingFontWeights": [600, 600, 600, 600, 600, 600],
    "headingFontSizes": ["1.75rem", "1.3rem", "1.1rem", "1rem", "0.95rem", "0.9rem"],
    "metricValueFontSize": "1.5rem",
    "showWidgetBorder": True,
    "showSidebarBorder": True,
    "chartCategoricalColors": list(SERIES),
}

THEME: Mapping[str, Option] = MappingProxyType(
    {
        **{f"theme.{name}": value for name, value in _BOTH.items()},
        **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
        **{f"theme.dark.{name}": value for name, value in _DARK.items()},
    }
)

# Nothing is sent anywhere, and pages of other sites can neither read nor drive this one.
SERVER: Mapping[str, Option] = MappingProxyType(
    {
        "browser.gatherUsageStats": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.showEmailPrompt": False,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        # Tables can be taken as CSV by our own button only, which disarms cells that a spreadsheet would run.
        "client.disableDataExport": True,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "type",
        "client.showErrorLinks": False,
    }
)
