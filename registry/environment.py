"""Models whose fields can be set by environment variables.

What pydantic-settings does beyond this (files, secrets, command lines, clouds) loads asyncio and sockets at
every start.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class FromEnvironment(BaseModel):
    """A frozen model; a field not given is read from the variable `prefix` + its name in capitals."""

    prefix: ClassVar[str]
    model_config = ConfigDict(frozen=True, extra="ignore")

    def __init__(self, **values: Any) -> None:
        variables = {name: f"{self.prefix}{name.upper()}" for name in type(self).model_fields}
        told = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
        super().__init__(**{**told, **values})
