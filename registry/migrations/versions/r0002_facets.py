"""Entries numbered in the order of ids, facets kept, full-text search on PostgreSQL.

The catalogue's tables hold nothing that the catalogue does not: they are emptied, and filled at the next
opening.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
FORGET_CATALOGUE = "DELETE FROM meta WHERE key = 'catalog_sha256'"


def upgrade() -> None:
    op.execute(FORGET_CATALOGUE)
    for table in ("entry_parent", "entry_value", "entry"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  (fixed names)
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("place", sa.Integer(), nullable=False))
        entry.create_unique_constraint("uq_entry_place", ["place"])
    op.create_index(op.f("ix_entry_name"), "entry", ["name"])
    op.create_index(op.f("ix_entry_year"), "entry", ["year"])
    op.create_table(
        "facet",
        sa.Column("field", ORDERED, nullable=False),
        sa.Column("value", ORDERED, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("field", "value"),
    )
    op.create_index("ix_facet_entries", "facet", ["field", "value", "entries"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX entry_text ON entry USING gin "
            "(array_to_tsvector(string_to_array(btrim(words), ' ')))"
        )


def downgrade() -> None:
    op.execute(FORGET_CATALOGUE)
    for table in ("entry_parent", "entry_value", "entry"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  (fixed names)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX entry_text")
    op.drop_table("facet")
    op.drop_index(op.f("ix_entry_year"), "entry")
    op.drop_index(op.f("ix_entry_name"), "entry")
    with op.batch_alter_table("entry") as entry:
        entry.drop_constraint("uq_entry_place")
        entry.drop_column("place")
