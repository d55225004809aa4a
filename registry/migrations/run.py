"""Running the revisions from inside the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """The alembic configuration of this folder; `connection` is the one the revisions run on."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Run every revision the database lacks, inside the transaction of `connection`."""
    from alembic import command

    command.upgrade(config(connection), "head")
