"""What alembic runs: revisions on the connection it was given, against the tables of the registry."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from registry import tables  # noqa: F401  (fills the metadata)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    include_name=lambda name, kind, _parents: kind != "table" or not str(name).startswith("entry_text"),
)
with context.begin_transaction():
    context.run_migrations()
