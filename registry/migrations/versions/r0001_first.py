"""Everything the first version keeps: catalogue, benchmarks, snapshots, results, overlaps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ORDERED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_catalogue()
    _create_results()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE entry_text USING fts5(words, content='entry', content_rowid='position', "
            'tokenize="unicode61 remove_diacritics 0")'
        )


def _create_catalogue() -> None:
    op.create_table(
        "meta",
        sa.Column("key", ORDERED, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "entry",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", ORDERED, nullable=False),
        sa.Column("hf_id", sa.Text(), nullable=True),
        sa.Column("category", ORDERED, nullable=False),
        sa.Column("method", ORDERED, nullable=False),
        sa.Column("focus", ORDERED, nullable=False),
        sa.Column("format", ORDERED, nullable=False),
        sa.Column("license", ORDERED, nullable=False),
        sa.Column("commercial_use", ORDERED, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("in_survey", sa.Boolean(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("size_rows", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("id"),
    )
    for name in ("category", "method", "focus", "format", "license", "commercial_use", "size_rows"):
        op.create_index(op.f(f"ix_entry_{name}"), "entry", [name])
    op.create_table(
        "entry_value",
        sa.Column("field", ORDERED, nullable=False),
        sa.Column("value", ORDERED, nullable=False),
        sa.Column("entry_id", ORDERED, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"]),
        sa.PrimaryKeyConstraint("field", "value", "entry_id"),
    )
    op.create_index(op.f("ix_entry_value_entry_id"), "entry_value", ["entry_id"])
    op.create_table(
        "entry_parent",
        sa.Column("child", ORDERED, nullable=False),
        sa.Column("parent", ORDERED, nullable=False),
        sa.ForeignKeyConstraint(["child"], ["entry.id"]),
        sa.PrimaryKeyConstraint("child", "parent"),
    )
    op.create_index(op.f("ix_entry_parent_parent"), "entry_parent", ["parent"])
    op.create_table(
        "benchmark",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("id"),
    )


def _create_results() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", ORDERED, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("dataset", ORDERED, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sequence"),
    )
    op.create_index(op.f("ix_snapshot_dataset"), "snapshot", ["dataset"])
    op.create_table(
        "result",
        sa.Column("snapshot_id", ORDERED, nullable=False),
        sa.Column("kind", ORDERED, nullable=False),
        sa.Column("key", ORDERED, nullable=False),
        sa.Column("metric", ORDERED, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"]),
        sa.PrimaryKeyConstraint("snapshot_id", "kind", "key"),
    )
    op.create_index(op.f("ix_result_metric"), "result", ["metric"])
    op.create_table(
        "overlap",
        sa.Column("a_snapshot", ORDERED, nullable=False),
        sa.Column("b_snapshot", ORDERED, nullable=False),
        sa.Column("key", ORDERED, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["a_snapshot"], ["snapshot.id"]),
        sa.ForeignKeyConstraint(["b_snapshot"], ["snapshot.id"]),
        sa.PrimaryKeyConstraint("a_snapshot", "b_snapshot", "key"),
    )
    op.create_index(op.f("ix_overlap_b_snapshot"), "overlap", ["b_snapshot"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE entry_text")
    for name in (
        "overlap",
        "result",
        "snapshot",
        "benchmark",
        "entry_parent",
        "entry_value",
        "entry",
        "meta",
    ):
        op.drop_table(name)
